// What operators see: metrics, health, the log.

internal import Glibc
internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite struct StatusPageTests {
        @Test func metricsTellWhatHappened() async throws {
            try await ServerProcess.with { server in
                let client = try server.demo()
                let backends = try makeBackends(1)
                let served = try ServedLoadBalancer(client, backends)
                #expect(try served.fetch().status == 200)
                _ = try client.send("GET", "loadbalancers/\(client.projectID)")
                _ = try client.send("GET", "nowhere/at/all")
                let page = try StatusPage(port: server.port)
                let lb = "/load-balancer/v2/loadbalancers"
                #expect(
                    page.value(
                        "ottava_http_request_duration_seconds_count",
                        ["route": lb, "method": "POST", "status": "2xx"]) == 1)
                #expect(
                    page.value(
                        "ottava_http_request_duration_seconds_count",
                        ["route": "\(lb)/{id}", "method": "GET", "status": "4xx"]) == 1, "\(page.text)")
                #expect(
                    page.value(
                        "ottava_http_request_duration_seconds_count",
                        ["route": "/load-balancer/unknown", "method": "GET", "status": "4xx"]) == 1)
                #expect(page.value("ottava_http_requests_in_progress") == 1)
                try await eventually("the load balancer is counted", within: .seconds(20), every: .milliseconds(200)) {
                    try StatusPage(port: server.port).value(
                        "ottava_loadbalancers", ["provisioning_status": "ACTIVE", "operating_status": "ONLINE"]) == 1
                }
                #expect(page.value("ottava_work_items", ["state": "due"]) == 0)
                #expect(page.value("ottava_work_oldest_seconds") == 0)
                #expect(page.value("ottava_database_up") == 1)
                #expect(page.value("ottava_agent_up") == 1)
                #expect(page.value("ottava_agent_loadbalancers", ["provider": "amphora"]) == 1)
                #expect(page.value("ottava_haproxy_processes") ?? 0 >= 1)
                #expect(page.value("ottava_haproxy_starts_total") == 1)
                #expect(page.value("ottava_haproxy_restarts_total") == 0)
                #expect(
                    (page.value("ottava_reconcile_duration_seconds_count", ["outcome": "applied"]) ?? 0) >= 1)
                #expect(page.value("ottava_reconcile_failures_total", ["cause": "listener"]) == 0)
                #expect(
                    (page.value(
                        "ottava_database_duration_seconds_count",
                        ["engine": "sqlite", "kind": "write", "outcome": "done"]) ?? 0) > 1)
                #expect((page.value("process_open_fds") ?? 0) > 5)
                #expect(page.text.contains("ottava_build_info{"))
                // A process that is killed is started again, and counted.
                let haproxy = try #require(server.haproxies.first)
                ProcessTable.kill(haproxy)
                try await eventually("the restart is counted", within: .seconds(20)) {
                    try StatusPage(port: server.port).value("ottava_haproxy_restarts_total") == 1
                }
                // Those beyond a proxy are not of this machine.
                let foreign = try HTTPConnection(to: "127.0.0.1", port: server.port)
                    .request("GET", "/metrics", headers: [("X-Forwarded-For", "192.0.2.1")])
                #expect(foreign.status == 403)
                try served.delete()
            }
        }

        @Test func whatIsPutRightAndHeldBackIsCounted() async throws {
            let folder = try TemporaryFolder("ottava-haproxy")
            defer { folder.remove() }
            let program = try #require(Files.program("haproxy"))
            let link = folder.file("haproxy")
            try Files.link(link, to: program)
            // Each failure is one too many.
            let environment = [
                "OTTAVA_HAPROXY": link, "OTTAVA_VERIFY_SECONDS": "1", "OTTAVA_GUARD_RAIL_MINIMUM": "0",
                "OTTAVA_GUARD_RAIL_PERCENT": "0",
            ]
            try await ServerProcess.with(environment: environment) { server in
                let client = try server.demo()
                let served = try ServedLoadBalancer(client, makeBackends(1))
                try await client.wait(for: "ONLINE", of: .loadBalancers, served.id)
                let quiet = try StatusPage(port: server.port)
                #expect(quiet.value("ottava_drift_repairs_total", ["provider": "amphora"]) == 0)
                for name in ["operating-status", "removal"] {
                    for metric in ["holding", "held", "trips_total"] {
                        #expect(quiet.value("ottava_guard_rail_\(metric)", ["name": name]) == 0, "\(metric) \(name)")
                    }
                }
                try Files.write("spoilt", to: "\(server.dataDirectory)/amphora/\(served.id)/haproxy.cfg")
                try await eventually("the repair is counted", within: .seconds(30), every: .milliseconds(100)) {
                    try StatusPage(port: server.port).value("ottava_drift_repairs_total", ["provider": "amphora"]) == 1
                }

                try Files.remove(link)
                ProcessTable.kill(try #require(server.haproxy(of: served.id)))
                let status = ["name": "operating-status"]
                try await eventually("the news is held back", within: .seconds(30), every: .milliseconds(100)) {
                    let page = try StatusPage(port: server.port)
                    return page.value("ottava_guard_rail_holding", status) == 1
                        && page.value("ottava_guard_rail_held", status) == 1
                }
                #expect(try client.get(.loadBalancers, served.id)["operating_status"] == "ONLINE")
                try Files.link(link, to: program)
                try await eventually("the way is open again", within: .seconds(60), every: .milliseconds(100)) {
                    let page = try StatusPage(port: server.port)
                    return page.value("ottava_guard_rail_holding", status) == 0
                        && page.value("ottava_guard_rail_held", status) == 0
                }
                #expect(try StatusPage(port: server.port).value("ottava_guard_rail_trips_total", status) == 1)
                #expect(try served.fetch().status == 200)
            }
        }

        @Test func aTokenForMetrics() async throws {
            let environment = ["OTTAVA_NO_OP": "true", "OTTAVA_METRICS_TOKEN": "let me in"]
            try await ServerProcess.with(environment: environment) { server in
                func status(_ headers: [(String, String)]) throws -> Int {
                    try HTTPConnection(to: "127.0.0.1", port: server.port)
                        .request("GET", "/metrics", headers: headers).status
                }
                let anonymous = try status([])
                #expect(anonymous == 401)
                #expect(try status([("Authorization", "Bearer let me")]) == 401)
                #expect(try status([("Authorization", "Basic let me in")]) == 401)
                #expect(try status([("Authorization", "Bearer let me in")]) == 200)
            }
        }

        @Test func theLogNamesTheRequestAllTheWay() async throws {
            let environment = ["OTTAVA_LOG_FORMAT": "json"]
            try await ServerProcess.with(environment: environment) { server in
                let client = try server.demo()
                let subnet = try client.privateSubnet()
                let global = "req-0f2a1d34-0000-4000-8000-0123456789ab"
                let body: JSONValue = [
                    "loadbalancer": [
                        "vip_subnet_id": .string(subnet),
                        "listeners": [["protocol": "HTTP", "protocol_port": 8080, "name": "l"]],
                    ]
                ]
                let answer = try client.send(
                    "POST", "loadbalancers", bytes: JSONWriter.bytes(of: body),
                    headers: [("X-Openstack-Request-Id", global)])
                #expect(answer.status == 201, "\(answer.text)")
                let id = answer.json["loadbalancer"]?["id"]?.string ?? ""
                let request = answer.header("x-openstack-request-id") ?? ""
                #expect(request.hasPrefix("req-") && request != global)
                var lines: [JSONValue] = []
                try await eventually("the agent's line is there", within: .seconds(20)) {
                    lines = server.log.split(separator: "\n").compactMap { try? JSONValue(parsing: Array($0.utf8)) }
                    return lines.contains { $0["message"] == "HAProxy started" }
                }
                func line(_ message: String) -> JSONValue? {
                    lines.first { $0["message"] == .string(message) && $0["request"] == .string(request) }
                }
                #expect(line("request")?["global_request"] == .string(global))
                #expect(line("request")?["status"] == "201")
                for message in ["applied", "HAProxy started"] {
                    let found = line(message)
                    #expect(found?["loadbalancer"] == .string(id), "\(message)")
                    #expect(found?["project"] == .string(client.projectID), "\(message)")
                }
                try client.delete(.loadBalancers, id, query: "?cascade=true")
            }
        }

        @Test func theFormsOfTheHealthCheck() async throws {
            let environment = ["OTTAVA_NO_OP": "true"]
            try await ServerProcess.with(environment: environment) { server in
                func ask(_ method: String, _ accept: String?) throws -> HTTPAnswer {
                    try HTTPConnection(to: "127.0.0.1", port: server.port)
                        .request(method, "/healthcheck", headers: accept.map { [("Accept", $0)] } ?? [])
                }
                let plain = try ask("GET", nil)
                #expect(plain.status == 200 && plain.text == "OK" && plain.header("content-type") == "text/plain")
                let json = try ask("GET", "application/json")
                #expect(json.status == 200 && json.json["detailed"] == false)
                #expect(json.json["reasons"]?.array?.allSatisfy { $0 == "OK" } == true, "\(json.text)")
                let html = try ask("GET", "text/html, */*")
                #expect(html.header("content-type") == "text/html" && html.text.contains("<td>OK</td>"))
                let head = try ask("HEAD", nil)
                #expect(head.status == 204 && head.body.isEmpty)
            }
        }

        @Test(.enabled("PostgreSQL must be installed") { PostgreSQLServer.isInstalled })
        func healthWithoutADatabase() async throws {
            let database = try PostgreSQLServer()
            let statusPort = Ports.free()
            let environment = [
                "OTTAVA_DATABASE": try database.makeDatabase(), "OTTAVA_NO_OP": "true",
                "OTTAVA_HEALTHCHECK_DETAILED": "true", "OTTAVA_STATUS_LISTEN": "127.0.0.1:\(statusPort)",
            ]
            try await ServerProcess.with(environment: environment) { server in
                func health(_ port: Int) throws -> HTTPAnswer {
                    try HTTPConnection(to: "127.0.0.1", port: port)
                        .request("GET", "/healthcheck", headers: [("Accept", "application/json")])
                }
                try await eventually("all is well", within: .seconds(20)) { try health(server.port).status == 200 }
                #expect(try health(statusPort).status == 200)
                try database.stop()
                // What was found a moment ago is told once more.
                try await eventually("it is noticed", within: .seconds(5)) {
                    try [server.port, statusPort].allSatisfy { try health($0).status == 503 }
                }
                for port in [server.port, statusPort] {
                    let answer = try health(port)
                    #expect(answer.status == 503)
                    let reason = answer.json["reasons"]?.array?.first { $0["class"] == "database" }
                    #expect(reason?["reason"] == "The database does not answer.", "\(answer.text)")
                    #expect(reason?["details"]?.string?.isEmpty == false)
                    let head = try HTTPConnection(to: "127.0.0.1", port: port).request("HEAD", "/healthcheck")
                    #expect(head.status == 503)
                }
                // Metrics are answered nevertheless, and say so.
                let page = try StatusPage(port: statusPort)
                #expect(page.value("ottava_database_up") == 0)
                #expect((page.value("ottava_database_connection_failures_total") ?? 0) > 0)
                try database.start()
                try await eventually("all is well again", within: .seconds(30)) {
                    try health(server.port).status == 200
                }
                let opened = try StatusPage(port: statusPort).value("ottava_database_sessions_opened_total")
                #expect((opened ?? 0) > 1)
            }
        }
    }
}

