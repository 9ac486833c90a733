// What goes wrong around the provider: logins, services, interruptions.

internal import Foundation
internal import Glibc
internal import JSON
internal import TestSupport
internal import Testing

extension TerraformProviderTests {
    @Suite(.terraform, .server)
    struct FailureTests {
        private func configuration(_ name: String, _ subnet: String, members: Int = 2) -> String {
            """
            resource "ottava_load_balancer" "lb" {
              name          = "\(name)"
              vip_subnet_id = "\(subnet)"
              listeners     = { tcp = { protocol = "TCP", protocol_port = 8085, default_pool = "main" } }
              pools = {
                main = {
                  protocol = "TCP"
                  members  = { for n in range(\(members)) : "m${n}" => { address = "127.0.0.1", protocol_port = 9001 + n } }
                }
              }
            }
            """
        }

        @Test func wrongCredentialsAreToldApart() async throws {
            let server = try #require(ServerProcess.current)
            let terraform = try Terraform(port: server.port, password: "wrong")
            try terraform.write(configuration("login", try await subnetID()))
            let result = try await terraform.run("apply", "-auto-approve", "-no-color")
            #expect(result.status == 1)
            #expect(result.text.contains("The login was refused"), "\(result.text)")
            #expect(!result.text.contains("wrong\""))
        }

        @Test func anUnreachableServerIsNamed() async throws {
            let port = Ports.free()
            let terraform = try Terraform(port: port)
            try terraform.write(
                configuration("nowhere", "7c5f3f1c-6a1e-4c35-9f0c-3d8a86b27a3e")
                    + "\nprovider \"ottava\" { max_retries = 0 }")
            let result = try await terraform.run("apply", "-auto-approve", "-no-color")
            #expect(result.status == 1)
            #expect(result.text.contains("cannot be reached") && result.text.contains("\(port)"), "\(result.text)")
        }

        /// Answers that say "later" are waited for.
        @Test(arguments: [409, 503]) func aServiceThatIsBusyForAWhileIsAskedAgain(_ status: Int) async throws {
            let server = try #require(ServerProcess.current)
            let proxy = try FaultyProxy(to: server.port)
            let port = proxy.port
            let terraform = try Terraform(port: server.port)
            try terraform.write(
                configuration("busy-\(status)", try await subnetID()) + """

                    provider "ottava" {
                      endpoint_overrides = { "load-balancer" = "http://127.0.0.1:\(port)/load-balancer/v2.0/" }
                    }
                    """)
            proxy.spoil(.init(repeating: .answer(status: status), count: 3), method: "POST")
            if status == 503 {
                try await terraform.apply()
                #expect(try await terraform.plan() == [:])
                #expect(try await terraform.run("destroy", "-auto-approve").status == 0)
            } else {
                // A conflict that no waiting resolves is told at once.
                let result = try await terraform.run("apply", "-auto-approve", "-no-color")
                #expect(result.status == 1)
                #expect(result.text.contains("409"), "\(result.text)")
            }
            #expect(try server.demo().list(.loadBalancers, query: "?name=busy-\(status)").isEmpty)
        }

        /// Ctrl-C in the middle: what was made is in the state, and a second apply completes.
        @Test func anInterruptionLosesNothing() async throws {
            let server = try #require(ServerProcess.current)
            let client = try server.demo()
            let terraform = try Terraform(port: server.port)
            try terraform.write(configuration("interrupted", try await subnetID(), members: 50))
            let child = try terraform.start("apply", "-auto-approve", "-no-color")
            try await eventually("it is being made", within: .seconds(120)) {
                !child.isRunning || terraform.written.contains("Creating...")
            }
            child.signal(SIGINT)
            _ = try await child.wait(within: .seconds(120))
            let made = try client.list(.loadBalancers, query: "?name=interrupted")
            let known = try await terraform.state("ottava_load_balancer.lb")["id"]?.string
            #expect(made.first?["id"]?.string == known, "\(terraform.written)")
            try await terraform.apply()
            #expect(try await terraform.plan() == [:])
            #expect(try client.list(.loadBalancers, query: "?name=interrupted").count == 1)
            #expect(try await terraform.run("destroy", "-auto-approve").status == 0)
            #expect(try client.list(.loadBalancers, query: "?name=interrupted").isEmpty)
        }

