// What a process uses (proc(5)).

internal import Foundation
internal import Glibc
internal import TestSupport

/// Memory in units of 1,000,000 bytes.
enum ProcessUsage {
    static func residentMegabytes(of pid: Int32) -> Double {
        megabytes(["VmRSS"], in: "/proc/\(pid)/status")
    }

    /// What no other process shares, whether it was written to or not.
    static func privateMegabytes(of pid: Int32) -> Double {
        megabytes(["Private_Clean", "Private_Dirty"], in: "/proc/\(pid)/smaps_rollup")
    }

    /// What the process has written to, and so has for itself; unlike the files of programs, it is gone with the process.
    static func ownMegabytes(of pid: Int32) -> Double {
        megabytes(["RssAnon"], in: "/proc/\(pid)/status")
    }

    static func privateDirtyMegabytes(of pid: Int32) -> Double {
        megabytes(["Private_Dirty"], in: "/proc/\(pid)/smaps_rollup")
    }

    /// The resident memory with shared pages counted in equal shares, so that it can be added up over processes.
    static func proportionalMegabytes(of pid: Int32) -> Double {
        megabytes(["Pss"], in: "/proc/\(pid)/smaps_rollup")
    }

    /// Processes with everything that they have started.
    static func trees(below roots: [Int32]) -> [Int32] {
        let all = ProcessTable.processes { _ in true }
        let parents = all.map { ($0, parent(of: $0)) }
        var found = roots
        var next = 0
        while next < found.count {
            found += parents.filter { $0.1 == found[next] && !found.contains($0.0) }.map(\.0)
            next += 1
        }
        return found
    }

    private static func parent(of pid: Int32) -> Int32? {
        let text = Files.text("/proc/\(pid)/stat") ?? ""
        return text.lastIndex(of: ")").flatMap { Int32(text[$0...].split(separator: " ").dropFirst(2).first ?? "") }
    }

    /// The time of all threads since the start, exact to 10 ms.
    static func processorTime(of pid: Int32) -> Duration {
        let text = Files.text("/proc/\(pid)/stat") ?? ""
        guard let end = text.lastIndex(of: ")") else { return .zero }
        let fields = text[end...].split(separator: " ").dropFirst().compactMap { Int64($0) }
        // The state is not a number, so utime and stime, fields 14 and 15, are numbers 10 and 11 of these.
        guard fields.count > 11 else { return .zero }
        return .seconds(1) * Double(fields[10] + fields[11]) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func megabytes(_ names: Set<String>, in file: String) -> Double {
        let lines = (Files.text(file) ?? "").split(separator: "\n")
        let found = lines.filter { names.contains(String($0.prefix { $0 != ":" })) }
        guard found.count == names.count else { return .nan }
        return found.compactMap { $0.split(separator: " ").dropFirst().first.flatMap { Double($0) } }
            .reduce(0, +) * 1_024 / 1_000_000
    }
}
