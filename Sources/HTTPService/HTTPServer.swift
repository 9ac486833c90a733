// The HTTP server that all services share.

internal import HTTPTypes
internal import Hummingbird
internal import JSON
internal import LoadBalancing
public import Logging
internal import NIOCore
public import ServiceLifecycle

/// Serves several APIs on one port, each below its prefix.
public struct HTTPServer: Service {
    /// The longest body that a request may have, in bytes.
    public static let bodyLimit = 1 << 20

    /// Silence on a connection after which it is closed, in seconds.
    private static let idleTimeout: Int64 = 120

    private let application: Application<Dispatcher>

    /// - Parameters:
    ///   - host: The address to listen on.
    ///   - port: The port to listen on; 0 takes a free one.
    ///   - services: The APIs.
    ///   - root: Answers paths with no segment or one: `/`, `/healthcheck`, `/metrics`.
    ///   - onReady: Called with the port once connections are accepted.
    public init(
        host: String, port: Int, services: [any APIService], root: any APIService, logger: Logger,
        onReady: @escaping @Sendable (Int) async -> Void
    ) {
        application = Application(
            responder: Dispatcher(services: services, root: root, authority: "\(host):\(port)", logger: logger),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [UnknownMethodHandler()], idleTimeout: .seconds(Self.idleTimeout))),
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

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
    }
}

/// Turns Hummingbird's requests into the services' and back.
struct Dispatcher: HTTPResponder {
    private let services: [String: any APIService]
    private let root: any APIService
    private let authority: String
    private let logger: Logger

    init(services: [any APIService], root: any APIService, authority: String, logger: Logger) {
        self.services = Dictionary(services.map { ($0.prefix, $0) }, uniquingKeysWith: { first, _ in first })
        self.root = root
        self.authority = authority
        self.logger = logger
    }

    func respond(to request: Request, context: ConnectionContext) async throws -> Response {
        let start = ContinuousClock.now
        let requestID = "req-\(ResourceID.random())"
        let answer = await answer(to: request, requestID: requestID)
        let elapsed = ContinuousClock.now - start
        logger.debug(
            "request",
            metadata: [
                "request": "\(requestID)", "method": "\(request.method)", "path": "\(request.uri.path)",
                "status": "\(answer.status.code)",
                "microseconds": "\(Int64(elapsed / .microseconds(1)))",
            ])
        var headers = answer.headers
        headers[Self.requestIDHeader] = requestID
        return Response(
            status: answer.status, headers: headers,
            body: answer.body.isEmpty ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }

    private func answer(to request: Request, requestID: String) async -> APIResponse {
        let raw = Self.segments(request.uri.path)
        let service = raw?.first.flatMap { services[$0] }
        let responder = service ?? root
        guard let raw, let query = Self.arguments(request.uri.query ?? "") else {
            return responder.fault(.malformed("The URL is not valid percent-encoded UTF-8."))
        }
        var received = request
        let body: ByteBuffer
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > HTTPServer.bodyLimit {
            return responder.fault(.bodyTooLarge(limit: HTTPServer.bodyLimit))
        }
        do {
            body = try await received.collectBody(upTo: HTTPServer.bodyLimit)
        } catch {
            return responder.fault(.bodyTooLarge(limit: HTTPServer.bodyLimit))
        }
        let host = request.head.authority ?? authority
        let converted = APIRequest(
            method: request.method, path: service == nil ? raw : Array(raw.dropFirst()), query: query,
            headers: request.headers, body: Array(body.readableBytesView), requestID: requestID,
            baseURL: "http://\(Self.isAuthority(host) ? host : authority)")
        return await responder.respond(to: converted, logger: logger)
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
