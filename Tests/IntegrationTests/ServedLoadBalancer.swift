// A load balancer of a test, with one listener and one pool, made with a single call.

internal import JSON
internal import TestSupport
internal import Testing

struct ServedLoadBalancer {
    let client: APIClient
    let backends: [HTTPBackend]
    let id: String
    let address: String
    let port: Int
    let listener: String
    let pool: String
    /// In the order of the backends.
    let members: [String]
    let monitor: String?

    typealias Fields = [String: JSONValue]

    /// Makes a load balancer; fields given here win over the usual ones.
    init(
        _ client: APIClient, _ backends: [HTTPBackend], protocol: JSONValue = "HTTP",
        loadBalancer: Fields = [:], listener: Fields = [:], pool: Fields = [:], member: Fields = [:],
        monitor: Fields? = nil
    ) throws {
        let port = Ports.free()
        var pool = Self.merge(["name": "pool", "protocol": `protocol`, "lb_algorithm": "ROUND_ROBIN"], pool)
        pool["members"] = .array(backends.map { .object(Self.merge(Self.member($0), member)) })
        if let monitor { pool["healthmonitor"] = .object(Self.merge(Self.monitor, monitor)) }
        let listener = Self.merge(
            ["protocol": `protocol`, "protocol_port": .integer(Int64(port)), "default_pool": .object(pool)], listener)
        let address = VirtualAddresses.next()
        let fields = Self.merge(
            [
                "vip_subnet_id": .string(try client.privateSubnet()), "vip_address": .string(address),
                "listeners": [.object(listener)],
            ], loadBalancer)
        let created = try client.create(.loadBalancers, .object(fields))
        self.client = client
        self.backends = backends
        self.port = port
        self.address = address
        id = try #require(created["id"]?.string)
        self.listener = try #require(created["listeners"]?[0]?["id"]?.string)
        self.pool = try #require(created["pools"]?[0]?["id"]?.string)
        let ids = Dictionary(
            (created["pools"]?[0]?["members"]?.array ?? []).map {
                ("\($0["address"]?.string ?? ""):\($0["protocol_port"]?.integer ?? 0)", $0["id"]?.string ?? "")
            }, uniquingKeysWith: { $1 })
        members = backends.map { ids["\(member["address"]?.string ?? $0.address):\($0.port)"] ?? "" }
        self.monitor = created["pools"]?[0]?["healthmonitor"]?["id"]?.string
        // What clients with `--wait` do; the first answer must do.
        let first = try client.get(.loadBalancers, id)
        #expect(first["provisioning_status"] == "ACTIVE")
    }

    /// A monitor that notices quickly.
    static let monitor: Fields = ["type": "HTTP", "delay": 1, "timeout": 1, "max_retries": 1, "max_retries_down": 1]

    static func member(_ backend: HTTPBackend) -> Fields {
        ["address": .string(backend.address), "protocol_port": .integer(Int64(backend.port))]
    }

    static func merge(_ fields: Fields, _ changes: Fields) -> Fields { fields.merging(changes) { $1 } }

    var membersCollection: Collection { .members(of: pool) }

    /// Changes something, and waits until the load balancer is ACTIVE again.
    func update(_ collection: Collection, _ id: String, _ fields: JSONValue) async throws {
        try client.update(collection, id, fields)
        try await client.settle(self.id)
    }

    func addMember(_ backend: HTTPBackend, _ fields: Fields = [:]) async throws -> String {
        let member = try client.create(membersCollection, .object(Self.merge(Self.member(backend), fields)))
        try await client.settle(id)
        return try #require(member["id"]?.string)
    }

    func removeMember(_ member: String) async throws {
        try client.delete(membersCollection, member)
        try await client.settle(id)
    }

    func operatingStatus(of member: String) throws -> String? {
        try client.get(membersCollection, member)["operating_status"]?.string
    }

    /// One request on a connection of its own.
    func fetch(
        _ path: String = "/", headers: [(String, String)] = [], limit: Duration = .seconds(5)
    ) throws(ConnectionFailure) -> HTTPAnswer {
        try TestSupport.fetch(address, port, path, headers: headers, limit: limit)
    }

    /// How often each backend answers; anything but a 200 counts as its status.
    func share(of count: Int, headers: [(String, String)] = []) throws -> [String: Int] {
        var share: [String: Int] = [:]
        for _ in 0..<count {
            let answer = try fetch(headers: headers)
            share[answer.status == 200 ? answer.text : "\(answer.status)", default: 0] += 1
        }
        return share
    }

    /// Expects that so many requests are answered by these backends, so often.
    func expectShare(
        of count: Int, _ expected: [String: Int], _ comment: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let share = try share(of: count)
        #expect(share == expected, comment, sourceLocation: sourceLocation)
    }

    /// Deletes it with everything in it.
    func delete() throws {
        try client.delete(.loadBalancers, id, query: "?cascade=true")
    }
}

extension APIClient {
    /// The id of the subnet in which load balancers get their addresses.
    func privateSubnet() throws -> String {
        let answer = try send("GET", "/network/v2.0/subnets?name=private-subnet")
        return try #require(answer.json["subnets"]?[0]?["id"]?.string, "\(answer.text)")
    }

    /// Makes a load balancer without listeners.
    func createLoadBalancer(_ name: String, _ fields: [String: JSONValue] = [:]) throws -> (id: String, address: String)
    {
        let address = VirtualAddresses.next()
        let usual: [String: JSONValue] = [
            "name": .string(name), "vip_subnet_id": .string(try privateSubnet()), "vip_address": .string(address),
        ]
        let created = try create(.loadBalancers, .object(usual.merging(fields) { $1 }))
        return (try #require(created["id"]?.string), address)
    }

    /// Waits until a load balancer is ACTIVE.
    func settle(_ loadBalancer: String) async throws {
        try await eventually("\(loadBalancer) is ACTIVE", every: .milliseconds(10)) {
            try get(.loadBalancers, loadBalancer)["provisioning_status"] == "ACTIVE"
        }
    }

    /// Waits until an object has an operating status, and returns how long that took.
    @discardableResult
    func wait(
        for status: String, of collection: Collection, _ id: String, within limit: Duration = .seconds(10)
    ) async throws -> Duration {
        try await eventually("\(collection.key) is \(status)", within: limit) {
            try get(collection, id)["operating_status"]?.string == status
        }
    }
}

/// Backends with names b1, b2, ….
func makeBackends(_ count: Int) throws -> [HTTPBackend] {
    try (1...count).map { try HTTPBackend("b\($0)") }
}
