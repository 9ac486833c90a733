// Sending one HTTP request and reading its whole answer.

internal import AsyncHTTPClient
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// One HTTP request.
struct HTTPCall: Sendable {
    var method: String
    var url: String
    var headers: [(String, String)] = []
    var body: [UInt8]?
}

/// One HTTP answer.
struct HTTPAnswer: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: [UInt8]

    func header(_ name: String) -> String? { headers.first(name: name) }
}

/// Connections to the services of one cloud. They are kept between calls and closed when they idle.
final class HTTPTransport: Sendable {
    private let client: HTTPClient
    private let timeout: Duration
    private let log: RequestLog

    /// The most that an answer may have; a page of the largest allowed size has less than a hundredth of it.
    private static let bodyLimit = 256 << 20

    init(tls: TLSSettings, timeout: Duration, log: RequestLog) throws(CloudError) {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: try tls.configuration(), redirectConfiguration: .disallow,
            timeout: .init(
                connect: .nanoseconds(min(timeout, .seconds(10)).nanoseconds), read: .nanoseconds(timeout.nanoseconds)))
        // The policy of retries decides about lost connections, not the client below it.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        client = HTTPClient(
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), configuration: configuration)
        self.timeout = timeout
        self.log = log
    }

    deinit {
        // Closes what is open; does nothing after `shutdown`.
        client.shutdown { _ in }
    }

    /// Closes all connections; calls under way fail.
    func shutdown() async {
        try? await client.shutdown()
    }

    /// Sends a request and reads the answer.
    ///
    /// - Throws: ``CloudError`` for anything but an answer, and `CancellationError`.
    func send(_ call: HTTPCall) async throws -> HTTPAnswer {
        log.sending(call)
        let start = ContinuousClock.now
        do {
            let answer = try await exchange(call)
            log.received(answer, to: call, after: ContinuousClock.now - start)
            return answer
        } catch {
            let failure = Self.failure(error, call)
            log.failed(call, failure, after: ContinuousClock.now - start)
            throw failure
        }
    }

    private func exchange(_ call: HTTPCall) async throws -> HTTPAnswer {
        var request = HTTPClientRequest(url: call.url)
        request.method = HTTPMethod(rawValue: call.method)
        for (name, value) in call.headers { request.headers.add(name: name, value: value) }
        if let body = call.body { request.body = .bytes(body) }
        // One limit for head and body together: the client's own covers the head only.
        return try await withThrowingTaskGroup(of: HTTPAnswer.self) { [client, request, timeout] group in
            group.addTask {
                let response = try await client.execute(request, deadline: .now() + .nanoseconds(timeout.nanoseconds))
                let body = try await response.body.collect(upTo: Self.bodyLimit)
                return HTTPAnswer(
                    status: Int(response.status.code), headers: response.headers, body: Array(body.readableBytesView))
            }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw HTTPClientError.deadlineExceeded
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() else { throw CancellationError() }
            return answer
        }
    }

    private static func failure(_ error: any Error, _ call: HTTPCall) -> any Error {
        if error is CancellationError || Task.isCancelled { return CancellationError() }
        let host = URLText(call.url).host
        var failure: CloudError
        switch error {
        case let error as HTTPClientError:
            switch error {
            case .deadlineExceeded, .readTimeout, .writeTimeout, .getConnectionFromPoolTimeout:
                failure = CloudError(.timedOut, "\(host) did not answer in time", cause: error)
            case .connectTimeout, .tlsHandshakeTimeout:
                failure = CloudError(.cannotConnect, "\(host) cannot be reached: no answer in time", cause: error)
            case .remoteConnectionClosed, .uncleanShutdown:
                failure = CloudError(.cannotConnect, "\(host) closed the connection without an answer", cause: error)
            case .cancelled, .requestStreamCancelled:
                return CancellationError()
            default:
                failure = CloudError(.invalidConfiguration, "\(call.url): \(error.description)", cause: error)
            }
        case let error as NIOConnectionError:
            failure = CloudError(.cannotConnect, "\(host) cannot be reached: \(reason(error))", cause: error)
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            failure = CloudError(
                .cannotConnect, "no trusted TLS connection to \(host): \(error). Check cacert, or the server's name",
                cause: error)
        default:
            failure = CloudError(.cannotConnect, "the connection to \(host) failed: \(error)", cause: error)
        }
        failure.request = "\(call.method) \(call.url)"
        return failure
    }

    private static func reason(_ error: NIOConnectionError) -> String {
        if let first = error.connectionErrors.first { return "\(first.error)" }
        return error.dnsAError != nil || error.dnsAAAAError != nil ? "the name is not known" : "\(error)"
    }
}

extension Duration {
    /// The whole nanoseconds; the largest number for durations beyond it.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : product + attoseconds / 1_000_000_000
    }
}
