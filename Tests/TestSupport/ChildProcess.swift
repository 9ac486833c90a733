// Programs that tests run.

internal import Foundation
internal import Glibc
internal import Synchronization

/// A program that cannot be started.
public struct CannotStart: Error, CustomStringConvertible {
    public var description: String

    public init(description: String) {
        self.description = description
    }
}

/// A program with its output in files.
public final class ChildProcess: Sendable {
    public let pid: Int32
    /// `nil` while it runs; then its exit status, or minus the signal that ended it.
    private let end = Mutex<Int32?>(nil)

    /// Starts a program; the environment is this process's with changes (absent: removed).
    public init(
        _ program: String, _ arguments: [String], environment changes: [String: String?] = [:],
        input: String = "/dev/null", output: String, errors: String
    ) throws {
        var environment = ProcessInfo.processInfo.environment
        for (name, value) in changes { environment[name] = value }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        let flags = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 1, output, flags, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, flags, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own: an interrupt at the terminal ends the tests, which then end it.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in words + variables { free(pointer) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, program, &actions, &attributes, &words, &variables)
        guard result == 0 else {
            throw CannotStart(description: "\(program): \(String(cString: strerror(result)))")
        }
        self.pid = pid
    }

    /// How it ended: its exit status, or minus a signal; absent while it runs.
    public var ending: Int32? {
        end.withLock { end in
            if let end { return end }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
            let signal = status & 0x7f
            end = signal == 0 ? (status >> 8) & 0xff : -signal
            return end
        }
    }

    public var isRunning: Bool { ending == nil }

    public func signal(_ number: Int32) {
        if isRunning { kill(pid, number) }
    }

    /// Waits for the end.
    public func wait(within limit: Duration) async throws -> Int32 {
        try await eventually("process \(pid) ends", within: limit, every: .milliseconds(5)) { ending != nil }
        return ending ?? 0
    }

    /// Ends it if it still runs.
    public func stop() async {
        signal(SIGKILL)
        _ = try? await wait(within: .seconds(5))
    }

    /// Runs a program that ends soon, and returns what it wrote; the thread waits.
    public static func runAtOnce(
        _ program: String, _ arguments: [String]
    ) throws -> (status: Int32, output: String, errors: String) {
        let folder = try TemporaryFolder("ottava-run")
        defer { folder.remove() }
        let child = try ChildProcess(
            program, arguments, output: folder.file("out"), errors: folder.file("err"))
        while child.isRunning { usleep(1_000) }
        return (child.ending ?? -1, Files.text(folder.file("out")) ?? "", Files.text(folder.file("err")) ?? "")
    }

    /// Runs a program to its end, and returns what it wrote.
    public static func run(
        _ program: String, _ arguments: [String], environment: [String: String?] = [:], input: String = "",
        within limit: Duration = .seconds(60)
    ) async throws -> (status: Int32, output: String, errors: String) {
        let folder = try TemporaryFolder("ottava-run")
        defer { folder.remove() }
        try Files.write(input, to: folder.file("in"))
        let child = try ChildProcess(
            program, arguments, environment: environment, input: folder.file("in"), output: folder.file("out"),
            errors: folder.file("err"))
        do {
            let status = try await child.wait(within: limit)
            return (status, Files.text(folder.file("out")) ?? "", Files.text(folder.file("err")) ?? "")
        } catch {
            await child.stop()
            throw error
        }
    }
}
