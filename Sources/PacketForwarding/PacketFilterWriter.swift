// Writes the commands that bring a table of nftables from one state to another. Pure.

import LoadBalancing

/// What a table holds, by name: for tables that another process has made.
package struct TableContents: Hashable, Sendable {
    package var counters: Set<String> = []
    package var sets: Set<String> = []
    package var chains: Set<String> = []

    package init() {}
}

/// Text for `nft -f`. All of it takes effect at one moment, or nothing.
package enum PacketFilterWriter {
    /// Commands that make the table what it shall be.
    ///
    /// - Parameters:
    ///   - table: Its name.
    ///   - wanted: What it shall be.
    ///   - running: What it is, if that is known; then only differences are written, and counters, learnt clients and
    ///     turns go on.
    ///   - found: What is in it, if only that is known.
    /// - Returns: Empty when there is nothing to do.
    package static func commands(
        for table: TableName, wanted: PacketFilter, running: PacketFilter?, found: TableContents = .init()
    ) -> String {
        if let running, running == wanted { return "" }
        let name = "inet \(table.text)"
        var lines = ["add table \(name)"]
        for counter in wanted.counters.sorted() where running?.counters.contains(counter) != true {
            lines.append("add counter \(name) \(counter.text)")
        }
        // Chains come first, since maps lead to them.
        for (chain, definition) in wanted.chains.sorted(by: { $0.key < $1.key }) where running?.chains[chain] == nil {
            lines.append("add chain \(name) \(chain.text)" + (definition.hook.map(text) ?? ""))
        }
        for (set, definition) in wanted.sets.sorted(by: { $0.key < $1.key }) {
            let before = running?.sets[set]
            guard before != definition else { continue }
            let isMap = definition.isMap
            if before == nil {
                lines.append("add \(isMap ? "map" : "set") \(name) \(set.text) { \(definition.declaration) }")
            }
            guard !definition.isLearnt else { continue }
            lines.append("flush \(isMap ? "map" : "set") \(name) \(set.text)")
            let elements = definition.elements
            if !elements.isEmpty {
                lines.append("add element \(name) \(set.text) { \(elements.joined(separator: ", ")) }")
            }
        }
        for (chain, definition) in wanted.chains.sorted(by: { $0.key < $1.key })
        where running?.chains[chain] != definition {
            lines.append("flush chain \(name) \(chain.text)")
            for rule in definition.rules {
                lines.append("add rule \(name) \(chain.text) \(rule.parts.map(text).joined(separator: " "))")
            }
        }
        lines += removals(name, wanted: wanted, running: running, found: found)
        return lines.joined(separator: "\n") + "\n"
    }

    /// Commands that remove the table with everything in it, there or not.
    package static func removal(of table: TableName) -> String {
        "add table inet \(table.text)\ndelete table inet \(table.text)\n"
    }

    private static func removals(
        _ name: String, wanted: PacketFilter, running: PacketFilter?, found: TableContents
    ) -> [String] {
        func stale(_ running: some Sequence<ObjectName>, _ found: Set<String>, _ wanted: Set<String>) -> [String] {
            // Names that were found have been written by an agent, but that is no reason to write them back unread.
            let found = found.filter { $0.utf8.allSatisfy(isOfName) }
            return Set(running.map(\.text)).union(found).subtracting(wanted).sorted()
        }
        let chains = stale(running?.chains.keys.map { $0 } ?? [], found.chains, Set(wanted.chains.keys.map(\.text)))
        let sets = stale(running?.sets.keys.map { $0 } ?? [], found.sets, Set(wanted.sets.keys.map(\.text)))
        let counters = stale(running?.counters.map { $0 } ?? [], found.counters, Set(wanted.counters.map(\.text)))
        return chains.map { "flush chain \(name) \($0)" } + sets.map { "delete set \(name) \($0)" }
            + chains.map { "delete chain \(name) \($0)" } + counters.map { "delete counter \(name) \($0)" }
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
    }

    private static func text(_ hook: Chain.Hook) -> String {
        " { type \(hook.kind.rawValue) hook \(hook.place.rawValue) priority \(hook.priority); policy accept; }"
    }

    fileprivate static func text(_ verdict: Verdict) -> String {
        switch verdict {
        case .drop: "drop"
        case .jump(let chain): "jump \(chain.text)"
        case .goto(let chain): "goto \(chain.text)"
        }
    }

    /// The same on every node, so that all choose alike.
    private static let seed = "0x6f747461"

    private static func text(_ part: Rule.Part) -> String {
        switch part {
        case .isNewFlow: "ct state new"
        case .isInvalidFlow: "ct state invalid"
        case .isTCPBeginning(let isBeginning): "tcp flags & (syn | ack) \(isBeginning ? "==" : "!=") syn"
        case .isTransport(let transport): "meta l4proto \(transport.rawValue)"
        case .isFamily(let family): "meta nfproto \(family == .ipv4 ? "ipv4" : "ipv6")"
        case .comesFromElsewhere: "iifname != \"lo\""
        case .goesElsewhere: "oifname != \"lo\""
        case .isTranslated: "ct status dnat"
        case .sourceIsNot(let set, let family): "\(family.keyword) saddr != @\(set.text)"
        case .sourceEndpoint(let set, let family): "\(family.keyword) saddr . meta l4proto . th sport @\(set.text)"
        case .markIsTagged(let tag, let mask): "ct mark and \(hexadecimal(mask)) == \(hexadecimal(tag))"
        case .mark(let set): "ct mark @\(set.text)"
        case .flows(let limit, let set): "add @\(set.text) { meta l4proto ct count over \(limit) }"
        case .verdict(let verdict): text(verdict)
        case .rejectPort: "reject with icmpx port-unreachable"
        case .resetConnection: "reject with tcp reset"
        case .count(let counter): "counter name \"\(counter.text)\""
        case .dispatchDestination(let map, let family):
            "\(family.keyword) daddr . meta l4proto . th dport vmap @\(map.text)"
        case .dispatchSource(let map, let family):
            "\(family.keyword) saddr . meta l4proto . th sport vmap @\(map.text)"
        case .markByClient(let family, let mask, let withPort, let modulus):
            "ct mark set jhash \(client(family, mask))\(withPort ? " . th sport" : "") mod \(modulus) seed \(seed)"
        case .markByTurn(let modulus): "ct mark set numgen inc mod \(modulus)"
        case .markByMark(let map): "ct mark set ct mark map @\(map.text)"
        case .markByKnownClient(let map, let family, let mask): "ct mark set \(client(family, mask)) map @\(map.text)"
        case .rememberClient(let map, let family, let mask): "update @\(map.text) { \(client(family, mask)) : ct mark }"
        case .translateDestination(let map, let family): "dnat \(family.keyword) to ct mark map @\(map.text)"
        case .masquerade: "masquerade"
        }
    }

    private static func client(_ family: IPAddress.Family, _ mask: IPAddress?) -> String {
        "\(family.keyword) saddr" + (mask.map { " & \($0)" } ?? "")
    }

    fileprivate static func hexadecimal(_ number: UInt32) -> String { "0x" + String(number, radix: 16) }
}

