// Health monitors see what really happens to the backends.

internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite(.server) struct HealthTests {
        @Test(arguments: ["HTTP", "TCP"])
        func backendDiesAndComesBack(_ type: String) async throws {
            let backends = try makeBackends(2)
            let served = try ServedLoadBalancer(
                currentServer().demo(), backends, monitor: ["type": .string(type)])
            let client = served.client
            for member in served.members { try await client.wait(for: "ONLINE", of: served.membersCollection, member) }
            try await client.wait(for: "ONLINE", of: .loadBalancers, served.id)

            backends[0].stop()
            let noticed = try await client.wait(for: "ERROR", of: served.membersCollection, served.members[0])
            print("MEASURED \(type) monitor saw the dead backend after \(noticed)")
            #expect(noticed < .seconds(5))
            try await client.wait(for: "DEGRADED", of: .pools, served.pool)
            try await client.wait(for: "DEGRADED", of: .loadBalancers, served.id)
            #expect(try served.operatingStatus(of: served.members[1]) == "ONLINE")
            try served.expectShare(of: 20, ["b2": 20], "no request goes to the dead backend")

            try backends[0].start()
            let back = try await client.wait(for: "ONLINE", of: served.membersCollection, served.members[0])
            print("MEASURED \(type) monitor saw the backend again after \(back)")
            try await client.wait(for: "ONLINE", of: .pools, served.pool)
            try await client.wait(for: "ONLINE", of: .loadBalancers, served.id)
            let share = try served.share(of: 10)
            #expect(share == ["b1": 5, "b2": 5])

            for backend in backends { backend.stop() }
            for member in served.members { try await client.wait(for: "ERROR", of: served.membersCollection, member) }
            try await client.wait(for: "ERROR", of: .pools, served.pool)
            try await client.wait(for: "ERROR", of: .loadBalancers, served.id)
            try served.expectShare(of: 2, ["503": 2])
            // A failure of backends is none of the provisioning.
            #expect(try client.get(.loadBalancers, served.id)["provisioning_status"] == "ACTIVE")
            for backend in backends { try backend.start() }
            try await client.wait(for: "ONLINE", of: .loadBalancers, served.id)
            try served.expectShare(of: 10, ["b1": 5, "b2": 5])
            try served.delete()
        }

        @Test func expectedCodesAndPathMatter() async throws {
            let backends = try makeBackends(2)
            let served = try ServedLoadBalancer(
                currentServer().demo(), backends,
                monitor: ["url_path": "/health?deep=1", "expected_codes": "200,204", "http_method": "HEAD"])
            try await expectMember(of: served, is: "ONLINE", 0)
            try await eventually("the check arrives") { backends[0].lastRequest.contains("head /health?deep=1 ") }
            backends[0].answer(with: 500)
            try await expectMember(of: served, is: "ERROR", 0)
            try served.expectShare(of: 6, ["b2": 6])
            backends[0].answer(with: 204)
            try await expectMember(of: served, is: "ONLINE", 0)
            backends[0].answer(with: 201)
            try await expectMember(of: served, is: "ERROR", 0)
            try await served.update(.healthMonitors, #require(served.monitor), ["expected_codes": "200-299"])
            try await expectMember(of: served, is: "ONLINE", 0)

            // Without the monitor nobody knows.
            try served.client.delete(.healthMonitors, #require(served.monitor))
            try await expectMember(of: served, is: "NO_MONITOR", 0)
            try await expectMember(of: served, is: "NO_MONITOR", 1)
            try served.delete()
        }

        @Test func pingReachesAddressesThatAnswer() async throws {
            let backends = try makeBackends(1)
            let served = try ServedLoadBalancer(currentServer().demo(), backends, monitor: ["type": "PING"])
            try await expectMember(of: served, is: "ONLINE", 0)
            // Nobody answers at a broadcast address.
            let silent = try await served.addMember(
                backends[0], ["address": "127.255.255.255", "protocol_port": 9_999])
            try await served.client.wait(for: "ERROR", of: served.membersCollection, silent)
            try await served.client.wait(for: "DEGRADED", of: .pools, served.pool)
            try served.expectShare(of: 6, ["b1": 6])
            // A closed port is none of PING's business.
            backends[0].stop()
            try await Task.sleep(for: .seconds(2))
            #expect(try served.operatingStatus(of: served.members[0]) == "ONLINE")
            try served.delete()
        }

        @Test func monitorAddressAndPortAreUsed() async throws {
            let backends = try makeBackends(1)
            let probe = try HTTPBackend("probe")
            let served = try ServedLoadBalancer(
                currentServer().demo(), backends, member: ["monitor_port": .integer(Int64(probe.port))], monitor: [:])
            try await expectMember(of: served, is: "ONLINE", 0)
            #expect(probe.requestCount > 0 && backends[0].requestCount == 0)
            probe.stop()
            try await expectMember(of: served, is: "ERROR", 0)
            try served.delete()
        }

        /// Waits until a member has a status.
        private func expectMember(of served: ServedLoadBalancer, is status: String, _ index: Int) async throws {
            try await served.client.wait(for: status, of: served.membersCollection, served.members[index])
        }
    }
}
