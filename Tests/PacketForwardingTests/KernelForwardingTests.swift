// Forwarding by the kernel: the real nft in namespaces that the tests make.

import Foundation
import Glibc
import LoadBalancing
import ProviderDrivers
import Testing

@testable import PacketForwarding

@Suite(.serialized, .enabled(if: Namespaces.arePossible), .timeLimit(.minutes(3)))
struct KernelForwardingTests {
    private static let vip = "127.77.9.1"
    private static let three = ["127.66.0.1", "127.66.0.2", "127.66.0.3"]

    private static func servers(_ addresses: [String], in place: NetworkPlace) throws -> [EchoServer] {
        try addresses.enumerated().map { try EchoServer("m\($0.offset + 1)", $0.element, in: place) }
    }

    /// How many of that many new flows each member answers.
    private static func answers(_ count: Int, in place: NetworkPlace) -> [String?: Int] {
        Dictionary((0..<count).map { _ in (member(vip, in: place), 1) }, uniquingKeysWith: +)
    }

    @Test func threeMembersTakeTurns() async throws {
        try await WorkerFixture.run { fixture in
            let place = fixture.place
            let servers = try Self.servers(Self.three, in: place)
            defer { for server in servers { server.stop() } }
            let worker = fixture.worker()
            let start = ContinuousClock.now
            #expect(try await worker.apply(plan(members: members(Self.three)), in: place) == [:])
            print("MEASURED rules made: \(ContinuousClock.now - start)")
            #expect(Self.answers(12, in: place) == ["m1": 4, "m2": 4, "m3": 4])

            // One flow stays where it is, and its client's address is seen.
            let client = try #require(TestClient(Self.vip, port: 5_300, in: place))
            let first = try #require(client.ask())
            #expect(first.contains("|127.0.0.1|"))
            for _ in 0..<5 { #expect(client.ask() == first) }

            let observed = await worker.observation()
            let listener = try #require(observed.listeners[id(10)])
            #expect(listener.state == .open)
            #expect(listener.statistics.totalConnections == 13)
            #expect(listener.statistics.activeConnections == 13)
            // 18 datagrams of one byte, each with headers of 28.
            #expect(listener.statistics.bytesIn == 18 * 29)
            #expect(listener.statistics.bytesOut > 18 * 29)
            await worker.remove()
            #expect(try PacketFilterReader(place: place).tables() == [])
            let left = try FlowTable(place: place).flows(mark: 0, mask: 0).filter { $0.listener.port == 5_300 }
            #expect(left.isEmpty)
        }
    }

    @Test func weightsAreKeptTo() async throws {
        try await WorkerFixture.run { fixture in
            let place = fixture.place
            let servers = try Self.servers(Self.three, in: place)
            defer { for server in servers { server.stop() } }
            let worker = fixture.worker()
            let weighted = plan(members: members(Self.three)) { _, pool in
                pool.members[0].weight = 4
                pool.members[1].weight = 2
                pool.members[2].weight = 0
            }
            _ = try await worker.apply(weighted, in: place)
            #expect(Self.answers(12, in: place) == ["m1": 8, "m2": 4])
            await worker.remove()
        }
    }

    @Test func newFlowsGoWhereTheFewestAre() async throws {
        try await WorkerFixture.run { fixture in
            let place = fixture.place
            let servers = try Self.servers(Self.three, in: place)
            defer { for server in servers { server.stop() } }
            let worker = fixture.worker()
            func counted(_ addresses: [String], _ generation: Int64) -> LoadBalancerPlan {
                plan(members: members(addresses), generation: generation) { _, pool in
                    pool.algorithm = .leastConnections
                }
            }
            _ = try await worker.apply(counted(Array(Self.three[..<2]), 1), in: place)
            #expect(Self.answers(20, in: place) == ["m1": 10, "m2": 10])
            _ = await worker.observation()
            // It has none yet.
            _ = try await worker.apply(counted(Self.three, 2), in: place)
            #expect(Self.answers(10, in: place) == ["m3": 10])
            // All have ten.
            try await Task.sleep(for: .seconds(1))
            _ = await worker.observation()
            #expect(Self.answers(9, in: place) == ["m1": 3, "m2": 3, "m3": 3])
            await worker.remove()
        }
    }

    /// Weight 0, switched off, removed: only the first keeps its flows.
    @Test func drainedMembersKeepTheirFlows() async throws {
        try await WorkerFixture.run { fixture in
            let place = fixture.place
            let servers = try Self.servers(Self.three, in: place)
            defer { for server in servers { server.stop() } }
            let worker = fixture.worker()
            _ = try await worker.apply(plan(members: members(Self.three)), in: place)
            let clients = try (0..<9).map { _ in try #require(TestClient(Self.vip, port: 5_300, in: place)) }
            let before = clients.map { $0.member() }
            #expect(Set(before) == ["m1", "m2", "m3"])
            let counted = await worker.observation().listeners[id(10)]?.statistics
            _ = try await worker.apply(
                plan(members: members(Self.three), generation: 2) { _, pool in pool.members[0].weight = 0 }, in: place)
            #expect(clients.map { $0.member() } == before)
            #expect(Set((0..<6).map { _ in member(Self.vip, in: place) }) == ["m2", "m3"])
            let later = await worker.observation().listeners[id(10)]?.statistics
            #expect((later?.bytesIn ?? 0) > (counted?.bytesIn ?? 0), "counters go on over changes")

            _ = try await worker.apply(
                plan(members: members(Self.three), generation: 3) { _, pool in pool.members[0].isEnabled = false },
                in: place)
            #expect(Set(clients.compactMap { $0.member() }) == ["m2", "m3"])
            _ = try await worker.apply(
                plan(members: members(Self.three), generation: 4) { _, pool in pool.members.removeFirst(2) },
                in: place)
            #expect(Set(clients.compactMap { $0.member() }) == ["m3"])
            _ = try await worker.apply(plan(members: [], generation: 5), in: place)
            #expect(clients[0].member() == nil)
            await worker.remove()
        }
    }

    @Test func deadMembersLoseTheirFlowsAtOnce() async throws {
        try await WorkerFixture.run { fixture in
            let place = fixture.place
            let servers = try Self.servers(Self.three, in: place)
            defer { for server in servers { server.stop() } }
            let worker = fixture.worker()
            let watched = plan(members: members(Self.three)) { _, pool in pool.watch(.udpConnect) }
            _ = try await worker.apply(watched, in: place)
            let clients = try (0..<9).map { _ in try #require(TestClient(Self.vip, port: 5_300, in: place)) }
            let victims = clients.filter { $0.member() == "m1" }
            #expect(!victims.isEmpty)
            servers[0].stop()
            let took = await eventually(within: .seconds(20)) {
                await worker.observation().health[id(20)]?[id(31)] == false
            }
            print("MEASURED a dead member is noticed after: \(String(describing: took))")
            #expect(took != nil)
            for victim in victims {
                let member = victim.member() ?? victim.member()
                #expect(member == "m2" || member == "m3")
            }
            // A new agent knows it at once, and leaves flows alone.
            await worker.detach()
            let next = fixture.worker()
            let kept = clients.map { $0.member() }
            _ = try await next.apply(watched, in: place)
            #expect(await next.observation().health[id(20)]?[id(31)] == false)
            #expect(clients.map { $0.member() } == kept)
            // And it comes back.
            let again = try EchoServer("m1", Self.three[0], in: place)
            defer { again.stop() }
            #expect(
                await eventually(within: .seconds(20)) {
                    await next.observation().health[id(20)]?[id(31)] == true
                } != nil)
            #expect(Set((0..<6).map { _ in member(Self.vip, in: place) }) == ["m1", "m2", "m3"])
            await next.remove()
        }
    }

    @Test func backupsServeWhenNobodyElseDoes() async throws {
        try await WorkerFixture.run { fixture in
            let place = fixture.place
            // The first is not there.
            let server = try EchoServer("m2", Self.three[1], in: place)
            defer { server.stop() }
            let worker = fixture.worker()
            let two = plan(members: members(Array(Self.three[..<2]))) { _, pool in
                pool.watch(.udpConnect)
                pool.members[1].isBackup = true
            }
            _ = try await worker.apply(two, in: place)
            #expect(await eventually(within: .seconds(20)) { member(Self.vip, in: place) == "m2" } != nil)
            await worker.remove()
        }
    }

    @Test func clientsStayWithTheirMember() async throws {
        try await WorkerFixture.run { fixture in
            let place = fixture.place
            let servers = try Self.servers(Self.three, in: place)
            defer { for server in servers { server.stop() } }
            let worker = fixture.worker()
            let sources = (1...12).map { "127.1.\($0).1" }
            // By address alone, for ever.
            _ = try await worker.apply(
                plan(members: members(Self.three)) { _, pool in
                    pool.sessionPersistence = .init(type: .sourceIP)
                }, in: place)
            var first: [String: String?] = [:]
            for source in sources { first[source] = member(Self.vip, in: place, from: source) }
            #expect(Set(first.values).count > 1 && !first.values.contains(nil))
            for source in sources { #expect(member(Self.vip, in: place, from: source) == first[source]) }

            // By network: 127.1.0.0/16 is one client.
            _ = try await worker.apply(
                plan(members: members(Self.three), generation: 2) { _, pool in
                    pool.sessionPersistence = .init(type: .sourceIP, granularity: "255.255.0.0")
                }, in: place)
            #expect(Set(sources.map { member(Self.vip, in: place, from: $0) }).count == 1)

            // For a time: taking turns first, then remembered, also over a change, then forgotten.
            let timed = plan(members: members(Self.three), generation: 3) { _, pool in
                pool.sessionPersistence = .init(type: .sourceIP, timeout: 10)
            }
            _ = try await worker.apply(timed, in: place)
            let learnt = sources.map { member(Self.vip, in: place, from: $0) }
            #expect(Set(learnt) == ["m1", "m2", "m3"])
            #expect(sources.map { member(Self.vip, in: place, from: $0) } == learnt)
            var drained = timed
            drained.pools[0].members[0].weight = 0
            _ = try await worker.apply(drained, in: place)
            #expect(
                sources.map { member(Self.vip, in: place, from: $0) } == learnt, "sessions of drained members go on")
            try await Task.sleep(for: .seconds(11))
            #expect(!sources.map { member(Self.vip, in: place, from: $0) }.contains("m1"))
            await worker.remove()
        }
    }

    @Test func onlySomeMayCome() async throws {
        try await WorkerFixture.run { fixture in
            let place = fixture.place
            let servers = try Self.servers(Self.three, in: place)
            defer { for server in servers { server.stop() } }
            let worker = fixture.worker()
            let many = (0..<5_000).map { "10.\($0 / 250).\($0 % 250).0/25" }
            let start = ContinuousClock.now
            _ = try await worker.apply(
                plan(members: members(Self.three)) { listener, _ in
                    listener.allowedCIDRs = many + ["127.1.1.0/24", "127.1.0.0/16", "2001:db8::/32"]
                }, in: place)
            print("MEASURED rules with 5,000 networks made: \(ContinuousClock.now - start)")
            #expect(member(Self.vip, in: place, from: "127.1.1.1") != nil)
            #expect(member(Self.vip, in: place, from: "127.1.2.1") != nil)
            #expect(member(Self.vip, in: place, from: "127.2.1.1") == nil)
            _ = try await worker.apply(
                plan(members: members(Self.three), generation: 2) { listener, _ in
                    listener.allowedCIDRs = ["0.0.0.0/0"]
                }, in: place)
            #expect(member(Self.vip, in: place, from: "127.2.1.1") != nil)
            _ = try await worker.apply(
                plan(members: members(Self.three), generation: 3) { listener, _ in listener.isEnabled = false },
                in: place)
            #expect(member(Self.vip, in: place) == nil)
            await worker.remove()
        }
    }

    @Test func flowsAreLimited() async throws {
        try await WorkerFixture.run { fixture in
            let place = fixture.place
            let servers = try Self.servers(Self.three, in: place)
            defer { for server in servers { server.stop() } }
            let worker = fixture.worker()
            func limited(_ generation: Int64, _ count: Int) -> LoadBalancerPlan {
                plan(members: members(Array(Self.three[..<count])), generation: generation) { listener, _ in
                    listener.connectionLimit = 3
                }
            }
            _ = try await worker.apply(limited(1, 2), in: place)
            let clients = try (0..<3).map { _ in try #require(TestClient(Self.vip, port: 5_300, in: place)) }
            #expect(clients.allSatisfy { $0.member() != nil })
            #expect(member(Self.vip, in: place) == nil)
            #expect(await worker.observation().listeners[id(10)]?.state == .full)
            _ = try await worker.apply(limited(2, 3), in: place)
            #expect(member(Self.vip, in: place) == nil, "flows from before a change count")
            #expect(clients.allSatisfy { $0.member() != nil })
            await worker.remove()
        }
    }

    /// Somebody flushes the rules; a killed agent leaves some behind.
    @Test func rulesAreMadeAnewAndLeftoversRemoved() async throws {
        try await WorkerFixture.run { fixture in
            let namespaces = Namespaces()
            let place = fixture.place
            let servers = try Self.servers(Self.three, in: place)
            defer { for server in servers { server.stop() } }
            let worker = fixture.worker()
            let two = plan(members: members(Self.three))
            _ = try await worker.apply(two, in: place)
            try namespaces.run("nft flush ruleset", in: place)
            #expect(
                await eventually(within: .seconds(10)) {
                    _ = await worker.observation()
                    return member(Self.vip, in: place) != nil
                } != nil)
            // A killed agent: the next one finds rules of an older plan with more listeners.
            await worker.detach()
            let next = fixture.worker()
            var other = plan(members: members(Self.three), generation: 2)
            other.listeners[0].id = id(11)
            other.listeners[0].allowedCIDRs = ["127.0.0.0/8"]
            _ = try await next.apply(other, in: place)
            let listing = try namespaces.output("nft list ruleset", in: place)
            #expect(!listing.contains("000000000010"), "nothing of the listener that is gone")
            #expect(member(Self.vip, in: place) != nil)
            await next.remove()
            #expect(try namespaces.output("nft list ruleset", in: place) == "")
        }
    }

    @Test func sctpIsForwarded() async throws {
        try await WorkerFixture.run { fixture in
            let place = fixture.place
            // Answers INIT with INIT ACK, by hand: the kernel need not have sockets of SCTP.
            let server = place.socket(
                domain: AF_INET, type: Int32(SOCK_RAW.rawValue | SOCK_NONBLOCK.rawValue), protocol: 132)
            try #require(server >= 0)
            let bound = try #require(IPAddress("127.66.0.1")).withSocketAddress(port: 0) { bind(server, $0, $1) }
            #expect(bound == 0)
            let task = Task.detached {
                while !Task.isCancelled {
                    var buffer = [UInt8](repeating: 0, count: 2_048)
                    let count = recv(server, &buffer, buffer.count, 0)
                    guard count > 20, let packet = SCTPPacket(Array(buffer[20..<count])), packet.destination == 9_000,
                        packet.firstChunk == SCTPPacket.Chunk.initiation
                    else {
                        try? await Task.sleep(for: .milliseconds(5))
                        continue
                    }
                    let answer = SCTPPacket.acknowledgement(of: packet, tag: 77)
                    // To where it came from.
                    let source = buffer[12..<16].reduce(0) { $0 << 8 | UInt128($1) }
                    _ = IPAddress(family: .ipv4, value: source).withSocketAddress(port: 0) {
                        sendto(server, answer, answer.count, 0, $0, $1)
                    }
                }
                close(server)
            }
            let worker = fixture.worker()
            _ = try await worker.apply(
                plan(.sctp, members: members(["127.66.0.1", "127.66.0.9"])) { _, pool in pool.watch(.sctp) }, in: place)
            // The check finds out which of the two is there.
            #expect(
                await eventually(within: .seconds(20)) {
                    await worker.observation().health[id(20)] == [id(31): true, id(32): false]
                } != nil)
            // A client's check goes to the listener and so to the member that is left.
            let probe = MemberProbe(
                monitor: .init(id: id(40), type: .sctp, delay: 1, timeout: 2, maxRetries: 1), address: Self.vip,
                port: 5_300)
            #expect(await probe.isAnswered(in: place, fixture.services.poller))
            #expect((await worker.observation().listeners[id(10)]?.statistics.totalConnections ?? 0) >= 1)
            task.cancel()
            await worker.remove()
        }
    }
}
