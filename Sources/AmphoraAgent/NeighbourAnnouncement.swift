// Tells the neighbours on a network that an address is here now. Pure.

import LoadBalancing
import PacketForwarding

/// The Ethernet frame that announces an address: an ARP announcement (RFC 5227, section 2.3) or an unsolicited neighbour
/// advertisement (RFC 4861, section 7.2.6). Neighbours that knew the address elsewhere take the new place at once.
enum NeighbourAnnouncement {
    static func frame(of address: IPAddress, at hardware: HardwareAddress) -> [UInt8] {
        switch address.family {
        case .ipv4:
            let address = bytes(of: address)
            return [UInt8](repeating: 0xFF, count: 6) + hardware.bytes + [0x08, 0x06]
                + [0, 1, 0x08, 0, 6, 4, 0, 1] + hardware.bytes + address + [UInt8](repeating: 0, count: 6) + address
        case .ipv6:
            let address = bytes(of: address)
            let allNodes: [UInt8] = [0xFF, 0x02] + [UInt8](repeating: 0, count: 13) + [1]
            // Type 136; override; the address; and where it is.
            var message: [UInt8] = [136, 0, 0, 0, 0x20, 0, 0, 0] + address + [2, 1] + hardware.bytes
            let length = UInt8(message.count)
            let sum = checksum(address + allNodes + [0, 0, 0, length, 0, 0, 0, 58] + message)
            message[2] = UInt8(truncatingIfNeeded: sum >> 8)
            message[3] = UInt8(truncatingIfNeeded: sum)
            return [0x33, 0x33, 0, 0, 0, 1] + hardware.bytes + [0x86, 0xDD]
                + [0x60, 0, 0, 0, 0, length, 58, 255] + address + allNodes + message
        }
    }

    private static func bytes(of address: IPAddress) -> [UInt8] {
        stride(from: address.family.bitWidth - 8, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: address.value >> UInt128($0))
        }
    }

    /// The Internet checksum (RFC 1071) of an even number of bytes.
    private static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: bytes.count, by: 2) {
            sum += UInt32(bytes[index]) << 8 | UInt32(bytes[index + 1])
        }
        while sum >> 16 != 0 { sum = (sum & 0xFFFF) + (sum >> 16) }
        return ~UInt16(truncatingIfNeeded: sum)
    }
}
