// The kernel provider between real networks: a client, two nodes, and members behind them.

import Foundation
import Glibc
import LoadBalancing
import ProviderDrivers
import Testing

@testable import PacketForwarding

/// Two nodes that share a listener's address and the members' gateway.
private struct TwoNodes {
    let namespaces: Namespaces
    let client: NetworkPlace
    let members: NetworkPlace
    let nodes: [NetworkPlace]

    static let vip = "10.9.1.100"
    static let gateway = "10.9.2.254"
    static let memberAddresses = ["10.9.2.11", "10.9.2.12", "10.9.2.13"]

    init(_ namespaces: Namespaces) throws {
        self.namespaces = namespaces
        client = try namespaces.make("client")
        members = try namespaces.make("members")
        nodes = [try namespaces.make("node1"), try namespaces.make("node2")]
        let wires = try namespaces.make("wires")
        var number = 0
        func connect(_ place: NetworkPlace, _ addresses: [String], to bridge: String) throws {
            number += 1
            let name = "eth\(bridge)"
            try namespaces.run(
                "ip link add w\(number) type veth peer name \(name) netns \(namespaces.name(of: place))", in: wires)
            try namespaces.run("ip link set w\(number) master \(bridge) up", in: wires)
            for address in addresses { try namespaces.run("ip addr add \(address)/24 dev \(name)", in: place) }
            try namespaces.run("ip link set \(name) up", in: place)
        }
        for bridge in ["front", "back"] {
            try namespaces.run("ip link add \(bridge) type bridge", in: wires)
            try namespaces.run("ip link set \(bridge) up", in: wires)
        }
        try connect(client, ["10.9.1.10"], to: "front")
        try connect(members, Self.memberAddresses, to: "back")
        for (index, node) in nodes.enumerated() {
            try connect(node, ["10.9.1.\(index + 1)"], to: "front")
            try connect(node, ["10.9.2.\(index + 1)"], to: "back")
        }
        try namespaces.run("ip route add default via \(Self.gateway)", in: members)
    }

    /// Gives one node the listener's address and the gateway's, as VRRP would.
    func activate(_ index: Int) throws {
        for (other, node) in nodes.enumerated() where other != index {
            for address in [(Self.vip, "ethfront"), (Self.gateway, "ethback")] {
                // The first time nobody has them.
                try? namespaces.run("ip addr del \(address.0)/24 dev \(address.1)", in: node)
            }
        }
        try namespaces.run("ip addr add \(Self.vip)/24 dev ethfront", in: nodes[index])
        try namespaces.run("ip addr add \(Self.gateway)/24 dev ethback", in: nodes[index])
        for place in [client, members] { try namespaces.run("ip neigh flush all", in: place) }
    }

    func driver(on index: Int, in folder: String, keepsClientAddress: Bool = true) async throws -> KernelDriver {
        let driver = try KernelDriver(
            configuration: .init(
                dataDirectory: "\(folder)/node\(index)", keepsClientAddress: keepsClientAddress,
                namespace: namespaces.name(of: nodes[index]), logger: WorkerFixture.logger()))
        try await driver.start()
        return driver
    }

    static func run(_ body: (TwoNodes, String) async throws -> Void) async throws {
        let namespaces = Namespaces()
        defer { namespaces.removeAll() }
        var template = Array("/tmp/ottava-kernel-XXXXXX".utf8CString)
        let folder = String(cString: try #require(mkdtemp(&template)))
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(try TwoNodes(namespaces), folder)
    }
}

@Suite(.serialized, .enabled(if: Namespaces.arePossible), .timeLimit(.minutes(3)))
struct KernelDriverTests {
    private static func tcpPlan(generation: Int64 = 1) -> LoadBalancerPlan {
        plan(
            .tcp, addresses: [TwoNodes.vip], port: 80, members: members(TwoNodes.memberAddresses),
            generation: generation
        ) { _, pool in
            pool.algorithm = .sourceIPPort
            pool.watch(.tcp)
        }
    }

