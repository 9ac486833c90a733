// Too many connections, and clients that take their time.

internal import HTTPTypes
internal import JSON
internal import NIOCore
internal import NIOHTTPTypes
internal import Synchronization

/// How many connections there are.
final class ConnectionCount: Sendable {
    private let state = Mutex((open: 0, refused: 0))

    var open: Int { state.withLock { $0.open } }
    var refused: Int { state.withLock { $0.refused } }

    func add() -> Int {
        state.withLock { state in
            state.open += 1
            return state.open
        }
    }

    func remove() { state.withLock { $0.open -= 1 } }
    func refuse() { state.withLock { $0.refused += 1 } }
}

/// Sets limits in time to a connection, and sends it away when there are too many.
///
/// Connections beyond the limit are read, so that checks of health and metrics are answered; everything else gets 503, and
/// the connection ends after one answer. Far beyond the limit they end at once.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Connections that are taken beyond the limit.
    private static let spare = 64
    /// Paths that are answered on those, too.
    private static let open = ["/healthcheck", "/metrics"]

    private static let body = JSONWriter.object { writer in
        writer.member("faultcode", "Server")
        writer.member("faultstring", "The service has too many connections at the moment; try again.")
        writer.nullMember("debuginfo")
    }

    private let limits: HTTPLimits
    private let count: ConnectionCount
    private var isCounted = false
    private var isExcess = false
    /// The rest of a request that was answered here.
    private var isIgnoring = false
    private var isAnswering = false
    private var deadline: Scheduled<Void>?

    init(limits: HTTPLimits, count: ConnectionCount) {
        self.limits = limits
        self.count = count
    }

    func handlerAdded(context: ChannelHandlerContext) {
        isCounted = true
        let number = count.add()
        isExcess = number > limits.connections
        if isExcess { count.refuse() }
        if number > limits.connections + Self.spare {
            context.close(promise: nil)
            return
        }
        arm(context, isExcess ? min(limits.headTime, .seconds(2)) : limits.headTime)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        disarm()
        if isCounted { count.remove() }
        isCounted = false
    }

    func channelInactive(context: ChannelHandlerContext) {
        disarm()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            if isExcess,
                !Self.open.contains(head.path.flatMap { $0.split(separator: "?").first.map(String.init) } ?? "")
            {
                isIgnoring = true
                refuse(context)
                return
            }
            arm(context, limits.bodyTime)
        case .body:
            if isIgnoring { return }
        case .end:
            if isIgnoring { return }
            if !isAnswering { disarm() }
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.code >= 200:
            isAnswering = true
            arm(context, limits.answerTime)
            guard isExcess else { break }
            head.headerFields[.connection] = "close"
            context.write(wrapOutboundOut(.head(head)), promise: promise)
            return
        case .end:
            let promise = promise ?? context.eventLoop.makePromise()
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            promise.futureResult.whenComplete { _ in
                let (handler, context) = bound.value
                handler.isAnswering = false
                if handler.isExcess {
                    context.close(promise: nil)
                } else if context.channel.isActive {
                    handler.arm(context, handler.limits.idleTime)
                }
            }
            context.write(data, promise: promise)
            return
        default: break
        }
        context.write(data, promise: promise)
    }

    private func refuse(_ context: ChannelHandlerContext) {
        let head = HTTPResponse(
            status: .serviceUnavailable,
            headerFields: [
                .contentType: "application/json", .contentLength: String(Self.body.count), .connection: "close",
                .retryAfter: "1",
            ])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(ByteBuffer(bytes: Self.body))), promise: nil)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
    }

    private func arm(_ context: ChannelHandlerContext, _ time: Duration) {
        disarm()
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: TimeAmount(time)) { bound.value.close(promise: nil) }
    }

    private func disarm() {
        deadline?.cancel()
        deadline = nil
    }
}
