// What ip(8) says about interfaces and their addresses.

import FoundationEssentials
import LoadBalancing

/// One interface of `ip -j address show` or `ip -j -d link show`.
struct LinkEntry: Decodable, Sendable {
    struct Address: Decodable, Sendable {
        var local: String?
        var prefixlen: Int?
        var scope: String?
    }

    struct Details: Decodable, Sendable {
        var kind: String?

        enum CodingKeys: String, CodingKey { case kind = "info_kind" }
    }

    var ifname: String?
    var flags: [String]?
    var master: String?
    var ifalias: String?
    var linkinfo: Details?
    var addressEntries: [Address]?

    enum CodingKeys: String, CodingKey {
        case ifname, flags, master, ifalias, linkinfo
        case addressEntries = "addr_info"
    }

    var isUp: Bool { flags?.contains("UP") == true }

    /// The addresses that count beyond the interface itself.
    var addresses: [InterfaceAddress] {
        (addressEntries ?? []).compactMap { entry in
            guard entry.scope == "global", let text = entry.local, let address = IPAddress(text),
                let length = entry.prefixlen
            else { return nil }
            return InterfaceAddress(address: address, prefixLength: length)
        }
    }

    /// Reads the answer; empty when it is none.
    static func entries(_ text: String) -> [LinkEntry] {
        (try? JSONDecoder().decode([LinkEntry].self, from: Data(text.utf8))) ?? []
    }
}
