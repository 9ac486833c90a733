// The HTTP server that all services share.

internal import HTTPTypes
internal import Hummingbird
internal import JSON
internal import LoadBalancing
public import Logging
internal import NIOCore
internal import Observability
public import ServiceLifecycle
internal import Tracing

/// Serves several APIs on one port, each below its prefix.
public struct HTTPServer: Service {
    /// The longest body that a request may have, in bytes.
    public static let bodyLimit = 1 << 20

    private let application: Application<Dispatcher>

    /// - Parameters:
    ///   - host: The address to listen on.
    ///   - port: The port to listen on; 0 takes a free one.
    ///   - services: The APIs.
    ///   - root: Answers paths with no segment or one: `/`, `/healthcheck`, `/metrics`. It is always let in.
    ///   - observation: Where the server reports; absent is nowhere.
    ///   - onReady: Called with the port once connections are accepted.
    public init(
        host: String, port: Int, services: [any APIService], root: any APIService,
        limits: HTTPLimits = HTTPLimits(), observation: HTTPObservation? = nil, logger: Logger,
        onReady: @escaping @Sendable (Int) async -> Void
    ) {
        let gate = AdmissionGate(limits: limits)
        let connections = ConnectionCount()
        observation?.watch(gate, connections)
        application = Application(
            responder: Dispatcher(
                services: services, root: root, authority: "\(host):\(port)", gate: gate, observation: observation,
                logger: logger),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [
                        UnknownMethodHandler(), ConnectionGuard(limits: limits, count: connections),
                    ],
                    idleTimeout: TimeAmount(limits.idleTime))),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: nil, backlog: 1024, reuseAddress: true),
            onServerRunning: { channel in await onReady(channel.localAddress?.port ?? port) },
            logger: logger)
    }

    public func run() async throws {
        try await application.run()
    }
}

/// What Hummingbird needs to know of a request beside the request.
struct ConnectionContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The address of the other side.
    let peer: String

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress ?? ""
    }
}

/// Turns Hummingbird's requests into the services' and back.
struct Dispatcher: HTTPResponder {
    private let services: [String: any APIService]
    private let root: any APIService
    private let authority: String
    private let gate: AdmissionGate
    private let observation: HTTPObservation?
    private let logger: Logger

    init(
        services: [any APIService], root: any APIService, authority: String, gate: AdmissionGate,
        observation: HTTPObservation?, logger: Logger
    ) {
        self.services = Dictionary(services.map { ($0.prefix, $0) }, uniquingKeysWith: { first, _ in first })
        self.root = root
        self.authority = authority
        self.gate = gate
        self.observation = observation
        self.logger = logger
    }

