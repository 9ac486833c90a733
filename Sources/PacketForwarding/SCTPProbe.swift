// A check of an SCTP member by the first packet of a handshake, sent by hand: many nodes have no sockets of SCTP.

import LoadBalancing

/// Sends INIT; INIT ACK is the answer of a server that listens, ABORT that of a host without one (RFC 9260, section 5.1).
struct SCTPProbe: Sendable {
    let port: UInt16
    private let ownPort = UInt16.random(in: 32_768...60_999)
    private let tag = UInt32.random(in: 1...UInt32.max)

    init(port: UInt16) { self.port = port }

    func isAnswered(on socket: ProbeSocket, _ family: IPAddress.Family) async -> Bool {
        guard socket.send(SCTPPacket.initiation(from: ownPort, to: port, tag: tag)) else { return false }
        while let answer = await socket.receive() {
            var body = answer[...]
            if family == .ipv4, let first = body.first, first >> 4 == 4 { body = body.dropFirst(Int(first & 15) * 4) }
            guard let packet = SCTPPacket(Array(body)), packet.source == port, packet.destination == ownPort,
                packet.verificationTag == tag
            else { continue }
            guard packet.firstChunk == SCTPPacket.Chunk.initiationAcknowledged else { return false }
            // The server has kept nothing yet, so nothing needs to be taken back.
            return true
        }
        return false
    }
}

/// The header of a packet and the type of its first chunk.
package struct SCTPPacket: Hashable, Sendable {
    package enum Chunk {
        package static let initiation: UInt8 = 1
        package static let initiationAcknowledged: UInt8 = 2
        package static let abort: UInt8 = 6
    }

    package var source: UInt16
    package var destination: UInt16
    package var verificationTag: UInt32
    package var firstChunk: UInt8
    /// The tag that INIT and INIT ACK carry.
    package var initiateTag: UInt32

    package init?(_ bytes: [UInt8]) {
        guard bytes.count >= 20 else { return nil }
        func number(_ range: Range<Int>) -> UInt32 { bytes[range].reduce(0) { $0 << 8 | UInt32($1) } }
        source = UInt16(number(0..<2))
        destination = UInt16(number(2..<4))
        verificationTag = number(4..<8)
        firstChunk = bytes[12]
        initiateTag = number(16..<20)
    }

    /// An INIT.
    package static func initiation(from source: UInt16, to destination: UInt16, tag: UInt32) -> [UInt8] {
        packet(from: source, to: destination, verificationTag: 0, chunk: Chunk.initiation, body: parameters(tag))
    }

    /// An INIT ACK, with the smallest cookie.
    package static func acknowledgement(of packet: SCTPPacket, tag: UInt32) -> [UInt8] {
        self.packet(
            from: packet.destination, to: packet.source, verificationTag: packet.initiateTag,
            chunk: Chunk.initiationAcknowledged, body: parameters(tag) + [0, 7, 0, 8, 1, 2, 3, 4])
    }

    private static func parameters(_ tag: UInt32) -> [UInt8] {
        // Window, streams out and in, first sequence number.
        tag.networkBytes + UInt32(65_536).networkBytes + [0, 1, 0, 1] + UInt32(1).networkBytes
    }

    private static func packet(
        from source: UInt16, to destination: UInt16, verificationTag: UInt32, chunk: UInt8, body: [UInt8]
    ) -> [UInt8] {
        var bytes = source.networkBytes + destination.networkBytes + verificationTag.networkBytes + [0, 0, 0, 0]
        bytes += [chunk, 0] + UInt16(body.count + 4).networkBytes + body
        // The checksum goes out least significant byte first (RFC 9260, appendix A).
        bytes.replaceSubrange(8..<12, with: checksum(bytes).littleEndian.nativeBytes)
        return bytes
    }

    /// CRC32c.
    package static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var value: UInt32 = ~0
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
        }
        return ~value
    }
}
