// Runs the haproxy program: to check a configuration, and to start a process that stays.

import Glibc
import LoadBalancing
import PacketForwarding
import ProviderDrivers
import Subprocess

/// Why HAProxy did not start.
enum LaunchFailure: Error, Sendable {
    /// Ports that could not be opened, with reasons for the owner.
    case cannotBind([Endpoint: String])
    case failed(DataPlaneError)
}

/// Runs haproxy.
struct HAProxyLauncher: Sendable {
    /// The absolute path of the program.
    let program: String
    /// How long a run may take: it ends when the daemon is up.
    var limit: Duration = .seconds(30)

    /// Lets haproxy check a configuration file (`haproxy -c -f FILE`).
    func check(configuration: String, in folder: String) async throws(LaunchFailure) {
        try await run(["-c", "-f", configuration, "-C", folder])
    }

    /// Starts a daemon and returns when it listens, to take over from the process `old` if there is one
    /// (`haproxy -D -f FILE -C FOLDER -p FILE [-x SOCKET -sf PID]`).
    func start(
        configuration: String, in folder: String, processIDFile: String, replacing old: Int32?,
        place: NetworkPlace = .host
    ) async throws(LaunchFailure) {
        var arguments = ["-D", "-f", configuration, "-C", folder, "-p", processIDFile]
        if let old { arguments += ["-x", "../\(DataPlaneFile.controlSocket)", "-sf", "\(old)"] }
        try await run(arguments, in: place)
    }

    private func run(_ arguments: [String], in place: NetworkPlace = .host) async throws(LaunchFailure) {
        let limit = limit
        let words = place.commandPrefix + [program] + arguments
        let (program, arguments) = (words[0], Array(words.dropFirst()))
        // A task of its own: a caller that is cancelled must not stop HAProxy half way.
        let outcome = await Task { await Self.outcome(of: program, arguments, limit: limit) }.value
        if let failure = outcome { throw failure }
    }

    private static func outcome(of program: String, _ arguments: [String], limit: Duration) async -> LaunchFailure? {
        // A bare name is that of a program of the system.
        let split = program.lastIndex(of: "/")
        let folder = split.map { String(program[..<$0]) } ?? NodeProgram.folders.joined(separator: ":")
        let name = split.map { String(program[program.index(after: $0)...]) } ?? program
        return await withTaskGroup(of: LaunchFailure?.self) { group in
            group.addTask {
                do {
                    // Nothing of the agent's environment: it may hold passwords.
                    let result = try await Subprocess.run(
                        .name(name), arguments: Arguments(arguments),
                        environment: .custom(["PATH": folder.isEmpty ? "/" : folder]), output: .discarded,
                        error: .string(limit: 4 << 20))
                    if result.terminationStatus.isSuccess { return nil }
                    return failure(for: result.standardError, status: "\(result.terminationStatus)")
                } catch {
                    return .failed(DataPlaneError(.node, "HAProxy could not be run on this node.", detail: "\(error)"))
                }
            }
            group.addTask {
                do { try await Task.sleep(for: limit) } catch { return nil }
                return .failed(DataPlaneError(.node, "HAProxy did not start in time.", detail: "no end after \(limit)"))
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    /// Reads what haproxy says when it gives up.
    ///
    /// A busy port reads `[ALERT] (PID) : Binding [FILE:LINE] for frontend NAME: cannot bind socket (Address already in
    /// use) for [127.0.0.1:80]`; older and newer versions begin it with `Starting frontend NAME`.
    static func failure(for output: String, status: String) -> LaunchFailure {
        var endpoints: [Endpoint: String] = [:]
        var alerts: [Substring] = []
        for line in output.split(separator: "\n") where line.contains("[ALERT]") {
            alerts.append(line)
            guard line.contains("frontend "), line.contains("cannot bind socket"), line.hasSuffix("]"),
                let open = line.lastIndex(of: "["), let colon = line.lastIndex(of: ":"), colon > open,
                let port = Int(line[line.index(after: colon)...].dropLast()),
                let address = IPAddress(line[line.index(after: open)..<colon])
            else { continue }
            let endpoint = Endpoint(address, port: port)
            let causes = [EADDRINUSE, EADDRNOTAVAIL, EACCES]
            let cause = causes.first { line.contains("(\(String(cString: strerror($0))))") }
            endpoints[endpoint] = PortProbe.explanation(of: cause ?? EINVAL, endpoint)
        }
        if !endpoints.isEmpty { return .cannotBind(endpoints) }
        return .failed(
            DataPlaneError(
                .node, "HAProxy did not accept its configuration.",
                detail:
                    "\(status): \((alerts.isEmpty ? output.split(separator: "\n") : alerts).joined(separator: " | "))"))
    }
}
