// What becomes of methods that the HTTP parser does not know.

internal import HTTPTypes
internal import JSON
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes

/// Answers 405 to requests whose method the parser does not know, where it would end the connection with an empty 400.
///
/// The parser has not seen the path of such a request, so the body is in the form of the load-balancer API, whichever
/// service was meant. The connection ends after it, as after every error of the parser.
final class UnknownMethodHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private static let body = JSONWriter.object { writer in
        writer.member("code", 405)
        writer.member("title", "Method Not Allowed")
        writer.member("description", "")
    }

    private var isMethodUnknown = false

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError, error == .invalidMethod { isMethodUnknown = true }
        context.fireErrorCaught(error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // The server's own word for an error of the parser; no service answers 400 with nothing.
        guard isMethodUnknown, case .head(var head) = unwrapOutboundIn(data), head.status == .badRequest,
            head.headerFields[.contentLength] == "0"
        else {
            context.write(data, promise: promise)
            return
        }
        head.status = .methodNotAllowed
        head.headerFields[.contentType] = "application/json"
        head.headerFields[.contentLength] = String(Self.body.count)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(ByteBuffer(bytes: Self.body))), promise: promise)
    }
}
