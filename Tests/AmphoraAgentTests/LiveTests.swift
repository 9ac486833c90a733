// The agent with the real HAProxy on loopback addresses.

import Foundation
import Glibc
import LoadBalancing
import ProviderDrivers
import Testing

@testable import AmphoraAgent

@Suite(.serialized, .enabled(if: HAProxyProgram.isInstalled), .timeLimit(.minutes(3)))
struct LiveTests {
    private static let port = 18_080

    /// A load balancer with one HTTP listener and one pool.
    private static func httpPlan(
        _ address: String, _ backends: [HTTPBackend], generation: Int64 = 1,
        monitor: HealthMonitorType? = nil,
        change: (inout ListenerPlan, inout PoolPlan) -> Void = { _, _ in }
    ) -> LoadBalancerPlan {
        var listener = ListenerPlan(id: id(10), listenerProtocol: .http, port: port, defaultPoolID: id(20))
        var pool = PoolPlan(id: id(20), poolProtocol: .http)
        for (index, backend) in backends.enumerated() {
            pool.members.append(MemberPlan(id: id(30 + index), address: backend.address, port: backend.port))
        }
        pool.healthMonitor = monitor.map {
            HealthMonitorPlan(id: id(40), type: $0, delay: 1, timeout: 1, maxRetries: 1, maxRetriesDown: 1)
        }
        change(&listener, &pool)
        return plan(addresses: [address], generation: generation, listeners: [listener], pools: [pool])
    }

    private static func measured<Result>(_ what: String, _ work: () async throws -> Result) async rethrows -> Result {
        let start = ContinuousClock.now
        let result = try await work()
        print("MEASURED \(what): \(ContinuousClock.now - start)")
        return result
    }

    @Test func trafficIsBalancedAndMembersChangeWithoutReload() async throws {
        let backends = try (1...3).map { try HTTPBackend("b\($0)", "127.66.20.\($0)") }
        defer { for backend in backends { backend.stop() } }
        try await AgentFixture.run { fixture in
            let agent = fixture.agent
            let address = "127.66.10.1"
            let two = Self.httpPlan(address, Array(backends[..<2]), monitor: .http) { listener, _ in
                listener.insertHeaders = ["X-Forwarded-For": "true", "X-Forwarded-Port": "true"]
            }
            let outcome = try await Self.measured("start") { try await agent.apply(two) }
            #expect(outcome == ApplyOutcome())
            #expect(Set((0..<4).map { _ in get(address, Self.port) }) == ["b1", "b2"])
            #expect(backends[0].lastRequest.lowercased().contains("x-forwarded-port: 18080"))
            let pid = try fixture.pid(of: id(1))
            let memory = try #require(SmallFile.read("/proc/\(pid)/smaps_rollup"))
            print("MEASURED memory:", memory.split(separator: "\n").filter { $0.hasPrefix("Private_") })

            // A member more: traffic at once, although it has a monitor.
            let three = Self.httpPlan(address, backends, generation: 2, monitor: .http) { listener, pool in
                listener.insertHeaders = two.listeners[0].insertHeaders
            }
            _ = try await Self.measured("member added") { try await agent.apply(three) }
            let first = (0..<3).map { _ in get(address, Self.port) }
            #expect(first.contains("b3"), "\(first)")
            #expect(Set((0..<6).map { _ in get(address, Self.port) }) == ["b1", "b2", "b3"])
            let expected = try HAProxyConfigurationBuilder(
                process: NodeDefaults.processSettings(for: .init(dataDirectory: "/"))
            ).configuration(for: three).rendered()
            #expect(fixture.configurationText(of: id(1)) == expected)

            // One less, another without weight, and only some clients.
            let fewer = Self.httpPlan(address, backends, generation: 3, monitor: .http) { listener, pool in
                listener.insertHeaders = two.listeners[0].insertHeaders
                listener.allowedCIDRs = ["127.0.0.0/8"]
                pool.members.remove(at: 0)
                pool.members[0].weight = 0
            }
            _ = try await Self.measured("member removed, weight, networks") { try await agent.apply(fewer) }
            #expect(Set((0..<6).map { _ in get(address, Self.port) }) == ["b3"])
            var closed = fewer
            closed.generation = 4
            closed.listeners[0].allowedCIDRs = ["10.0.0.0/8"]
            _ = try await agent.apply(closed)
            #expect(get(address, Self.port) == nil)
            #expect(try fixture.pid(of: id(1)) == pid, "all of this without a reload")
            // And back again, with the member that was removed.
            _ = try await agent.apply(three)
            #expect(Set((0..<6).map { _ in get(address, Self.port) }) == ["b1", "b2", "b3"])

            let report = try #require(await agent.report(of: id(1)))
            #expect(report.isServing)
            #expect(report.listeners[id(10)]?.state == .open)
            #expect(report.members[id(20)]?.values.allSatisfy { $0 == .up } == true)
            #expect((report.listeners[id(10)]?.statistics.totalConnections ?? 0) > 10)
            // Nothing new to do: the same process.
            let before = try fixture.pid(of: id(1))
            _ = try await Self.measured("nothing to do") { try await agent.apply(three) }
            #expect(try fixture.pid(of: id(1)) == before)
        }
    }

