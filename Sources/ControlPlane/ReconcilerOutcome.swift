// What one piece of work does and how its end is written.

internal import LoadBalancing
internal import Logging
internal import Networking
internal import Persistence
internal import ProviderDrivers
internal import Tracing

/// Why a load balancer could not be made what it should be, for its owner and for the operator.
struct DataPlaneFailure: Error {
    /// The classes of causes, for metrics.
    enum Cause: String, CaseIterable, Sendable {
        /// The node could not do it.
        case node
        /// The provider cannot do what the tree asks for.
        case unsupported
        /// The provider is not enabled any more.
        case provider
        /// The network could not let go of an address.
        case network
        /// The database went away.
        case database
        /// A listener does not serve, most often because its port is in use.
        case listener
        /// An L7 policy is not applied.
        case l7policy
        /// Anything else, such as a key manager that does not answer.
        case other
    }

    var cause: Cause
    /// For the owner.
    var reason: String
    /// For the log.
    var detail: String
    /// Whether another attempt may succeed without a change of the tree.
    var isWorthRetrying: Bool
}

extension Reconciler {
    /// Hands a tree to its driver and writes what came of it.
    func apply(
        _ tree: LoadBalancerTree, _ item: WorkItem, _ logger: Logger
    ) async throws -> ControlPlaneObservation.Outcome {
        let begin = ContinuousClock.now
        let loadBalancer = tree.loadBalancer
        let driver = drivers[loadBalancer.provider]
        if loadBalancer.core.isBeingDeleted {
            try await remove(tree, item, driver, logger)
            return .removed
        }
        guard let driver else {
            throw DataPlaneFailure(
                cause: .provider, reason: "The provider '\(loadBalancer.provider)' is not enabled any more.",
                detail: "",
                isWorthRetrying: false)
        }
        var floating: [String] = []
        if let port = loadBalancer.vip.portID { floating = try await network.floatingAddresses(ofPort: port) }
        let plan = LoadBalancerPlan(
            tree: tree, floatingAddresses: floating, material: try await material(of: tree, logger))
        let outcome: ApplyOutcome
        do {
            outcome = try await applied(plan, by: driver)
        } catch {
            throw DataPlaneFailure(
                cause: error.kind == .node ? .node : .unsupported, reason: error.reason, detail: error.detail,
                isWorthRetrying: error.kind == .node)
        }
        let report = await driver.report(of: loadBalancer.id)
        let now = self.now()
        let failed = outcome.failedListeners
        let duration = ContinuousClock.now - begin
        let retryAt = failed.isEmpty ? nil : now.advanced(bySeconds: pause(item, atMost: settings.longestListenerPause))
        let isOurs = try await database.write { connection in
            guard try WorkStore(connection).finish(item, retryAt: retryAt, at: now) else { return false }
            try OutcomeWriter(connection: connection, now: now).applied(
                item, of: tree, outcome, report: report, isObserved: driver.features.isObserved)
            try OutcomeEvents(connection, tree, item, at: now).applied(outcome, took: duration)
            try connection.announce(.settled(item.loadBalancerID, generation: item.generation))
            return true
        }
        if !isOurs { logger.warning("the work was taken over by somebody else; its result is not written") }
        for (listener, reason) in failed where item.attempts == 0 {
            logger.warning("a listener does not serve", metadata: ["listener": "\(listener)", "reason": "\(reason)"])
        }
        for (policy, reason) in outcome.failedL7Policies where item.attempts == 0 {
            logger.notice("an L7 policy is not applied", metadata: ["l7policy": "\(policy)", "reason": "\(reason)"])
        }
        logger.debug("applied", metadata: ["failed_listeners": "\(failed.count)"])
        observation.failed(.listener, count: failed.count)
        observation.failed(.l7policy, count: outcome.failedL7Policies.count)
        guard isOurs else { return .fenced }
        return failed.isEmpty && outcome.failedL7Policies.isEmpty ? .applied : .partial
    }

    /// Has the driver apply a plan, as a span of its own.
    private func applied(
        _ plan: LoadBalancerPlan, by driver: any ProviderDriver
    ) async throws(DataPlaneError) -> ApplyOutcome {
        let span = observation.tracer.startAnySpan("apply \(driver.name)", ofKind: .internal)
        defer { span.end() }
        let result: Result<ApplyOutcome, DataPlaneError> = await InstrumentationContext.withValue(span.context) {
            do throws(DataPlaneError) { return .success(try await driver.apply(plan)) } catch { return .failure(error) }
        }
        if case .failure(let error) = result {
            span.recordError(error)
            span.setStatus(SpanStatus(code: .error, message: error.reason))
        }
        return try result.get()
    }

