// Where API calls wait, briefly, for the work that they caused.

internal import LoadBalancing
internal import Synchronization

/// Wakes workers when there is work, and callers when their work is done.
///
/// Clients look at a resource right after its creation and then sleep for a second or more: an answer that comes a few
/// milliseconds later, when the work is done, saves them that second.
public final class SettleBoard: Sendable {
    private struct Waiter {
        var id: UInt64
        var generation: Int64
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var waiters: [ResourceID: [Waiter]] = [:]
        var nextID: UInt64 = 0
        /// Work that was done before its caller got round to waiting.
        var settled: [ResourceID: Int64] = [:]
    }

    private static let rememberedLoadBalancers = 4096

    private let state = Mutex(State())
    private let (wakeUps, wakeUp) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    public init() {}

    /// Elements arrive when there may be work; one reader.
    var work: AsyncStream<Void> { wakeUps }

    /// Tells the reconciler that there may be work.
    func announceWork() { wakeUp.yield() }

    /// Returns when the load balancer was worked on up to the generation, or when an attempt failed, or when the time
    /// is over.
    ///
    /// Register before announcing the work: `body` runs once the caller is registered.
    func wait(
        for loadBalancer: ResourceID, generation: Int64, atMost duration: Duration, announcing body: () -> Void
    ) async {
        guard duration > .zero else { return body() }
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let timer = Task { [weak self] in
            try? await Task.sleep(for: duration)
            self?.resume(loadBalancer, waiter: id)
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if let settled = state.settled[loadBalancer], settled >= generation { return true }
                    state.waiters[loadBalancer, default: []].append(
                        Waiter(id: id, generation: generation, continuation: continuation))
                    return false
                }
                if isDone { return continuation.resume() }
                body()
                if Task.isCancelled { resume(loadBalancer, waiter: id) }
            }
        } onCancel: {
            resume(loadBalancer, waiter: id)
        }
        timer.cancel()
    }

    /// Ends the waits for everything up to the generation.
    func settled(_ loadBalancer: ResourceID, generation: Int64) {
        let done = state.withLock { state in
            if state.settled.count >= Self.rememberedLoadBalancers { state.settled = [:] }
            state.settled[loadBalancer] = generation
            let waiters = state.waiters[loadBalancer] ?? []
            let remaining = waiters.filter { $0.generation > generation }
            state.waiters[loadBalancer] = remaining.isEmpty ? nil : remaining
            return waiters.filter { $0.generation <= generation }
        }
        for waiter in done { waiter.continuation.resume() }
    }

    private func resume(_ loadBalancer: ResourceID, waiter id: UInt64) {
        let waiter: Waiter? = state.withLock { state in
            guard let index = state.waiters[loadBalancer]?.firstIndex(where: { $0.id == id }) else { return nil }
            let waiter = state.waiters[loadBalancer]?.remove(at: index)
            if state.waiters[loadBalancer]?.isEmpty == true { state.waiters[loadBalancer] = nil }
            return waiter
        }
        waiter?.continuation.resume()
    }
}