    @Test func membersComeAndGoUnderLoad() async throws {
        let backends = try (1...3).map { try HTTPBackend("b\($0)", "127.66.21.\($0)") }
        defer { for backend in backends { backend.stop() } }
        try await AgentFixture.run { fixture in
            let address = "127.66.10.2"
            _ = try await fixture.agent.apply(Self.httpPlan(address, Array(backends[..<2]), monitor: .tcp))
            let load = LoadGenerator(address, Self.port, clients: 4, keepsConnections: true)
            for round in 0..<6 {
                let some = round.isMultiple(of: 2) ? backends : Array(backends[..<2])
                _ = try await fixture.agent.apply(
                    Self.httpPlan(address, some, generation: Int64(round + 2), monitor: .tcp))
                try await Task.sleep(for: .milliseconds(100))
            }
            let result = try await load.stop()
            #expect(result.failed == 0)
            #expect(result.answered > 100)
            print("MEASURED load over runtime changes: \(result)")
        }
    }

    @Test func connectionsOfARemovedMemberEnd() async throws {
        let backends = try (1...2).map { try HTTPBackend("b\($0)", "127.66.22.\($0)") }
        defer { for backend in backends { backend.stop() } }
        try await AgentFixture.run(removalGrace: .milliseconds(300)) { fixture in
            let address = "127.66.10.3"
            var two = Self.httpPlan(address, backends)
            two.listeners[0].listenerProtocol = .tcp
            _ = try await fixture.agent.apply(two)
            let pid = try fixture.pid(of: id(1))
            let connection = try #require(HTTPConnection(address, Self.port))
            let member = try #require(connection.get("/")).body
            var one = two
            one.generation = 2
            one.pools[0].members.removeAll { $0.id == (member == "b1" ? id(30) : id(31)) }
            _ = try await fixture.agent.apply(one)
            #expect(connection.get("/")?.body == member, "it goes on for a while")
            let client = HAProxyRuntimeClient(folder: "\(fixture.directory)/amphora/\(id(1))")
            let gone = await eventually(within: .seconds(3)) {
                (try? await client.ask("show servers state"))?.contains(member == "b1" ? "\(id(30))" : "\(id(31))")
                    == false
            }
            #expect(gone != nil)
            #expect(connection.get("/") == nil)
            _ = try await fixture.agent.apply(two)
            #expect(Set((0..<4).map { _ in get(address, Self.port) }) == ["b1", "b2"])
            #expect(try fixture.pid(of: id(1)) == pid)
        }
    }

