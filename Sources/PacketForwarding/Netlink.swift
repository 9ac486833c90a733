// Asking the kernel's packet filter by netlink: messages and attributes (RFC 3549; linux/netlink.h). No policy.

import Glibc

/// A failure of a system call or of the kernel's answer.
package struct NetlinkError: Error, Hashable, CustomStringConvertible {
    package var cause: Int32
    package var description: String { String(cString: strerror(cause)) }
}

/// One attribute: a type, and bytes that may be attributes again.
struct NetlinkAttribute {
    var type: UInt16
    var value: ArraySlice<UInt8>

    /// The attributes in the bytes; those after a damaged one are left out.
    static func all(in bytes: ArraySlice<UInt8>) -> [NetlinkAttribute] {
        var rest = bytes
        var result: [NetlinkAttribute] = []
        while rest.count >= 4 {
            let length = Int(rest.number(at: 0, UInt16.self))
            guard length >= 4, length <= rest.count else { break }
            // The two upper bits are flags.
            result.append(
                NetlinkAttribute(
                    type: rest.number(at: 2, UInt16.self) & 0x3FFF,
                    value: rest[(rest.startIndex + 4)..<(rest.startIndex + length)]))
            rest = rest.dropFirst((length + 3) & ~3)
        }
        return result
    }

    /// The attributes inside of this one.
    var children: [NetlinkAttribute] { Self.all(in: value) }

    /// The value as a number in network order.
    func bigEndian<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
        guard value.count == Number.bitWidth / 8 else { return nil }
        return value.reduce(0) { $0 << 8 | Number($1) }
    }

    /// The value as text that a zero ends.
    var text: String { String(decoding: value.prefix { $0 != 0 }, as: UTF8.self) }

    /// The bytes of an attribute.
    static func bytes(_ type: UInt16, _ value: some Collection<UInt8>, isNested: Bool = false) -> [UInt8] {
        var result = UInt16(value.count + 4).nativeBytes + (type | (isNested ? 0x8000 : 0)).nativeBytes + Array(value)
        while result.count % 4 != 0 { result.append(0) }
        return result
    }
}

/// A socket to netfilter.
final class NetlinkSocket {
    private let descriptor: Int32
    private var sequence: UInt32 = 0

    /// What netfilter calls its parts (linux/netfilter/nfnetlink.h).
    enum Subsystem: UInt16 {
        case connectionTracking = 1
        case tables = 10
    }

    init(in place: NetworkPlace) throws(NetlinkError) {
        descriptor = place.socket(domain: AF_NETLINK, type: Int32(SOCK_RAW.rawValue), protocol: 12)
        guard descriptor >= 0 else { throw NetlinkError(cause: errno) }
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var size: Int32 = 4 << 20
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(descriptor) }

    /// Asks for a list and calls the body with the attributes of each entry.
    func list(
        _ subsystem: Subsystem, _ message: UInt8, family: UInt8, attributes: [UInt8] = [],
        _ body: ([NetlinkAttribute]) -> Void
    ) throws(NetlinkError) {
        // NLM_F_REQUEST | NLM_F_DUMP
        try send(subsystem, message, flags: 0x301, family: family, attributes)
        try receive(body)
    }

    /// Asks for one thing and calls the body with its attributes.
    func ask(
        _ subsystem: Subsystem, _ message: UInt8, family: UInt8, attributes: [UInt8] = [],
        _ body: ([NetlinkAttribute]) -> Void
    ) throws(NetlinkError) {
        // NLM_F_REQUEST | NLM_F_ACK
        try send(subsystem, message, flags: 0x5, family: family, attributes)
        try receive(body)
    }

    /// Asks for a change and waits until it is made.
    func change(
        _ subsystem: Subsystem, _ message: UInt8, family: UInt8, attributes: [UInt8]
    ) throws(NetlinkError) {
        try ask(subsystem, message, family: family, attributes: attributes) { _ in }
    }

    private func send(
        _ subsystem: Subsystem, _ message: UInt8, flags: UInt16, family: UInt8, _ attributes: [UInt8]
    ) throws(NetlinkError) {
        sequence += 1
        var bytes = UInt32(20 + attributes.count).nativeBytes
        bytes += (subsystem.rawValue << 8 | UInt16(message)).nativeBytes + flags.nativeBytes
        bytes += sequence.nativeBytes + UInt32(0).nativeBytes
        bytes += [family, 0, 0, 0] + attributes
        guard Glibc.send(descriptor, bytes, bytes.count, 0) == bytes.count else { throw NetlinkError(cause: errno) }
    }

    private func receive(_ body: ([NetlinkAttribute]) -> Void) throws(NetlinkError) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw NetlinkError(cause: errno)
            }
            var rest = buffer[..<count]
            while rest.count >= 16 {
                let length = Int(rest.number(at: 0, UInt32.self))
                guard length >= 16, length <= rest.count else { throw NetlinkError(cause: EBADMSG) }
                let message = rest.prefix(length)
                let type = message.number(at: 4, UInt16.self)
                let isOurs = message.number(at: 8, UInt32.self) == sequence
                rest = rest.dropFirst((length + 3) & ~3)
                guard isOurs else { continue }
                switch type {
                case 2 where length >= 20:  // NLMSG_ERROR; 0 is an acknowledgement
                    let cause = Int32(bitPattern: message.number(at: 16, UInt32.self))
                    if cause != 0 { throw NetlinkError(cause: -cause) }
                    return
                case 3: return  // NLMSG_DONE
                default: body(NetlinkAttribute.all(in: message.dropFirst(20)))
                }
            }
        }
    }
}

extension FixedWidthInteger {
    /// The bytes in the order of this machine.
    var nativeBytes: [UInt8] { withUnsafeBytes(of: self) { Array($0) } }
    /// The bytes in network order.
    var networkBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}

extension ArraySlice<UInt8> {
    /// A number in the order of this machine, so many bytes from the start. There must be enough of them.
    fileprivate func number<Number: FixedWidthInteger>(at offset: Int, _ type: Number.Type) -> Number {
        let start = startIndex + offset
        return self[start..<(start + Number.bitWidth / 8)].withUnsafeBytes { $0.loadUnaligned(as: Number.self) }
    }
}
