// Requests at a fixed rate through a load balancer that nobody changes.

internal import Foundation
internal import Synchronization
internal import TestSupport

/// Half of the requests on connections that are kept, half on fresh ones; it starts at once.
final class Probe: Sendable {
    struct Result: Sendable {
        var answered = 0
        var failures: [String] = []
        var slowest = Duration.zero
    }

    private static let threads = 10

    private let state = Mutex(Result())
    private let stop = StopFlag()
    private let running = Mutex(Probe.threads)
    private let start = ContinuousClock.now

    /// - Parameter rate: Requests in a second.
    init(to address: String, port: Int, rate: Int = 100) {
        let pause = Duration.seconds(1) * Self.threads / rate
        for index in 0..<Self.threads {
            Thread.detachNewThread { [self] in
                var connection: HTTPConnection?
                var next = ContinuousClock.now + pause * index / Self.threads
                while !stop.isSet {
                    let now = ContinuousClock.now
                    if now < next { Thread.sleep(forTimeInterval: (next - now) / .seconds(1)) }
                    next += pause
                    let begin = ContinuousClock.now
                    do {
                        let keeps = index % 2 == 0
                        let current = try connection ?? HTTPConnection(to: address, port: port, limit: .seconds(30))
                        let answer = try current.request(headers: keeps ? [] : [("Connection", "close")])
                        connection = keeps && current.isOpen ? current : nil
                        record(begin, answer.status == 200 ? nil : "status \(answer.status)")
                    } catch {
                        connection = nil
                        record(begin, "\(error)")
                    }
                }
                running.withLock { $0 -= 1 }
            }
        }
    }

    private func record(_ begin: ContinuousClock.Instant, _ failure: String?) {
        let end = ContinuousClock.now
        let time = Output.text(begin - start)
        state.withLock { state in
            state.slowest = max(state.slowest, end - begin)
            if let failure { state.failures.append("after \(time): \(failure)") } else { state.answered += 1 }
        }
    }

    var result: Result { state.withLock { $0 } }

    /// Waits for the last answers.
    func end() async throws -> (result: Result, rate: Int) {
        stop.set()
        let time = ContinuousClock.now - start
        try await eventually("the probe ends", within: .seconds(60)) { running.withLock { $0 } == 0 }
        return (result, Int((Double(result.answered) / (time / .seconds(1))).rounded()))
    }
}
