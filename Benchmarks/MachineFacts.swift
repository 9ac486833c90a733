// What the numbers depend on.

internal import Foundation
internal import TestSupport

enum MachineFacts {
    static var loadAverage: String {
        (Files.text("/proc/loadavg") ?? "").split(separator: " ").prefix(3).joined(separator: " ")
    }

    static func show(program: String) async {
        let processor = value(of: "model name", in: "/proc/cpuinfo") ?? "unknown"
        let memory = value(of: "MemTotal", in: "/proc/meminfo") ?? "unknown"
        let kernel = (Files.text("/proc/sys/kernel/osrelease") ?? "").prefix { $0 != "\n" }
        Output.line("machine       \(ProcessInfo.processInfo.activeProcessorCount) cores, \(processor), \(memory)")
        Output.line("kernel        Linux \(kernel)")
        Output.line("load average  \(loadAverage) at the start")
        Output.line("haproxy       \(await haproxyVersion())")
        Output.line("program       \(program), \(buildType(of: program)), \(sizeInMegabytes(of: program)) MB")
        Output.line("date          \(Date.now.ISO8601Format())")
        Output.line("Everything runs on this machine over loopback: server, HAProxy, backends and clients share its")
        Output.line("cores. Such machines are noisy, so look at the medians, and at several runs.\n")
    }

    /// The program does not tell, but its folder does.
    private static func buildType(of program: String) -> String {
        if program.contains("/release/") { return "release build" }
        return program.contains("/debug/") ? "DEBUG BUILD: the goals are for a release build" : "unknown build type"
    }

    private static func sizeInMegabytes(of program: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: program)
        return ((attributes?[.size] as? Int) ?? 0) / 1_000_000
    }

    private static func haproxyVersion() async -> String {
        guard let program = Files.program("haproxy"),
            let result = try? await ChildProcess.run(program, ["-v"], within: .seconds(10))
        else { return "not found" }
        return String(result.output.prefix { $0 != "\n" })
    }

    private static func value(of name: String, in file: String) -> String? {
        let line = (Files.text(file) ?? "").split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
    }
}