    @Test func connectionsSurviveTheMoveToAnotherNode() async throws {
        try await TwoNodes.run { network, folder in
            let servers = try TwoNodes.memberAddresses.enumerated().map {
                try EchoServer("m\($0.offset + 1)", $0.element, in: network.members, stream: true)
            }
            defer { for server in servers { server.stop() } }
            try network.activate(0)
            let drivers = [
                try await network.driver(on: 0, in: folder), try await network.driver(on: 1, in: folder),
            ]
            for driver in drivers { #expect(try await driver.apply(Self.tcpPlan()) == ApplyOutcome()) }
            let clients = try (0..<50).map { _ in
                try #require(TestClient(TwoNodes.vip, port: 80, in: network.client, stream: true))
            }
            for client in clients { client.setLimit(milliseconds: 15_000) }
            // All speak at once: a member whose words were lost repeats them later and later, until its client speaks.
            func answers(_ question: String) -> [String?] {
                for client in clients { _ = client.say(question) }
                return clients.map { $0.hear(question, within: .seconds(20)) }
            }
            let before = clients.map { $0.ask("one") }
            try #require(before.allSatisfy { $0 != nil })
            #expect(before.allSatisfy { $0?.contains("|10.9.1.10|") == true }, "members see the client's address")
            #expect(Set(before.compactMap { $0?.prefix(2) }) == ["m1", "m2", "m3"])

            let start = ContinuousClock.now
            try network.activate(1)
            // Members speak unasked all the time: their words reach the second node before the clients' do.
            try await Task.sleep(for: .milliseconds(300))
            let after = answers("two")
            let survivors = zip(before, after).filter { $0?.dropLast(3) == $1?.dropLast(3) && $1 != nil }.count
            print(
                "MEASURED connections that survive the move: \(survivors) of \(clients.count), in \(ContinuousClock.now - start)"
            )
            #expect(survivors == 50)
            #expect(
                await eventually(within: .seconds(5)) {
                    await drivers[1].report(of: id(1))?.listeners[id(10)]?.statistics.activeConnections == 50
                } != nil)
            // And back again.
            try network.activate(0)
            #expect(zip(before, answers("two")).allSatisfy { $0?.dropLast(3) == $1?.dropLast(3) })
            for driver in drivers { await driver.shutdown(stopDataPlane: true) }
            #expect(try network.namespaces.output("nft list ruleset", in: network.nodes[0]) == "")
        }
    }

    @Test func curlIsServedAndDeadMembersAreLeftOut() async throws {
        try await TwoNodes.run { network, folder in
            var servers = try TwoNodes.memberAddresses.enumerated().map {
                try EchoServer("m\($0.offset + 1)", $0.element, in: network.members, stream: true)
            }
            defer { for server in servers { server.stop() } }
            try network.activate(0)
            // Without the client's address kept, members answer to the node itself.
            try network.namespaces.run("ip route del default", in: network.members)
            let driver = try await network.driver(on: 0, in: folder, keepsClientAddress: false)
            _ = try await driver.apply(Self.tcpPlan())
            func curl() throws -> String {
                try network.namespaces.output("curl -s --max-time 5 http://\(TwoNodes.vip)/", in: network.client)
            }
            var seen: Set<String> = []
            for _ in 0..<20 { seen.insert(try curl()) }
            #expect(seen == ["m1", "m2", "m3"])
            let client = try #require(TestClient(TwoNodes.vip, port: 80, in: network.client, stream: true))
            #expect(client.ask("who")?.contains("|10.9.2.1|") == true)

            servers.removeFirst().stop()
            #expect(
                await eventually(within: .seconds(20)) {
                    await driver.report(of: id(1))?.members[id(20)]?[id(31)] == .down
                } != nil)
            seen = []
            for _ in 0..<12 { seen.insert(try curl()) }
            #expect(seen == ["m2", "m3"])
            let report = try #require(await driver.report(of: id(1)))
            #expect(report.members[id(20)]?[id(32)] == .up)
            #expect((report.listeners[id(10)]?.statistics.totalConnections ?? 0) >= 33)
            #expect((report.listeners[id(10)]?.statistics.bytesOut ?? 0) > 1_000)

            // Nobody is left: connections are refused rather than left waiting.
            var empty = Self.tcpPlan(generation: 2)
            empty.pools[0].members = []
            _ = try await driver.apply(empty)
            let start = ContinuousClock.now
            #expect(try curl() == "")
            #expect(ContinuousClock.now - start < .seconds(3))

            // Another driver takes over what a killed one has left.
            await driver.shutdown(stopDataPlane: false)
            let next = try await network.driver(on: 0, in: folder, keepsClientAddress: false)
            #expect(await next.knownLoadBalancers() == [id(1)])
            _ = try await next.apply(Self.tcpPlan(generation: 3))
            // Until the check has found out again who is down.
            #expect(try await eventually(within: .seconds(10)) { try !curl().isEmpty } != nil)
            try await next.remove(id(1))
            #expect(try network.namespaces.output("nft list ruleset", in: network.nodes[0]) == "")
            await next.shutdown(stopDataPlane: true)
        }
    }

    @Test func httpIsNotServed() async throws {
        try await TwoNodes.run { network, folder in
            let driver = try await network.driver(on: 0, in: folder)
            let outcome = try await driver.apply(
                plan(.http, addresses: [TwoNodes.vip], members: members(TwoNodes.memberAddresses)))
            #expect(outcome.failedListeners[id(10)]?.contains("HTTP") == true)
            await driver.shutdown(stopDataPlane: true)
        }
    }
}
