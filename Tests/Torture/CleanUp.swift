// What a run made goes with it, however it ends.

internal import Foundation
internal import Glibc
internal import Synchronization
internal import TestSupport

/// Removes a deployment once: at the end, or when somebody interrupts.
final class CleanUp: Sendable {
    private let deployment: Mutex<Deployment?>
    // Nobody touches them again; they only have to live.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

    init(_ deployment: Deployment) {
        self.deployment = Mutex(deployment)
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: .global())
        }
        for source in sources {
            source.setEventHandler { [weak self] in
                Task {
                    await self?.run(keepingLogs: false)
                    exit(130)
                }
            }
            source.resume()
        }
    }

    /// - Parameter keepingLogs: Whether the logs of all processes are to be read later.
    func run(keepingLogs: Bool) async {
        let found = deployment.withLock { deployment in
            defer { deployment = nil }
            return deployment
        }
        guard let found else { return }
        var place: String?
        if keepingLogs {
            place =
                ProcessInfo.processInfo.environment["OTTAVA_TEST_LOGS"]
                ?? "/tmp/ottava-torture-logs-\(found.options.seed)"
            Output.line("the logs are in \(place ?? "")")
        }
        await found.remove(keepingLogsIn: place)
    }
}
