// The agent with the real HAProxy in real namespaces, on a bridge of the test's own.

import Foundation
import Glibc
import LoadBalancing
import PacketForwarding
import ProviderDrivers
import TestSupport
import Testing

@testable import AmphoraAgent

@Suite(
    .serialized, .enabled(if: HAProxyProgram.isInstalled && BridgePrivileges.areThere), .timeLimit(.minutes(3)))
struct BridgeTests {
    @Test func everyKindOfAddressAnswersAndNothingIsLeft() async throws {
        try await BridgeFixture.run { bridge, folder in
            let fixture = try await bridge.start(in: folder)
            let agent = fixture.agent
            let backend = try HTTPBackend("b1", bridge.host)
            defer { backend.stop() }
            let addresses = [bridge.virtual(10), bridge.virtual6(10), bridge.virtual(11), bridge.floating(20)]
            let begin = ContinuousClock.now
            let outcome = try await agent.apply(bridge.plan(addresses, [backend], monitor: .http))
            print("MEASURED load balancer with a namespace: \(ContinuousClock.now - begin)")
            #expect(outcome == ApplyOutcome())
            for address in addresses { #expect(get(address, 80) == "b1", "\(address)") }
            #expect(try await curl("http://\(bridge.virtual(10))/") == "b1")
            #expect(try await curl("http://[\(bridge.virtual6(10))]/") == "b1")
            #expect(!PortProbe.isFree(bridge.virtual(10), 80, in: .namespace(bridge.settings.namespace(of: id(1)))))
            let up = await eventually(within: .seconds(5)) {
                await agent.report(of: id(1))?.members[id(2_001)]?[id(30)] == .up
            }
            #expect(up != nil, "health checks come from within the namespace")

            // A second one, with the same port.
            let second = bridge.plan([bridge.virtual(12)], [backend], loadBalancer: 2)
            let start = ContinuousClock.now
            #expect(try await agent.apply(second) == ApplyOutcome())
            print("MEASURED another load balancer with a namespace: \(ContinuousClock.now - start)")
            #expect(get(bridge.virtual(12), 80) == "b1")

            // The first address of a subnet goes, the others stay.
            var fewer = bridge.plan([bridge.virtual(11), bridge.virtual6(10)], [backend], generation: 2)
            #expect(try await agent.apply(fewer) == ApplyOutcome())
            #expect(try await curl("http://\(bridge.virtual(11))/") == "b1")
            #expect(get(bridge.virtual6(10), 80) == "b1")
            #expect(try await curl("http://\(bridge.virtual(10))/").isEmpty)
            #expect(try await curl("http://\(bridge.floating(20))/").isEmpty)
            // One that the first had moves to the second: neighbours find it there at once.
            let moved = bridge.plan(
                [bridge.virtual(12), bridge.floating(20)], [backend], generation: 2, loadBalancer: 2)
            #expect(try await agent.apply(moved) == ApplyOutcome())
            #expect(get(bridge.floating(20), 80) == "b1")

            // Without anything to serve, the addresses stay.
            fewer.generation = 3
            fewer.isEnabled = false
            #expect(try await agent.apply(fewer) == ApplyOutcome())
            #expect(try await curl("http://\(bridge.virtual(11))/").isEmpty)

            try await agent.remove(id(1))
            #expect(
                try await bridge.remains().filter { $0.contains("\(id(1))") || $0.hasPrefix("ov") }
                    == [bridge.settings.outsideInterface(of: id(2)).description])
            #expect(get(bridge.virtual(12), 80) == "b1")
            await agent.shutdown(stopDataPlane: true)
            #expect(try await bridge.remains() == [])
        }
    }

