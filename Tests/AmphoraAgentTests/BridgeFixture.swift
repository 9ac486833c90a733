// A bridge that only one test uses, and that is gone afterwards.

import Foundation
import Glibc
import LoadBalancing
import PacketForwarding
import ProviderDrivers
import Synchronization
import Testing

@testable import AmphoraAgent

/// Whether this machine lets tests make bridges and namespaces.
enum BridgePrivileges {
    static let areThere: Bool = {
        let areThere = geteuid() == 0 && NodeProgram.ip.isInstalled && NodeProgram.nft.isInstalled
        if !areThere { print("SKIPPED: tests of the network mode 'bridge', because they need root, ip and nft") }
        return areThere
    }()
}

/// Names and addresses of one test.
struct BridgeFixture {
    let settings: BridgeSettings
    let number: Int
    private let agents = Agents()

    /// The agents of the test, so that none goes on after it.
    private final class Agents: Sendable {
        let all = Mutex<[AmphoraAgent]>([])
    }

    /// Subnets that no other test of this process has had lately.
    private static let lastNumber = Mutex(Int.random(in: 0..<155))

    init(masquerades: Bool = false) throws {
        number = Self.lastNumber.withLock { last in
            last = (last + 1) % 155
            return 100 + last
        }
        let name = "otb\(String(Int.random(in: 0x1000...0xFFFF), radix: 16))"
        func subnet(_ network: String, _ first: String, _ last: String, _ host: String, isMain: Bool) throws
            -> BridgeSettings.Subnet
        {
            let host = try #require(IPAddress(host))
            return BridgeSettings.Subnet(
                network: try #require(IPNetwork(network)), first: try #require(IPAddress(first)),
                last: try #require(IPAddress(last)), hostAddress: host, gateway: isMain ? host : nil)
        }
        let ten = "10.\(number)"
        settings = BridgeSettings(
            name: try #require(InterfaceName(name)),
            subnets: [
                try subnet("\(ten).0.0/24", "\(ten).0.10", "\(ten).0.254", "\(ten).0.1", isMain: true),
                try subnet("\(ten).1.0/24", "\(ten).1.10", "\(ten).1.254", "\(ten).1.1", isMain: false),
                try subnet(
                    "fd77:\(number)::/64", "fd77:\(number)::10", "fd77:\(number)::ffff", "fd77:\(number)::1",
                    isMain: true),
            ], masquerades: masquerades)
    }

    var host: String { "10.\(number).0.1" }
    func virtual(_ last: Int) -> String { "10.\(number).0.\(last)" }
    func floating(_ last: Int) -> String { "10.\(number).1.\(last)" }
    func virtual6(_ last: Int) -> String { "fd77:\(number)::\(last)" }

    /// Runs a test in a folder of its own, and removes whatever is left however it ends.
    static func run(
        masquerades: Bool = false, _ body: (BridgeFixture, String) async throws -> Void
    ) async throws {
        let fixture = try BridgeFixture(masquerades: masquerades)
        func cleanUp() async {
            for agent in fixture.agents.all.withLock({ $0 }) { await agent.shutdown(stopDataPlane: true) }
            let bridge = HostBridge(settings: fixture.settings)
            for name in SmallFile.entries(of: NetworkPlace.namespaceFolder)
            where fixture.settings.loadBalancer(ofNamespace: name) != nil {
                _ = try? await NodeProgram.ip.run(["netns", "del", name])
            }
            await bridge.tearDown()
        }
        try await AgentFixture.withFolder { folder in
            do {
                try await body(fixture, folder)
            } catch {
                await cleanUp()
                throw error
            }
            await cleanUp()
        }
    }

    /// An agent on this bridge.
    func start(in folder: String) async throws -> AgentFixture {
        let fixture = try await AgentFixture(directory: folder, bridge: settings)
        agents.all.withLock { $0.append(fixture.agent) }
        return fixture
    }

    /// What of this bridge is on the machine.
    func remains() async throws -> [String] {
        let name = settings.name.description
        var found = SmallFile.entries(of: NetworkPlace.namespaceFolder).filter { $0.hasPrefix("\(name)-") }
        for link in LinkEntry.entries(try await NodeProgram.ip.run(["-j", "link", "show"])) {
            if link.ifname == name || link.master == name { found.append(link.ifname ?? "") }
        }
        let tables = try await NodeProgram.nft.run(["list", "tables"])
        found += tables.split(separator: "\n").map(String.init).filter { $0.contains("_\(name)") }
        return found
    }

    /// A plan with an HTTP listener on port 80.
    func plan(
        _ addresses: [String], _ backends: [HTTPBackend], generation: Int64 = 1, loadBalancer: Int = 1,
        monitor: HealthMonitorType? = nil
    ) -> LoadBalancerPlan {
        let listener = ListenerPlan(
            id: id(1_000 + loadBalancer), listenerProtocol: .http, port: 80, defaultPoolID: id(2_000 + loadBalancer))
        var pool = PoolPlan(id: id(2_000 + loadBalancer), poolProtocol: .http)
        for (index, backend) in backends.enumerated() {
            pool.members.append(MemberPlan(id: id(30 + index), address: backend.address, port: backend.port))
        }
        pool.healthMonitor = monitor.map {
            HealthMonitorPlan(id: id(40), type: $0, delay: 1, timeout: 1, maxRetries: 1, maxRetriesDown: 1)
        }
        return AmphoraAgentTests.plan(
            addresses: addresses, generation: generation, listeners: [listener], pools: [pool],
            loadBalancer: id(loadBalancer))
    }
}
