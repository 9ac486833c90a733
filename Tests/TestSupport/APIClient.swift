// A client of the API: login, and requests with JSON.

public import JSON

/// An answer that the caller did not expect.
public struct UnexpectedAnswer: Error, CustomStringConvertible {
    public var description: String

    public init(description: String) {
        self.description = description
    }
}

/// Somebody who is logged in. Every request uses a connection of its own.
public struct APIClient: Sendable {
    public let host: String
    public let port: Int
    /// Absent for somebody who is not logged in.
    public var token: String?
    public var projectID: String

    /// Somebody who is not logged in, or who has that token.
    public init(host: String = "127.0.0.1", port: Int, token: String? = nil, projectID: String = "") {
        self.host = host
        self.port = port
        self.token = token
        self.projectID = projectID
    }

    /// Logs in with a password.
    public init(host: String = "127.0.0.1", port: Int, user: String, password: String, project: String) throws {
        let anonymous = APIClient(host: host, port: port)
        let domain: JSONValue = ["id": "default"]
        let answer = try anonymous.send(
            "POST", "/identity/v3/auth/tokens",
            [
                "auth": [
                    "identity": [
                        "methods": ["password"],
                        "password": [
                            "user": ["name": .string(user), "password": .string(password), "domain": domain]
                        ],
                    ],
                    "scope": ["project": ["name": .string(project), "domain": domain]],
                ]
            ])
        guard answer.status == 201, let token = answer.header("X-Subject-Token") else {
            throw UnexpectedAnswer(description: "login of \(user): \(answer.status) \(answer.text)")
        }
        self.init(
            host: host, port: port, token: token,
            projectID: answer.json["token"]?["project"]?["id"]?.string ?? "")
    }

    /// Sends a request; a path without a leading slash is one of the load balancing API.
    public func send(_ method: String, _ path: String, _ body: JSONValue? = nil) throws -> HTTPAnswer {
        try send(method, path, bytes: body.map { JSONWriter.bytes(of: $0) })
    }

    /// Sends a request with a body of any bytes.
    public func send(
        _ method: String, _ path: String, bytes: [UInt8]?, headers: [(String, String)] = [],
        limit: Duration = .seconds(20)
    ) throws -> HTTPAnswer {
        var headers = headers + [("Connection", "close")]
        if let token { headers.append(("X-Auth-Token", token)) }
        if bytes != nil, !headers.contains(where: { $0.0 == "Content-Type" }) {
            headers.append(("Content-Type", "application/json"))
        }
        let path = path.hasPrefix("/") ? path : "/load-balancer/v2.0/lbaas/\(path)"
        return try HTTPConnection(to: host, port: port, limit: limit)
            .request(method, path, headers: headers, body: bytes)
    }
}

/// A kind of object: where it is, and what it is called in a body.
public struct Collection: Sendable {
    public let path: String
    public let key: String
    public let plural: String

    public static let loadBalancers = Collection(
        path: "loadbalancers", key: "loadbalancer", plural: "loadbalancers")
    public static let listeners = Collection(path: "listeners", key: "listener", plural: "listeners")
    public static let pools = Collection(path: "pools", key: "pool", plural: "pools")
    public static let healthMonitors = Collection(
        path: "healthmonitors", key: "healthmonitor", plural: "healthmonitors")
    public static let l7Policies = Collection(path: "l7policies", key: "l7policy", plural: "l7policies")
    public static func members(of pool: String) -> Collection {
        Collection(path: "pools/\(pool)/members", key: "member", plural: "members")
    }
    public static func l7Rules(of policy: String) -> Collection {
        Collection(path: "l7policies/\(policy)/rules", key: "rule", plural: "rules")
    }
}

/// Requests that are expected to succeed.
extension APIClient {
    public func create(_ collection: Collection, _ fields: JSONValue) throws -> JSONValue {
        let body: JSONValue = .object([collection.key: fields])
        return try expect(201, send("POST", collection.path, body), "POST \(collection.path)")[collection.key] ?? .null
    }

    public func get(_ collection: Collection, _ id: String) throws -> JSONValue {
        let path = "\(collection.path)/\(id)"
        return try expect(200, send("GET", path), "GET \(path)")[collection.key] ?? .null
    }

    public func update(_ collection: Collection, _ id: String, _ fields: JSONValue) throws {
        let path = "\(collection.path)/\(id)"
        _ = try expect(200, send("PUT", path, .object([collection.key: fields])), "PUT \(path)")
    }

    public func delete(_ collection: Collection, _ id: String, query: String = "") throws {
        let path = "\(collection.path)/\(id)"
        _ = try expect(204, send("DELETE", path + query), "DELETE \(path)")
    }

    public func list(_ collection: Collection, query: String = "") throws -> [JSONValue] {
        let path = collection.path + query
        return try expect(200, send("GET", path), "GET \(path)")[collection.plural]?.array ?? []
    }

    private func expect(_ status: Int, _ answer: HTTPAnswer, _ what: String) throws -> JSONValue {
        guard answer.status == status else {
            throw UnexpectedAnswer(description: "\(what): \(answer.status) \(answer.text)")
        }
        return answer.json
    }
}
