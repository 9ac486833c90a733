// The timeline over HTTP, and creations that clients repeat.

internal import Foundation
internal import JSON
internal import Synchronization
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite(.serialized)
    struct TimelineTests {
        private func events(_ client: APIClient, _ id: String, query: String = "") throws -> [JSONValue] {
            let answer = try client.send("GET", "loadbalancers/\(id)/events\(query)")
            #expect(answer.status == 200, "\(answer.text)")
            return answer.json["events"]?.array ?? []
        }

        @Test func theTimelineTellsWhatHappened() async throws {
            try await ServerProcess.with(environment: ["OTTAVA_VERIFY_SECONDS": "1"]) { server in
                let client = try server.demo()
                let served = try ServedLoadBalancer(client, makeBackends(2), monitor: [:])
                try await client.wait(for: "ONLINE", of: .loadBalancers, served.id)
                try await served.update(.pools, served.pool, ["lb_algorithm": "LEAST_CONNECTIONS"])
                var found = try events(client, served.id)
                #expect(found.first?["type"] == "created" && found.first?["user_id"]?.string?.isEmpty == false)
                #expect(found.first?["request_id"]?.string?.hasPrefix("req-") == true)
                let update = try #require(found.first { $0["type"] == "updated" })
                #expect(update["fields"] == ["lb_algorithm"] && update["object_id"]?.string == served.pool)
                #expect(found.contains { $0["type"] == "applied" && $0["generation"] == 2 })

                // What dies, fails or is spoilt is told.
                ProcessTable.kill(try #require(server.haproxy(of: served.id)))
                try await eventually("the end of HAProxy is told", within: .seconds(20)) {
                    try events(client, served.id, query: "?type=operating_status").contains {
                        $0["message"]?.string?.contains("to ERROR") == true
                    }
                }
                try await eventually("it serves again", within: .seconds(20)) { (try? served.fetch().status) == 200 }
                let file = "\(server.dataDirectory)/amphora/\(served.id)/haproxy.cfg"
                let text = try #require(Files.text(file))
                try Files.write("spoilt", to: file)
                try await eventually("the file is put back", within: .seconds(30)) { Files.text(file) == text }
                try await eventually("that is told", within: .seconds(20)) {
                    try events(client, served.id, query: "?type=drift").count == 1
                }
                #expect(try served.fetch().status == 200)

                // Pages.
                let all = try events(client, served.id)
                let answer = try client.send("GET", "loadbalancers/\(served.id)/events?limit=2")
                let link = answer.json["events_links"]?[0]
                #expect(link?["rel"] == "next" && link?["href"]?.string?.contains("/events?") == true)
                found = try events(client, served.id, query: "?limit=2&marker=\(all[1]["id"]?.string ?? "")")
                #expect(found == Array(all[2..<4]))
                #expect(try client.send("GET", "loadbalancers/\(served.id)/events?nonsense=1").status == 400)

                // The end, and after it.
                try served.delete()
                try await eventually("it is gone", within: .seconds(20)) {
                    try client.send("GET", "loadbalancers/\(served.id)").status == 404
                }
                #expect(try events(client, served.id).last?["type"] == "removed")
                #expect(try server.admin().send("GET", "loadbalancers/\(served.id)/events").status == 200)
                let none = "00000000-0000-4000-8000-000000000000"
                #expect(try client.send("GET", "loadbalancers/\(none)/events").status == 404)
            }
        }

        private func create(
            _ client: APIClient, _ key: String, name: String = "", limit: Duration = .seconds(20)
        ) throws -> HTTPAnswer {
            let body: JSONValue = [
                "loadbalancer": ["vip_subnet_id": .string(try client.privateSubnet()), "name": .string(name)]
            ]
            return try client.send(
                "POST", "loadbalancers", bytes: JSONWriter.bytes(of: body), headers: [("Idempotency-Key", key)],
                limit: limit)
        }

        @Test func aRepeatedCreationGetsTheFirstAnswer() async throws {
            try await ServerProcess.with { server in
                let client = try server.demo()
                let first = try create(client, "one")
                #expect(first.status == 201 && first.header("Idempotent-Replayed") == nil)
                let second = try create(client, "one")
                #expect(second.status == 201 && second.text == first.text)
                #expect(second.header("Idempotent-Replayed") == "true")
                #expect(try create(client, "one", name: "other").status == 422)
                // Somebody else's key of the same name is another one.
                let foreign = try create(server.admin(), "one", name: "other")
                #expect(foreign.status == 201 && foreign.header("Idempotent-Replayed") == nil)
                #expect(try client.list(.loadBalancers).count == 1)
                for bad in ["", String(repeating: "x", count: 256), "ä"] {
                    let answer = try create(client, bad)
                    #expect(answer.status == 400 && answer.text.contains("Idempotency-Key"), "\(bad): \(answer.text)")
                }
                #expect(try create(client, String(repeating: "x", count: 255)).status == 201)

                // Children, and the spellings of a path, which are one.
                let id = try #require(first.json["loadbalancer"]?["id"]?.string)
                let body: JSONValue = [
                    "listener": ["loadbalancer_id": .string(id), "protocol": "HTTP", "protocol_port": 81]
                ]
                var ids: Set<String> = []
                for path in ["/load-balancer/v2.0/lbaas/listeners", "/load-balancer/v2/listeners"] {
                    let answer = try client.send(
                        "POST", path, bytes: JSONWriter.bytes(of: body), headers: [("Idempotency-Key", "l")])
                    #expect(answer.status == 201, "\(answer.text)")
                    ids.insert(answer.json["listener"]?["id"]?.string ?? "none")
                }
                #expect(ids.count == 1)
                // A request that was refused is not kept.
                let refused = try client.send(
                    "POST", "listeners", bytes: JSONWriter.bytes(of: body), headers: [("Idempotency-Key", "m")])
                #expect(refused.status == 409)
                let versions = try client.send("GET", "/load-balancer/")
                #expect(versions.header("Idempotency-Key-Lifetime") == "86400")
            }
        }

        @Test func aServerThatIsKilledBeforeItsAnswerHasMadeOne() async throws {
            let folder = try TemporaryFolder("ottava-slow-haproxy")
            defer { folder.remove() }
            let haproxy = try #require(Files.program("haproxy"))
            let slow = folder.file("haproxy")
            // The answer waits for the work, and the work for this.
            try Files.write("#!/bin/sh\nsleep 4\nexec \(haproxy) \"$@\"\n", to: slow)
            chmod(slow, 0o755)
            try await ServerProcess.with(environment: ["OTTAVA_HAPROXY": slow]) { server in
                let client = try server.demo()
                let address = VirtualAddresses.next()
                let body: JSONValue = [
                    "loadbalancer": [
                        "vip_subnet_id": .string(try client.privateSubnet()), "vip_address": .string(address),
                        "listeners": [["protocol": "HTTP", "protocol_port": .integer(Int64(Ports.free()))]],
                    ]
                ]
                let bytes = JSONWriter.bytes(of: body)
                @Sendable func post() throws -> HTTPAnswer {
                    try client.send("POST", "loadbalancers", bytes: bytes, headers: [("Idempotency-Key", "k")])
                }
                let answered = Mutex<Int?>(nil)
                let thread = Thread {
                    let status = (try? post())?.status ?? 0
                    answered.withLock { $0 = status }
                }
                thread.start()
                try await eventually("the load balancer is written", within: .seconds(20), every: .milliseconds(5)) {
                    try client.list(.loadBalancers).count == 1
                }
                try await server.killNow()
                try await eventually("the client has heard nothing", within: .seconds(20)) { thread.isFinished }
                #expect(answered.withLock { $0 } == 0)
                try await server.start()
                let answer = try post()
                #expect(answer.status == 201 && answer.header("Idempotent-Replayed") == "true", "\(answer.text)")
                let all = try client.list(.loadBalancers)
                #expect(all.count == 1 && all[0]["id"] == answer.json["loadbalancer"]?["id"])
                #expect(answer.json["loadbalancer"]?["vip_address"]?.string == address)
            }
        }

        @Test(.enabled("PostgreSQL must be installed") { PostgreSQLServer.isInstalled })
        func manyAtOnceThroughTwoServersMakeOne() async throws {
            let url = try PostgreSQLServer.ofThisRun().makeDatabase()
            try await ServerProcess.with(environment: ["OTTAVA_DATABASE": url]) { first in
                let environment = ["OTTAVA_DATABASE": url, "OTTAVA_SERVER_ROLES": "api"]
                try await ServerProcess.with(environment: environment) { second in
                    let clients = [try first.demo(), try second.demo()]
                    for round in 0..<3 {
                        let answers = Mutex<[HTTPAnswer]>([])
                        let threads = (0..<8).map { number in
                            Thread {
                                let answer = try? create(clients[number % 2], "k\(round)")
                                if let answer { answers.withLock { $0.append(answer) } }
                            }
                        }
                        for thread in threads { thread.start() }
                        try await eventually("all are answered", within: .seconds(60)) {
                            threads.allSatisfy(\.isFinished)
                        }
                        let all = answers.withLock { $0 }
                        #expect(all.map(\.status) == Array(repeating: 201, count: 8))
                        #expect(Set(all.map(\.text)).count == 1)
                        #expect(all.filter { $0.header("Idempotent-Replayed") == nil }.count == 1)
                        #expect(try clients[1].list(.loadBalancers).count == round + 1)
                    }
                }
            }
        }
    }
}
