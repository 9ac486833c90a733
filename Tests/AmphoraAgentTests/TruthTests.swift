// What somebody else changes or removes on the node is put back, and what belongs to nobody goes.

import Foundation
import Glibc
import LoadBalancing
import PacketForwarding
import ProviderDrivers
import Synchronization
import Testing

@testable import AmphoraAgent

/// Reads what an agent finds.
private final class Findings: Sendable {
    private let all = Mutex<[DataPlaneFinding]>([])
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(of agent: AmphoraAgent) {
        task.withLock {
            $0 = Task { [weak self] in
                for await finding in agent.findings { self?.all.withLock { $0.append(finding) } }
            }
        }
    }

    var messages: [String] { all.withLock { $0.map(\.message) } }
    func contains(_ words: String) -> Bool { messages.contains { $0.contains(words) } }
    func isTold(of loadBalancer: ResourceID) -> Bool {
        all.withLock { $0.contains { $0.loadBalancerID == loadBalancer } }
    }
}

/// A plan with one HTTP listener.
private func httpPlan(_ address: String, _ port: Int, _ backend: HTTPBackend, cidrs: [String] = []) -> LoadBalancerPlan
{
    var listener = ListenerPlan(id: id(10), listenerProtocol: .http, port: port, defaultPoolID: id(20))
    listener.allowedCIDRs = cidrs
    var pool = PoolPlan(id: id(20), poolProtocol: .http)
    pool.members = [MemberPlan(id: id(30), address: backend.address, port: backend.port)]
    return plan(addresses: [address], listeners: [listener], pools: [pool])
}

@Suite(.serialized, .enabled(if: HAProxyProgram.isInstalled), .timeLimit(.minutes(3)))
struct TruthTests {
    private static let port = 18_090

    @Test func filesAreWrittenAgain() async throws {
        let backend = try HTTPBackend("b1", "127.66.54.1")
        defer { backend.stop() }
        try await AgentFixture.run { fixture in
            let findings = Findings(of: fixture.agent)
            let address = "127.66.10.9"
            _ = try await fixture.agent.apply(httpPlan(address, Self.port, backend, cidrs: ["127.0.0.0/8"]))
            let pid = try fixture.pid(of: id(1))
            let folder = "\(fixture.directory)/amphora/\(id(1))"
            let text = try #require(fixture.configurationText(of: id(1)))
            let list = try #require(SmallFile.entries(of: folder).first { $0.hasPrefix("acl-") })
            let networks = try #require(SmallFile.read("\(folder)/\(list)"))
            // Nothing is found where nothing is wrong.
            try await Task.sleep(for: .milliseconds(600))
            #expect(findings.messages.isEmpty)

            SmallFile.remove("\(folder)/haproxy.cfg")
            #expect(await eventually(within: .seconds(20)) { fixture.configurationText(of: id(1)) == text } != nil)
            try SmallFile.replace("\(folder)/haproxy.cfg", with: text + "# mine\n")
            #expect(await eventually(within: .seconds(20)) { fixture.configurationText(of: id(1)) == text } != nil)
            try SmallFile.replace("\(folder)/\(list)", with: "0.0.0.0/0\n")
            #expect(await eventually(within: .seconds(20)) { SmallFile.read("\(folder)/\(list)") == networks } != nil)
            SmallFile.remove("\(folder)/plan.json")
            #expect(await eventually(within: .seconds(20)) { SmallFile.read("\(folder)/plan.json") != nil } != nil)
            #expect(await eventually(within: .seconds(20)) { findings.messages.count == 4 } != nil)
            #expect(findings.contains("configuration files") && findings.contains("stored plan"))
            #expect(findings.isTold(of: id(1)))
            // No connection was broken for it.
            #expect(try fixture.pid(of: id(1)) == pid)
            #expect(get(address, Self.port) == "b1")
        }
    }

    @Test func aLoadBalancerWithoutItsFolderServesAgain() async throws {
        let backend = try HTTPBackend("b1", "127.66.54.2")
        defer { backend.stop() }
        try await AgentFixture.run { fixture in
            let findings = Findings(of: fixture.agent)
            let address = "127.66.10.9"
            let plan = httpPlan(address, Self.port, backend)
            _ = try await fixture.agent.apply(plan)
            SmallFile.removeFolder("\(fixture.directory)/amphora/\(id(1))")
            #expect(await eventually(within: .seconds(20)) { findings.contains("control socket") } != nil)
            #expect(await eventually(within: .seconds(20)) { get(address, Self.port) == "b1" } != nil)
            // It can be spoken to again: a member more without a new process.
            let pid = try fixture.pid(of: id(1))
            var more = plan
            more.generation = 2
            more.pools[0].members[0].weight = 7
            _ = try await fixture.agent.apply(more)
            #expect(try fixture.pid(of: id(1)) == pid)
            #expect(SmallFile.read("\(fixture.directory)/amphora/\(id(1))/plan.json") != nil)
        }
    }

