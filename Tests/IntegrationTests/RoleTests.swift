// Roles as processes of their own, started and killed at any time.

internal import Glibc
internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite(.enabled("PostgreSQL must be installed") { PostgreSQLServer.isInstalled })
    struct RoleTests {
        @Test func healthManagersComeAndGo() async throws {
            let url = try PostgreSQLServer.ofThisRun().makeDatabase()
            let environment = ["OTTAVA_DATABASE": url, "OTTAVA_SERVER_ROLES": "api"]
            try await ServerProcess.with(environment: environment) { server in
                let worker = try await RoleProcess(["worker"], server, url)
                var managers = [
                    try await RoleProcess(["health-manager"], server, url),
                    try await RoleProcess(["health-manager"], server, url, dataDirectory: server.folder.file("other")),
                ]
                let keepers = [
                    try await RoleProcess(["housekeeping"], server, url),
                    try await RoleProcess(["housekeeping"], server, url),
                ]
                let client = try server.demo()
                let backends = try makeBackends(1)
                let served = try ServedLoadBalancer(client, backends, monitor: [:])
                let member = served.members[0]
                func expect(_ status: String) async throws {
                    let time = try await eventually("the member is \(status)", within: .seconds(40)) {
                        try served.operatingStatus(of: member) == status
                    }
                    print("a member is \(status) after \(time)")
                }
                try await expect("ONLINE")
                // One of them is killed in the midst of it, the other goes on.
                managers[0].child.signal(SIGKILL)
                backends[0].stop()
                try await expect("ERROR")
                // One that is paused hinders nobody, and what it knew is old when it goes on.
                managers[0] = try await RoleProcess(["health-manager"], server, url)
                managers[1].child.signal(SIGSTOP)
                try backends[0].start()
                try await expect("ONLINE")
                managers[1].child.signal(SIGCONT)
                try await Task.sleep(for: .seconds(1))
                #expect(try served.operatingStatus(of: member) == "ONLINE")
                // Without any, the worker does it, after a while.
                for manager in managers {
                    manager.child.signal(SIGTERM)
                    #expect(try await manager.child.wait(within: .seconds(15)) == 0)
                }
                keepers[0].child.signal(SIGKILL)
                backends[0].stop()
                try await expect("ERROR")
                // What happened while there was none is not forgotten.
                let late = try await RoleProcess(["health-manager"], server, url)
                try backends[0].start()
                try await expect("ONLINE")
                for _ in 0..<5 { #expect(try served.fetch().status == 200) }
                try await eventually("counters arrive", within: .seconds(30)) {
                    let answer = try client.send("GET", "loadbalancers/\(served.id)/stats")
                    return answer.json["stats"]?["total_connections"]?.integer ?? 0 >= 5
                }
                try served.delete()
                for process in [late, keepers[1], worker] {
                    process.child.signal(SIGTERM)
                    #expect(try await process.child.wait(within: .seconds(15)) == 0)
                }
            }
        }

        @Test func statusPagesWithoutTheAPI() async throws {
            let url = try PostgreSQLServer.ofThisRun().makeDatabase()
            let environment = [
                "OTTAVA_DATABASE": url, "OTTAVA_SERVER_ROLES": "api", "OTTAVA_HEALTHCHECK_DETAILED": "true",
            ]
            try await ServerProcess.with(environment: environment) { server in
                let port = Ports.free()
                let status: [String: String?] = [
                    "OTTAVA_STATUS_LISTEN": "127.0.0.1:\(port)", "OTTAVA_HEALTHCHECK_DETAILED": "true",
                ]
                let worker = try await RoleProcess(["worker"], server, url, status)
                try await eventually("the worker works", within: .seconds(30)) {
                    (try? StatusPage(port: port).value("ottava_agent_up")) == 1
                }
                let second = Ports.free()
                var secondStatus = status
                secondStatus["OTTAVA_STATUS_LISTEN"] = "127.0.0.1:\(second)"
                let standby = try await RoleProcess(["worker"], server, url, secondStatus)
                func health(_ port: Int) throws -> HTTPAnswer {
                    try HTTPConnection(to: "127.0.0.1", port: port).request("GET", "/healthcheck")
                }
                try await eventually("it stands by", within: .seconds(30)) {
                    (try? health(second).text.contains("standing by")) == true
                }
                #expect(try health(second).status == 200)
                #expect(try StatusPage(port: second).value("ottava_agent_up") == 0)
                let own = try health(port).text
                #expect(own.contains("worker: OK (0 load balancers)"), "\(own)")
                // The API does not have the worker's checks.
                let api = try health(server.port).text
                #expect(!api.contains("worker:"), "\(api)")
                for process in [standby, worker] {
                    process.child.signal(SIGTERM)
                    #expect(try await process.child.wait(within: .seconds(15)) == 0)
                }
            }
        }
    }
}
