// Calls of one service: endpoint, token, repetition, faults.

internal import JSON
internal import NIOHTTP1

/// What all services of a cloud share.
struct CloudCore: Sendable {
    let configuration: CloudConfiguration
    let transport: HTTPTransport
    let keeper: TokenKeeper
    let log: RequestLog

    /// The token for requests; absent when the cloud has no Keystone.
    func token(insteadOf refused: Secret? = nil) async throws -> Secret? {
        if case .endpoints(let token) = configuration.credentials { return token }
        return try await keeper.token(insteadOf: refused).value
    }

    /// The service's URL without a version at its end.
    func endpoint(_ type: ServiceType) async throws -> URLText {
        if let url = configuration.endpointOverrides[type.rawValue] { return URLText(url).withoutVersion }
        if case .endpoints = configuration.credentials {
            throw CloudError(.noEndpoint, "there is no endpoint for service '\(type.rawValue)'")
        }
        let endpoint = try await keeper.token().catalog.endpoint(
            service: type.rawValue, region: configuration.serviceRegions[type.rawValue] ?? configuration.region,
            interfaces: configuration.serviceInterfaces[type.rawValue] ?? configuration.interfaces)
        return URLText(endpoint.url).withoutVersion
    }
}

/// Calls one service.
struct ServiceClient: Sendable {
    let core: CloudCore
    let type: ServiceType

    /// Sends a request, and again as the policy of retries says, and reads the answer.
    ///
    /// - Parameters:
    ///   - path: Below the version, such as `lbaas/pools`; below the endpoint itself when `isVersioned` is false.
    ///   - isIdempotent: Absent: whether the method is.
    func send(
        _ method: String, _ path: String, query: [(String, String)] = [], body: [UInt8]? = nil,
        contentType: String = "application/json", accept: String = "application/json", isIdempotent: Bool? = nil,
        isVersioned: Bool = true
    ) async throws -> HTTPAnswer {
        let isIdempotent = isIdempotent ?? (method != "POST")
        let key = newKey(for: method)
        let start = ContinuousClock.now
        var attempt = 1
        func pause(after error: CloudError, isIdempotent: Bool) -> Duration? {
            core.configuration.retries.pause(
                after: error, isIdempotent: isIdempotent, attempt: attempt, elapsed: ContinuousClock.now - start,
                chance: .random(in: 0...1))
        }
        while true {
            do {
                var url = try await core.endpoint(type).string
                if isVersioned { url += "/" + type.version }
                url += "/" + path + URLText.query(query)
                return try await authenticated(
                    HTTPCall(
                        method: method, url: url,
                        headers: [("Accept", accept)] + (key.map { [(Self.keyHeader, $0)] } ?? []), body: body),
                    contentType)
            } catch let error as CloudError {
                // What an earlier attempt may have deleted is gone: that is what was wanted.
                if method == "DELETE", attempt > 1, error.code == .notFound {
                    return HTTPAnswer(status: 204, headers: [:], body: [])
                }
                // Whether it was carried out may be unknown: with its key it is safe to send again, where keys count.
                let dependsOnKey = key != nil && pause(after: error, isIdempotent: isIdempotent) == nil
                while true {
                    guard let pause = pause(after: error, isIdempotent: isIdempotent || key != nil) else {
                        throw error
                    }
                    core.log.retrying(error, after: pause)
                    try await Task.sleep(for: pause)
                    attempt += 1
                    guard dependsOnKey else { break }
                    let support = await keySupport()
                    if support == .ignored { throw error }
                    if support == .honoured { break }
                }
            }
        }
    }

    /// Sends a request with a token; with another one if the service refuses the first.
    private func authenticated(_ call: HTTPCall, _ contentType: String) async throws -> HTTPAnswer {
        var token = try await core.token()
        for isLast in [false, true] {
            var call = call
            if let token { call.headers.append(("X-Auth-Token", token.revealed)) }
            if call.body != nil { call.headers.append(("Content-Type", contentType)) }
            let answer = try await core.transport.send(call)
            if answer.status == 401, !isLast, case let refused? = token {
                let other = try await core.token(insteadOf: refused)
                if other != refused {
                    token = other
                    continue
                }
            }
            guard (200...300).contains(answer.status) else { throw FaultReader.error(answer, call) }
            return answer
        }
        throw CloudError(.unauthorized, "no token was accepted")
    }

    /// Sends a request, and reads the object or list that the answer has under a key.
    func sendForValue(
        _ method: String, _ path: String, query: [(String, String)] = [], body: [UInt8]? = nil, key: String,
        isVersioned: Bool = true
    ) async throws -> JSONValue {
        let document = try await sendForDocument(method, path, query: query, body: body, isVersioned: isVersioned)
        guard let value = document[key] else {
            throw CloudError(.unexpectedAnswer, "unexpected answer to \(method) \(path): there is no '\(key)'")
        }
        return value
    }

    /// Sends a request, and reads the answer as JSON.
    func sendForDocument(
        _ method: String, _ path: String, query: [(String, String)] = [], body: [UInt8]? = nil,
        isVersioned: Bool = true
    ) async throws -> JSONValue {
        let answer = try await send(method, path, query: query, body: body, isVersioned: isVersioned)
        do {
            return try JSONValue(parsing: answer.body)
        } catch {
            throw CloudError(.unexpectedAnswer, "the answer to \(method) \(path) is not JSON: \(error)", cause: error)
        }
    }
}
