// What is written for nft, without running it.

import Foundation
import LoadBalancing
import Testing

@testable import PacketForwarding

@Suite struct PacketFilterTests {
    private static let kernel = ForwardingPolicy(
        protocols: Set(TransportProtocol.allCases), keepsClientAddress: true, isStateless: true)

    static let cases: [String: (LoadBalancerPlan, ForwardingPolicy)] = [
        "udp-round-robin": (plan(members: members(["127.66.0.1", "127.66.0.2"])), .amphora),
        "udp-everything": (
            plan(addresses: ["192.0.2.1", "2001:db8::1"], members: members(["198.51.100.1", "2001:db8:1::1"])) {
                listener, pool in
                listener.allowedCIDRs = ["10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32"]
                listener.connectionLimit = 100
                pool.algorithm = .leastConnections
                pool.members[1].weight = 0
                pool.sessionPersistence = .init(type: .sourceIP, timeout: 60, granularity: "255.255.255.0")
            }, .amphora
        ),
        "sctp-source": (
            plan(.sctp, members: members(["127.66.0.1"])) { _, pool in
                pool.sessionPersistence = .init(type: .sourceIP, granularity: "255.255.0.0")
            }, .amphora
        ),
        "tcp-kernel": (
            plan(.tcp, addresses: ["192.0.2.1"], members: members(["198.51.100.1", "198.51.100.2"])) { _, pool in
                pool.algorithm = .sourceIPPort
            }, kernel
        ),
        "tcp-nobody": (plan(.tcp, addresses: ["192.0.2.1"], members: []), kernel),
    ]

    /// The commands, with long maps cut short.
    static func text(_ plan: LoadBalancerPlan, _ policy: ForwardingPolicy) throws -> String {
        let filter = PacketFilterBuilder(try ForwardingTable(plan: plan, policy: policy)).packetFilter()
        return PacketFilterWriter.commands(
            for: TableName(owner: 0xABC, loadBalancer: plan.loadBalancerID), wanted: filter, running: nil)
    }

