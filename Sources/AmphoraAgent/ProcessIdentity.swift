// Which process is meant: a process id alone may be reused.

import Glibc

/// A process, told apart from a later one with the same id by the time it started.
struct ProcessIdentity: Codable, Hashable, Sendable {
    let pid: Int32
    /// In clock ticks since boot (proc(5), field 22 of `stat`).
    let startTime: UInt64

    /// The process that has the id now; `nil` when there is none, or only its exit status is left.
    init?(pid: Int32) {
        guard pid > 1, let stat = SmallFile.bytes("/proc/\(pid)/stat"),
            let end = stat.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        // Fields after the name, which may hold anything: state is the third of the file.
        let fields = stat[(end + 1)...].split(separator: UInt8(ascii: " "), maxSplits: 20)
        guard fields.count > 19, !fields[0].elementsEqual("Z".utf8), !fields[0].elementsEqual("X".utf8),
            let startTime = UInt64(String(decoding: fields[19], as: UTF8.self))
        else { return nil }
        self.pid = pid
        self.startTime = startTime
    }

    /// For how long the process has been there.
    var age: Duration {
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        let ticks = UInt64(max(1, sysconf(Int32(_SC_CLK_TCK))))
        return .seconds(now.tv_sec) - .seconds(startTime / ticks)
    }

    /// Whether the process still runs.
    var isAlive: Bool { ProcessIdentity(pid: pid) == self }

    /// Sends a signal, unless the process is gone.
    func signal(_ number: Int32) {
        if isAlive { kill(pid, number) }
    }

    /// Whether the process is a HAProxy that was started with that configuration file.
    func runsHAProxy(configuration path: String) -> Bool {
        ProcessIdentity.arguments(of: pid).map { Self.isHAProxy($0, configuration: path) } ?? false
    }

    /// Waits until the process is gone.
    ///
    /// - Returns: False when it is still there after that time.
    func waitUntilGone(for limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while isAlive {
            if ContinuousClock.now >= deadline || Task.isCancelled { return false }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return true
    }

    /// All HAProxy processes by the configuration file they were started with: the one that serves and those that a
    /// reload has replaced, oldest first.
    static func haproxies() -> [String: [ProcessIdentity]] {
        var result: [String: [ProcessIdentity]] = [:]
        for name in SmallFile.entries(of: "/proc") {
            guard let pid = Int32(name), let arguments = arguments(of: pid),
                let flag = arguments.firstIndex(of: "-f"), flag + 1 < arguments.count,
                isHAProxy(arguments, configuration: arguments[flag + 1]), let identity = ProcessIdentity(pid: pid)
            else { continue }
            result[arguments[flag + 1], default: []].append(identity)
        }
        return result.mapValues { $0.sorted { ($0.startTime, $0.pid) < ($1.startTime, $1.pid) } }
    }

    private static func isHAProxy(_ arguments: [String], configuration path: String) -> Bool {
        guard let program = arguments.first?.utf8.split(separator: UInt8(ascii: "/")).last,
            Substring(program).contains("haproxy"), let flag = arguments.firstIndex(of: "-f"),
            flag + 1 < arguments.count
        else { return false }
        return arguments[flag + 1] == path && arguments.contains("-D")
    }

    private static func arguments(of pid: Int32) -> [String]? {
        SmallFile.bytes("/proc/\(pid)/cmdline").map { line in
            line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        }
    }
}
