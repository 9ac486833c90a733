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
            proxy.spoil(.init(repeating: .answer(status: status), count: 3))
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

        /// A provider that nobody started, or that lost its terraform, does not stay.
        @Test func theProgramSaysWhatItIs() async throws {
            let result = try await ChildProcess.run("\(Files.packageRoot).build/debug/terraform-provider-ottava", [])
            #expect(result.status == 1)
            #expect(result.errors.contains("This is a Terraform plugin"))
            #expect(result.output.isEmpty)
        }
    }
}
