// What is asked of an API, and what it takes: time, and processor time of everything that serves it.

internal import JSON
internal import TestSupport

struct APIScenarios {
    /// How many requests of each kind are sent by one client, and by sixteen together.
    struct Effort: Sendable {
        var reads: Int
        var lists: Int
        var creations: Int
        var trees: Int
        /// Between two looks at something that is under way.
        var pause: Duration
    }

    /// One thing that was measured.
    struct Figure: Hashable {
        enum Unit: String {
            case milliseconds = "ms"
            case perSecond = "/s"
            case mebibytes = "MiB"
        }

        var title: String
        /// How many clients sent at once.
        var clients: Int?
        var name: String
        var unit: Unit

        init(_ title: String, _ clients: Int?, _ name: String, _ unit: Unit = .milliseconds) {
            self.title = title
            self.clients = clients
            self.name = name
            self.unit = unit
        }
    }

    private static let crowd = 16
    /// A series ends after so long, however few requests were sent.
    private static let longest = Duration.seconds(8)
    /// When a server has taken so long, nothing more is written by many clients at once, which takes longest.
    private static let patience = Duration.seconds(90)

    private let server: any ComparedServer
    private let client: KeptClient
    private let begin = ContinuousClock.now
    /// The processor time of one look at a load balancer, in milliseconds: looks are the client's curiosity, and no part
    /// of the work that they wait for.
    private var look = 0.0
    private(set) var figures: [Figure: Double] = [:]
    /// The figures in the order in which they were measured.
    private(set) var order: [Figure] = []

    private init(_ server: any ComparedServer) {
        self.server = server
        client = KeptClient(server.address)
    }

    /// Runs all scenarios.
    static func run(_ server: any ComparedServer) async throws -> APIScenarios {
        var scenarios = APIScenarios(server)
        try await scenarios.measureAll()
        try server.check()
        return scenarios
    }

    private mutating func measureAll() async throws {
        let effort = server.effort
        // The first requests of a server load code and prepare statements.
        for _ in 0..<3 {
            let tree = try Self.createTree(client)
            _ = try await wait(for: tree, toGo: false)
            try Self.replaceMembers(client, tree)
            _ = try await wait(for: tree, toGo: false)
            try client.send("GET", "loadbalancers", expecting: 200)
            try client.delete(.loadBalancers, tree.id, query: "?cascade=true")
            _ = try await wait(for: tree, toGo: true)
        }
        let first = Item(id: try client.createIdentified(.loadBalancers, Self.loadBalancer))
        _ = try await wait(for: first, toGo: false)
        for clients in [1, Self.crowd] { try await read("GET one", "loadbalancers/\(first.id)", clients, effort.reads) }
        look = figures[Figure("GET one", 1, "CPU")] ?? 0
        for clients in [1, Self.crowd] {
            let count = max(effort.creations, clients)
            let made = try await write("POST", clients, Array(repeating: Item(), count: count)) { client, _ in
                Item(id: try client.createIdentified(.loadBalancers, Self.loadBalancer))
            }
            for item in made { try client.delete(.loadBalancers, item.id) }
            for item in made { _ = try await wait(for: item, toGo: true) }
        }
        for clients in [1, Self.crowd] {
            let count = max(effort.trees, clients)
            let trees = try await write("POST of a tree", clients, Array(repeating: Item(), count: count)) {
                client, _ in
                try Self.createTree(client)
            }
            _ = try await write("PUT of 100 members", clients, trees) { client, tree in
                try Self.replaceMembers(client, tree)
                return tree
            }
            _ = try await write("DELETE with cascade", clients, trees, toGo: true) { client, tree in
                try client.delete(.loadBalancers, tree.id, query: "?cascade=true")
                return tree
            }
        }
        for count in [100, 1_000] {
            try await server.fill(to: count)
            let all = try client.send("GET", "loadbalancers", expecting: 200).json["loadbalancers"]?.array ?? []
            guard all.count == count else {
                throw UnexpectedAnswer(description: "a list of \(all.count) load balancers instead of \(count)")
            }
            for clients in [1, Self.crowd] {
                try await read("GET list of \(count)", "loadbalancers", clients, max(effort.lists * 100 / count, 3))
            }
        }
        let processes = server.processes
        func sum(_ memory: (Int32) -> Double) -> Double { processes.reduce(0) { $0 + memory($1) } * 1e6 / 1_048_576 }
        note(Figure("Memory", nil, "resident", .mebibytes), sum(ProcessUsage.residentMegabytes))
        note(Figure("Memory", nil, "shared pages once (PSS)", .mebibytes), sum(ProcessUsage.proportionalMegabytes))
    }

    private mutating func note(_ figure: Figure, _ value: Double) {
        figures[figure] = value
        order.append(figure)
    }

    // MARK: Series

