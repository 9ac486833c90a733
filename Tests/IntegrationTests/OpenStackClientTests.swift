// The unmodified `openstack` command drives the server.

internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite(
        .server,
        .enabled("python-openstackclient and python-octaviaclient must be installable") {
            await PythonClients.install()
        }
    )
    struct OpenStackClientTests {
        private func openstack(_ commands: [String], cloud: String = "ottava") async throws -> [JSONValue] {
            let server = try currentServer()
            let start = ContinuousClock.now
            let answer = try await PythonClients.run(
                commands: commands, environment: PythonClients.environment(of: server, cloud: cloud))
            print("MEASURED \(commands.count) openstack commands: \(ContinuousClock.now - start)")
            #expect(answer.errors.isEmpty, "\(answer.errors)\n\(answer.output)")
            let expected = commands.filter { $0.hasSuffix("-f json") || $0.contains("status show") }.count
            try #require(answer.documents.count == expected, "\(answer.output)\n\(answer.errors)")
            return answer.documents
        }

        @Test func everyKindIsMadeShownChangedAndDeleted() async throws {
            let backends = try makeBackends(2)
            let port = Ports.free()
            let made = try await openstack([
                "loadbalancer create --name lb1 --vip-subnet-id private-subnet --wait -f json",
                "loadbalancer listener create --name l1 --protocol HTTP --protocol-port \(port) --wait lb1 -f json",
                "loadbalancer pool create --name p1 --lb-algorithm ROUND_ROBIN --listener l1 --protocol HTTP --wait "
                    + "-f json",
                "loadbalancer member create --name m1 --address 127.0.0.1 --protocol-port \(backends[0].port) "
                    + "--wait p1 -f json",
                "loadbalancer member create --name m2 --address 127.0.0.1 --protocol-port \(backends[1].port) "
                    + "--wait p1 -f json",
                "loadbalancer healthmonitor create --name h1 --delay 1 --timeout 1 --max-retries 1 --type HTTP "
                    + "--wait p1 -f json",
            ])
            for object in made { #expect(object["provisioning_status"] == "ACTIVE", "\(object)") }
            #expect(made.map { $0["name"] } == ["lb1", "l1", "p1", "m1", "m2", "h1"])
            let address = try #require(made[0]["vip_address"]?.string)
            let answers = try (0..<10).map { _ in try fetch(address, port).text }
            #expect(answers.filter { $0 == "b1" }.count == 5 && answers.filter { $0 == "b2" }.count == 5)
            let client = try currentServer().demo()
            try await client.wait(for: "ONLINE", of: .loadBalancers, #require(made[0]["id"]?.string))
            try await client.wait(
                for: "ONLINE", of: .members(of: #require(made[2]["id"]?.string)), #require(made[4]["id"]?.string))

            let shown = try await openstack([
                "loadbalancer list -f json", "loadbalancer show lb1 -f json",
                "loadbalancer status show lb1", "loadbalancer stats show lb1 -f json",
                "loadbalancer listener list -f json", "loadbalancer listener show l1 -f json",
                "loadbalancer listener stats show l1 -f json",
                "loadbalancer pool list --loadbalancer lb1 -f json", "loadbalancer pool show p1 -f json",
                "loadbalancer member list p1 -f json", "loadbalancer member show p1 m2 -f json",
                "loadbalancer healthmonitor list -f json", "loadbalancer healthmonitor show h1 -f json",
                "loadbalancer provider list -f json", "subnet list -f json", "network list -f json",
                "token issue -f json",
            ])
            #expect(shown[0].array?.count == 1 && shown[0][0]?["name"] == "lb1")
            #expect(shown[0][0]?["provisioning_status"] == "ACTIVE" && shown[0][0]?["operating_status"] == "ONLINE")
            #expect(shown[1]["vip_address"]?.string == address && shown[1]["provider"] == "amphora")
            let listener = shown[2]["loadbalancer"]?["listeners"]?[0]
            #expect(listener?["pools"]?[0]?["members"]?.array?.count == 2, "\(shown[2])")
            #expect(shown[3].object?.keys.sorted() == Self.counters)
            #expect(shown[4][0]?["protocol_port"]?.integer == Int64(port))
            #expect(shown[5]["default_pool_id"] == made[2]["id"])
            #expect(shown[6].object?.keys.sorted() == Self.counters)
            #expect(shown[7].array?.count == 1 && shown[8]["lb_algorithm"] == "ROUND_ROBIN")
            #expect(shown[9].array?.count == 2 && shown[10]["operating_status"] == "ONLINE")
            #expect(shown[11].array?.count == 1 && shown[12]["type"] == "HTTP")
            #expect(shown[13].array?.contains { $0["name"] == "amphora" } == true)
            #expect(shown[14].array?.contains { $0["Name"] == "private-subnet" } == true)
            #expect(shown[15].array?.contains { $0["Name"] == "private" } == true)
            #expect(shown[16]["project_id"]?.string == client.projectID)

            let changed = try await openstack([
                "loadbalancer set lb1 --name lb2 --description changed --tag a --tag b --wait",
                "loadbalancer set lb2 --tag c --wait", "loadbalancer show lb2 -f json",
                "loadbalancer listener set l1 --connection-limit 100 --insert-headers X-Forwarded-For=true --wait",
                "loadbalancer listener show l1 -f json",
                "loadbalancer pool set p1 --lb-algorithm LEAST_CONNECTIONS --session-persistence type=HTTP_COOKIE "
                    + "--wait",
                "loadbalancer pool show p1 -f json", "loadbalancer member set p1 m1 --weight 5 --wait",
                "loadbalancer member show p1 m1 -f json", "loadbalancer healthmonitor set h1 --url-path /ok --wait",
                "loadbalancer healthmonitor show h1 -f json",
                "loadbalancer unset lb2 --description --tag a --wait", "loadbalancer show lb2 -f json",
                "loadbalancer listener unset l1 --connection-limit --insert-headers --wait",
                "loadbalancer listener show l1 -f json", "loadbalancer pool unset p1 --session-persistence --wait",
                "loadbalancer pool show p1 -f json", "loadbalancer member unset p1 m1 --weight --wait",
                "loadbalancer member show p1 m1 -f json", "loadbalancer healthmonitor unset h1 --url-path --wait",
                "loadbalancer healthmonitor show h1 -f json", "loadbalancer list --tags b,c -f json",
            ])
            #expect(changed[0]["description"] == "changed" && changed[0]["tags"] == ["a", "b", "c"], "\(changed[0])")
            #expect(changed[1]["connection_limit"] == 100, "\(changed[1])")
            #expect(changed[2]["lb_algorithm"] == "LEAST_CONNECTIONS", "\(changed[2])")
            #expect("\(changed[2]["session_persistence"] ?? .null)".contains("HTTP_COOKIE"))
            #expect(changed[3]["weight"] == 5 && changed[4]["url_path"] == "/ok")
            #expect(changed[5]["description"] == "" && changed[5]["tags"] == ["b", "c"], "\(changed[5])")
            #expect(changed[6]["connection_limit"] == -1 && changed[7]["session_persistence"]?.string ?? "" == "")
            #expect(changed[8]["weight"] == 1 && changed[9]["url_path"] == "/")
            #expect(changed[10].array?.count == 1)

            let deleted = try await openstack([
                "loadbalancer healthmonitor delete h1 --wait", "loadbalancer healthmonitor list -f json",
                "loadbalancer member delete p1 m1 --wait", "loadbalancer member list p1 -f json",
                "loadbalancer pool delete p1 --wait", "loadbalancer pool list -f json",
                "loadbalancer pool create --name p2 --lb-algorithm SOURCE_IP --loadbalancer lb2 --protocol HTTP --wait",
                "loadbalancer delete --cascade --wait lb2", "loadbalancer listener list -f json",
                "loadbalancer list -f json",
            ])
            #expect(deleted[1].array?.count == 1)
            for index in [0, 2, 3, 4] { #expect(deleted[index] == [], "\(index)") }
            #expect(throws: ConnectionFailure.self) { try fetch(address, port) }
        }

        @Test func accountsFilesAndFaults() async throws {
            let server = try currentServer()
            let client = try server.demo()
            let made = try client.createLoadBalancer("files")
            // openrc in a shell.
            var environment = PythonClients.environment(of: server, cloud: "")
            environment["OS_CLOUD"] = .some(nil)
            environment["OS_CLIENT_CONFIG_FILE"] = .some(nil)
            let script = ". '\(server.dataDirectory)/openrc' && exec \"$0\" loadbalancer list -f json"
            let listed = try await ChildProcess.run(
                "/bin/sh", ["-c", script, PythonClients.program], environment: environment)
            #expect(listed.status == 0, "\(listed.errors)")
            #expect(listed.output.contains(made.id))

            // The administrator, whose password has quotes.
            let seen = try await openstack(
                ["loadbalancer list -f json", "project list -f json", "user list -f json"], cloud: "ottava-admin")
            #expect(seen[0].array?.contains { $0["id"]?.string == made.id } == true)
            #expect(seen[1].array?.contains { $0["Name"] == "demo" } == true)
            #expect(seen[2].array?.contains { $0["Name"] == "demo" } == true)

            // A fault reaches the user in words, with the number of the request.
            let demo = PythonClients.environment(of: server, cloud: "ottava")
            let port = JSONValue.integer(Int64(Ports.free()))
            _ = try client.create(
                .listeners, ["loadbalancer_id": .string(made.id), "protocol": "HTTP", "protocol_port": port])
            try await client.settle(made.id)
            let refused = try await PythonClients.run(
                [
                    "loadbalancer", "listener", "create", "--protocol", "HTTP", "--protocol-port",
                    "\(port.integer ?? 0)", "files",
                ], environment: demo)
            #expect(refused.status != 0)
            #expect(refused.errors.contains("is already using protocol HTTP"), "\(refused.errors)")
            #expect(refused.errors.contains("req-"), "\(refused.errors)")
            try client.delete(.loadBalancers, made.id, query: "?cascade=true")
        }

        private static let counters = [
            "active_connections", "bytes_in", "bytes_out", "request_errors", "total_connections",
        ]
    }
}
