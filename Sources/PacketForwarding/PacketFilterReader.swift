// What nftables holds now, read from the kernel.

/// Reads tables of the family `inet` (linux/netfilter/nf_tables.h).
package struct PacketFilterReader: Sendable {
    package let place: NetworkPlace

    package init(place: NetworkPlace) { self.place = place }

    private static let family: UInt8 = 1  // NFPROTO_INET

    /// The messages that ask, and the attributes that hold a table's name and an object's.
    private enum List {
        static let tables: UInt8 = 1
        static let chains: UInt8 = 4
        static let sets: UInt8 = 10
        static let objects: UInt8 = 19
    }

    /// The names of all tables.
    package func tables() throws(NetlinkError) -> [String] {
        var names: [String] = []
        try NetlinkSocket(in: place).list(.tables, List.tables, family: Self.family) { attributes in
            if let name = attributes.first(where: { $0.type == 1 }) { names.append(name.text) }
        }
        return names
    }

    /// What is in a table; empty when there is none.
    package func contents(of table: TableName) throws(NetlinkError) -> TableContents {
        let socket = try NetlinkSocket(in: place)
        var result = TableContents()
        guard try tables().contains(table.text) else { return result }
        // NFTA_CHAIN_TABLE 1, NFTA_CHAIN_NAME 3
        try socket.list(.tables, List.chains, family: Self.family) { attributes in
            if attributes.text(1) == table.text, let name = attributes.text(3) { result.chains.insert(name) }
        }
        // NFTA_SET_TABLE 1, NFTA_SET_NAME 2, NFTA_SET_FLAGS 3 (1 is anonymous)
        try socket.list(
            .tables, List.sets, family: Self.family, attributes: NetlinkAttribute.bytes(1, Array(table.text.utf8) + [0])
        ) { attributes in
            let flags = attributes.first { $0.type == 3 }?.bigEndian(UInt32.self) ?? 0
            if attributes.text(1) == table.text, flags & 1 == 0, let name = attributes.text(2) {
                result.sets.insert(name)
            }
        }
        result.counters = Set(try counters(of: table).keys)
        return result
    }

    /// A counter's two numbers.
    package struct Count: Hashable, Sendable {
        package var bytes: UInt64
        package var packets: UInt64
    }

    /// The counters of a table by name; empty when there is none.
    package func counters(of table: TableName) throws(NetlinkError) -> [String: Count] {
        var result: [String: Count] = [:]
        // NFTA_OBJ_TABLE 1, NFTA_OBJ_NAME 2, NFTA_OBJ_TYPE 3 (1 is a counter), NFTA_OBJ_DATA 4
        let wanted =
            NetlinkAttribute.bytes(1, Array(table.text.utf8) + [0])
            + NetlinkAttribute.bytes(3, UInt32(1).networkBytes)
        try NetlinkSocket(in: place).list(.tables, List.objects, family: Self.family, attributes: wanted) {
            attributes in
            guard attributes.text(1) == table.text, let name = attributes.text(2),
                let data = attributes.first(where: { $0.type == 4 })?.children,
                let bytes = data.first(where: { $0.type == 1 })?.bigEndian(UInt64.self),
                let packets = data.first(where: { $0.type == 2 })?.bigEndian(UInt64.self)
            else { return }
            result[name] = Count(bytes: bytes, packets: packets)
        }
        return result
    }
}

extension [NetlinkAttribute] {
    fileprivate func text(_ type: UInt16) -> String? { first { $0.type == type }?.text }
}