    private func remove(
        _ tree: LoadBalancerTree, _ item: WorkItem, _ driver: (any ProviderDriver)?, _ logger: Logger
    ) async throws {
        let begin = ContinuousClock.now
        let loadBalancer = tree.loadBalancer
        do throws(DataPlaneError) {
            // What a provider that is not enabled any more has left is the housekeeper's when it is again.
            try await driver?.remove(loadBalancer.id)
        } catch {
            throw DataPlaneFailure(
                cause: .node, reason: error.reason, detail: error.detail, isWorthRetrying: true)
        }
        let duration = ContinuousClock.now - begin
        let network = self.network
        do {
            _ = try await database.write { connection in
                let now = self.now()
                guard try WorkStore(connection).renew(item, until: now) else { return }
                try OutcomeEvents(connection, tree, item, at: now).removed(took: duration)
                if let port = loadBalancer.vip.portID {
                    try network.ports(within: connection).giveBack(port, isOwn: loadBalancer.vip.ownsPort)
                }
                try TreeStore(connection).deleteTree(of: loadBalancer.id)
                try connection.announce(.settled(item.loadBalancerID, generation: item.generation))
            }
        } catch let fault as NetworkFault {
            throw DataPlaneFailure(
                cause: .network, reason: "The VIP port could not be released: \(fault.message)", detail: "\(fault)",
                isWorthRetrying: true)
        }
        logger.debug("removed")
    }

    /// Writes that an attempt failed: patience first, then ERROR with the cause, and further attempts either way.
    func recordFailure(
        _ failure: DataPlaneFailure, _ item: WorkItem, _ tree: LoadBalancerTree, _ logger: Logger
    ) async throws {
        let isFinal = !failure.isWorthRetrying || item.attempts + 1 >= settings.retryBudget
        logger.log(
            level: isFinal ? .error : .warning, "an attempt failed",
            metadata: [
                "reason": "\(failure.reason)", "detail": "\(failure.detail)", "attempt": "\(item.attempts + 1)",
            ])
        let now = self.now()
        let retryAt = now.advanced(bySeconds: pause(item, atMost: settings.longestPause))
        _ = try await database.write { connection in
            guard try WorkStore(connection).fail(item, retryAt: retryAt) else { return }
            try OutcomeWriter(connection: connection, now: now).failed(item, reason: failure.reason, isFinal: isFinal)
            try OutcomeEvents(connection, tree, item, at: now).failed(failure.reason, isFinal: isFinal)
            try connection.announce(.settled(item.loadBalancerID, generation: item.generation))
        }
    }

    /// The pause before the next attempt, in seconds: doubling from a quarter, with jitter against herds.
    private func pause(_ item: WorkItem, atMost longest: Double) -> Double {
        let doubled = 0.25 * Double(1 << min(item.attempts, 10))
        return min(longest, doubled) * Double.random(in: 0.8...1.2)
    }
}

/// The tables in which a tree has rows that are not ACTIVE.
private struct UnsettledTables {
    private(set) var names: [String] = []
    private(set) var hasDeletions = false

    init(_ tree: LoadBalancerTree) {
        add([tree.loadBalancer])
        add(tree.listeners)
        add(tree.pools)
        add(tree.members)
        add(tree.healthMonitors)
        add(tree.l7Policies)
        add(tree.l7Rules)
    }

    private mutating func add<Record: TreeRecord>(_ records: [Record]) {
        if records.contains(where: { $0.core.provisioningStatus != .active }) { names.append(Record.table) }
        if records.contains(where: { $0.core.isBeingDeleted }) { hasDeletions = true }
    }
}

/// Writes outcomes: only for what the work was about, never over a newer change of the owner.
struct OutcomeWriter {
    let connection: any DatabaseConnection
    let now: Timestamp