    @Test(arguments: [true, false])
    func reloadsLoseNothing(keepsConnections: Bool) async throws {
        let backends = try (1...2).map { try HTTPBackend("b\($0)", "127.66.23.\($0)") }
        defer { for backend in backends { backend.stop() } }
        try await AgentFixture.run { fixture in
            let address = "127.66.10.4"
            _ = try await fixture.agent.apply(Self.httpPlan(address, backends, monitor: .tcp))
            var pids: Set<Int32> = [try fixture.pid(of: id(1))]
            let load = LoadGenerator(address, Self.port, clients: 4, keepsConnections: keepsConnections)
            for round in 1...5 {
                let plan = Self.httpPlan(address, backends, generation: Int64(round + 1), monitor: .tcp) {
                    listener, _ in listener.timeouts.clientData = 50_000 + round
                }
                _ = try await Self.measured("reload") { try await fixture.agent.apply(plan) }
                pids.insert(try fixture.pid(of: id(1)))
                try await Task.sleep(for: .milliseconds(100))
            }
            let result = try await load.stop()
            print("MEASURED load over 5 reloads: \(result)")
            #expect(result.failed == 0)
            #expect(result.answered > 100)
            #expect(pids.count == 6)
            #expect(!fixture.reports.contains { !$0.isServing })
            // Counters go on over reloads.
            let total = await fixture.agent.report(of: id(1))?.listeners[id(10)]?.statistics.totalConnections
            #expect((total ?? 0) >= (keepsConnections ? 4 : result.answered / 2))
        }
    }

    @Test func killedHAProxyComesBack() async throws {
        let backend = try HTTPBackend("b1", "127.66.24.1")
        defer { backend.stop() }
        try await AgentFixture.run { fixture in
            let address = "127.66.10.5"
            _ = try await fixture.agent.apply(Self.httpPlan(address, [backend]))
            let pid = try fixture.pid(of: id(1))
            kill(pid, SIGKILL)
            let back = await eventually(within: .seconds(2)) {
                (try? fixture.pid(of: id(1))) != pid && get(address, Self.port) == "b1"
            }
            print("MEASURED back after kill -9: \(back.map { "\($0)" } ?? "never")")
            #expect(try #require(back) < .seconds(1))
            let reports = await eventually(within: .seconds(1)) {
                fixture.reports.contains { !$0.isServing } && fixture.reports.last?.isServing == true
            }
            #expect(reports != nil)
            #expect(fixture.reports.first { !$0.isServing }?.listeners[id(10)]?.state == .closed)
            // Our child was reaped.
            #expect(SmallFile.read("/proc/\(pid)/stat") == nil)
        }
    }

    @Test func theNextAgentAdoptsWhatRuns() async throws {
        let backends = try (1...2).map { try HTTPBackend("b\($0)", "127.66.25.\($0)") }
        defer { for backend in backends { backend.stop() } }
        let address = "127.66.10.6"
        try await AgentFixture.withFolder { folder in
            let first = try await AgentFixture(directory: folder)
            let plan = Self.httpPlan(address, [backends[0]], monitor: .tcp)
            _ = try await first.agent.apply(plan)
            let pid = try first.pid(of: id(1))
            for _ in 0..<5 { #expect(get(address, Self.port) == "b1") }
            await first.agent.shutdown(stopDataPlane: false)
            #expect(get(address, Self.port) == "b1", "it goes on without an agent")

            let second = try await AgentFixture(directory: folder)
            #expect(await second.agent.knownLoadBalancers() == [id(1)])
            #expect(try second.pid(of: id(1)) == pid)
            #expect((await second.agent.report(of: id(1)))?.isServing == true)
            #expect((await second.agent.report(of: id(1)))?.listeners[id(10)]?.statistics.totalConnections == 6)
            _ = try await second.agent.apply(plan)
            _ = try await second.agent.apply(Self.httpPlan(address, backends, generation: 2, monitor: .tcp))
            #expect(Set((0..<4).map { _ in get(address, Self.port) }) == ["b1", "b2"])
            #expect(try second.pid(of: id(1)) == pid, "an adopted process takes changes at run time")
            kill(pid, SIGKILL)
            let back = await eventually(within: .seconds(2)) {
                (try? second.pid(of: id(1))) != pid && get(address, Self.port) != nil
            }
            #expect(back != nil, "an adopted process is watched")
            await second.agent.shutdown(stopDataPlane: false)

            // One that died while nobody watched is started from the last plan.
            kill(try second.pid(of: id(1)), SIGKILL)
            let third = try await AgentFixture(directory: folder)
            #expect(await eventually(within: .seconds(5)) { get(address, Self.port) != nil } != nil)
            let total = await third.agent.report(of: id(1))?.listeners[id(10)]?.statistics.totalConnections
            #expect((total ?? 0) >= 6, "what was saved, and what was counted since")
            try await third.agent.remove(id(1))
            #expect(get(address, Self.port) == nil)
            #expect(SmallFile.entries(of: "\(folder)/amphora").sorted() == ["agent.lock", "state-log"])
            await third.agent.shutdown(stopDataPlane: true)
            #expect(SmallFile.entries(of: folder) == [])
        }
    }

    @Test func aBusyPortIsReportedAndHeals() async throws {
        let backend = try HTTPBackend("b1", "127.66.26.1")
        let address = "127.66.10.7"
        let thief = try HTTPBackend("thief", address, port: Self.port)
        defer { backend.stop() }
        try await AgentFixture.run { fixture in
            var plan = Self.httpPlan(address, [backend])
            plan.listeners.append(
                .init(id: id(11), listenerProtocol: .tcp, port: Self.port + 1, defaultPoolID: id(20)))
            // Without certificates.
            plan.listeners.append(.init(id: id(12), listenerProtocol: .terminatedHTTPS, port: 53))
            let outcome = try await fixture.agent.apply(plan)
            #expect(
                outcome.failedListeners == [
                    id(10): "Port 18080 on 127.66.10.7 is already used by another program on this machine.",
                    id(12):
                        "Listeners of protocol TERMINATED_HTTPS are not served by this version of the amphora provider.",
                ])
            #expect(get(address, Self.port + 1) == "b1", "the rest serves")
            let report = await fixture.agent.report(of: id(1))
            #expect(report?.listeners[id(10)]?.state == .closed)
            #expect(report?.listeners[id(11)]?.state == .open)
            thief.stop()
            let healed = try await fixture.agent.apply(plan)
            #expect(healed.failedListeners.keys.sorted() == [id(12)])
            #expect(get(address, Self.port) == "b1")

            var foreign = plan
            foreign.generation = 2
            foreign.addresses = [address, "192.0.2.77"]
            let partly = try await fixture.agent.apply(foreign)
            #expect(partly.failedListeners[id(10)]?.contains("192.0.2.77 is not local to this machine") == true)
            #expect(get(address, Self.port) == "b1", "the addresses that work go on")
        }
    }

