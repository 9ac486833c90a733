// The service on PostgreSQL: one process, several, and a server that goes away.

internal import Foundation
internal import Glibc
internal import JSON
internal import Synchronization
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite(.enabled("PostgreSQL must be installed") { PostgreSQLServer.isInstalled })
    struct SharedDatabaseTests {
        @Test func everythingInOneProcess() async throws {
            let url = try PostgreSQLServer.ofThisRun().makeDatabase()
            try await ServerProcess.with(environment: ["OTTAVA_DATABASE": url]) { server in
                let client = try server.demo()
                let backends = try makeBackends(2)
                let first = try ServedLoadBalancer(client, [backends[0]])
                #expect(try first.fetch().text == "b1")
                _ = try await first.addMember(backends[1])
                #expect(Set(try (0..<4).map { _ in try first.fetch().text }) == ["b1", "b2"])
                #expect(!Files.exists("\(server.dataDirectory)/ottava.db"))
                // Work that was not finished is not held back by the process that is gone.
                try await server.killNow()
                #expect(try first.fetch().status == 200)
                try await server.start()
                try await eventually("it is served again", within: .seconds(20)) {
                    (try? ServedLoadBalancer(client, [backends[0]]).fetch().status) == 200
                }
                try first.delete()
                #expect(throws: ConnectionFailure.self) { try first.fetch() }
            }
        }

        @Test func rolesApartAndAStandbyThatTakesOver() async throws {
            let url = try PostgreSQLServer.ofThisRun().makeDatabase()
            let environment = ["OTTAVA_DATABASE": url, "OTTAVA_SERVER_ROLES": "api"]
            try await ServerProcess.with(environment: environment) { server in
                let first = try await RoleProcess(["worker", "health-manager"], server, url)
                let client = try server.demo()
                let backends = try makeBackends(1)
                let served = try ServedLoadBalancer(client, backends)
                #expect(try served.fetch().text == "b1")
                let standby = try await RoleProcess(["worker", "housekeeping"], server, url)
                let housekeeper = try await RoleProcess(["housekeeping"], server, url)
                try await eventually("the second worker stands by", within: .seconds(30)) {
                    standby.log.contains("standing by")
                }
                first.child.signal(SIGKILL)
                let time = try await eventually("the second worker takes over", within: .seconds(30)) {
                    (try? ServedLoadBalancer(client, backends).fetch().status) == 200
                }
                print("a standby worker took over after \(time)")
                #expect(try served.fetch().text == "b1")
                for process in [standby, housekeeper] {
                    process.child.signal(SIGTERM)
                    #expect(try await process.child.wait(within: .seconds(15)) == 0)
                }
                await first.child.stop()
            }
        }

        @Test func aSecondDataDirectoryStandsBy() async throws {
            let url = try PostgreSQLServer.ofThisRun().makeDatabase()
            let environment = ["OTTAVA_DATABASE": url, "OTTAVA_SERVER_ROLES": "api"]
            try await ServerProcess.with(environment: environment) { server in
                let first = try await RoleProcess(["worker"], server, url)
                let client = try server.demo()
                let backends = try makeBackends(1)
                #expect(try ServedLoadBalancer(client, backends).fetch().status == 200)
                let elsewhere = server.folder.file("other")
                let second = try await RoleProcess(["worker"], server, url, dataDirectory: elsewhere)
                defer { for process in ProcessTable.processes(below: elsewhere) { ProcessTable.kill(process) } }
                try await eventually("the second worker stands by", within: .seconds(30)) {
                    second.log.contains("another data directory")
                }
                for _ in 0..<5 { #expect(try ServedLoadBalancer(client, backends).fetch().status == 200) }
                #expect(ProcessTable.haproxies(below: elsewhere).isEmpty)
                // Ends in order, and then everything is made at the other place.
                first.child.signal(SIGTERM)
                #expect(try await first.child.wait(within: .seconds(15)) == 0)
                for process in server.haproxies { ProcessTable.kill(process) }
                try await eventually("everything serves elsewhere", within: .seconds(30)) {
                    ProcessTable.haproxies(below: elsewhere).count == 6
                }
                second.child.signal(SIGTERM)
                #expect(try await second.child.wait(within: .seconds(15)) == 0)
            }
        }

        @Test func aRestartOfTheDatabaseLosesNothingThatWasAcknowledged() async throws {
            let database = try PostgreSQLServer()
            let environment = ["OTTAVA_DATABASE": try database.makeDatabase(), "OTTAVA_SETTLE_MILLISECONDS": "500"]
            try await ServerProcess.with(environment: environment) { server in
                let client = try server.demo()
                let backends = try makeBackends(1)
                let served = try ServedLoadBalancer(client, backends)
                try await eventually("it serves") { (try? served.fetch().status) == 200 }
                let subnet = try client.privateSubnet()
                let state = Mutex((acknowledged: [String](), statuses: [Int: Int](), slowest: Duration.zero))
                let isOver = Mutex(false)
                // Blocking calls: on threads of their own.
                let threads = (0..<3).map { _ in
                    Thread {
                        while !isOver.withLock({ $0 }) {
                            let start = ContinuousClock.now
                            let answer = try? client.send(
                                "POST", "loadbalancers",
                                ["loadbalancer": ["vip_subnet_id": .string(subnet), "admin_state_up": false]])
                            let time = ContinuousClock.now - start
                            let id = answer?.json["loadbalancer"]?["id"]?.string
                            state.withLock { state in
                                state.statuses[answer?.status ?? 0, default: 0] += 1
                                state.slowest = max(state.slowest, time)
                                if answer?.status == 201, let id { state.acknowledged.append(id) }
                            }
                            usleep(50_000)
                        }
                    }
                }
                for thread in threads { thread.start() }
                for isCrash in [false, true] {
                    try await Task.sleep(for: .seconds(1))
                    if isCrash { try database.kill() } else { try database.stop() }
                    try await Task.sleep(for: .seconds(1))
                    let health = try HTTPConnection(to: "127.0.0.1", port: server.port).request("GET", "/healthcheck")
                    #expect(health.status == 503)
                    #expect(try served.fetch().status == 200)
                    try database.start()
                    let time = try await eventually("the API is back", within: .seconds(20)) {
                        try client.send("GET", "loadbalancers?limit=1").status == 200
                    }
                    print("the API was back \(time) after the database")
                }
                try await Task.sleep(for: .seconds(1))
                isOver.withLock { $0 = true }
                try await eventually("clients have ended", within: .seconds(30)) { threads.allSatisfy(\.isFinished) }
                let (acknowledged, statuses, slowest) = state.withLock { $0 }
                print("answers: \(statuses), the slowest after \(slowest)")
                #expect(Set(statuses.keys).isSubset(of: [201, 503, 504]))
                #expect(statuses[503] ?? 0 > 0 && acknowledged.count > 5)
                #expect(slowest < .seconds(10))
                let time = try await eventually("all are ACTIVE", within: .seconds(30)) {
                    let all = try client.list(.loadBalancers)
                    let active = Set(
                        all.filter { $0["provisioning_status"] == "ACTIVE" }.compactMap { $0["id"]?.string })
                    return active.count == all.count && active.isSuperset(of: acknowledged)
                }
                print("\(acknowledged.count) acknowledged load balancers are ACTIVE after \(time)")
            }
        }

        @Test func workersThatPauseHoldNothingUp() async throws {
            let url = try PostgreSQLServer.ofThisRun().makeDatabase()
            let environment = ["OTTAVA_DATABASE": url, "OTTAVA_SERVER_ROLES": "api", "OTTAVA_NO_OP": "true"]
            try await ServerProcess.with(environment: environment) { server in
                let workers = [
                    try await RoleProcess(["worker"], server, url, ["OTTAVA_NO_OP": "true"]),
                    try await RoleProcess(["worker"], server, url, ["OTTAVA_NO_OP": "true"]),
                ]
                let client = try server.demo()
                var ids: [String] = []
                for round in 0..<6 {
                    let paused = workers[round % 2].child
                    paused.signal(SIGSTOP)
                    for _ in 0..<5 {
                        let body: JSONValue = ["loadbalancer": ["vip_subnet_id": .string(UUID().uuidString)]]
                        // A worker that was paused within a transaction keeps others waiting for 4 seconds at most.
                        try await eventually("a load balancer is created", within: .seconds(20)) {
                            let answer = try client.send("POST", "loadbalancers", body)
                            if let id = answer.json["loadbalancer"]?["id"]?.string { ids.append(id) }
                            return answer.status == 201
                        }
                    }
                    paused.signal(SIGCONT)
                }
                let time = try await eventually("all are ACTIVE", within: .seconds(60)) {
                    let all = try client.list(.loadBalancers)
                    return all.allSatisfy { $0["provisioning_status"] == "ACTIVE" }
                        && Set(all.compactMap { $0["id"]?.string }).isSuperset(of: ids)
                }
                print("\(ids.count) load balancers are ACTIVE \(time) after the last pause")
                for worker in workers {
                    worker.child.signal(SIGTERM)
                    #expect(try await worker.child.wait(within: .seconds(15)) == 0)
                }
            }
        }

        @Test func theDatabaseCommands() async throws {
            let server = try PostgreSQLServer.ofThisRun()
            let folder = try TemporaryFolder("ottava-database")
            defer { folder.remove() }
            let (postgresql, sqlite) = (try server.makeDatabase(), "sqlite:\(folder.file("ottava.db"))")
            func ottava(_ words: String...) async throws -> (status: Int32, text: String) {
                let run = try await ChildProcess.run(ServerProcess.program, ["database"] + words)
                return (run.status, run.output + run.errors)
            }
            #expect(try await ottava("check", "--database", sqlite).status == 1)
            #expect(try await ottava("check", "--database", postgresql).status == 1)
            #expect(try await ottava("migrate", "--database", postgresql).status == 0)
            #expect(try await ottava("check", "--database", postgresql).text == "the database is sound\n")
            try await ServerProcess.with(environment: ["OTTAVA_DATABASE": sqlite, "OTTAVA_NO_OP": "true"]) { process in
                let client = try process.demo()
                _ = try client.send(
                    "POST", "loadbalancers", ["loadbalancer": ["vip_subnet_id": .string(UUID().uuidString)]])
                // While the service runs.
                let backup = try await ottava("backup", "--database", sqlite, "--to", folder.file("backup"))
                #expect(backup.status == 0, "\(backup.text)")
                _ = try await process.terminate()
            }
            let move = try await ottava("move", "--from", sqlite, "--to", postgresql)
            #expect(move.status == 0 && move.text.hasPrefix("moved "), "\(move.text)")
            let again = try await ottava("move", "--from", sqlite, "--to", postgresql)
            #expect(again.status == 1 && again.text.contains("not empty"), "\(again.text)")
            let saved = try await ottava("backup", "--database", postgresql, "--to", folder.file("second"))
            #expect(saved.text.dropFirst("saved".count) == move.text.dropFirst("moved".count))
            #expect(!Files.exists(folder.file("second-wal")))
            let other = try server.makeDatabase()
            let restored = try await ottava("restore", "--database", other, "--from", folder.file("second"))
            #expect(restored.text.dropFirst("restored".count) == move.text.dropFirst("moved".count))
            #expect(try await ottava("check", "--database", other).status == 0)
            // The users of the old database log in at the new one.
            try await ServerProcess.with(environment: ["OTTAVA_DATABASE": other, "OTTAVA_NO_OP": "true"]) { process in
                let all = try process.demo().list(.loadBalancers)
                #expect(all.count == 1)
            }
        }
    }
}

