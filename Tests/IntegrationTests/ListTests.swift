// Lists: filters, order, pages, fields and tags.

internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite(.server) struct ListTests {
        /// Makes load balancers a, b, … with tags, without any other.
        private func withLoadBalancers(
            _ tags: [[String]], _ body: (APIClient, _ ids: [String]) async throws -> Void
        ) async throws {
            let client = try currentServer().demo()
            #expect(try client.list(.loadBalancers).isEmpty)
            let ids = try tags.enumerated().map { index, tags in
                try client.createLoadBalancer(
                    String("abcdefgh".dropFirst(index).prefix(1)), ["tags": .array(tags.map { .string($0) })]
                ).id
            }
            try await body(client, ids)
            for id in ids { try client.delete(.loadBalancers, id) }
        }

        private func names(_ client: APIClient, _ query: String) throws -> [String] {
            try client.list(.loadBalancers, query: query).compactMap { $0["name"]?.string }
        }

        @Test func filtersAndOrder() async throws {
            try await withLoadBalancers([[], [], [], []]) { client, ids in
                try client.update(.loadBalancers, ids[2], ["admin_state_up": false, "description": "x y"])
                try await client.settle(ids[2])
                let address = try #require(client.get(.loadBalancers, ids[1])["vip_address"]?.string)
                for (query, expected) in [
                    ("", ["a", "b", "c", "d"]), ("?name=b", ["b"]), ("?name=nobody", []),
                    ("?id=\(ids[3])", ["d"]), ("?vip_address=\(address)", ["b"]),
                    ("?admin_state_up=false", ["c"]), ("?admin_state_up=True", ["a", "b", "d"]),
                    ("?description=x%20y", ["c"]), ("?name=a&admin_state_up=false", []),
                    ("?provisioning_status=ACTIVE&name=a", ["a"]),
                    ("?project_id=\(client.projectID)&name=d", ["d"]),
                    ("?sort=name:desc", ["d", "c", "b", "a"]), ("?sort_key=name&sort_dir=desc", ["d", "c", "b", "a"]),
                    ("?sort=admin_state_up,name:desc", ["c", "d", "b", "a"]),
                    ("?limit=0", ["a", "b", "c", "d"]), ("?limit=infinite", ["a", "b", "c", "d"]),
                ] {
                    #expect(try names(client, query) == expected, "\(query)")
                }
                for query in [
                    "colour=red", "tenant_id=\(client.projectID)", "name=a&name=b", "sort=colour", "listeners=x",
                    "limit=x", "marker=x", "marker=\(client.projectID)", "sort=name:up", "sort_dir=up",
                ] {
                    let answer = try client.send("GET", "loadbalancers?\(query)")
                    #expect(answer.status == 400, "\(query): \(answer.status) \(answer.text.prefix(200))")
                }
            }
        }

        @Test func pagesFollowTheirLinks() async throws {
            try await withLoadBalancers(Array(repeating: [], count: 5)) { client, ids in
                var query = "?limit=2&sort=name:desc"
                var pages: [[String]] = []
                for _ in 0..<5 {
                    let answer = try client.send("GET", "loadbalancers\(query)")
                    #expect(answer.status == 200)
                    pages.append((answer.json["loadbalancers"]?.array ?? []).compactMap { $0["name"]?.string })
                    let links = answer.json["loadbalancers_links"]?.array ?? []
                    guard let next = links.first(where: { $0["rel"] == "next" })?["href"]?.string else { break }
                    #expect(next.hasPrefix("http://127.0.0.1:\(client.port)/"), "\(next)")
                    let mark = try #require(next.firstIndex(of: "?"))
                    query = String(next[mark...])
                }
                #expect(pages == [["e", "d"], ["c", "b"], ["a"]])
                let page = try client.send("GET", "loadbalancers?limit=2&marker=\(ids[1])")
                #expect(
                    page.json["loadbalancers"]?.array?.compactMap { $0["id"]?.string } == [ids[2], ids[3]])
                let previous = page.json["loadbalancers_links"]?.array?.first { $0["rel"] == "previous" }
                #expect(previous?["href"]?.string?.contains("page_reverse=True") == true, "\(page.text)")
            }
        }

        @Test func fieldsAreChosen() async throws {
            try await withLoadBalancers([[], []]) { client, ids in
                let list = try client.list(.loadBalancers, query: "?fields=id&fields=name&fields=colour")
                #expect(list == [["id": .string(ids[0]), "name": "a"], ["id": .string(ids[1]), "name": "b"]])
                let single = try client.send("GET", "loadbalancers/\(ids[0])?fields=vip_address")
                #expect(single.json["loadbalancer"]?.object?.keys.sorted() == ["vip_address"])
            }
        }

        @Test func tagsFourWays() async throws {
            try await withLoadBalancers([["x"], ["x", "y"], ["y"], []]) { client, ids in
                for (query, expected) in [
                    ("?tags=x", ["a", "b"]), ("?tags=x,y", ["b"]), ("?tags-any=x,y", ["a", "b", "c"]),
                    ("?not-tags=x,y", ["a", "c", "d"]), ("?not-tags-any=x,y", ["d"]), ("?not-tags=x", ["c", "d"]),
                    ("?tags=x&not-tags=y", ["a"]), ("?tags=x&tags=y", ["b"]), ("?tags=z", []),
                ] {
                    #expect(try names(client, query) == expected, "\(query)")
                }
                // Children have tags, too.
                let pool = try client.create(
                    .pools,
                    [
                        "loadbalancer_id": .string(ids[0]), "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN",
                        "tags": ["p", "q"],
                    ])
                let id = try #require(pool["id"]?.string)
                try await client.settle(ids[0])
                #expect(try client.list(.pools, query: "?tags=p,q&loadbalancer_id=\(ids[0])").count == 1)
                #expect(try client.list(.pools, query: "?not-tags-any=p").isEmpty)
                try client.update(.pools, id, ["tags": []])
                #expect(try client.list(.pools, query: "?tags=p").isEmpty)
                try await client.settle(ids[0])
                try client.delete(.pools, id)
                try await client.settle(ids[0])
            }
        }

        @Test func readersReadOnly() async throws {
            let server = try currentServer()
            let (admin, demo) = (try server.admin(), try server.demo())
            let user = try admin.send(
                "POST", "/identity/v3/users",
                ["user": ["name": "looker", "password": "look!", "domain_id": "default"]])
            #expect(user.status == 201, "\(user.text)")
            let userID = try #require(user.json["user"]?["id"]?.string)
            let roles = try admin.send("GET", "/identity/v3/roles?name=reader")
            let role = try #require(roles.json["roles"]?[0]?["id"]?.string)
            let grant = "/identity/v3/projects/\(demo.projectID)/users/\(userID)/roles/\(role)"
            #expect(try admin.send("PUT", grant).status == 204)
            let reader = try APIClient(port: server.port, user: "looker", password: "look!", project: "demo")

            let served = try ServedLoadBalancer(demo, makeBackends(1), monitor: [:])
            let paths: [(String, String)] = [
                ("loadbalancers/\(served.id)", "loadbalancer"), ("listeners/\(served.listener)", "listener"),
                ("pools/\(served.pool)", "pool"),
                ("pools/\(served.pool)/members/\(served.members[0])", "member"),
                ("healthmonitors/\(served.monitor ?? "")", "healthmonitor"),
            ]
            for (path, key) in paths {
                #expect(try reader.send("GET", path).status == 200, "\(path)")
                #expect(try reader.send("PUT", path, .object([key: ["name": "r"]])).status == 403, "\(path)")
                #expect(try reader.send("DELETE", path).status == 403, "\(path)")
            }
            #expect(try reader.send("GET", "loadbalancers/\(served.id)/status").status == 200)
            #expect(try reader.send("GET", "loadbalancers/\(served.id)/stats").status == 200)
            #expect(try reader.list(.loadBalancers).compactMap { $0["id"]?.string } == [served.id])
            let create: JSONValue = ["loadbalancer": ["vip_subnet_id": .string(try demo.privateSubnet())]]
            #expect(try reader.send("POST", "loadbalancers", create).status == 403)
            #expect(try reader.send("PUT", "pools/\(served.pool)/members", ["members": []]).status == 403)
            // Nor does it manage users.
            #expect(try reader.send("POST", "/identity/v3/users", ["user": ["name": "other"]]).status == 403)
            // Without a role there is no login to the project.
            #expect(try admin.send("DELETE", grant).status == 204)
            #expect(throws: UnexpectedAnswer.self) {
                try APIClient(port: server.port, user: "looker", password: "look!", project: "demo")
            }
            #expect(try served.fetch().status == 200)
            try served.delete()
        }
    }
}
