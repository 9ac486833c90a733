// Pings of a connection, which are answered before they are counted.

internal import NIOCore

/// Answers the pings of HTTP/2 (RFC 9113, section 6.7) and hands on everything else.
///
/// Terraform's gRPC measures the connection by a ping after nearly everything it receives. The libraries below count pings
/// as abuse, 200 in 30 s of them at most, and close the connection; gRPC then repeats on another one the calls that were
/// under way, which make their objects twice.
struct PingResponder: ByteToMessageDecoder {
    typealias InboundOut = ByteBuffer

    private static let headerLength = 9
    private static let ping: UInt8 = 6
    private static let acknowledgement: UInt8 = 1

    /// How many bytes belong to the frame that is being handed on; first to the client's preface (section 3.4).
    private var remaining = 24

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) -> DecodingState {
        if remaining > 0 {
            guard let part = buffer.readSlice(length: min(remaining, buffer.readableBytes)), part.readableBytes > 0
            else {
                return .needMoreData
            }
            remaining -= part.readableBytes
            context.fireChannelRead(Self.wrapInboundOut(part))
            return .continue
        }
        let start = buffer.readerIndex
        guard buffer.readableBytes >= Self.headerLength,
            let upper: UInt16 = buffer.getInteger(at: start), let lower: UInt8 = buffer.getInteger(at: start + 2),
            let type: UInt8 = buffer.getInteger(at: start + 3), let flags: UInt8 = buffer.getInteger(at: start + 4)
        else { return .needMoreData }
        let length = Self.headerLength + (Int(upper) << 8 | Int(lower))
        // One of a wrong length is the library's to refuse, as are answers.
        guard type == Self.ping, flags & Self.acknowledgement == 0, length == Self.headerLength + 8 else {
            remaining = length
            return .continue
        }
        guard var answer = buffer.readSlice(length: length) else { return .needMoreData }
        answer.setInteger(Self.acknowledgement, at: answer.readerIndex + 4)
        context.writeAndFlush(NIOAny(answer), promise: nil)
        return .continue
    }
}
