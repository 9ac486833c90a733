// A driver that records what it is asked and fails when told to: failures of a real node cannot be ordered.

import LoadBalancing
import ProviderDrivers
import Synchronization

final class RecordingDriver: ProviderDriver {
    struct State {
        var plans: [LoadBalancerPlan] = []
        var removed: [ResourceID] = []
        var failures: [DataPlaneError] = []
        var failedListeners: [ResourceID: String] = [:]
        var failedL7Policies: [ResourceID: String] = [:]
        var hold: CheckedContinuation<Void, Never>?
        var isHolding = false
        /// How many calls for one load balancer run at the moment, and the most there ever were.
        var running: [ResourceID: Int] = [:]
        var mostAtOnce = 0
    }

    let name = "amphora"
    let description = "Records what it is asked."
    let reports: AsyncStream<DataPlaneReport>
    private let continuation: AsyncStream<DataPlaneReport>.Continuation
    let state = Mutex(State())

    init() {
        (reports, continuation) = AsyncStream.makeStream()
    }

    func apply(_ plan: LoadBalancerPlan) async throws(DataPlaneError) -> ApplyOutcome {
        state.withLock { state in
            state.running[plan.loadBalancerID, default: 0] += 1
            state.mostAtOnce = max(state.mostAtOnce, state.running[plan.loadBalancerID] ?? 0)
        }
        defer { state.withLock { $0.running[plan.loadBalancerID, default: 0] -= 1 } }
        if state.withLock({ $0.isHolding }) {
            await withCheckedContinuation { continuation in state.withLock { $0.hold = continuation } }
        }
        let failure: DataPlaneError? = state.withLock { state in
            state.plans.append(plan)
            return state.failures.isEmpty ? nil : state.failures.removeFirst()
        }
        if let failure { throw failure }
        return state.withLock {
            ApplyOutcome(failedListeners: $0.failedListeners, failedL7Policies: $0.failedL7Policies)
        }
    }

    func remove(_ loadBalancerID: ResourceID) async throws(DataPlaneError) {
        let failure: DataPlaneError? = state.withLock { state in
            state.removed.append(loadBalancerID)
            return state.failures.isEmpty ? nil : state.failures.removeFirst()
        }
        if let failure { throw failure }
    }

    func report(of loadBalancerID: ResourceID) async -> DataPlaneReport? { nil }

    func knownLoadBalancers() async -> [ResourceID] { [] }

    func release() {
        let hold = state.withLock { state in
            state.isHolding = false
            defer { state.hold = nil }
            return state.hold
        }
        hold?.resume()
    }

    var isWaiting: Bool { state.withLock { $0.hold != nil } }
    var generations: [Int64] { state.withLock { $0.plans.map(\.generation) } }
}
