// Which processes run (proc(5)).

internal import Foundation
internal import Glibc

public enum ProcessTable {
    /// The processes of whose command line something is true.
    public static func processes(where condition: ([String]) -> Bool) -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { isAlive($0) && condition(arguments(of: $0)) }.sorted()
    }

    /// The HAProxy processes whose configuration lies below a folder.
    public static func haproxies(below folder: String) -> [Int32] {
        processes { arguments in
            arguments.first?.split(separator: "/").last == "haproxy"
                && arguments.contains { $0.hasPrefix("\(folder)/") }
        }
    }

    /// The processes that have a path below a folder in their command line.
    public static func processes(below folder: String) -> [Int32] {
        processes { $0.contains { $0.hasPrefix("\(folder)/") } }
    }

    public static func arguments(of pid: Int32) -> [String] {
        guard let data = try? Data(contentsOf: URL(filePath: "/proc/\(pid)/cmdline")) else { return [] }
        return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether the process runs; one that ended and waits for its parent does not.
    public static func isAlive(_ pid: Int32) -> Bool {
        guard let text = Files.text("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return false }
        return text[end...].dropFirst(2).first.map { !"ZX".contains($0) } ?? false
    }

    /// The processes that have that parent.
    public static func children(of parent: Int32) -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { pid in
            guard let text = Files.text("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return false }
            return text[end...].split(separator: " ").dropFirst(2).first.flatMap { Int32($0) } == parent
        }.sorted()
    }

    public static func signal(_ pid: Int32, _ number: Int32) {
        _ = Glibc.kill(pid, number)
    }

    public static func kill(_ pid: Int32) {
        _ = Glibc.kill(pid, SIGKILL)
    }
}