    /// Sends one request again and again.
    private mutating func read(_ title: String, _ path: String, _ clients: Int, _ count: Int) async throws {
        let address = server.address
        let before = processorTime
        let start = ContinuousClock.now
        let times = try await inParallel(clients, within: .seconds(120)) { _ in
            let client = KeptClient(address)
            let clock = ContinuousClock()
            var times: [Duration] = []
            for _ in 0..<max(count / clients, 1) where times.isEmpty || clock.now - start < Self.longest {
                // The answer is not parsed, as that is the client's work.
                times.append(try clock.measure { try client.send("GET", path, expecting: 200) })
            }
            return times
        }.flatMap { $0 }
        let elapsed = ContinuousClock.now - start
        note(Figure(title, clients, "time"), Self.median(times))
        if clients > 1 {
            note(Figure(title, clients, "rate", .perSecond), Double(times.count) / (elapsed / .seconds(1)))
        }
        note(Figure(title, clients, "CPU"), (processorTime - before) / Double(times.count))
    }

    /// Sends one request for each item, and waits for the work that it causes: one client after each request, many when
    /// all have their answers.
    private mutating func write(
        _ title: String, _ clients: Int, _ items: [Item], toGo: Bool = false,
        _ send: @escaping @Sendable (KeptClient, Item) throws -> Item
    ) async throws -> [Item] {
        let address = server.address
        let before = processorTime
        let clock = ContinuousClock()
        let start = clock.now
        guard clients == 1 || !items.isEmpty && start - begin < Self.patience else { return [] }
        var results: [Item] = []
        var answers: [Duration] = []
        var ends: [Duration] = []
        var looks = 0
        if clients == 1 {
            for item in items where results.isEmpty || clock.now - start < Self.longest {
                let start = clock.now
                results.append(try send(client, item))
                answers.append(clock.now - start)
                looks += try await wait(for: results[results.count - 1], toGo: toGo)
                ends.append(clock.now - start)
            }
        } else {
            let parts = try await inParallel(clients, within: .seconds(120)) { number in
                let client = KeptClient(address)
                return try stride(from: number, to: items.count, by: clients).map { index in
                    let start = clock.now
                    let item = try send(client, items[index])
                    return (item: item, time: clock.now - start)
                }
            }.flatMap { $0 }
            results = parts.map(\.item)
            answers = parts.map(\.time)
            for item in results { looks += try await wait(for: item, toGo: toGo) }
        }
        let elapsed = clock.now - start
        let used = processorTime - before - Double(looks) * look
        note(Figure(title, clients, "time"), Self.median(answers))
        if clients == 1 {
            note(Figure(title, clients, toGo ? "until gone" : "until ACTIVE"), Self.median(ends))
        } else {
            note(Figure(title, clients, "rate", .perSecond), Double(items.count) / (elapsed / .seconds(1)))
        }
        note(Figure(title, clients, "CPU"), used / Double(results.count))
        return results
    }

    /// Returns how often it looked.
    private func wait(for item: Item, toGo: Bool) async throws -> Int {
        var looks = 0
        try await eventually("the work on \(item.id) is done", within: .seconds(120), every: server.effort.pause) {
            looks += 1
            guard toGo else {
                let answer = try client.send("GET", "loadbalancers/\(item.id)", expecting: 200)
                return answer.json["loadbalancer"]?["provisioning_status"] == "ACTIVE"
            }
            // Octavia keeps what is gone in its database for a week, and says 404 of it all the same.
            return (try? client.send("GET", "loadbalancers/\(item.id)", expecting: 404)) != nil
        }
        return looks
    }

    /// Of everything that serves, in milliseconds.
    private var processorTime: Double {
        server.processes.reduce(0) { $0 + ProcessUsage.processorTime(of: $1) / .milliseconds(1) }
    }

    private static func median(_ times: [Duration]) -> Double { Measurement("", times).median }
}

/// What is written.
extension APIScenarios {
    /// A load balancer, and one of its pools if it is a tree.
    struct Item: Sendable {
        var id = ""
        var pool = ""
    }

    private static let subnet: JSONValue = "11111111-1111-4111-8111-111111111111"

    /// A load balancer without anything below it.
    static let loadBalancer: JSONValue = ["name": "measured", "vip_subnet_id": subnet]

    /// Two listeners, each with a pool of ten members and a health monitor.
    private static let tree: JSONValue = [
        "name": "measured", "vip_subnet_id": subnet,
        "listeners": .array(
            (0..<2).map { number in
                [
                    "name": "listener", "protocol": "HTTP", "protocol_port": .integer(Int64(80 + number)),
                    "default_pool": [
                        "name": .string("pool-\(number)"), "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN",
                        "members": .array((1...10).map { member($0) }),
                        "healthmonitor": [
                            "type": "HTTP", "delay": 5, "timeout": 3, "max_retries": 3, "url_path": "/",
                        ],
                    ],
                ]
            }),
    ]

    private static func member(_ number: Int) -> JSONValue {
        ["address": .string("10.1.0.\(number)"), "protocol_port": 80, "weight": .integer(Int64(1 + number % 10))]
    }

    private static func createTree(_ client: KeptClient) throws -> Item {
        let created = try client.create(.loadBalancers, tree)
        guard let id = created["id"]?.string, let pool = created["pools"]?[0]?["id"]?.string else {
            throw UnexpectedAnswer(description: "a tree without a pool")
        }
        return Item(id: id, pool: pool)
    }

    /// Ten members go, a hundred come.
    private static func replaceMembers(_ client: KeptClient, _ tree: Item) throws {
        let members = JSONValue.array((101...200).map { member($0) })
        try client.send("PUT", "pools/\(tree.pool)/members", ["members": members], expecting: 202)
    }
}