    func respond(to request: Request, context: ConnectionContext) async throws -> Response {
        let start = ContinuousClock.now
        let requestID = "req-\(ResourceID.random())"
        let target = target(of: request)
        var work = InstrumentationContext.topLevel
        work.requestID = requestID
        if let given = request.headers[Self.requestIDHeader], InstrumentationContext.isRequestID(given) {
            work.globalRequestID = given
        }
        observation?.began()
        let answer = await InstrumentationContext.withValue(work) {
            guard let tracer = observation?.tracer, target.service != nil else {
                return await respond(to: request, target, context, requestID, since: start)
            }
            tracer.extract(request.headers, into: &work, using: HeaderExtractor())
            return await tracer.withAnySpan("\(request.method) \(target.route)", context: work, ofKind: .server) {
                span in
                let answer = await respond(to: request, target, context, requestID, since: start)
                span.updateAttributes { attributes in
                    attributes["http.request.method"] = request.method.rawValue
                    attributes["http.route"] = target.route
                    attributes["http.response.status_code"] = answer.status.code
                    attributes["openstack.request_id"] = requestID
                }
                if answer.status.code >= 500 { span.setStatus(SpanStatus(code: .error)) }
                return answer
            }
        }
        observation?.ended(
            route: target.route, method: request.method, status: answer.status, after: ContinuousClock.now - start)
        var headers = answer.headers
        headers[Self.requestIDHeader] = requestID
        return Response(
            status: answer.status, headers: headers,
            body: answer.body.isEmpty ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }

    /// Answers a request, and logs that.
    private func respond(
        to request: Request, _ target: Target, _ context: ConnectionContext, _ requestID: String,
        since start: ContinuousClock.Instant
    ) async -> APIResponse {
        let answer = await admit(request, target, context, requestID)
        let elapsed = (ContinuousClock.now - start).components
        logger.debug(
            "request",
            metadata: [
                "request": "\(requestID)", "method": "\(request.method)", "path": "\(request.uri.path)",
                "status": "\(answer.status.code)",
                "microseconds": "\(elapsed.seconds * 1_000_000 + elapsed.attoseconds / 1_000_000_000_000)",
            ])
        return answer
    }

    /// Lets a request in, if there is room. What the root answers is always let in, and short.
    private func admit(
        _ request: Request, _ target: Target, _ context: ConnectionContext, _ requestID: String
    ) async -> APIResponse {
        guard let service = target.service else { return await answer(to: request, target, context, requestID, nil) }
        let caller = request.headers[Self.tokenHeader] ?? "from \(context.peer)"
        do throws(AdmissionGate.Refusal) {
            try gate.arrive(caller)
        } catch {
            return service.refusal(error)
        }
        defer { gate.depart(caller) }
        return await answer(to: request, target, context, requestID, gate)
    }

    /// Reads the body and has the service answer.
    ///
    /// - Parameter gate: Limits what is kept and worked on at a time; absent for what is always let in.
    private func answer(
        to request: Request, _ target: Target, _ context: ConnectionContext, _ requestID: String, _ gate: AdmissionGate?
    ) async -> APIResponse {
        let responder = target.service ?? root
        guard let path = target.path, let query = Self.arguments(request.uri.query ?? "") else {
            return responder.fault(.malformed("The URL is not valid percent-encoded UTF-8."))
        }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > HTTPServer.bodyLimit {
            return responder.fault(.bodyTooLarge(limit: HTTPServer.bodyLimit))
        }
        var body: [UInt8] = []
        var reserved = 0
        defer { gate?.release(bytes: reserved) }
        do {
            for try await part in request.body {
                guard body.count + part.readableBytes <= HTTPServer.bodyLimit else {
                    return responder.fault(.bodyTooLarge(limit: HTTPServer.bodyLimit))
                }
                try gate?.reserve(bytes: part.readableBytes)
                reserved += part.readableBytes
                body += part.readableBytesView
            }
        } catch let refusal as AdmissionGate.Refusal {
            return responder.refusal(refusal)
        } catch {
            // The client has gone, or never sent what it announced.
            return responder.fault(.malformed("The body did not arrive."))
        }
        let host = request.head.authority ?? authority
        var converted = APIRequest(
            method: request.method, path: path, query: query, headers: request.headers, body: body,
            requestID: requestID, baseURL: "http://\(Self.isAuthority(host) ? host : authority)")
        converted.peer = context.peer
        guard let gate else { return await responder.respond(to: converted, logger: logger) }
        converted.projectLimit = ProjectLimit(gate: gate)
        do throws(AdmissionGate.Refusal) {
            try await gate.enter()
        } catch {
            return responder.refusal(error)
        }
        defer { gate.leave() }
        return await responder.respond(to: converted, logger: logger)
    }

    /// Whom a request is for.
    private struct Target: Sendable {
        /// Absent: the root.
        var service: (any APIService)?
        /// The segments below the service's prefix; absent when they cannot be decoded.
        var path: [String]?
        /// The template of the path, for metrics and names of spans: there are few of them, whatever clients ask for.
        var route: String
    }

    private func target(of request: Request) -> Target {
        guard let raw = Self.segments(request.uri.path) else {
            return Target(service: nil, path: nil, route: "unknown")
        }
        guard let first = raw.first, let service = services[first] else {
            return Target(service: nil, path: raw, route: root.routes.pattern(of: raw) ?? "unknown")
        }
        let path = Array(raw.dropFirst())
        let pattern = service.routes.pattern(of: service.canonicalPath(path))
        return Target(service: service, path: path, route: "/\(service.prefix)\(pattern ?? "/unknown")")
    }

    /// Whether the client's word for the server can stand in a URL that it gets back.
    private static func isAuthority(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 255
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "-.:[]_".utf8.contains(byte)
            }
    }

    // swift-format-ignore: NeverForceUnwrap
    private static let requestIDHeader = HTTPField.Name("x-openstack-request-id")!  // A constant, valid name.

    // swift-format-ignore: NeverForceUnwrap
    private static let tokenHeader = HTTPField.Name("X-Auth-Token")!  // A constant, valid name.

    /// The decoded segments of a path; `nil` when an escape is broken.
    private static func segments(_ path: String) -> [String]? {
        var result: [String] = []
        for segment in path.split(separator: "/") {
            guard let decoded = PercentEncoding.decode(segment) else { return nil }
            result.append(decoded)
        }
        return result
    }

    /// The decoded arguments of a query; `nil` when an escape is broken.
    private static func arguments(_ query: String) -> [APIRequest.QueryArgument]? {
        var result: [APIRequest.QueryArgument] = []
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(parts[0], plusIsSpace: true),
                let value = PercentEncoding.decode(parts.count > 1 ? parts[1] : "", plusIsSpace: true)
            else { return nil }
            result.append(.init(name, value))
        }
        return result
    }
}

/// Percent-encoding (RFC 3986 section 2.1).
enum PercentEncoding {
    /// The text that was encoded; `nil` when an escape is broken or the result is not UTF-8.
    static func decode(_ text: Substring, plusIsSpace: Bool = false) -> String? {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || plusIsSpace && $0 == UInt8(ascii: "+") }) else {
            return String(text)
        }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+"), plusIsSpace {
                bytes.append(0x20)
            } else if byte == UInt8(ascii: "%") {
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
