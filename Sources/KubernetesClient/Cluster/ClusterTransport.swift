// Connections to the API server.

internal import AsyncHTTPClient
internal import JSON
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// Sends calls, with the login that is good at the time.
final class ClusterTransport: Sendable {
    private let client: HTTPClient
    /// Watches have connections of their own, on which silence means that the other side is gone.
    private let watchingClient: HTTPClient
    private let address: ServerAddress
    private let keeper: LoginKeeper
    private let gate: RequestGate
    private let timeout: Duration
    private let logger: Logger

    /// The most that one answer may have; pages of a list have less than a tenth of it.
    private static let bodyLimit = 256 << 20
    /// Servers send a bookmark every minute, so a watch that is silent for longer has lost its server.
    static let silenceLimit = Duration.seconds(150)

    init(_ configuration: ClusterConfiguration, logger: Logger) throws(KubernetesError) {
        address = try ServerAddress(configuration)
        keeper = try LoginKeeper(configuration, logger: logger)
        gate = RequestGate(configuration.rateLimit)
        timeout = configuration.timeout
        self.logger = logger
        var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
        settings.dnsOverride = address.dnsOverride
        settings.httpVersion = .http1Only
        settings.connectionPool.retryConnectionEstablishment = false
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 32
        settings.timeout.connect = .nanoseconds(min(timeout, .seconds(10)).wholeNanoseconds)
        client = HTTPClient(
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), configuration: settings)
        settings.timeout.read = .nanoseconds(Self.silenceLimit.wholeNanoseconds)
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        watchingClient = HTTPClient(
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), configuration: settings)
    }

    deinit {
        // Closes what is open; does nothing after `shutdown`.
        client.shutdown { _ in }
        watchingClient.shutdown { _ in }
    }

    func shutdown() async {
        try? await client.shutdown()
        try? await watchingClient.shutdown()
    }

    /// Sends a call and reads the whole answer.
    ///
    /// - Throws: ``KubernetesError`` for anything but a success, and `CancellationError`.
    func send(_ call: ClusterCall) async throws -> ClusterAnswer {
        let deadline = ContinuousClock.now + timeout
        var hasNewLogin = false
        while true {
            try await gate.pass()
            let login = try await keeper.login()
            do {
                return try await exchange(call, login)
            } catch let error as KubernetesError {
                if error.httpStatus == 401, !hasNewLogin {
                    // Tokens are replaced while we hold them.
                    hasNewLogin = true
                    if await keeper.refuse(login) { continue }
                }
                guard error.httpStatus == 429 || error.httpStatus == 503, let pause = error.retryAfter,
                    ContinuousClock.now + pause < deadline
                else { throw error }
                try await Task.sleep(for: pause)
            }
        }
    }

    private func exchange(_ call: ClusterCall, _ login: Login) async throws -> ClusterAnswer {
        let request = request(call, login)
        let start = ContinuousClock.now
        let (response, body) = try await within(timeout, call) { [client] in
            let response = try await client.execute(request, deadline: .distantFuture)
            let body = try await response.body.collect(upTo: Self.bodyLimit)
            return (response, Array(body.readableBytesView))
        }
        logger.trace(
            "answer",
            metadata: [
                "call": "\(call)", "status": "\(response.status.code)", "duration": "\(ContinuousClock.now - start)",
            ])
        try Self.check(response, body, call)
        return ClusterAnswer(status: Int(response.status.code), body: body, call: call)
    }

    /// Starts a watch: the answer's head is waited for, the lines follow.
    func open(_ call: ClusterCall) async throws -> HTTPClientResponse.Body {
        var hasNewLogin = false
        while true {
            try await gate.pass()
            let login = try await keeper.login()
            let request = request(call, login)
            let response = try await within(timeout, call) { [watchingClient] in
                try await watchingClient.execute(request, deadline: .distantFuture)
            }
            if response.status.code == 200 { return response.body }
            let body = try await within(timeout, call) { try await response.body.collect(upTo: 1 << 20) }
            if response.status.code == 401, !hasNewLogin {
                hasNewLogin = true
                if await keeper.refuse(login) { continue }
            }
            try Self.check(response, Array(body.readableBytesView), call)
            throw KubernetesError(
                .malformedAnswer, "status \(response.status.code) for a watch", request: call.description)
        }
    }

    private func request(_ call: ClusterCall, _ login: Login) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: address.base + call.target)
        request.method = HTTPMethod(rawValue: call.method)
        request.tlsConfiguration = login.tls
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "User-Agent", value: "ottava")
        if let host = address.hostHeader { request.headers.add(name: "Host", value: host) }
        if let authorization = login.authorization {
            request.headers.add(name: "Authorization", value: authorization)
        }
        if let body = call.body {
            request.headers.add(name: "Content-Type", value: call.contentType)
            request.body = .bytes(body)
        }
        return request
    }

    private static func check(
        _ response: HTTPClientResponse, _ body: [UInt8], _ call: ClusterCall
    ) throws(KubernetesError) {
        let status = Int(response.status.code)
        guard !(200..<300).contains(status) else { return }
        let pause = response.headers.first(name: "Retry-After").flatMap { Int($0) }.map { Duration.seconds($0) }
        throw KubernetesError(status: status, body: body, retryAfter: pause, request: call.description)
    }

    /// Runs something with one limit for all of it.
    private func within<Result: Sendable>(
        _ limit: Duration, _ call: ClusterCall, _ body: @Sendable @escaping () async throws -> Result
    ) async throws -> Result {
        do {
            return try await withThrowingTaskGroup(of: Result?.self) { group in
                group.addTask { try await body() }
                group.addTask {
                    try await Task.sleep(for: limit)
                    return nil
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let result = first else {
                    throw KubernetesError(.timedOut, "no answer within \(limit)")
                }
                return result
            }
        } catch {
            throw Self.failure(error, call)
        }
    }

    /// Tells what kind of failure a lower layer met.
    static func failure(_ error: any Error, _ call: ClusterCall) -> any Error {
        if Task.isCancelled { return CancellationError() }
        let name = call.description
        switch error {
        case is CancellationError: return error
        case var error as KubernetesError:
            error.request = error.request ?? name
            return error
        case let error as HTTPClientError where error == .cancelled: return CancellationError()
        case let error as HTTPClientError
        where [.readTimeout, .deadlineExceeded, .connectTimeout].contains(error):
            return KubernetesError(.timedOut, "no answer in time", request: name, underlying: error)
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            return KubernetesError(
                .cannotConnect,
                "no trusted TLS connection: \(error). Check certificate-authority and the server's name",
                request: name, underlying: error)
        case let error as NIOConnectionError:
            let cause = error.connectionErrors.first.map { "\($0.error)" } ?? "the name \(error.host) is not known"
            return KubernetesError(.cannotConnect, cause, request: name, underlying: error)
        default:
            return KubernetesError(.cannotConnect, "\(error)", request: name, underlying: error)
        }
    }
}

extension Duration {
    /// Nanoseconds for libraries that count them in 64 bits.
    var wholeNanoseconds: Int64 { Int64(self / .nanoseconds(1)) }
}