    @Test func whatIsOffDoesNotAnswer() async throws {
        let backend = try HTTPBackend("b1", "127.66.27.1")
        defer { backend.stop() }
        try await AgentFixture.run { fixture in
            let address = "127.66.10.8"
            var plan = Self.httpPlan(address, [backend])
            _ = try await fixture.agent.apply(plan)
            plan.generation = 2
            plan.isEnabled = false
            _ = try await fixture.agent.apply(plan)
            #expect(get(address, Self.port) == nil)
            let off = await fixture.agent.report(of: id(1))
            #expect(off?.isServing == true)
            #expect(off?.listeners[id(10)]?.state == .closed)
            plan.generation = 3
            plan.isEnabled = true
            _ = try await fixture.agent.apply(plan)
            #expect(get(address, Self.port) == "b1")
            plan.generation = 4
            plan.listeners[0].isEnabled = false
            _ = try await fixture.agent.apply(plan)
            #expect(get(address, Self.port) == nil)
        }
    }

    @Test func monitorsFindMembersThatFail() async throws {
        let backends = try (1...2).map { try HTTPBackend("b\($0)", "127.66.28.\($0)") }
        defer { for backend in backends { backend.stop() } }
        try await AgentFixture.run { fixture in
            let address = "127.66.10.9"
            var plan = Self.httpPlan(address, backends, monitor: .http)
            // Pings to the broadcast address are not even sent.
            plan.pools.append(
                .init(
                    id: id(21), poolProtocol: .tcp,
                    members: [
                        .init(id: id(50), address: "127.66.28.9", port: 1),
                        .init(id: id(51), address: "255.255.255.255", port: 1),
                    ],
                    healthMonitor: .init(
                        id: id(41), type: .ping, delay: 1, timeout: 1, maxRetries: 1, maxRetriesDown: 1)))
            _ = try await fixture.agent.apply(plan)
            backends[0].answer(with: 500)
            let down = await eventually(within: .seconds(4)) {
                fixture.reports.last?.members[id(20)] == [id(30): .down, id(31): .up]
            }
            #expect(down != nil)
            // A reload does not make it a working member again.
            plan.generation = 2
            plan.listeners[0].timeouts.clientData = 1_234
            _ = try await fixture.agent.apply(plan)
            #expect(Set((0..<4).map { _ in get(address, Self.port) }) == ["b2"])
            #expect((await fixture.agent.report(of: id(1)))?.members[id(20)]?[id(30)] == .down)
            backends[0].answer(with: 200)
            let up = await eventually(within: .seconds(4)) {
                fixture.reports.last?.members[id(20)]?[id(30)] == .up
            }
            #expect(up != nil)
            if geteuid() == 0 {
                let pinged = await eventually(within: .seconds(4)) {
                    fixture.reports.last?.members[id(21)] == [id(50): .up, id(51): .down]
                }
                #expect(pinged != nil)
            }
        }
    }

