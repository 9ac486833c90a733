// The program, as a user starts it.

internal import Foundation
internal import Glibc
internal import Synchronization

/// A running `ottava serve` with a folder of its own.
///
/// With `OTTAVA_TEST_LOGS=DIR` in the environment of the tests, the logs of all servers are kept in that folder.
public final class ServerProcess: Sendable {
    public static let adminPassword = "admin's \"password\""
    public static let demoPassword = "demo-password"

    /// The server of the suite that runs (see the tests' `ServerTrait`).
    @TaskLocal public static var current: ServerProcess?

    /// The program under test: `OTTAVA_PROGRAM`, or what the package has built.
    public static var program: String {
        ProcessInfo.processInfo.environment["OTTAVA_PROGRAM"] ?? "\(Files.packageRoot).build/debug/ottava"
    }

    public let folder: TemporaryFolder
    public let port: Int
    private let isEphemeral: Bool
    private let environment: [String: String]
    private let process = Mutex<ChildProcess?>(nil)

    public var dataDirectory: String { folder.file("data") }
    public var outputFile: String { folder.file("stdout") }
    public var logFile: String { folder.file("stderr") }
    public var log: String { Files.text(logFile) ?? "" }
    public var child: ChildProcess? { process.withLock { $0 } }
    public var url: String { "http://127.0.0.1:\(port)" }

    private init(isEphemeral: Bool, environment: [String: String]) throws {
        folder = try TemporaryFolder("ottava-test")
        port = Ports.free()
        self.isEphemeral = isEphemeral
        self.environment = environment
    }

    /// Runs something with a server, and leaves no process and no file behind, whatever happens.
    public static func with<Result>(
        isEphemeral: Bool = false, environment: [String: String] = [:],
        _ body: (ServerProcess) async throws -> Result
    ) async throws -> Result {
        let server = try ServerProcess(isEphemeral: isEphemeral, environment: environment)
        do {
            try await server.start()
            let result = try await body(server)
            try server.checkLog()
            await server.cleanUp()
            return result
        } catch {
            print("The server's log:\n\(server.logExcerpt)")
            await server.cleanUp()
            throw error
        }
    }

    /// Starts the program, and waits until it is ready.
    ///
    /// - Parameter changes: What is different in the environment this time.
    public func start(with changes: [String: String] = [:]) async throws {
        let before = (Files.text(outputFile) ?? "").count
        var arguments = ["serve", "--listen", "127.0.0.1:\(port)", "--log-level", "debug"]
        arguments += isEphemeral ? ["--ephemeral"] : ["--data-dir", dataDirectory]
        var variables: [String: String?] = [
            "OTTAVA_ADMIN_PASSWORD": Self.adminPassword, "OTTAVA_DEMO_PASSWORD": Self.demoPassword,
            // A busy machine may need longer than a client should usually be kept waiting.
            "OTTAVA_SETTLE_MILLISECONDS": "8000",
        ]
        for (name, value) in environment.merging(changes, uniquingKeysWith: { $1 }) { variables[name] = value }
        let child = try ChildProcess(
            Self.program, arguments, environment: variables, output: outputFile, errors: logFile)
        process.withLock { $0 = child }
        try await eventually("the server is ready", within: .seconds(120), every: .milliseconds(10)) {
            guard child.isRunning else {
                throw CannotStart(description: "the server ended with \(child.ending ?? 0): \(log.suffix(1_000))")
            }
            return (Files.text(outputFile) ?? "").dropFirst(before).contains("ottava: ready on \(url)\n")
        }
    }

    /// Asks the server to end, as `kill` does or as Ctrl-C does, and returns its exit status.
    public func terminate(byInterrupt: Bool = false) async throws -> Int32 {
        guard let child else { return 0 }
        child.signal(byInterrupt ? SIGINT : SIGTERM)
        return try await child.wait(within: .seconds(15))
    }

    /// Ends the server without warning.
    public func killNow() async throws {
        child?.signal(SIGKILL)
        _ = try await child?.wait(within: .seconds(5))
    }

    /// The folder that an ephemeral server made, from its log.
    public var ephemeralDirectory: String? {
        let line = log.split(separator: "\n").last { $0.contains("] ready") }
        return line?.split(separator: " ").first { $0.hasPrefix("data=") }.map { String($0.dropFirst(5)) }
    }

    /// The HAProxy processes of this server.
    public var haproxies: [Int32] { ProcessTable.haproxies(below: dataDirectory) }

    /// The HAProxy process that serves a load balancer now, from its pid file.
    public func haproxy(of loadBalancer: String) -> Int32? {
        Files.text("\(dataDirectory)/amphora/\(loadBalancer)/haproxy.pid")
            .flatMap { Int32($0.prefix { $0.isNumber }) }
            .flatMap { haproxies.contains($0) ? $0 : nil }
    }

    /// The configurations of HAProxy by path, and the lists that they name.
    public var haproxyFiles: [String: String] {
        var files: [String: String] = [:]
        for name in Files.below("\(dataDirectory)/amphora")
        where name.hasSuffix("haproxy.cfg") || name.contains("/acl-") {
            files[name] = Files.text("\(dataDirectory)/amphora/\(name)")
        }
        return files
    }

    public func demo() throws -> APIClient {
        try APIClient(port: port, user: "demo", password: Self.demoPassword, project: "demo")
    }

    public func admin() throws -> APIClient {
        try APIClient(port: port, user: "admin", password: Self.adminPassword, project: "admin")
    }

    /// Throws when the server has crashed, or has reported a fault of its own.
    public func checkLog() throws {
        let faults = log.split(separator: "\n").filter { line in
            line.contains("Fatal error") || line.contains("Program crashed") || line.contains(" critical ")
        }
        guard faults.isEmpty else { throw CannotStart(description: "in the log: \(faults.joined(separator: "\n"))") }
    }

    /// The end of the log, up to a crash if there was one.
    private var logExcerpt: String {
        let lines = log.split(separator: "\n")
        let crash = lines.firstIndex { $0.contains("*** ") || $0.contains("Fatal error") }
        return lines[..<(crash.map { min($0 + 40, lines.count) } ?? lines.count)].suffix(60).joined(separator: "\n")
    }

    private func cleanUp() async {
        await child?.stop()
        if let folder = ProcessInfo.processInfo.environment["OTTAVA_TEST_LOGS"] {
            try? Files.makeFolder(folder)
            try? Files.write(log, to: "\(folder)/server-\(port).log")
        }
        let folders = [dataDirectory] + [ephemeralDirectory].compactMap { $0 }
        for folder in folders {
            for process in ProcessTable.processes(below: folder) { ProcessTable.kill(process) }
        }
        folder.remove()
        if let ephemeralDirectory, ephemeralDirectory.hasPrefix("/tmp/ottava-") {
            try? Files.remove(ephemeralDirectory)
        }
    }
}
