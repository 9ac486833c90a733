// Forwarding by this process, on loopback addresses and without privileges.

import Foundation
import LoadBalancing
import ProviderDrivers
import Testing

@testable import PacketForwarding

@Suite(.serialized, .timeLimit(.minutes(3)))
struct UserSpaceTests {
    private static func servers(_ net: Int) throws -> [EchoServer] {
        try (1...3).map { try EchoServer("m\($0)", "127.66.\(net).\($0)", in: .host) }
    }

    private static func addresses(_ net: Int) -> [String] { (1...3).map { "127.66.\(net).\($0)" } }

    @Test func membersTakeTurnsAndLoseFlows() async throws {
        try await WorkerFixture.run(.userspace, inNamespace: false) { fixture in
            let servers = try Self.servers(90)
            defer { for server in servers { server.stop() } }
            let vip = "127.66.91.1"
            let worker = fixture.worker()
            let watched = plan(addresses: [vip], members: members(Self.addresses(90))) { _, pool in
                pool.watch(.udpConnect)
            }
            #expect(try await worker.apply(watched) == [:])
            let clients = try (0..<9).map { _ in try #require(TestClient(vip, port: 5_300, in: .host)) }
            let first = clients.map { $0.member() }
            #expect(Dictionary(first.map { ($0, 1) }, uniquingKeysWith: +) == ["m1": 3, "m2": 3, "m3": 3])
            #expect(clients.map { $0.member() } == first)
            let statistics = try #require(await worker.observation().listeners[id(10)]?.statistics)
            #expect(statistics.totalConnections == 9)
            #expect(statistics.activeConnections == 9)
            #expect(statistics.bytesIn == 18)
            servers[0].stop()
            #expect(
                await eventually(within: .seconds(20)) {
                    await worker.observation().health[id(20)]?[id(31)] == false
                } != nil)
            for client in clients {
                let member = client.member() ?? client.member()
                #expect(member == "m2" || member == "m3")
            }
            var drained = watched
            drained.pools[0].members[1].weight = 0
            let kept = clients.map { $0.member() }
            _ = try await worker.apply(drained)
            #expect(clients.map { $0.member() } == kept)
            #expect(Set((0..<4).map { _ in member(vip, in: .host) }) == ["m3"])
            await worker.remove()
            #expect(member(vip, in: .host) == nil)
        }
    }

    @Test func restrictionsHold() async throws {
        try await WorkerFixture.run(.userspace, inNamespace: false) { fixture in
            let servers = try Self.servers(92)
            defer { for server in servers { server.stop() } }
            let vip = "127.66.91.2"
            let worker = fixture.worker()
            _ = try await worker.apply(
                plan(addresses: [vip], members: members(Self.addresses(92))) { listener, pool in
                    listener.allowedCIDRs = ["127.1.0.0/16"]
                    listener.connectionLimit = 2
                    listener.timeouts.clientData = 1_000
                    pool.sessionPersistence = .init(type: .sourceIP, timeout: 60, granularity: "255.255.255.0")
                })
            #expect(member(vip, in: .host) == nil)
            let one = try #require(member(vip, in: .host, from: "127.1.1.1"))
            #expect(member(vip, in: .host, from: "127.1.1.2") == one, "one network, one client")
            #expect(member(vip, in: .host, from: "127.1.2.1") == nil, "the limit is reached")
            #expect(await worker.observation().listeners[id(10)]?.statistics.totalConnections == 2)
            // Silence ends flows.
            #expect(
                await eventually(within: .seconds(10)) {
                    await worker.observation().listeners[id(10)]?.statistics.activeConnections == 0
                } != nil)
            #expect(member(vip, in: .host, from: "127.1.2.1") != nil)
            await worker.remove()
        }
    }

    @Test func whatItCannotDoIsSaid() async throws {
        try await WorkerFixture.run(.userspace, inNamespace: false) { fixture in
            let worker = fixture.worker()
            let failed = try await worker.apply(plan(.sctp, addresses: ["127.66.91.3"], members: []))
            #expect(failed[id(10)]?.contains("nftables") == true)
            #expect(await worker.observation().listeners[id(10)]?.state == .closed)
            // A port that another program has.
            let server = try EchoServer("x", "127.66.91.4", port: 5_300, in: .host)
            defer { server.stop() }
            let taken = try await worker.apply(plan(addresses: ["127.66.91.4"], members: [], generation: 2))
            #expect(taken[id(10)]?.contains("127.66.91.4") == true)
            await worker.remove()
        }
    }
}