    /// As when two processes were started for it, and the one that came to the name last was ended.
    @Test func aControlSocketThatLeadsNowhereIsMadeAnew() async throws {
        let backend = try HTTPBackend("b1", "127.66.54.4")
        defer { backend.stop() }
        try await AgentFixture.run { fixture in
            let findings = Findings(of: fixture.agent)
            let address = "127.66.10.9"
            _ = try await fixture.agent.apply(httpPlan(address, Self.port, backend))
            let path = "\(fixture.directory)/amphora/\(id(1))/\(DataPlaneFile.controlSocket)"
            SmallFile.remove(path)
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var name = sockaddr_un()
            name.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
            let result = withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            #expect(result == 0)
            close(descriptor)
            #expect(await eventually(within: .seconds(20)) { findings.contains("control socket") } != nil)
            let client = HAProxyRuntimeClient(folder: "\(fixture.directory)/amphora/\(id(1))")
            #expect(
                await eventually(within: .seconds(20)) { (try? await client.ask("show info"))?.isEmpty == false } != nil
            )
            #expect(await eventually(within: .seconds(20)) { get(address, Self.port) == "b1" } != nil)
        }
    }

    @Test func processesThatBelongToNobodyEnd() async throws {
        let backend = try HTTPBackend("b1", "127.66.54.3")
        defer { backend.stop() }
        try await AgentFixture.run { fixture in
            let findings = Findings(of: fixture.agent)
            _ = try await fixture.agent.apply(httpPlan("127.66.10.9", Self.port, backend))
            let pid = try fixture.pid(of: id(1))
            // One of a load balancer that there is not, and one more of a load balancer that there is.
            var strays: [Int32] = []
            for (number, path) in ["\(fixture.directory)/amphora/\(id(9))", "\(fixture.directory)/amphora/\(id(1))"]
                .enumerated()
            {
                let folder = "\(fixture.directory)/stray\(number)"
                for folder in [path, folder] { try SmallFile.makeFolder(folder) }
                let own = try #require(fixture.configurationText(of: id(1)))
                let text =
                    "defaults\n mode http\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n"
                    + "frontend f\n bind 127.66.10.8:\(18_091 + number)\n"
                // The agent may put its own file back before this one is read.
                for attempt in 1...20 {
                    try SmallFile.replace("\(path)/haproxy.cfg", with: text)
                    do throws(LaunchFailure) {
                        try await HAProxyLauncher(program: HAProxyProgram.path).start(
                            configuration: "\(path)/haproxy.cfg", in: folder, processIDFile: "\(folder)/pid",
                            replacing: nil)
                        break
                    } catch {
                        if attempt == 20 { throw error }
                    }
                }
                if number == 1 { try SmallFile.replace("\(path)/haproxy.cfg", with: own) }
                strays.append(
                    try #require(SmallFile.read("\(folder)/pid").flatMap { Int32($0.prefix { $0.isNumber }) }))
            }
            #expect(
                await eventually(within: .seconds(20)) {
                    strays.allSatisfy { ProcessIdentity(pid: $0) == nil }
                } != nil)
            #expect(findings.contains("belonged to no load balancer"))
            #expect(try fixture.pid(of: id(1)) == pid && get("127.66.10.9", Self.port) == "b1")
        }
    }
}

@Suite(
    .serialized, .enabled(if: HAProxyProgram.isInstalled && BridgePrivileges.areThere), .timeLimit(.minutes(3)))
struct NetworkTruthTests {
    @Test func namespacesAndAddressesAreMadeAgain() async throws {
        try await BridgeFixture.run { bridge, folder in
            let fixture = try await bridge.start(in: folder)
            let findings = Findings(of: fixture.agent)
            let backend = try HTTPBackend("b1", bridge.host)
            defer { backend.stop() }
            let (first, second) = (bridge.virtual(10), bridge.virtual(11))
            _ = try await fixture.agent.apply(bridge.plan([first, second], [backend]))
            let name = bridge.settings.namespace(of: id(1))
            func serves() async -> Bool { get(first, 80) == "b1" && get(second, 80) == "b1" }
            #expect(await serves())
            try await Task.sleep(for: .milliseconds(600))
            #expect(findings.messages.isEmpty)
            let outside = bridge.settings.outsideInterface(of: id(1)).description
            for (what, command) in [
                ("an address", ["-n", name, "address", "del", "\(second)/24", "dev", "eth0"]),
                ("the interface", ["-n", name, "link", "set", "eth0", "down"]),
                ("the port of the bridge", ["link", "set", outside, "nomaster"]),
                ("the pair", ["link", "del", outside]),
                ("the namespace", ["netns", "del", name]),
            ] {
                let before = findings.messages.count
                _ = try await NodeProgram.ip.run(command)
                let begin = ContinuousClock.now
                let isTold = await eventually(within: .seconds(20)) { findings.messages.count > before }
                #expect(isTold != nil, "\(what) is missed")
                #expect(await eventually(within: .seconds(20)) { await serves() } != nil, "\(what)")
                print("MEASURED \(what) was put back after \(ContinuousClock.now - begin)")
            }
        }
    }

    @Test func namespacesThatBelongToNobodyGo() async throws {
        try await BridgeFixture.run { bridge, folder in
            let fixture = try await bridge.start(in: folder)
            let findings = Findings(of: fixture.agent)
            let stray = bridge.settings.namespace(of: id(7))
            _ = try await NodeProgram.ip.run(["netns", "add", stray])
            _ = try await NodeProgram.ip.run(["netns", "add", "\(bridge.settings.name)-other"])
            #expect(
                await eventually(within: .seconds(20)) {
                    !SmallFile.entries(of: NetworkPlace.namespaceFolder).contains(stray)
                } != nil)
            #expect(findings.contains("network namespace"))
            #expect(
                SmallFile.entries(of: NetworkPlace.namespaceFolder).contains("\(bridge.settings.name)-other"))
            _ = try await NodeProgram.ip.run(["netns", "del", "\(bridge.settings.name)-other"])
        }
    }
}
