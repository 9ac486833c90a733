// Clients that send requests all the time, and count.

internal import Foundation
internal import Glibc
internal import Synchronization

/// Starts at once, and ends with ``stop()`` or after a minute.
public final class LoadGenerator: Sendable {
    /// What has happened so far.
    public struct Result: Sendable, CustomStringConvertible {
        /// Answers with status 200, by their text.
        public var answers: [String: Int] = [:]
        /// What went wrong, by reason.
        public var failures: [String: Int] = [:]

        public var answered: Int { answers.values.reduce(0, +) }
        public var failed: Int { failures.values.reduce(0, +) }
        public var description: String { "\(answered) answered, \(failed) failed \(failures)" }
    }

    private struct State {
        var result = Result()
        var isStopped = false
        var running = 0
    }

    private let state = Mutex(State())

    /// Clients of both kinds; each pauses a little after an answer.
    public init(
        to host: String, port: Int, path: String = "/", keeping: Int = 8, fresh: Int = 8,
        pause: Duration = .milliseconds(2)
    ) {
        state.withLock { $0.running = keeping + fresh }
        let end = ContinuousClock.now + .seconds(60)
        for index in 0..<(keeping + fresh) {
            let keeps = index < keeping
            Thread.detachNewThread { [self] in
                var connection: HTTPConnection?
                while ContinuousClock.now < end, !isStopped {
                    do {
                        let current = try connection ?? HTTPConnection(to: host, port: port)
                        let answer = try current.request(
                            "GET", path, headers: keeps ? [] : [("Connection", "close")])
                        count(answer)
                        connection = keeps && current.isOpen ? current : nil
                    } catch {
                        connection = nil
                        count("\(error)\(keeps ? " (kept)" : " (fresh)")")
                    }
                    usleep(UInt32(pause / .microseconds(1)))
                }
                state.withLock { $0.running -= 1 }
            }
        }
    }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    private func count(_ answer: HTTPAnswer) {
        state.withLock { state in
            if answer.status == 200 {
                state.result.answers[answer.text, default: 0] += 1
            } else {
                state.result.failures["status \(answer.status)", default: 0] += 1
            }
        }
    }

    private func count(_ failure: String) {
        state.withLock { $0.result.failures[failure, default: 0] += 1 }
    }

    /// What has happened until now.
    public var result: Result { state.withLock { $0.result } }

    /// Waits for the last answers.
    public func stop() async throws -> Result {
        state.withLock { $0.isStopped = true }
        try await eventually("clients end", within: .seconds(20)) { state.withLock { $0.running } == 0 }
        return result
    }
}
