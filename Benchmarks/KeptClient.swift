// A client of the API that keeps its connection, as the SDKs do.

internal import JSON
internal import TestSupport

/// Where an API is, and what every request to it says about who sends it.
struct APIAddress: Sendable {
    var host = "127.0.0.1"
    var port: Int
    /// What the paths of the load balancing API begin with.
    var prefix: String
    var headers: [(String, String)]
}

final class KeptClient {
    /// Another thread makes a client of its own from it.
    let address: APIAddress
    private var connection: HTTPConnection?

    init(_ address: APIAddress) {
        self.address = address
    }

    /// Somebody who is logged in at Ottava.
    convenience init(_ login: APIClient) {
        self.init(
            APIAddress(
                host: login.host, port: login.port, prefix: "/load-balancer/v2.0/lbaas/",
                headers: [("X-Auth-Token", login.token ?? "")]))
    }

    /// Sends a request; a path without a leading slash is one of the load balancing API.
    @discardableResult
    func send(_ method: String, _ path: String, _ body: JSONValue? = nil, expecting status: Int) throws -> HTTPAnswer {
        let connection = try openConnection()
        var headers = address.headers
        if body != nil { headers.append(("Content-Type", "application/json")) }
        let answer: HTTPAnswer
        do {
            answer = try connection.request(
                method, path.hasPrefix("/") ? path : "\(address.prefix)\(path)", headers: headers,
                body: body.map { JSONWriter.bytes(of: $0) })
        } catch {
            self.connection = nil
            throw error
        }
        guard answer.status == status else {
            throw UnexpectedAnswer(description: "\(method) \(path): \(answer.status) \(answer.text)")
        }
        return answer
    }

    /// Creates an object and returns it.
    func create(_ collection: Collection, _ fields: JSONValue) throws -> JSONValue {
        try send("POST", collection.path, .object([collection.key: fields]), expecting: 201).json[collection.key]
            ?? .null
    }

    /// Creates an object and returns its id.
    func createIdentified(_ collection: Collection, _ fields: JSONValue) throws -> String {
        try create(collection, fields)["id"]?.string ?? ""
    }

    func update(_ collection: Collection, _ id: String, _ fields: JSONValue) throws {
        try send("PUT", "\(collection.path)/\(id)", .object([collection.key: fields]), expecting: 200)
    }

    func delete(_ collection: Collection, _ id: String, query: String = "") throws {
        try send("DELETE", "\(collection.path)/\(id)\(query)", expecting: 204)
    }

    /// The id of the subnet in which load balancers get their addresses.
    func privateSubnet() throws -> String {
        let answer = try send("GET", "/network/v2.0/subnets?name=private-subnet", expecting: 200)
        guard let id = answer.json["subnets"]?[0]?["id"]?.string else {
            throw UnexpectedAnswer(description: "no private-subnet: \(answer.text)")
        }
        return id
    }

    /// Waits until nothing of a load balancer is under way.
    func settle(_ loadBalancer: String) async throws {
        try await eventually("\(loadBalancer) is ACTIVE", within: .seconds(20), every: .milliseconds(10)) {
            let answer = try send("GET", "loadbalancers/\(loadBalancer)", expecting: 200)
            return answer.json["loadbalancer"]?["provisioning_status"] == "ACTIVE"
        }
    }

    private func openConnection() throws -> HTTPConnection {
        if let connection, connection.isOpen { return connection }
        let new = try HTTPConnection(to: address.host, port: address.port, limit: .seconds(60))
        connection = new
        return new
    }
}
