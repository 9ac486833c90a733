// The command line as a whole process, beside the OpenStack client on the same server.

internal import Foundation
internal import Glibc
internal import JSON
internal import TestSupport

enum CommandLineBenchmark {
    private static let listed = 20

    static func run(_ program: String) async throws -> [Measurement] {
        guard await PythonClients.install() else { throw CannotStart(description: "there is no OpenStack client") }
        let server = try await MeasuredServer(program)
        let client = try server.client()
        let body: JSONValue = ["vip_subnet_id": .string(try client.privateSubnet())]
        for _ in 0..<listed { _ = try client.create(.loadBalancers, body) }
        let variables = ["OS_CLIENT_CONFIG_FILE": server.cloudsFile, "OS_CLOUD": "ottava", "PYTHONWARNINGS": "ignore"]
        let arguments = ["loadbalancer", "list", "-f", "json"]
        let theirs = try (0..<5).map { _ in try Run(PythonClients.program, arguments, variables) }
        let ours = try (0..<20).map { _ in try Run(program, arguments, variables) }
        let baseline = Measurement("openstack loadbalancer list", theirs.map(\.duration))
        // Looking takes time, so these are runs of their own.
        let memory = Measurement(
            "  memory of its own at its peak",
            try (0..<5).map { _ in try Run(PythonClients.program, arguments, variables, isWatched: true).ownMegabytes },
            unit: "MB")
        let ownMemory = try (0..<20).map { _ in try Run(program, arguments, variables, isWatched: true).ownMegabytes }
        try server.check()
        return [
            baseline, memory,
            Measurement("  with programs' and libraries' files", theirs.map(\.megabytes), unit: "MB"),
            Measurement("ottava loadbalancer list", ours.map(\.duration), goal: .below(baseline.median / 20)),
            Measurement(
                "  memory of its own at its peak", ownMemory, unit: "MB", goal: .below(memory.median / 10)),
            Measurement("  with programs' and libraries' files", ours.map(\.megabytes), unit: "MB"),
        ]
    }

    /// One process from start to end.
    private struct Run {
        var duration: Duration
        /// Resident at the peak.
        var megabytes: Double
        /// Seen at the peak by one who looks about a thousand times a second; zero when nobody did.
        var ownMegabytes = 0.0

        init(
            _ program: String, _ arguments: [String], _ variables: [String: String], isWatched: Bool = false
        ) throws {
            var environment = ProcessInfo.processInfo.environment
            for (name, value) in variables { environment[name] = value }
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            defer { posix_spawn_file_actions_destroy(&actions) }
            posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
            var words = ([program] + arguments).map { strdup($0) } + [nil]
            var texts = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
            defer { for pointer in words + texts { free(pointer) } }
            let start = ContinuousClock.now
            var pid: pid_t = 0
            guard posix_spawn(&pid, program, &actions, nil, &words, &texts) == 0 else {
                throw CannotStart(description: program)
            }
            var status: Int32 = 0
            var usage = rusage()
            var ended = wait4(pid, &status, isWatched ? WNOHANG : 0, &usage)
            while ended == 0 {
                let now = ProcessUsage.ownMegabytes(of: pid)
                if now > ownMegabytes { ownMegabytes = now }
                usleep(1_000)
                ended = wait4(pid, &status, WNOHANG, &usage)
            }
            guard ended == pid, status == 0 else {
                throw CannotStart(description: "\(program) ended with \(status)")
            }
            duration = ContinuousClock.now - start
            megabytes = Double(usage.ru_maxrss) * 1_024 / 1_000_000
        }
    }
}