/// The page of metrics, as a Prometheus server reads it.
struct StatusPage {
    let text: String

    init(port: Int) throws {
        let answer = try HTTPConnection(to: "127.0.0.1", port: port, limit: .seconds(20)).request("GET", "/metrics")
        guard answer.status == 200, answer.header("content-type") == "text/plain; version=0.0.4; charset=utf-8" else {
            throw UnexpectedAnswer(description: "/metrics: \(answer.status) \(answer.text.prefix(200))")
        }
        text = answer.text
        try check()
    }

    /// The value of a series; labels in any order.
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            let rest = line.dropFirst(name.count)
            guard let space = rest.lastIndex(of: " "), rest.first == "{" || rest.first == " " else { continue }
            let set = rest[..<space].drop { $0 == "{" }.dropLast(rest.first == "{" ? 1 : 0)
            let parts = set.split(separator: ",").map(String.init)
            if Set(parts) == Set(labels.map { "\($0.key)=\"\($0.value)\"" }) {
                return Double(rest[space...].dropFirst())
            }
        }
        return nil
    }

    /// Throws when the page is not in the format: a line without a number, a family that comes twice.
    private func check() throws {
        var families: Set<Substring> = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("# TYPE ") {
                guard families.insert(line.split(separator: " ")[2]).inserted else {
                    throw UnexpectedAnswer(description: "twice: \(line)")
                }
            } else if !line.hasPrefix("#") {
                guard let space = line.lastIndex(of: " "), Double(line[space...].dropFirst()) != nil else {
                    throw UnexpectedAnswer(description: "not a sample: \(line)")
                }
            }
        }
    }
}