extension IPAddress.Family {
    /// What nft calls the protocol.
    fileprivate var keyword: String { self == .ipv4 ? "ip" : "ip6" }
    /// What nft calls addresses of it.
    fileprivate var addressType: String { self == .ipv4 ? "ipv4_addr" : "ipv6_addr" }
}

extension NamedSet {
    fileprivate var isMap: Bool {
        switch self {
        case .slots, .targets, .dispatch, .clients: true
        case .marks, .networks, .endpoints, .flowLimit: false
        }
    }

    /// Type and flags.
    fileprivate var declaration: String {
        switch self {
        case .slots: "type mark : mark;"
        case .targets(let family, _): "type mark : \(family.addressType) . inet_service;"
        case .marks: "type mark;"
        case .networks(let family, _): "type \(family.addressType); flags interval; auto-merge;"
        case .dispatch(let family, _): "type \(family.addressType) . inet_proto . inet_service : verdict;"
        case .endpoints(let family, _): "type \(family.addressType) . inet_proto . inet_service;"
        case .clients(let family, let timeout):
            "type \(family.addressType) : mark; size 131072; flags dynamic,timeout; timeout \(timeout)s;"
        case .flowLimit: "type inet_proto; size 16; flags dynamic;"
        }
    }

    fileprivate var elements: [String] {
        func endpoint(_ endpoint: TransportEndpoint) -> String {
            "\(endpoint.address) . \(endpoint.transport.rawValue) . \(endpoint.port)"
        }
        func number(_ number: UInt32) -> String { PacketFilterWriter.hexadecimal(number) }
        switch self {
        case .slots(let marks): return marks.enumerated().map { "\($0.offset) : \(number($0.element))" }
        case .targets(_, let targets):
            return targets.sorted { $0.key < $1.key }.map {
                "\(number($0.key)) : \($0.value.address) . \($0.value.port)"
            }
        case .marks(let marks): return marks.sorted().map(number)
        case .networks(_, let networks): return networks.map(\.description)
        case .dispatch(_, let places):
            return places.map { "\(endpoint($0.key)) : \(PacketFilterWriter.text($0.value))" }.sorted()
        case .endpoints(_, let endpoints): return endpoints.map(endpoint).sorted()
        case .clients, .flowLimit: return []
        }
    }
}
