// One of several processes does the work: the holder of a Lease.

public import Logging
internal import Synchronization

/// Elects one of several processes by a Lease (coordination.k8s.io).
///
/// Clocks are not compared: a lease counts as abandoned when its record has not changed for its duration, as seen here.
public final class LeaderElector: Sendable {
    public struct Settings: Sendable, Hashable {
        /// How long others wait after the last sign of life.
        public var leaseDuration: Duration
        /// How long the leader tries to renew before it gives up; less than the duration.
        public var renewDeadline: Duration
        /// The pause between attempts.
        public var retryPeriod: Duration

        public init(
            leaseDuration: Duration = .seconds(15), renewDeadline: Duration = .seconds(10),
            retryPeriod: Duration = .seconds(2)
        ) {
            self.leaseDuration = leaseDuration
            self.renewDeadline = renewDeadline
            self.retryPeriod = retryPeriod
        }
    }

    /// The lease went to somebody else, or could not be renewed in time.
    public struct LeadershipLost: Error, CustomStringConvertible {
        public var description: String
    }

    private struct State {
        /// The lease as last seen, and when it last changed.
        var seen: Lease?
        var changed = ContinuousClock.now
        var isLeader = false
    }

    private let cluster: Cluster
    public let key: ObjectKey
    public let identity: String
    private let settings: Settings
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameters:
    ///   - key: The lease's namespace and name.
    ///   - identity: Different for each candidate, such as host name and a random part.
    public init(
        _ cluster: Cluster, lease key: ObjectKey, identity: String, settings: Settings = Settings(),
        logger: Logger? = nil
    ) {
        self.cluster = cluster
        self.key = key
        self.identity = identity
        self.settings = settings
        self.logger = logger ?? cluster.logger
    }

    /// Whether this process leads now.
    public var isLeader: Bool { state.withLock { $0.isLeader } }

    /// Who leads, as far as this process knows.
    public var leader: String? {
        state.withLock { $0.seen?.spec.holderIdentity }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Waits for the lease, and does something as long as it is held. Then the lease is given back, so that others need
    /// not wait.
    ///
    /// - Throws: ``LeadershipLost`` after the body has been cancelled and has ended; what the body throws; and
    ///   `CancellationError`.
    public func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await acquire()
        state.withLock { $0.isLeader = true }
        logger.info("leading", metadata: ["lease": "\(key)", "identity": "\(identity)"])
        let result: Result<Void, any Error>
        do {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    try await body()
                    return true
                }
                group.addTask {
                    try await self.holdOn()
                    return false
                }
                // The first to end ends the other; a leader that lost the lease waits for the body to stop.
                defer { group.cancelAll() }
                _ = try await group.next()
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        state.withLock { $0.isLeader = false }
        await release()
        try result.get()
    }

    private func acquire() async throws {
        while true {
            try Task.checkCancellation()
            if await attempt() { return }
            let pause = settings.retryPeriod * (1 - 0.2 * Double.random(in: 0...1))
            try await Task.sleep(for: pause)
        }
    }

    /// Renews until that fails for too long.
    private func holdOn() async throws {
        var last = ContinuousClock.now
        while true {
            try await Task.sleep(for: settings.retryPeriod)
            let deadline = last + settings.renewDeadline
            let hasRenewed = await withTaskGroup(of: Bool?.self) { group in
                group.addTask { await self.attempt() }
                group.addTask {
                    try? await Task.sleep(until: deadline, clock: .continuous)
                    return nil
                }
                defer { group.cancelAll() }
                return await group.next() ?? nil
            }
            try Task.checkCancellation()
            if hasRenewed == true {
                last = .now
                continue
            }
            if let leader, leader != identity {
                logger.error("The lease is somebody else's", metadata: ["lease": "\(key)", "leader": "\(leader)"])
                throw LeadershipLost(description: "the lease \(key) is held by \(leader)")
            }
            if ContinuousClock.now >= deadline {
                logger.error("The lease could not be renewed in time", metadata: ["lease": "\(key)"])
                throw LeadershipLost(description: "the lease \(key) could not be renewed for \(settings.renewDeadline)")
            }
        }
    }

    /// Takes or renews the lease.
    private func attempt() async -> Bool {
        do {
            guard let lease = try await cluster.find(Lease.self, key) else {
                var lease = Lease()
                lease.metadata = ObjectMeta(namespace: key.namespace, name: key.name)
                claim(&lease, isNew: true)
                note(try await cluster.create(lease))
                return true
            }
            note(lease)
            let holder = lease.spec.holderIdentity
            if holder != identity, !holder.isEmpty {
                let changed = state.withLock { $0.changed }
                let life = lease.spec.leaseDurationSeconds.map { Duration.seconds($0) } ?? settings.leaseDuration
                guard changed + life < .now else { return false }
            }
            var claimed = lease
            claim(&claimed, isNew: holder != identity)
            // The version of the lease that was read stands in it: of two candidates one is refused.
            note(try await cluster.update(claimed))
            return true
        } catch let error as KubernetesError where error.code == .conflict || error.code == .alreadyExists {
            return false
        } catch {
            if !(error is CancellationError) {
                logger.warning(
                    "The lease cannot be read or written", metadata: ["lease": "\(key)", "error": "\(error)"])
            }
            return false
        }
    }

    private func claim(_ lease: inout Lease, isNew: Bool) {
        let now = KubernetesTime.nowWithMicroseconds()
        if isNew {
            lease.spec.acquireTime = now
            if !lease.metadata.resourceVersion.isEmpty { lease.spec.leaseTransitions += 1 }
        }
        lease.spec.holderIdentity = identity
        lease.spec.leaseDurationSeconds = max(1, Int(settings.leaseDuration.components.seconds))
        lease.spec.renewTime = now
    }

    private func note(_ lease: Lease) {
        state.withLock { state in
            if state.seen?.spec != lease.spec { state.changed = .now }
            state.seen = lease
        }
    }

    /// Gives the lease back, also when the task is cancelled.
    private func release() async {
        await Task {
            do {
                guard var lease = try await cluster.find(Lease.self, key), lease.spec.holderIdentity == identity
                else { return }
                lease.spec.holderIdentity = ""
                lease.spec.leaseDurationSeconds = 1
                lease.spec.renewTime = KubernetesTime.nowWithMicroseconds()
                note(try await cluster.update(lease))
            } catch {
                logger.info("The lease was not given back", metadata: ["lease": "\(key)", "error": "\(error)"])
            }
        }.value
    }
}
