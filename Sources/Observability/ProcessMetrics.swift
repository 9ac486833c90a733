// What the operating system knows of this process, under the names that all Prometheus clients use.

internal import Glibc

/// Reads /proc/self (proc(5)).
public enum ProcessMetrics {
    /// Adds CPU time, memory, open files and age of this process to a registry.
    public static func register(in registry: MetricsRegistry) {
        let cpu = registry.counter("process_cpu_seconds_total", help: "User and system CPU time spent, in seconds.")
        let resident = registry.gauge("process_resident_memory_bytes", help: "Resident memory size in bytes.")
        let virtual = registry.gauge("process_virtual_memory_bytes", help: "Virtual memory size in bytes.")
        let threads = registry.gauge("process_threads", help: "Threads of the process.")
        let open = registry.gauge("process_open_fds", help: "Open file descriptors.")
        let most = registry.gauge("process_max_fds", help: "How many file descriptors may be open.")
        let start = registry.gauge("process_start_time_seconds", help: "Start of the process, in seconds since 1970.")
        registry.onScrape("process") {
            var usage = rusage()
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            cpu.set(seconds(usage.ru_utime) + seconds(usage.ru_stime))
            if let fields = statistics() {
                let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
                threads.set(fields[17])
                virtual.set(fields[20])
                resident.set(fields[21] * Double(sysconf(Int32(_SC_PAGESIZE))))
                if let bootTime { start.set(bootTime + fields[19] / ticks) }
            }
            if let count = openFiles() { open.set(Double(count)) }
            var limit = rlimit()
            if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 { most.set(Double(limit.rlim_cur)) }
        }
    }

    /// Resident memory of this process in bytes.
    public static var residentMemory: Int? {
        statistics().map { Int($0[21]) * sysconf(Int32(_SC_PAGESIZE)) }
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    /// The numbers of /proc/self/stat: index 1 is the fourth field, `ppid`, which is the first after name and state.
    private static func statistics() -> [Double]? {
        guard let text = read("/proc/self/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(whereSeparator: \.isWhitespace).dropFirst()
        let numbers = fields.map { Double($0) ?? 0 }
        return numbers.count > 21 ? [0] + numbers : nil
    }

    private static let bootTime: Double? = read("/proc/stat")?.split(separator: "\n")
        .first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) }

    private static func openFiles() -> Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Two are the folder itself and its parent, and one is what reads it.
        return max(0, count - 3)
    }

    private static func read(_ path: String) -> String? {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