    @Test func addressesComeAndGoWhileDownloadsRun() async throws {
        try await BridgeFixture.run { bridge, folder in
            let fixture = try await bridge.start(in: folder)
            let backend = try HTTPBackend("b1", bridge.host)
            defer { backend.stop() }
            let address = bridge.virtual(10)
            _ = try await fixture.agent.apply(bridge.plan([address], [backend]))
            let load = LoadGenerator(address, 80, clients: 4, keepsConnections: true)
            let download = Task.detached { get(address, 80, "/slow") }
            try await Task.sleep(for: .milliseconds(100))
            for round in 0..<4 {
                let some = round.isMultiple(of: 2) ? [address, bridge.floating(30)] : [address]
                #expect(
                    try await fixture.agent.apply(bridge.plan(some, [backend], generation: Int64(round + 2)))
                        == ApplyOutcome())
                let answer = try await curl("http://\(bridge.floating(30))/")
                #expect(answer == (round.isMultiple(of: 2) ? "b1" : ""))
            }
            #expect(await download.value == "b1")
            let result = try await load.stop()
            #expect(result.failed == 0)
            #expect(result.answered > 50)
            print("MEASURED load while addresses come and go: \(result)")
            await fixture.agent.shutdown(stopDataPlane: true)
            #expect(try await bridge.remains() == [])
        }
    }

    @Test func aRestartedAgentAdoptsNamespaces() async throws {
        try await BridgeFixture.run { bridge, folder in
            let first = try await bridge.start(in: folder)
            let backend = try HTTPBackend("b1", bridge.host)
            defer { backend.stop() }
            let addresses = [bridge.virtual(10), bridge.virtual6(10), bridge.floating(20)]
            _ = try await first.agent.apply(bridge.plan(addresses, [backend]))
            let pid = try first.pid(of: id(1))
            let connection = try #require(HTTPConnection(bridge.virtual(10), 80))
            #expect(connection.get("/")?.body == "b1")
            await first.agent.shutdown(stopDataPlane: false)
            #expect(connection.get("/")?.body == "b1")

            let second = try await bridge.start(in: folder)
            #expect(try second.pid(of: id(1)) == pid)
            #expect(try await second.agent.apply(bridge.plan(addresses, [backend])) == ApplyOutcome())
            #expect(try second.pid(of: id(1)) == pid)
            #expect(connection.get("/")?.body == "b1", "the connection has outlived the agent")
            // Another agent with the same bridge must not touch anything.
            await second.agent.shutdown(stopDataPlane: true)
            #expect(try await bridge.remains() == [])
        }
    }

    @Test func aStartPutsRightWhatIsLeft() async throws {
        try await BridgeFixture.run { bridge, folder in
            let first = try await bridge.start(in: folder)
            let backend = try HTTPBackend("b1", bridge.host)
            defer { backend.stop() }
            for number in 1...4 {
                _ = try await first.agent.apply(
                    bridge.plan([bridge.virtual(10 + number)], [backend], loadBalancer: number))
            }
            let pids = try (1...4).map { try first.pid(of: id($0)) }
            await first.agent.shutdown(stopDataPlane: false)
            // Of the first, the control plane knows nothing any more. The second has lost its way to the bridge, the third
            // its namespace's name. A fifth was begun and not finished.
            SmallFile.removeFolder("\(folder)/amphora/\(id(1))")
            try await NodeProgram.ip.run(["link", "del", bridge.settings.outsideInterface(of: id(2)).description])
            try await NodeProgram.ip.run(["netns", "del", bridge.settings.namespace(of: id(3))])
            try await NodeProgram.ip.run(["netns", "add", bridge.settings.namespace(of: id(5))])

            let second = try await bridge.start(in: folder)
            #expect(try await curl("http://\(bridge.virtual(11))/").isEmpty)
            for number in 2...4 { #expect(get(bridge.virtual(10 + number), 80) == "b1", "\(number)") }
            #expect(try second.pid(of: id(4)) == pids[3], "what was well is left alone")
            for pid in pids[..<3] { #expect(ProcessIdentity(pid: pid) == nil) }
            let names = SmallFile.entries(of: NetworkPlace.namespaceFolder)
                .compactMap { bridge.settings.loadBalancer(ofNamespace: $0) }
            #expect(names.sorted() == (2...4).map { id($0) })
            #expect(await second.agent.knownLoadBalancers() == (2...4).map { id($0) })

            // While the agent runs, somebody removes a namespace: the next change puts it right.
            try await NodeProgram.ip.run(["netns", "del", bridge.settings.namespace(of: id(4))])
            #expect(
                try await second.agent.apply(
                    bridge.plan([bridge.virtual(14)], [backend], generation: 2, loadBalancer: 4)) == ApplyOutcome())
            #expect(get(bridge.virtual(14), 80) == "b1")
            await second.agent.shutdown(stopDataPlane: true)
            #expect(try await bridge.remains() == [])
        }
    }

    @Test func addressesThatItMayNotHaveAreRefused() async throws {
        try await BridgeFixture.run { bridge, folder in
            let fixture = try await bridge.start(in: folder)
            let backend = try HTTPBackend("b1", bridge.host)
            defer { backend.stop() }
            let first = bridge.plan([bridge.virtual(10)], [backend])
            #expect(try await fixture.agent.apply(first) == ApplyOutcome())
            for (index, address) in ["192.0.2.1", bridge.host, bridge.virtual(10)].enumerated() {
                let other = bridge.plan(
                    [address, bridge.virtual(20 + index)], [backend], loadBalancer: 10 + index)
                let reason = try await fixture.agent.apply(other).failedListeners[id(1_010 + index)] ?? ""
                #expect(reason.contains("Address \(address) is"), "\(reason)")
                #expect(get(bridge.virtual(20 + index), 80) == "b1", "its other address answers")
            }
            // It becomes free, and the next try gets it.
            try await fixture.agent.remove(id(1))
            let again = bridge.plan([bridge.virtual(10)], [backend], generation: 2, loadBalancer: 12)
            #expect(try await fixture.agent.apply(again) == ApplyOutcome())
            #expect(get(bridge.virtual(10), 80) == "b1")
            await fixture.agent.shutdown(stopDataPlane: true)
        }
    }

    @Test func pingsComeFromTheNamespace() async throws {
        try await BridgeFixture.run { bridge, folder in
            let fixture = try await bridge.start(in: folder)
            let backend = try HTTPBackend("b1", bridge.host)
            defer { backend.stop() }
            // Nobody but the load balancer is at this address, and only within the namespace.
            var plan = bridge.plan([bridge.virtual(10)], [backend], monitor: .ping)
            plan.pools[0].members.append(MemberPlan(id: id(31), address: bridge.virtual(99), port: 1))
            plan.pools[0].members.append(MemberPlan(id: id(32), address: bridge.virtual(10), port: 1))
            _ = try await fixture.agent.apply(plan)
            let seen = await eventually(within: .seconds(10)) {
                await fixture.agent.report(of: id(1))?.members[id(2_001)]
                    == [id(30): .up, id(31): .down, id(32): .up]
            }
            let report = await fixture.agent.report(of: id(1))
            #expect(seen != nil, "\(String(describing: report))")
            await fixture.agent.shutdown(stopDataPlane: true)
            #expect(try await bridge.remains() == [])
        }
    }

    @Test func aBridgeThatWasThereStays() async throws {
        try await BridgeFixture.run(masquerades: true) { bridge, folder in
            let name = bridge.settings.name.description
            try await NodeProgram.ip.run(["link", "add", name, "type", "bridge"])
            try await NodeProgram.ip.run(["addr", "add", "192.0.2.77/32", "dev", name])
            let fixture = try await bridge.start(in: folder)
            let forwards = SmallFile.read("/proc/sys/net/ipv4/ip_forward")
            #expect(forwards == "1\n")
            let rules = try await NodeProgram.nft.run(["list", "table", "inet", "ottava_bridge_\(name)"])
            #expect(rules.contains("ip saddr 10.\(bridge.number).0.0/24 oifname != \"\(name)\" masquerade"))
            let backend = try HTTPBackend("b1", bridge.host)
            defer { backend.stop() }
            #expect(try await fixture.agent.apply(bridge.plan([bridge.virtual(10)], [backend])) == ApplyOutcome())
            #expect(get(bridge.virtual(10), 80) == "b1")
            // Another agent must not use it at the same time.
            await #expect(throws: DataPlaneError.self) {
                try await HostBridge(settings: bridge.settings).setUp()
            }
            await fixture.agent.shutdown(stopDataPlane: true)
            let link = LinkEntry.entries(try await NodeProgram.ip.run(["-j", "address", "show", "dev", name])).first
            #expect(link?.addresses.map(\.description) == ["192.0.2.77/32"])
            #expect(try await bridge.remains() == [name])
            try await NodeProgram.ip.run(["link", "del", name])
        }
    }

    /// Members beyond the node: a namespace with an address of its own stands for another machine.
    @Test func membersElsewhereAreReachedThroughTheNode() async throws {
        try await BridgeFixture.run(masquerades: true) { bridge, folder in
            let fixture = try await bridge.start(in: folder)
            let name = "otm\(bridge.settings.name)"
            let end = "otm\(bridge.settings.name.description.dropFirst(3))"
            try await NodeProgram.ip.run(
                ["-batch", "-"],
                input: """
                    netns add \(name)
                    link add \(end) up type veth peer name eth0 netns \(name)
                    addr add 10.\(bridge.number).9.1/30 dev \(end)
                    """)
            do {
                try await NodeProgram.ip.run(
                    ["-n", name, "-batch", "-"],
                    input: "link set lo up\naddr add 10.\(bridge.number).9.2/30 dev eth0\nlink set eth0 up\n")
                let place = NetworkPlace.namespace(name)
                let listener = place.socket(domain: AF_INET, type: Int32(SOCK_STREAM.rawValue), protocol: 0)
                let member = "10.\(bridge.number).9.2"
                let backend = try HTTPBackend("far", member, socket: listener)
                defer { backend.stop() }
                // The other machine knows no way back but to the node: only with the node's address as the source it works.
                _ = try await fixture.agent.apply(bridge.plan([bridge.virtual(10)], [backend], monitor: .tcp))
                #expect(get(bridge.virtual(10), 80) == "far")
            } catch {
                Issue.record(error)
            }
            _ = try? await NodeProgram.ip.run(["-force", "-batch", "-"], input: "link del \(end)\nnetns del \(name)\n")
            await fixture.agent.shutdown(stopDataPlane: true)
            #expect(try await bridge.remains() == [])
        }
    }
}

/// What curl prints.
private func curl(_ url: String) async throws -> String {
    try await ChildProcess.run(
        "/usr/bin/curl", ["--silent", "--globoff", "--max-time", "2", "--noproxy", "*", url]
    ).output
}

extension PortProbe {
    /// Whether nobody has the port.
    static func isFree(_ address: String, _ port: Int, in place: NetworkPlace) -> Bool {
        IPAddress(address).map { failure(of: Endpoint($0, port: port), in: place) == nil } ?? false
    }
}
