// A key manager over a database of its own, and its API.

import DatabaseTestSupport
import FoundationEssentials
import HTTPService
import HTTPTypes
import Identity
import JSON
import KeyManager
import KeyManagerAPI
import LoadBalancing
import Logging
import Persistence
import Synchronization
import Testing

/// A clock that tests move.
final class TestClock: Sendable {
    private let time = Mutex(Timestamp(microseconds: 1_800_000_000_000_000))

    var now: Timestamp { time.withLock { $0 } }

    func advance(seconds: Double) { time.withLock { $0 = $0.advanced(bySeconds: seconds) } }
}

/// Takes a user's name as its token.
struct TestTokens: TokenValidator {
    /// user → project and roles
    static let users: [String: (project: String?, roles: Set<String>)] = [
        "alice": ("red", ["member", "reader"]), "anna": ("red", ["member", "reader"]),
        "boss": ("red", ["admin", "member"]), "reader": ("red", ["reader"]), "observer": ("red", ["observer"]),
        "audit": ("red", ["audit"]), "creator": ("red", ["creator"]), "bob": ("blue", ["member"]),
        "root": ("blue", ["admin"]), "nobody": (nil, ["member"]),
    ]

    func subject(ofToken token: String) async throws -> AuthenticatedSubject? {
        Self.users[token].map {
            AuthenticatedSubject(
                userID: token, userName: token, projectID: $0.project, projectName: $0.project, roles: $0.roles)
        }
    }

    static func access(_ user: String) -> KeyManagerAccess {
        .user(id: user, projectID: users[user]?.project, roles: users[user]?.roles ?? [])
    }
}

struct KeyManagerFixture {
    let folder: String
    let database: any Database
    let clock: TestClock
    let manager: EmbeddedKeyManager
    let service: KeyManagerService

    var databasePath: String { folder + "/test.db" }
    var keyPath: String { folder + "/key" }

    static func run(_ body: (KeyManagerFixture) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/key-manager-\(ResourceID.random())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let database = try TestDatabase.open(folder + "/test.db")
        try await database.migrate(EmbeddedKeyManager.migrations)
        let clock = TestClock()
        let manager = EmbeddedKeyManager(database: database, keys: try KeyRing(path: folder + "/key")) { clock.now }
        try await body(
            KeyManagerFixture(
                folder: folder, database: database, clock: clock, manager: manager,
                service: KeyManagerService(manager: manager, tokens: TestTokens())))
        try await database.close()
    }

    // MARK: The core

    func secret(_ text: String, as user: String = "alice", name: String? = nil) async throws -> Secret {
        try await secret(Array(text.utf8), .plainText, as: user, name: name)
    }

    func secret(
        _ bytes: [UInt8], _ type: PayloadType, as user: String = "alice", name: String? = nil
    ) async throws -> Secret {
        var draft = SecretDraft()
        draft.name = name
        draft.payload = SecretPayload(bytes, type: type)
        let complete = draft
        return try await manager.write(as: TestTokens.access(user)) { try $0.createSecret(complete) }
    }

    func reference(_ secret: Secret) -> String { "http://host/key-manager/v1/secrets/\(secret.id)" }

    // MARK: The API

    struct Answer {
        var status: Int
        var headers: HTTPFields
        var body: [UInt8]

        var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    func call(
        _ method: HTTPRequest.Method, _ path: String, _ json: JSONValue? = nil, as user: String = "alice",
        headers: [String: String] = [:], body: [UInt8] = []
    ) async -> Answer {
        var fields: HTTPFields = [:]
        for (name, value) in headers { HTTPField.Name(name).map { fields[$0] = value } }
        HTTPField.Name("X-Auth-Token").map { fields[$0] = user }
        if json != nil, fields[.contentType] == nil { fields[.contentType] = "application/json" }
        let parts = path.split(separator: "?", maxSplits: 1)
        let arguments = parts.count < 2 ? [] : parts[1].split(separator: "&")
        let query = arguments.map { argument in
            let pair = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return APIRequest.QueryArgument(String(pair[0]), pair.count > 1 ? String(pair[1]) : "")
        }
        let request = APIRequest(
            method: method, path: (parts.first ?? "").split(separator: "/").map(String.init), query: query,
            headers: fields, body: json.map { JSONWriter.bytes(of: $0) } ?? body, requestID: "req-test",
            baseURL: "http://host")
        let response = await service.respond(to: request, logger: Logger(label: "test"))
        #expect(response.status.code < 500, "\(method) \(path): \(String(decoding: response.body, as: UTF8.self))")
        return Answer(status: response.status.code, headers: response.headers, body: response.body)
    }

    /// Makes a secret by the API and gives its path.
    func make(_ body: JSONValue, as user: String = "alice") async throws -> String {
        let answer = await call(.post, "/v1/secrets", body, as: user)
        #expect(answer.status == 201, "\(answer.text)")
        let url = try #require(answer.json["secret_ref"]?.string)
        return url.replacing("http://host/key-manager", with: "")
    }
}

/// Checks that a call is refused with that status.
func expectFault<Result>(_ status: Int, _ body: () async throws -> Result) async {
    do {
        _ = try await body()
        Issue.record("a call that must be refused with \(status) was done")
    } catch let fault as KeyManagerFault {
        #expect(fault.status == status, "\(fault)")
    } catch {
        Issue.record("\(error)")
    }
}
