// Whether nftables still holds what was written there.

import LoadBalancing

extension PacketFilterReader {
    /// A number that each change of the rules in this place raises, whoever makes it. Packets do not.
    package func generation() throws(NetlinkError) -> UInt32 {
        var result: UInt32 = 0
        // NFT_MSG_GETGEN 16, NFTA_GEN_ID 1
        try NetlinkSocket(in: place).ask(.tables, 16, family: 0) { attributes in
            if let id = attributes.first(where: { $0.type == 1 })?.bigEndian(UInt32.self) { result = id }
        }
        return result
    }

    /// Stands for the rules of a table and for what is in some of its sets; two tables that differ have different ones.
    package func digest(of table: TableName, sets: [String]) throws(NetlinkError) -> UInt64 {
        let family: UInt8 = 1  // NFPROTO_INET
        let socket = try NetlinkSocket(in: place)
        let name = Array(table.text.utf8) + [0]
        var result: UInt64 = 0
        var counts: [String: UInt64] = [:]
        // NFT_MSG_GETRULE 7; NFTA_RULE_TABLE 1, NFTA_RULE_CHAIN 2, NFTA_RULE_EXPRESSIONS 4
        try socket.list(.tables, 7, family: family, attributes: NetlinkAttribute.bytes(1, name)) { attributes in
            guard attributes.first(where: { $0.type == 1 })?.text == table.text else { return }
            let chain: String = attributes.first(where: { $0.type == 2 })?.text ?? ""
            counts[chain, default: 0] += 1
            var bytes: [UInt8] = []
            for attribute in attributes where [2, 4].contains(attribute.type) { bytes += attribute.value }
            // The place of a rule in its chain counts, that of the chain does not.
            result = result &+ Hash.of(bytes + (counts[chain] ?? 0).nativeBytes)
        }
        for set in sets {
            let seed = Array(set.utf8)
            // NFT_MSG_GETSETELEM 13; NFTA_SET_ELEM_LIST_TABLE 1, _SET 2, _ELEMENTS 3
            try socket.list(
                .tables, 13, family: family,
                attributes: NetlinkAttribute.bytes(1, name) + NetlinkAttribute.bytes(2, seed + [0])
            ) { attributes in
                for element in attributes.first(where: { $0.type == 3 })?.children ?? [] {
                    // The kernel lists the elements of a set in any order.
                    result = result &+ Hash.of(seed + element.value)
                }
            }
        }
        return result
    }
}