        /// The provider is killed in the middle: the state is as consistent as it can be, and a second apply completes.
        @Test func aKilledProviderCanBeFollowedByAnother() async throws {
            let server = try #require(ServerProcess.current)
            let client = try server.demo()
            let subnet = try await subnetID()
            let terraform = try Terraform(port: server.port)
            let address = "ottava_load_balancer.lb"
            func applyAndKill(when word: String) async throws {
                let child = try terraform.start("apply", "-auto-approve", "-no-color")
                try await eventually("it is under way", within: .seconds(120), every: .milliseconds(2)) {
                    !child.isRunning || terraform.written.contains(word)
                }
                // The server is held, so that the operation cannot be over before.
                server.child?.signal(SIGSTOP)
                let providers = ProcessTable.children(of: child.pid)
                #expect(!providers.isEmpty)
                for provider in providers { ProcessTable.kill(provider) }
                server.child?.signal(SIGCONT)
                #expect(try await child.wait(within: .seconds(120)) == 1, "\(terraform.written)")
            }
            func found() async throws -> [String] {
                var found: [JSONValue] = []
                // A server that was held may need a while.
                try await eventually("the server answers", within: .seconds(120)) {
                    guard let list = try? client.list(.loadBalancers, query: "?name=killed") else { return false }
                    found = list
                    return true
                }
                return found.compactMap { $0["id"]?.string }
            }

            try terraform.write(configuration("killed", subnet, members: 50))
            try await applyAndKill(when: "Creating...")
            #expect(try await terraform.state(address) == .null)
            let before = try await found()
            let again = try await terraform.run("apply", "-auto-approve", "-no-color")
            #expect(again.status == 0, "\(again.text)")
            #expect(try await terraform.plan() == [:])
            let id = try #require(try await terraform.state(address)["id"]?.string)
            // Of what the killed one had asked for only the service knows; users are told if it was there in time.
            let lost = try await found().filter { $0 != id }
            let isTold = again.text.contains("There was a load balancer 'killed' before")
            #expect(isTold ? !lost.isEmpty : before.isEmpty, "\(again.text)")
            for id in lost { try client.delete(.loadBalancers, id, query: "?cascade=true") }

            try terraform.write(configuration("killed", subnet, members: 60))
            try await applyAndKill(when: "Modifying...")
            #expect(try await terraform.state(address)["id"]?.string == id)
            try await terraform.apply()
            #expect(try await terraform.plan() == [:])
            #expect(try await terraform.state(address)["pools"]?["main"]?["members"]?.object?.count == 60)
            #expect(try await terraform.run("destroy", "-auto-approve").status == 0)
            try await eventually("nothing is left", within: .seconds(60)) { try await found().isEmpty }
        }

        /// An operation ends when its time in the block `timeouts` is over; words that are no times are refused.
        @Test func timesOfOperationsHold() async throws {
            let server = try #require(ServerProcess.current)
            let proxy = try FaultyProxy(to: server.port)
            let terraform = try Terraform(port: server.port)
            let subnet = try await subnetID()
            func write(_ time: String) throws {
                try terraform.write(
                    """
                    provider "ottava" {
                      endpoint_overrides = { "load-balancer" = "http://127.0.0.1:\(proxy.port)/load-balancer/v2.0/" }
                    }
                    resource "ottava_load_balancer" "late" {
                      name          = "late"
                      vip_subnet_id = "\(subnet)"
                      timeouts { create = "\(time)" }
                    }
                    """)
            }
            try write("soon")
            let refused = try await terraform.run("validate", "-no-color")
            #expect(refused.status == 1 && refused.text.contains("a time such as 30s"), "\(refused.text)")

            try write("2s")
            proxy.spoil(.init(repeating: .answer(status: 503), count: 1000), method: "POST")
            let late = try await terraform.run("apply", "-auto-approve", "-no-color")
            #expect(late.status == 1 && late.text.contains("the time for create"), "\(late.text)")
            #expect(try await terraform.state("ottava_load_balancer.late") == .null)
            #expect(try server.demo().list(.loadBalancers, query: "?name=late").isEmpty)
        }