    /// The plan of a generation runs.
    ///
    /// - Parameters:
    ///   - tree: What the plan was made of. It has every row of that generation, so that only tables which it mentions
    ///     are changed.
    ///   - isObserved: False when nothing can be observed of the load balancer.
    func applied(
        _ item: WorkItem, of tree: LoadBalancerTree, _ outcome: ApplyOutcome, report: DataPlaneReport?,
        isObserved: Bool = true
    ) throws {
        let store = TreeStore(connection)
        let unsettled = UnsettledTables(tree)
        if unsettled.hasDeletions { try deleteRows(item) }
        var unobserved: [ResourceID: OperatingStatus]?
        if !isObserved, let pending = try store.tree(of: item.loadBalancerID, known: tree) {
            unobserved = OperatingStatusRollup.unobservedStatuses(of: pending)
        }
        for table in unsettled.names {
            let key = table == LoadBalancer.table ? "id" : "loadbalancer_id"
            try connection.execute(
                """
                UPDATE \(table) SET provisioning_status = 'ACTIVE', status_reason = NULL, updated_at = ?
                WHERE \(key) = ? AND generation <= ? AND is_being_deleted = 0 AND provisioning_status <> 'ACTIVE'
                """, [now, item.loadBalancerID, item.generation])
        }
        for (listener, reason) in outcome.failedListeners {
            try store.setStatus(Listener.self, listener, provisioning: .error, reason: reason, at: now)
        }
        for (policy, reason) in outcome.failedL7Policies {
            try store.setStatus(L7Policy.self, policy, provisioning: .error, reason: reason, at: now)
        }
        if let tree = try store.tree(of: item.loadBalancerID, known: tree) {
            let writer = OperatingStatusWriter(store: store, now: now)
            if let unobserved {
                try writer.write(unobserved, of: tree)
            } else {
                try writer.write(tree, report: report)
            }
        }
    }

    /// An attempt failed. Before the patience is over only the reason is kept, for whoever looks.
    func failed(_ item: WorkItem, reason: String, isFinal: Bool) throws {
        let status = isFinal ? "'ERROR'" : "provisioning_status"
        try connection.execute(
            """
            UPDATE load_balancer SET provisioning_status = \(status), status_reason = ?, updated_at = ?
            WHERE id = ? AND generation <= ?
            """, [reason, now, item.loadBalancerID, item.generation])
        guard isFinal else { return }
        for table in Self.tables where table != LoadBalancer.table {
            try connection.execute(
                """
                UPDATE \(table) SET provisioning_status = 'ERROR', status_reason = ?, updated_at = ?
                WHERE loadbalancer_id = ? AND generation <= ?
                    AND provisioning_status IN ('PENDING_CREATE', 'PENDING_UPDATE', 'PENDING_DELETE')
                """, [reason, now, item.loadBalancerID, item.generation])
        }
    }

    private static let tables = [
        LoadBalancer.table, Listener.table, Pool.table, Member.table, HealthMonitor.table, L7Policy.table,
        L7Rule.table,
    ]

    /// Removes what the owner deleted and the data plane has let go of, children first.
    private func deleteRows(_ item: WorkItem) throws {
        let gone = "WHERE loadbalancer_id = ? AND is_being_deleted = 1 AND generation <= ?"
        let arguments: [any DatabaseValueConvertible] = [item.loadBalancerID, item.generation]
        func ids(_ table: String, _ condition: String, _ arguments: [any DatabaseValueConvertible]) throws
            -> [ResourceID]
        {
            try connection.query("SELECT id FROM \(table) \(condition)", arguments) { $0.resourceID(0) }
        }
        let store = TreeStore(connection)
        let listeners = try ids(Listener.table, gone, arguments)
        let pools = try ids(Pool.table, gone, arguments)
        var policies = try ids(L7Policy.table, gone, arguments)
        var rules = try ids(L7Rule.table, gone, arguments)
        var members = try ids(Member.table, gone, arguments)
        var monitors = try ids(HealthMonitor.table, gone, arguments)
        for listener in listeners { policies += try ids(L7Policy.table, "WHERE listener_id = ?", [listener]) }
        for policy in policies { rules += try ids(L7Rule.table, "WHERE l7policy_id = ?", [policy]) }
        for pool in pools {
            members += try ids(Member.table, "WHERE pool_id = ?", [pool])
            monitors += try ids(HealthMonitor.table, "WHERE pool_id = ?", [pool])
            try connection.execute("UPDATE listener SET default_pool_id = NULL WHERE default_pool_id = ?", [pool])
        }
        let renumbered = try Set(policies.compactMap { try store.find(L7Policy.self, $0)?.listenerID })
        for id in rules { try store.delete(L7Rule.self, id) }
        for id in policies { try store.delete(L7Policy.self, id) }
        for listener in renumbered where !listeners.contains(listener) {
            try store.setPositions(store.policies(ofListener: listener))
        }
        for id in monitors { try store.delete(HealthMonitor.self, id) }
        for id in members { try store.delete(Member.self, id) }
        for id in listeners {
            try connection.execute("DELETE FROM listener_statistics WHERE listener_id = ?", [id])
            try store.delete(Listener.self, id)
        }
        for id in pools { try store.delete(Pool.self, id) }
    }
}