extension PostgreSQLServer {
    private static let shared = Mutex<PostgreSQLServer?>(nil)

    /// A server for all tests that leave it alone.
    static func ofThisRun() throws -> PostgreSQLServer {
        try shared.withLock { shared in
            if let shared { return shared }
            let fresh = try PostgreSQLServer()
            shared = fresh
            return fresh
        }
    }
}

/// A further process of a service, without the API.
final class RoleProcess: Sendable {
    let child: ChildProcess
    private let files: String

    var log: String { Files.text("\(files).err") ?? "" }

    init(
        _ roles: [String], _ server: ServerProcess, _ url: String, _ environment: [String: String?] = [:],
        dataDirectory: String? = nil
    ) async throws {
        files = server.folder.file("role-\(UUID().uuidString)")
        let arguments =
            ["serve", "--database", url, "--data-dir", dataDirectory ?? server.dataDirectory, "--log-level", "debug"]
            + roles.flatMap { ["--role", $0] }
        child = try ChildProcess(
            ServerProcess.program, arguments, environment: environment, output: "\(files).out",
            errors: "\(files).err")
        try await eventually("a process with the roles \(roles) is ready", within: .seconds(30)) {
            (Files.text("\(files).out") ?? "").contains("ottava: ready")
        }
    }

    deinit { if child.isRunning { kill(child.pid, SIGKILL) } }
}
