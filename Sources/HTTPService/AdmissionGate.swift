// Who may come in, who waits, who is sent away.

internal import Synchronization

/// Lets a limited number of requests in; others wait in the order in which they came, a limited number for a limited time.
final class AdmissionGate: Sendable {
    /// Why a request is sent away.
    enum Refusal: String, Error, CaseIterable {
        /// Everybody together asks for too much.
        case busy
        /// This caller asks for too much.
        case caller
        /// This project asks for too much.
        case project
        /// Bodies take too much memory.
        case bodies
    }

    /// What is going on, for metrics.
    struct Usage: Sendable {
        var running = 0
        var waiting = 0
        var bodyBytes = 0
        var refusals: [Refusal: Int] = [:]
    }

    private struct Waiter {
        var id: UInt64
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var usage = Usage()
        /// In the order of arrival.
        var waiters: [Waiter] = []
        var nextID: UInt64 = 0
        var callers: [String: Int] = [:]
        var projects: [String: Int] = [:]
    }

    private let limits: HTTPLimits
    private let state = Mutex(State())

    init(limits: HTTPLimits) {
        self.limits = limits
    }

    var usage: Usage { state.withLock { $0.usage } }

    /// Counts a request of a caller, before anything of it is kept.
    func arrive(_ caller: String) throws(Refusal) {
        try check { state in
            guard state.usage.running < limits.concurrentRequests || state.usage.waiting < limits.waitingRequests else {
                return .busy
            }
            guard state.callers[caller, default: 0] < limits.requestsPerCaller else { return .caller }
            state.callers[caller, default: 0] += 1
            return nil
        }
    }

    /// The request of a caller has been answered.
    func depart(_ caller: String) {
        state.withLock { Self.decrease(&$0.callers, caller) }
    }

    /// Counts bytes of a body that are going to be kept.
    func reserve(bytes: Int) throws(Refusal) {
        try check { state in
            guard state.usage.bodyBytes + bytes <= limits.bodyBytes else { return .bodies }
            state.usage.bodyBytes += bytes
            return nil
        }
    }

    func release(bytes: Int) {
        guard bytes > 0 else { return }
        state.withLock { $0.usage.bodyBytes -= bytes }
    }

    /// Waits for a turn.
    func enter() async throws(Refusal) {
        let (id, isIn): (UInt64, Bool?) = state.withLock { state in
            state.nextID += 1
            if state.usage.running < limits.concurrentRequests {
                state.usage.running += 1
                return (state.nextID, true)
            }
            return (state.nextID, state.usage.waiting < limits.waitingRequests ? nil : false)
        }
        let isAdmitted: Bool
        if let isIn { isAdmitted = isIn } else { isAdmitted = await wait(id) }
        guard isAdmitted else {
            state.withLock { $0.usage.refusals[.busy, default: 0] += 1 }
            throw .busy
        }
    }

    /// The turn is over, and passes to whoever waits longest.
    func leave() {
        let next: Waiter? = state.withLock { state in
            guard !state.waiters.isEmpty else {
                state.usage.running -= 1
                return nil
            }
            state.usage.waiting -= 1
            return state.waiters.removeFirst()
        }
        next?.continuation.resume(returning: true)
    }

    /// Counts a request of a project; to be ended by ``leave(project:)``.
    func enter(project: String) throws(Refusal) {
        try check { state in
            guard state.projects[project, default: 0] < limits.requestsPerProject else { return .project }
            state.projects[project, default: 0] += 1
            return nil
        }
    }

    func leave(project: String) {
        state.withLock { Self.decrease(&$0.projects, project) }
    }

    private func wait(_ id: UInt64) async -> Bool {
        let timer = Task { [weak self, limits] in
            try? await Task.sleep(for: limits.longestWait)
            self?.giveUp(id)
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isIn: Bool? = state.withLock { state in
                    if state.usage.running < limits.concurrentRequests {
                        state.usage.running += 1
                        return true
                    }
                    guard state.usage.waiting < limits.waitingRequests else { return false }
                    state.usage.waiting += 1
                    state.waiters.append(Waiter(id: id, continuation: continuation))
                    return nil
                }
                if let isIn { return continuation.resume(returning: isIn) }
                if Task.isCancelled { giveUp(id) }
            }
        } onCancel: {
            giveUp(id)
        }
    }

    private func giveUp(_ id: UInt64) {
        let waiter: Waiter? = state.withLock { state in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
            state.usage.waiting -= 1
            return state.waiters.remove(at: index)
        }
        waiter?.continuation.resume(returning: false)
    }

    private func check(_ body: (inout State) -> Refusal?) throws(Refusal) {
        let refusal: Refusal? = state.withLock { state in
            let refusal = body(&state)
            if let refusal { state.usage.refusals[refusal, default: 0] += 1 }
            return refusal
        }
        if let refusal { throw refusal }
    }

    private static func decrease(_ counts: inout [String: Int], _ key: String) {
        let rest = counts[key, default: 1] - 1
        counts[key] = rest > 0 ? rest : nil
    }
}

/// Counts the requests of projects once it is known for whom they are.
public struct ProjectLimit: Sendable {
    let gate: AdmissionGate

    /// Does something for a project; without one it is not counted.
    ///
    /// - Throws: ``AdmissionGate/Refusal`` when the project has too much under way, or what `body` throws.
    func counting<Result>(_ project: String?, _ body: () async throws -> Result) async throws -> Result {
        guard let project else { return try await body() }
        try gate.enter(project: project)
        defer { gate.leave(project: project) }
        return try await body()
    }
}
