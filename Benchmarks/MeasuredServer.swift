// The program that is measured, with its usual settings.

internal import TestSupport

/// A running `ottava serve` with a folder of its own; unlike that of the tests it logs no more than usual.
final class MeasuredServer: Sendable {
    static let password = "benchmark-password"

    let port: Int
    let child: ChildProcess
    private let folder: TemporaryFolder

    private var dataDirectory: String { folder.file("data") }

    /// With the cloud `ottava`.
    var cloudsFile: String { "\(dataDirectory)/clouds.yaml" }

    /// Starts the program, and waits until it is ready.
    ///
    /// - Parameter predecessor: A server that has ended and whose data it takes over.
    init(_ program: String, _ options: [String] = [], after predecessor: MeasuredServer? = nil) async throws {
        let folder = try predecessor?.folder ?? CleanUp.makeFolder("ottava-benchmarks")
        if predecessor != nil { try Files.write("", to: folder.file("stdout")) }
        let port = Ports.free()
        let arguments = ["serve", "--listen", "127.0.0.1:\(port)", "--data-dir", folder.file("data")] + options
        let child = try ChildProcess(
            program, arguments, environment: ["OTTAVA_DEMO_PASSWORD": Self.password],
            output: folder.file("stdout"), errors: folder.file("stderr"))
        self.folder = folder
        self.port = port
        self.child = child
        try await eventually("the server is ready", within: .seconds(60), every: .milliseconds(10)) {
            guard child.isRunning else {
                let log = Files.text(folder.file("stderr")) ?? ""
                throw CannotStart(description: "the server ended with \(child.ending ?? 0): \(log.suffix(1_000))")
            }
            return (Files.text(folder.file("stdout")) ?? "").contains("ottava: ready on ")
        }
    }

    /// A client that is logged in, with a connection of its own.
    func client() throws -> KeptClient {
        KeptClient(try APIClient(port: port, user: "demo", password: Self.password, project: "demo"))
    }

    /// The HAProxy process that serves a load balancer now, from its pid file.
    func haproxy(of loadBalancer: String) -> Int32? {
        Files.text("\(dataDirectory)/amphora/\(loadBalancer)/haproxy.pid").flatMap { Int32($0.prefix { $0.isNumber }) }
    }

    /// The HAProxy processes of all its load balancers.
    var haproxies: [Int32] { ProcessTable.haproxies(below: dataDirectory) }

    /// Ends the program without warning; what it has started goes on.
    func kill() async { await child.stop() }

    /// Throws when the server has ended, or has reported a fault of its own.
    func check() throws {
        let log = Files.text(folder.file("stderr")) ?? ""
        let faults = log.split(separator: "\n").filter { $0.contains("Fatal error") || $0.contains(" critical ") }
        guard child.isRunning, faults.isEmpty else {
            throw CannotStart(
                description: "the server has failed: \(faults.joined(separator: "\n")) \(log.suffix(500))")
        }
    }
}
