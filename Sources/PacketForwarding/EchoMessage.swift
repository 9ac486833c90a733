// Echo requests and replies (RFC 792, RFC 4443).

package import LoadBalancing

/// What a ping sends, and what comes back.
package enum EchoMessage {
    /// A request. The kernel fills in the checksum of ICMPv6, and the identifier of datagram sockets.
    package static func request(
        identifier: UInt16, sequence: UInt16, payload: [UInt8], family: IPAddress.Family
    ) -> [UInt8] {
        var message: [UInt8] = [family == .ipv4 ? 8 : 128, 0, 0, 0]
        message += identifier.networkBytes + sequence.networkBytes + payload
        if family == .ipv4 {
            var sum = 0
            for index in stride(from: 0, to: message.count, by: 2) {
                sum += Int(message[index]) << 8 | (index + 1 < message.count ? Int(message[index + 1]) : 0)
            }
            while sum >> 16 != 0 { sum = (sum & 0xFFFF) + (sum >> 16) }
            message[2] = UInt8(truncatingIfNeeded: ~sum >> 8)
            message[3] = UInt8(truncatingIfNeeded: ~sum)
        }
        return message
    }

    /// What a reply brings back; `nil` for any other message. Raw IPv4 sockets deliver the IP header too.
    package static func payload(ofReply packet: ArraySlice<UInt8>, family: IPAddress.Family) -> ArraySlice<UInt8>? {
        var message = packet
        if family == .ipv4, let first = packet.first, first >> 4 == 4 {
            message = packet.dropFirst(Int(first & 15) * 4)
        }
        guard message.count >= 8, message.first == (family == .ipv4 ? 0 : 129) else { return nil }
        return message.dropFirst(8)
    }
}