    @Test(arguments: cases.keys.sorted()) func golden(name: String) throws {
        let (plan, policy) = try #require(Self.cases[name])
        let text =
            try Self.text(plan, policy).split(separator: "\n").map { line in
                line.count > 400 ? "\(line.prefix(300))… \(line.count) characters" : String(line)
            }.joined(separator: "\n") + "\n"
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name).nft").path
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }

    @Test func onlyDifferencesAreWritten() throws {
        let table = TableName(owner: 1, loadBalancer: id(1))
        func filter(_ count: Int) throws -> PacketFilter {
            let addresses = (1...count).map { "127.66.0.\($0)" }
            return PacketFilterBuilder(
                try ForwardingTable(
                    plan: plan(members: members(addresses)) { _, pool in pool.algorithm = .sourceIP },
                    policy: .amphora)
            ).packetFilter()
        }
        let (two, three) = try (filter(2), filter(3))
        #expect(PacketFilterWriter.commands(for: table, wanted: two, running: two) == "")
        let change = PacketFilterWriter.commands(for: table, wanted: three, running: two)
        #expect(!change.contains("rule"), "rules stay when only members change")
        #expect(!change.contains("counter"))
        #expect(change.contains("flush map") && change.contains("slots4_"))
        var none = two
        none.chains = [:]
        none.sets = [:]
        let less = PacketFilterWriter.commands(for: table, wanted: none, running: two)
        let flush = try #require(less.range(of: "flush chain")).lowerBound
        let set = try #require(less.range(of: "delete set")).lowerBound
        let chain = try #require(less.range(of: "delete chain")).lowerBound
        #expect(flush < set && set < chain)
    }

    /// Values that the API would have refused: nothing of them may reach the text.
    @Test(arguments: [
        "127.0.0.1; flush ruleset", "1.2.3.4 }\nflush ruleset", "0.0.0.0/0 } add rule", "$(id)", "\"", "::1%eth0", "",
        "127.0.0.1\u{0}", "@set", "१२७.0.0.1",
    ]) func hostileValuesAreRefused(text: String) throws {
        var plans: [LoadBalancerPlan] = []
        plans.append(plan(addresses: [text], members: members(["127.66.0.1"])))
        plans.append(plan(members: members([text])))
        plans.append(plan(members: members(["127.66.0.1"])) { listener, _ in listener.allowedCIDRs = [text] })
        plans.append(
            plan(members: members(["127.66.0.1"])) { _, pool in
                pool.sessionPersistence = .init(type: .sourceIP, timeout: 9, granularity: text)
            })
        for plan in plans {
            #expect(throws: UnusableValue.self) { try Self.text(plan, .amphora) }
        }
    }

    @Test(arguments: [-1, 65_536, Int.max]) func hostilePortsAreRefused(port: Int) {
        #expect(throws: UnusableValue.self) {
            try Self.text(plan(port: port, members: members(["127.66.0.1"])), .amphora)
        }
        #expect(throws: UnusableValue.self) {
            try Self.text(plan(members: members(["127.66.0.1"], port: port)), .amphora)
        }
    }

    /// An identifier that is none cannot become more than letters of a name.
    @Test func hostileIdentifiersAreHarmless() throws {
        var bad = plan(members: members(["127.66.0.1"]))
        bad.listeners[0].id = ResourceID(canonical: "x; flush ruleset #\n\" }")
        bad.loadBalancerID = ResourceID(canonical: "{ } delete table")
        let text = try Self.text(bad, .amphora)
        #expect(!text.contains("flush ruleset"))
        #expect(!text.contains("delete table"))
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ .:,;{}@&|()!=\"-\n/")
        #expect(Set(text).subtracting(allowed).isEmpty)
    }

    @Test func marksAreDistinctAndStable() throws {
        let addresses = (0..<1_000).map { "10.0.\($0 / 250).\($0 % 250 + 1)" }
        let table = try ForwardingTable(plan: plan(members: members(addresses)), policy: .amphora)
        let tag = PacketFilterBuilder.tag(of: id(1))
        let marks = PacketFilterBuilder.marks(of: table.listeners[0], tag: tag)
        #expect(Set(marks.values).count == 1_000)
        #expect(marks.values.allSatisfy { $0 & PacketFilterBuilder.tagMask == tag && tag != 0 })
        let fewer = try ForwardingTable(plan: plan(members: members(Array(addresses[..<10]))), policy: .amphora)
        let few = PacketFilterBuilder.marks(of: fewer.listeners[0], tag: tag)
        #expect(few.allSatisfy { marks[$0.key] == $0.value })
    }

    @Test func whoTakesFlows() throws {
        var four = members(["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"])
        four[1].isEnabled = false
        four[2].isBackup = true
        four[3].weight = 0
        func weights(down: Set<ResourceID> = []) throws -> [ResourceID: Int] {
            let table = try ForwardingTable(
                plan: plan(members: four), policy: .amphora, down: [id(20): down])
            return Dictionary(uniqueKeysWithValues: table.listeners[0].targets.map { ($0.member, $0.weight) })
        }
        #expect(try weights() == [id(31): 1, id(33): 0, id(34): 0])
        #expect(try weights(down: [id(31)]) == [id(33): 1, id(34): 0])
        #expect(try weights(down: [id(31), id(33)]) == [id(34): 0])
    }

    @Test func countersNeverGoBack() {
        var ledger = CounterLedger()
        ledger.observe(.init(bytesIn: 10, bytesOut: 5, totalConnections: 2), of: id(1))
        ledger.observe(.init(bytesIn: 20, bytesOut: 9, totalConnections: 3), of: id(1))
        #expect(ledger.total(of: id(1)) == .init(bytesIn: 20, bytesOut: 9, totalConnections: 3))
        ledger.observe(.init(bytesIn: 1, bytesOut: 1, activeConnections: 1, totalConnections: 1), of: id(1))
        #expect(
            ledger.total(of: id(1)) == .init(bytesIn: 21, bytesOut: 10, activeConnections: 1, totalConnections: 4))
        ledger.retain([])
        #expect(ledger.total(of: id(1)) == .init())
    }

    @Test func tablesOfOthersAreLeftAlone() {
        let mine = TableName(owner: 7, loadBalancer: id(1))
        #expect(TableName(found: mine.text, owner: 7) == mine)
        #expect(TableName(found: mine.text, owner: 8) == nil)
        #expect(TableName(found: "filter", owner: 7) == nil)
        #expect(TableName(found: mine.text + "; x", owner: 7) == nil)
    }
}
