// A service on a database of its own, with a clock that tests move.

import DatabaseTestSupport
import Foundation
import HTTPService
import HTTPTypes
import Identity
import IdentityAPI
import JSON
import LoadBalancing
import Logging
import Persistence
import Synchronization
import Testing

/// A clock that stands still until it is moved.
final class ManualClock: Sendable {
    private let time = Mutex(Timestamp(microseconds: 1_800_000_000_000_000))

    var now: Timestamp { time.withLock { $0 } }

    func advance(bySeconds seconds: Double) {
        time.withLock { $0 = $0.advanced(bySeconds: seconds) }
    }
}

/// A directory that is removed at the end.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "identity-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The service after its first start; passwords are `admin-secret` and `demo-secret`.
struct Fixture {
    static let cheap = EmbeddedIdentity.Options(passwordCost: .init(rounds: 16, blockSize: 1))
    static let defaultDomain = DomainReference.id("default")

    let directory: TemporaryDirectory
    let clock = ManualClock()
    let database: any Database
    let identity: EmbeddedIdentity
    let service: IdentityService

    init() async throws {
        directory = try TemporaryDirectory()
        database = try TestDatabase.open(directory.path + "/identity.db")
        try await database.migrate(EmbeddedIdentity.migrations)
        identity = EmbeddedIdentity(database: database, options: Self.cheap, now: { [clock] in clock.now })
        service = IdentityService(identity: identity)
        _ = try await identity.bootstrap(adminPassword: "admin-secret", demoPassword: "demo-secret")
    }

    /// A second process on the same database.
    func reopened() throws -> EmbeddedIdentity {
        let database = try TestDatabase.open(directory.path + "/identity.db")
        return EmbeddedIdentity(database: database, options: Self.cheap, now: { [clock] in clock.now })
    }

    /// Logs in with a password, for the project of the user's name if nothing else is said.
    func login(
        _ name: String, password: String? = nil, scope: AuthenticationRequest.Scope? = nil
    ) async throws -> IssuedToken {
        let proof = AuthenticationRequest.Proof.password(
            .name(name, Self.defaultDomain), password: password ?? "\(name)-secret")
        return try await identity.authenticate(
            AuthenticationRequest(proofs: [proof], scope: scope ?? .project(.name(name, Self.defaultDomain))))
    }

    /// Sends a request to the API.
    func send(
        _ method: HTTPRequest.Method, _ path: String, token: String? = nil, subject: String? = nil,
        body: JSONValue? = nil
    ) async -> APIResponse {
        await send(method, path, token: token, subject: subject, bytes: body.map { JSONWriter.bytes(of: $0) } ?? [])
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, token: String? = nil, subject: String? = nil, bytes: [UInt8]
    ) async -> APIResponse {
        var headers: HTTPFields = [:]
        if let token, let name = HTTPField.Name("X-Auth-Token") { headers[name] = token }
        if let subject, let name = HTTPField.Name("X-Subject-Token") { headers[name] = subject }
        let parts = path.split(separator: "?", maxSplits: 1)
        let query = (parts.count > 1 ? parts[1] : "").split(separator: "&").map { argument in
            let pair = argument.split(separator: "=", maxSplits: 1).map { String($0).removingPercentEncoding ?? "" }
            return APIRequest.QueryArgument(pair[0], pair.count > 1 ? pair[1] : "")
        }
        let request = APIRequest(
            method: method,
            path: (parts.first ?? "").split(separator: "/").map { String($0).removingPercentEncoding ?? "" },
            query: query, headers: headers, body: bytes, requestID: "req-test", baseURL: "http://lb.example:9876")
        return await service.respond(to: request, logger: Logger(label: "test"))
    }
}

extension APIResponse {
    /// The body as JSON; null when there is none.
    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
}

/// Runs a block that must be refused with that code.
func expectFault<Result>(
    _ code: Int, _ body: () async throws -> Result, sourceLocation: SourceLocation = #_sourceLocation
) async {
    do {
        _ = try await body()
        Issue.record("expected a fault with code \(code)", sourceLocation: sourceLocation)
    } catch let fault as IdentityFault {
        #expect(fault.code == code, "\(fault.message)", sourceLocation: sourceLocation)
    } catch {
        Issue.record("expected a fault, got \(error)", sourceLocation: sourceLocation)
    }
}

extension APIResponse {
    /// The value of a header by its name.
    func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
}
