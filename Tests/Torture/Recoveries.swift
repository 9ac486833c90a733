// How long what was killed was missed.

internal import Foundation
internal import JSON
internal import Synchronization
internal import TestSupport

/// The slowest and the number of recoveries by kind.
final class Recoveries: Sendable {
    private let state = Mutex<[String: (count: Int, slowest: Duration, total: Duration)]>([:])

    func add(_ kind: String, _ time: Duration) {
        state.withLock { state in
            let before = state[kind] ?? (0, .zero, .zero)
            state[kind] = (before.count + 1, max(before.slowest, time), before.total + time)
        }
    }

    var lines: [String] {
        state.withLock { state in
            state.sorted { $0.key < $1.key }.map { kind, value in
                "\(kind): slowest \(Output.text(value.slowest)), mean \(Output.text(value.total / value.count)) of \(value.count)"
            }
        }
    }
}

/// Somebody who changes one load balancer all the time and waits for each change: measures for how long the control plane
/// is missed, whatever was killed.
struct Canary {
    let scenery: Scenery
    let recoveries: Recoveries
    var api: APICaller
    let id: String

    mutating func run(until stop: StopFlag) {
        var version = 0
        while !stop.isSet {
            version += 1
            let begin = ContinuousClock.now
            let text = "v\(version)"
            var isDone = false
            while !isDone, !stop.isSet {
                let outcome = api.send("PUT", "loadbalancers/\(id)", ["loadbalancer": ["description": .string(text)]])
                if case .answered(let answer) = outcome, answer.status == 200 { break }
                Thread.sleep(forTimeInterval: 0.02)
            }
            while !isDone, !stop.isSet {
                if case .answered(let answer) = api.send("GET", "loadbalancers/\(id)"),
                    answer.json["loadbalancer"]?["provisioning_status"] == "ACTIVE"
                {
                    isDone = true
                } else {
                    Thread.sleep(forTimeInterval: 0.02)
                }
            }
            if isDone { recoveries.add("a change, from the first attempt to ACTIVE", ContinuousClock.now - begin) }
            Thread.sleep(forTimeInterval: 0.05)
        }
    }
}
