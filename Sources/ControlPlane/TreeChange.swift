// One change of one tree, in one transaction.

internal import LoadBalancing
internal import OctaviaWire
internal import Persistence
internal import ProviderDrivers
internal import Tracing

/// What a use case works with while it changes a tree.
struct TreeChange {
    let connection: any DatabaseConnection
    let store: TreeStore
    let quotas: QuotaLedger
    let catalog: CatalogStore
    /// What the provider of the load balancer can do.
    let features: ProviderFeatures
    /// Whether changes wait for earlier ones to be done.
    let isStrict: Bool
    /// What the deployment allows of TLS.
    let tls: TLSSettings
    /// The load balancer as it was before.
    let loadBalancer: LoadBalancer
    /// The version of the tree that this change makes.
    let generation: Int64
    let now: Timestamp
    /// What the change does, for the timeline.
    let log: ChangeLog

    /// Makes new children.
    var factory: TreeFactory {
        TreeFactory(loadBalancer: loadBalancer, generation: generation, tls: tls, now: now)
    }

    /// The common part of a new child.
    func newCore(adminStateUp: Bool, tags: [String], operatingStatus: OperatingStatus = .offline) -> ResourceCore {
        ResourceCore(
            id: .random(), projectID: loadBalancer.projectID, adminStateUp: adminStateUp,
            operatingStatus: operatingStatus, tags: tags, createdAt: now, generation: generation)
    }

    /// Writes a new child.
    func insert<Record: TreeRecord>(_ record: Record) throws {
        try store.insert(record)
        log.created(record)
    }

    /// Marks a child as changed by its owner and writes it.
    func save<Record: TreeRecord>(_ record: inout Record) throws {
        if let old = try store.find(Record.self, record.id) { log.updated(record, from: old) }
        record.core.provisioningStatus =
            record.core.provisioningStatus == .pendingCreate ? .pendingCreate : .pendingUpdate
        record.core.statusReason = nil
        record.core.generation = generation
        record.core.updatedAt = now
        try store.update(record)
    }

    /// Marks a child as on its way out; the row goes when the data plane has let go of it.
    func markDeleted<Record: TreeRecord>(_ record: Record) throws {
        var gone = record
        gone.core.isBeingDeleted = true
        gone.core.provisioningStatus = .pendingDelete
        gone.core.generation = generation
        gone.core.updatedAt = now
        try store.update(gone)
        log.deleted(record)
    }

    /// Ends the call with 409 when the load balancer cannot be changed; every change does so at its end, and earlier
    /// where checks that come later would hide it.
    func requireMutable() throws {
        try LoadBalancingService.requireMutable(loadBalancer, isStrict: isStrict)
    }

    /// Ends the call with 403 when the project may not have so many more resources of a kind.
    func requireQuota(_ kind: ResourceKind, adding count: Int = 1) throws {
        try quotas.require(kind, adding: count, projectID: loadBalancer.projectID, at: now)
    }

    /// Turns the listeners that use a pool to PENDING_UPDATE, as clients expect of a change below them.
    func touchListeners(usingPool pool: ResourceID) throws {
        for listener in try store.listeners(usingPools: [pool])[pool] ?? [] {
            try store.touch(Listener.self, listener, generation: generation, at: now)
        }
    }

    func touch<Record: TreeRecord>(_ type: Record.Type, _ id: ResourceID) throws {
        try store.touch(type, id, generation: generation, at: now)
    }
}

extension LoadBalancingService {
    /// Changes the tree of one load balancer: opens the transaction, checks that the load balancer can be changed,
    /// records the work, and waits briefly for it.
    ///
    /// - Parameters:
    ///   - caller: Who asks; the key of the caller's request makes the change happen once.
    ///   - find: Finds the load balancer whose tree it is; throws the fault for a missing or foreign object.
    ///   - body: Makes the change; what it throws undoes everything.
    func change<Result: Sendable>(
        _ caller: Caller, _ find: @escaping @Sendable (TreeStore) throws -> ResourceID,
        _ body: @escaping @Sendable (TreeChange) throws -> Result
    ) async throws -> Result {
        try await traced("change load balancer") { try await recordedChange(caller, find, body) }
    }

    /// A use case as a span of its own.
    func traced<Result>(_ name: String, _ body: () async throws -> Result) async throws -> Result {
        try await observation.tracer.withAnySpan(name) { _ in try await body() }
    }

    private func recordedChange<Result: Sendable>(
        _ caller: Caller, _ find: @escaping @Sendable (TreeStore) throws -> ResourceID,
        _ body: @escaping @Sendable (TreeChange) throws -> Result
    ) async throws -> Result {
        let origin = observation.origin
        let now = self.now()
        let isStrict = settings.isStrictlyImmutable
        let tls = settings.tls
        let defaultQuotas = settings.defaultQuotas
        let drivers = self.drivers
        let idempotency = idempotentTransaction(caller)
        let (result, id, generation) = try await database.write { connection in
            try idempotency.begin(connection)
            let store = TreeStore(connection)
            let id = try find(store)
            guard let loadBalancer = try store.find(LoadBalancer.self, id) else {
                throw OctaviaFault.notFound(.loadBalancer, id)
            }
            let change = TreeChange(
                connection: connection, store: store,
                quotas: QuotaLedger(store: QuotaStore(connection), defaults: defaultQuotas),
                catalog: CatalogStore(connection),
                features: drivers.features(of: loadBalancer.provider), isStrict: isStrict, tls: tls,
                loadBalancer: loadBalancer, generation: loadBalancer.core.generation + 1, now: now,
                log: ChangeLog(caller: caller))
            let result = try body(change)
            try Self.requireMutable(loadBalancer, isStrict: isStrict)
            try change.touch(LoadBalancer.self, id)
            try WorkStore(connection).record(id, generation: change.generation, at: now, for: origin)
            try change.log.write(
                to: EventStore(connection), of: loadBalancer, generation: change.generation, at: now)
            if let view = result as? any ResourceView { try idempotency.end(connection) { view.body() } }
            return (result, id, change.generation)
        }
        await settle(id, generation)
        return result
    }

    /// Announces work and waits for it as long as the settings say.
    func settle(_ id: ResourceID, _ generation: Int64) async {
        await board.wait(for: id, generation: generation, atMost: settings.settleWait) { board.announceWork() }
    }

    /// Ends a call with 409 when the load balancer cannot be changed.
    static func requireMutable(_ loadBalancer: LoadBalancer, isStrict: Bool) throws(OctaviaFault) {
        let status = loadBalancer.core.provisioningStatus
        guard !loadBalancer.core.isBeingDeleted, !isStrict || status == .active else {
            throw .immutable("Load Balancer", loadBalancer.id)
        }
    }
}
