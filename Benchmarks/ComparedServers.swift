// The two servers whose APIs are compared: Ottava without a data plane, and the real Octavia with no-op drivers.

internal import Foundation
internal import JSON
internal import TestSupport

/// A running server, and how often each thing is to be asked of it.
protocol ComparedServer: Sendable {
    var address: APIAddress { get }
    /// Everything that serves, with database, broker and worker.
    var processes: [Int32] { get }
    /// How much is sent: a slow server is asked less.
    var effort: APIScenarios.Effort { get }
    /// Makes load balancers until there are so many.
    func fill(to count: Int) async throws
    /// Throws when the server has reported a fault of its own.
    func check() throws
}

/// `ottava serve --no-op`.
struct ComparedOttava: ComparedServer {
    let effort = APIScenarios.Effort(reads: 2_000, lists: 400, creations: 160, trees: 32, pause: .milliseconds(5))
    let address: APIAddress
    private let server: MeasuredServer

    var processes: [Int32] { ProcessUsage.trees(below: [server.child.pid]) }

    init(_ program: String) async throws {
        server = try await MeasuredServer(program, ["--no-op"])
        address = try server.client().address
    }

    func fill(to count: Int) async throws {
        let client = KeptClient(address)
        let there = try client.send("GET", "loadbalancers?fields=id", expecting: 200).json["loadbalancers"]?.array ?? []
        for _ in there.count..<count { _ = try client.create(.loadBalancers, APIScenarios.loadBalancer) }
    }

    func check() throws { try server.check() }
}

/// Octavia from PyPI behind uwsgi with two processes, MariaDB, RabbitMQ and a worker (`scripts/differential/peer`).
struct ComparedOctavia: ComparedServer {
    /// The original cannot run on this machine.
    struct Unavailable: Error {
        var reason: String
    }

    private static let project = "0123456789abcdef0123456789abcdef"
    private static let script = "\(Files.packageRoot)scripts/differential/peer"
    private static let services = ["epmd", "mariadb", "rabbitmq", "worker", "api"]

    let effort = APIScenarios.Effort(reads: 64, lists: 16, creations: 8, trees: 4, pause: .milliseconds(50))
    let address: APIAddress
    private let roots: [Int32]

    var processes: [Int32] { ProcessUsage.trees(below: roots) }

    /// - Throws: ``Unavailable``
    init() async throws {
        let status = try await ChildProcess.run(Self.script, ["status"])
        guard !status.output.contains(": runs,") else {
            throw Unavailable(reason: "It runs already, for somebody else; end it with: \(Self.script) stop")
        }
        CleanUp.add { Self.stop() }
        // The first time, this installs it.
        let result = try await ChildProcess.run(Self.script, ["start", "measured"], within: .seconds(900))
        guard result.status == 0 else { throw Unavailable(reason: result.errors) }
        let folder = ProcessInfo.processInfo.environment["PEER_DIRECTORY"] ?? "\(Files.packageRoot).build/differential"
        func text(_ name: String) -> String {
            (Files.text("\(folder)/run/\(name)") ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        }
        guard let port = text("address").split(separator: ":").last.flatMap({ Int($0) }) else {
            throw Unavailable(reason: "The script has left no address.")
        }
        roots = Self.services.compactMap { Int32(text("\($0).pid")) }
        guard roots.count == Self.services.count else { throw Unavailable(reason: "Not all services run.") }
        address = APIAddress(
            port: port, prefix: "/v2.0/lbaas/",
            headers: [("X-Project-Id", Self.project), ("X-User-Id", "somebody"), ("X-Roles", "member,reader")])
    }

    func fill(to count: Int) async throws {
        let result = try await ChildProcess.run(Self.script, ["fill", Self.project, "\(count)"], within: .seconds(60))
        guard result.status == 0 else { throw Unavailable(reason: result.errors) }
    }

    func check() throws {}

    private static func stop() {
        _ = try? ChildProcess.runAtOnce(script, ["stop"])
    }
}
