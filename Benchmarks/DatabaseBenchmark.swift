// The control plane over a large database: no data plane, as its work would hide what the database costs.

internal import Foundation
internal import JSON
internal import TestSupport

enum DatabaseBenchmark {
    private static let loadBalancers = 10_000
    private static let created = 1_000
    private static let clients = 16
    private static let page = 100

    static func run(_ program: String) async throws -> [Measurement] {
        var results = try await measure(program, "SQLite, one process", url: nil)
        CleanUp.run()
        guard PostgreSQLServer.isInstalled else { return results }
        // It writes to the disk before it says so.
        let server = try PostgreSQLServer(isDurable: true)
        results += try await measure(program, "PostgreSQL, one API process, 2 workers", url: server.makeDatabase())
        CleanUp.run()
        return results
    }

    private static func measure(_ program: String, _ title: String, url: String?) async throws -> [Measurement] {
        let service = try Service(program, url: url)
        // Answers do not wait for their work: the wait is what is measured.
        try await service.start(settleMilliseconds: 0)
        let subnet = UUID().uuidString.lowercased()
        let address = try service.login().address
        let begin = ContinuousClock.now
        let ids = try await inParallel(clients, within: .seconds(900)) { index -> [String] in
            let client = KeptClient(address)
            return try stride(from: index, to: loadBalancers, by: clients).map { number in
                try client.createIdentified(.loadBalancers, tree("filler \(number)", subnet))
            }
        }.flatMap { $0 }
        let client = KeptClient(address)
        try await eventually("all are ACTIVE", within: .seconds(600)) {
            let answer = try client.send(
                "GET", "loadbalancers?provisioning_status=PENDING_CREATE&limit=1&fields=id", expecting: 200)
            return answer.json["loadbalancers"]?.array?.isEmpty == true
        }
        let filling = ContinuousClock.now - begin
        var (pages, singles, pickUps): ([Duration], [Duration], [Duration]) = ([], [], [])
        for run in -20..<200 {
            let time = try ContinuousClock().measure {
                try client.send(
                    "GET", "loadbalancers?limit=\(page)&marker=\(ids.randomElement() ?? "")", expecting: 200)
            }
            if run >= 0 { pages.append(time) }
        }
        for run in -50..<500 {
            let path = "loadbalancers/\(ids.randomElement() ?? "")"
            let time = try ContinuousClock().measure { try client.send("GET", path, expecting: 200) }
            if run >= 0 { singles.append(time) }
        }
        for run in -20..<200 {
            let id = ids.randomElement() ?? ""
            try client.update(.loadBalancers, id, ["description": .string("run \(run)")])
            let answered = ContinuousClock.now
            while try client.send("GET", "loadbalancers/\(id)", expecting: 200)
                .json["loadbalancer"]?["provisioning_status"] != "ACTIVE"
            {
                guard ContinuousClock.now - answered < .seconds(20) else {
                    throw TimedOut(description: "\(id) is not ACTIVE")
                }
            }
            if run >= 0 { pickUps.append(ContinuousClock.now - answered) }
        }
        try await service.stop()
        // As clients have it: the answer comes when the work is done.
        try await service.start(settleMilliseconds: 1_000)
        let again = try service.login().address
        let start = ContinuousClock.now
        let creations = try await inParallel(clients, within: .seconds(300)) { index -> [Duration] in
            let client = KeptClient(again)
            return try stride(from: index, to: created, by: clients).map { number in
                let begin = ContinuousClock.now
                let id = try client.createIdentified(.loadBalancers, tree("created \(number)", subnet))
                while try client.send("GET", "loadbalancers/\(id)", expecting: 200)
                    .json["loadbalancer"]?["provisioning_status"] != "ACTIVE"
                {
                    guard ContinuousClock.now - begin < .seconds(60) else {
                        throw TimedOut(description: "\(id) is not ACTIVE")
                    }
                    usleep(5_000)
                }
                return ContinuousClock.now - begin
            }
        }.flatMap { $0 }
        let rate = Double(created) / ((ContinuousClock.now - start) / .seconds(1))
        try await service.stop()
        return [
            Measurement("\(title): \(loadBalancers) trees made by \(clients) clients", [filling]),
            Measurement("  list page of \(page)", pages, goal: .below(20)),
            Measurement("  GET one", singles, goal: .below(3)),
            Measurement("  answer → seen ACTIVE", pickUps, goal: .below(20)),
            Measurement("  \(created) more by \(clients) clients", [rate], unit: "/s"),
            Measurement("  create → ACTIVE", creations),
        ]
    }

    /// A listener, a pool, a member.
    private static func tree(_ name: String, _ subnet: String) -> JSONValue {
        [
            "name": .string(name), "vip_subnet_id": .string(subnet),
            "listeners": [
                [
                    "name": "http", "protocol": "HTTP", "protocol_port": 80,
                    "default_pool": [
                        "name": "pool", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN",
                        "members": [["address": "192.0.2.10", "protocol_port": 80]],
                    ],
                ]
            ],
        ]
    }

    /// One process on SQLite; an API process and two workers on PostgreSQL.
    private final class Service {
        private static let password = "benchmark-password"
        private let program: String
        private let folder: TemporaryFolder
        private let url: String?
        private let port = Ports.free()
        private var processes: [ServiceProcess] = []

        init(_ program: String, url: String?) throws {
            self.program = program
            self.url = url
            folder = try CleanUp.makeFolder("ottava-benchmarks")
        }

        func start(settleMilliseconds: Int) async throws {
            let environment: [String: String?] = [
                "OTTAVA_DEMO_PASSWORD": Self.password, "OTTAVA_SETTLE_MILLISECONDS": "\(settleMilliseconds)",
                "OTTAVA_DATABASE": url,
            ]
            func make(_ name: String, _ options: [String]) -> ServiceProcess {
                ServiceProcess(
                    name, program: program,
                    ["serve", "--no-op", "--data-dir", folder.file("data")] + options,
                    environment: environment, folder: folder)
            }
            let listen = ["--listen", "127.0.0.1:\(port)"]
            processes =
                url == nil
                ? [make("serve", listen)]
                : [make("api", ["--role", "api"] + listen)]
                    + (1...2).map { make("worker\($0)", ["--role", "worker"]) }
            for process in processes {
                try process.start()
                try await process.waitUntilReady()
            }
        }

        func login() throws -> KeptClient {
            KeptClient(try APIClient(port: port, user: "demo", password: Self.password, project: "demo"))
        }

        func stop() async throws {
            for process in processes { try await process.terminate() }
        }
    }
}