        /// Starts a provider as one does for a debugger (`--debug`); the words say how to reach it.
        private func providerStartedByHand(_ folder: TemporaryFolder) async throws -> (ChildProcess, words: String) {
            let provider = try ChildProcess(
                "\(Files.packageRoot).build/debug/terraform-provider-ottava", ["--debug"],
                output: folder.file("out"), errors: folder.file("err"))
            var words = ""
            try await eventually("it says how to reach it", within: .seconds(60)) {
                words = Files.text(folder.file("out")) ?? ""
                return words.hasSuffix("'\n")
            }
            return (provider, words)
        }

        /// Terraform uses a provider that was started by hand.
        @Test func aProviderStartedByHandIsUsed() async throws {
            let server = try #require(ServerProcess.current)
            let folder = try TemporaryFolder("ottava-debug")
            defer { folder.remove() }
            let (provider, words) = try await providerStartedByHand(folder)
            let start = "TF_REATTACH_PROVIDERS='"
            try #require(words.hasPrefix(start))
            let terraform = try Terraform(
                port: server.port,
                environment: ["TF_REATTACH_PROVIDERS": String(words.dropFirst(start.count).dropLast(2))])
            // Nothing else could be found.
            try Files.write("", to: terraform.folder.file("rc"))
            try terraform.write(
                """
                provider "ottava" {
                  auth_url            = "http://127.0.0.1:\(server.port)/identity/v3"
                  user_name           = "demo"
                  password            = "\(ServerProcess.demoPassword)"
                  tenant_name         = "demo"
                  user_domain_name    = "Default"
                  project_domain_name = "Default"
                }

                """ + configuration("by-hand", try await subnetID()))
            try await terraform.apply()
            #expect(try await terraform.plan() == [:])
            #expect(try await terraform.run("destroy", "-auto-approve").status == 0)
            #expect(provider.isRunning, "\(Files.text(folder.file("err")) ?? "")")
            provider.signal(SIGTERM)
            _ = try await provider.wait(within: .seconds(30))
        }

        /// Terraform's gRPC pings a connection on which much happens many times in a second. A provider that hangs up then is
        /// asked once more for what it has made already.
        @Test func pingsAreNoReasonToHangUp() async throws {
            let folder = try TemporaryFolder("ottava-pings")
            defer { folder.remove() }
            let (provider, _) = try await providerStartedByHand(folder)
            let connection = try TCPSocket.connect(toFile: "/tmp/terraform-provider-\(provider.pid)")
            /// A frame of HTTP/2 on the connection itself (RFC 9113, section 4.1).
            func frame(_ type: UInt8, _ payload: [UInt8] = []) -> [UInt8] {
                [0, 0, UInt8(payload.count), type, 0, 0, 0, 0, 0] + payload
            }
            let (settings, ping, goAway): (UInt8, UInt8, UInt8) = (4, 6, 7)
            try connection.send(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(settings))
            let count = 1_000
            for number in 0..<count {
                try connection.send(frame(ping, [UInt8](repeating: UInt8(number % 256), count: 8)))
            }
            var (received, answers): ([UInt8], Int) = ([], 0)
            while answers < count {
                received += try connection.receive()
                while received.count >= 9 {
                    let length = 9 + Int(received[1]) << 8 + Int(received[2])
                    guard received.count >= length else { break }
                    try #require(received[3] != goAway, "it hung up after \(answers) of \(count) pings")
                    if received[3] == ping { answers += 1 }
                    received.removeFirst(length)
                }
            }
            provider.signal(SIGTERM)
            _ = try await provider.wait(within: .seconds(30))
        }

        /// A provider that nobody started, or that lost its terraform, does not stay.
        @Test func theProgramSaysWhatItIs() async throws {
            let result = try await ChildProcess.run("\(Files.packageRoot).build/debug/terraform-provider-ottava", [])
            #expect(result.status == 1)
            #expect(result.errors.contains("This is a Terraform plugin"))
            #expect(result.output.isEmpty)
        }
    }
}