    @Test func nothingIsLeftAndNothingLeaks() async throws {
        let backend = try HTTPBackend("b1", "127.66.29.1")
        defer { backend.stop() }
        try await AgentFixture.withFolder { folder in
            let fixture = try await AgentFixture(directory: folder)
            let address = "127.66.10.10"
            var plan = Self.httpPlan(address, [backend])
            plan.listeners[0].listenerProtocol = .tcp
            // A descriptor that any program started now would inherit.
            var ends: [Int32] = [0, 0]
            pipe(&ends)
            defer { for end in ends { close(end) } }
            _ = try await fixture.agent.apply(plan)
            let pid = try fixture.pid(of: id(1))
            let ours = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(ends[0])")
            let inherited = SmallFile.entries(of: "/proc/\(pid)/fd").filter {
                ours == (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\($0)"))
            }
            #expect(inherited == [], "HAProxy holds nothing of the agent open")
            // A connection that keeps the first process alive over a reload.
            let connection = try #require(HTTPConnection(address, Self.port))
            #expect(connection.get("/")?.body == "b1")
            plan.generation = 2
            plan.listeners[0].timeouts.clientData = 1_234
            _ = try await fixture.agent.apply(plan)
            #expect(connection.get("/")?.body == "b1")
            let path = "\(folder)/amphora/\(id(1))/haproxy.cfg"
            let processes = ProcessIdentity.haproxies()[path] ?? []
            #expect(processes.count == 2)
            for name in SmallFile.entries(of: "\(folder)/amphora/\(id(1))") where name != "run" {
                var status = stat()
                stat("\(folder)/amphora/\(id(1))/\(name)", &status)
                #expect(status.st_mode & 0o077 == 0, "\(name) is private")
            }
            await fixture.agent.shutdown(stopDataPlane: true)
            #expect(ProcessIdentity.haproxies()[path] == nil)
            #expect(SmallFile.entries(of: folder) == [])
            #expect(get(address, Self.port) == nil)
        }
    }

    @Test func manyAtOnce() async throws {
        let backend = try HTTPBackend("b1", "127.66.30.1")
        defer { backend.stop() }
        try await AgentFixture.run { fixture in
            try await Self.measured("6 load balancers with 4 changes each") {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 1...6 {
                        for round in 0..<4 {
                            group.addTask {
                                var plan = Self.httpPlan(
                                    "127.66.11.\(number)", [backend], generation: Int64(round + 1))
                                plan.loadBalancerID = id(100 + number)
                                plan.listeners[0].timeouts.clientData = 50_000 + round
                                _ = try await fixture.agent.apply(plan)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            for number in 1...6 { #expect(get("127.66.11.\(number)", Self.port) == "b1") }
            #expect(await fixture.agent.knownLoadBalancers() == (1...6).map { id(100 + $0) })
            try await fixture.agent.remove(id(101))
            try await fixture.agent.remove(id(101))
            #expect(get("127.66.11.1", Self.port) == nil)
            #expect(await fixture.agent.report(of: id(101)) == nil)
        }
    }

    @Test func oneAgentAFolder() async throws {
        try await AgentFixture.run { fixture in
            let other = try AmphoraAgent(
                configuration: .init(dataDirectory: "\(fixture.directory)/amphora"))
            await #expect(throws: DataPlaneError.self) { try await other.start() }
            await other.shutdown(stopDataPlane: false)
        }
    }
}
