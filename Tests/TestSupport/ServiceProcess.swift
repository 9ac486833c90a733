// One process of a service that consists of several.

internal import Foundation
internal import Glibc
internal import Synchronization

/// A process that can be started again and again, with the same arguments.
public final class ServiceProcess: Sendable {
    public let name: String
    private let program: String
    private let arguments: [String]
    private let environment: [String: String?]
    private let folder: TemporaryFolder
    private var outputFile: String { folder.file("\(name).out") }
    public var logFile: String { folder.file("\(name).log") }
    private let current = Mutex<ChildProcess?>(nil)

    /// - Parameters:
    ///   - name: Names its files in the folder.
    ///   - folder: Where its output and its log go.
    public init(
        _ name: String, program: String = ServerProcess.program, _ arguments: [String],
        environment: [String: String?] = [:], folder: TemporaryFolder
    ) {
        self.name = name
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.folder = folder
    }

    /// The same with another name and something different in its environment.
    public func with(_ changes: [String: String?], name: String) -> ServiceProcess {
        ServiceProcess(
            name, program: program, arguments, environment: environment.merging(changes) { $1 }, folder: folder)
    }

    public var child: ChildProcess? { current.withLock { $0 } }
    public var isRunning: Bool { child?.isRunning ?? false }
    public var log: String { Files.text(logFile) ?? "" }

    /// Starts it, and returns at once.
    public func start() throws {
        try Files.write("", to: outputFile)
        let child = try ChildProcess(
            program, arguments, environment: environment, output: outputFile, errors: logFile)
        current.withLock { $0 = child }
    }

    /// Waits until it says that it is ready.
    public func waitUntilReady(within limit: Duration = .seconds(120)) async throws {
        try await eventually("\(name) is ready", within: limit) {
            guard isRunning else {
                throw CannotStart(description: "\(name) ended with \(child?.ending ?? 0): \(log.suffix(1_000))")
            }
            return (Files.text(outputFile) ?? "").contains("ottava: ready")
        }
    }

    public func signal(_ number: Int32) { child?.signal(number) }

    /// Ends it without warning.
    public func kill() async throws {
        signal(SIGKILL)
        _ = try await child?.wait(within: .seconds(30))
    }

    /// Asks it to end, and returns its exit status.
    @discardableResult
    public func terminate(within limit: Duration = .seconds(60)) async throws -> Int32 {
        signal(SIGTERM)
        return try await child?.wait(within: limit) ?? 0
    }
}
