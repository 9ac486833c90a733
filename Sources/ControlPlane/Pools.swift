// Use cases of pools.

public import LoadBalancing
public import OctaviaWire
internal import Persistence

extension LoadBalancingService {
    /// Creates a pool on a load balancer, and makes it the default pool of a listener if the request names one.
    public func createPool(_ request: PoolCreate, _ caller: Caller) async throws -> PoolView {
        let access = settings.access
        let find: @Sendable (TreeStore) throws -> ResourceID = { store in
            if let id = request.loadBalancerID {
                return try Self.owner(LoadBalancer.self, id, store, caller, access, .poolCreate).id
            }
            guard let id = request.listenerID else {
                throw OctaviaFault.validation("Must provide at least one of: loadbalancer_id, listener_id")
            }
            return try Self.owner(Listener.self, id, store, caller, access, .poolCreate).loadBalancerID
        }
        let findings = try await findings(for: request.tls.references, find)
        return try await change(
            caller,
            find,
            { change in
                let factory = change.factory
                let pool = try factory.pool(request)
                try change.providerSupport.check(pool)
                try change.requireQuota(.pool)
                var listenerIDs: [ResourceID] = []
                if let listenerID = request.listenerID {
                    guard var listener = try change.store.find(Listener.self, listenerID),
                        listener.loadBalancerID == change.loadBalancer.id, !listener.core.isBeingDeleted
                    else { throw OctaviaFault.notFound(.listener, listenerID) }
                    // With both parents named the original does not compare protocols.
                    if request.loadBalancerID == nil { try ListenerRules.checkPool(pool, of: listener) }
                    if let current = listener.defaultPoolID,
                        try change.store.find(Pool.self, current)?.core.isBeingDeleted == false
                    {
                        throw OctaviaFault(409, "This listener already has a default pool")
                    }
                    try change.requireMutable()
                    try PoolRules.checkTLS(pool, findings, change.tls)
                    try change.insert(pool)
                    listener.defaultPoolID = pool.id
                    try change.save(&listener)
                    listenerIDs = [listenerID]
                } else {
                    try change.requireMutable()
                    try PoolRules.checkTLS(pool, findings, change.tls)
                    try change.insert(pool)
                }
                return PoolView(pool, listenerIDs: listenerIDs, memberIDs: [], healthMonitorID: nil)
            })
    }

    /// Changes a pool.
    public func updatePool(_ id: ResourceID, _ request: PoolUpdate, _ caller: Caller) async throws -> PoolView {
        let access = settings.access
        let find: @Sendable (TreeStore) throws -> ResourceID = { store in
            try Self.owner(Pool.self, id, store, caller, access, .poolUpdate).loadBalancerID
        }
        let stored = try await database.read { try TreeStore($0).find(Pool.self, id) }
        let findings = try await findings(for: request.references(over: stored), find)
        return try await change(
            caller,
            find,
            { change in
                var pool = try Self.mutablePool(id, change)
                try request.apply(to: &pool, change.tls)
                if request.sessionPersistence.isSet {
                    try PoolRules.checkSessionPersistence(
                        pool.sessionPersistence, pool.poolProtocol, isUpdate: true)
                }
                try PoolRules.checkTLS(pool, findings, change.tls, isUpdate: true)
                try change.providerSupport.check(pool)
                try change.save(&pool)
                try change.touchListeners(usingPool: id)
                return try Self.views(of: [pool], change.store)[0]
            })
    }

    /// Deletes a pool with its members and monitor; listeners lose it as default pool.
    public func deletePool(_ id: ResourceID, _ caller: Caller) async throws {
        let access = settings.access
        try await change(
            caller,
            { store in try Self.owner(Pool.self, id, store, caller, access, .poolDelete).loadBalancerID },
            { change in
                let pool = try Self.mutablePool(id, change)
                if let policy = try change.store.all(L7Policy.self, where: "redirect_pool_id", is: id).first {
                    throw OctaviaFault(409, "Pool \(id) is in use by L7 policy \(policy.id)")
                }
                try change.touchListeners(usingPool: id)
                try change.markDeleted(pool)
            })
    }

    /// One pool.
    public func pool(_ id: ResourceID, _ caller: Caller) async throws -> PoolView {
        let access = settings.access
        return try await database.read { connection in
            let store = TreeStore(connection)
            return try Self.views(of: [Self.owner(Pool.self, id, store, caller, access, .poolShow)], store)[0]
        }
    }

    /// A page of pools.
    public func pools(_ query: ListQuery, _ caller: Caller) async throws -> [PoolView] {
        try await list(
            Pool.self, query, caller, actions: (.poolList, .poolListGlobally)
        ) { records, store in try Self.views(of: records, store) }
    }

    /// The pool, if it can be changed and can get members.
    ///
    /// - Parameter forChildren: Whether it is members or the monitor that change; a pool in ERROR can itself be changed.
    static func mutablePool(_ id: ResourceID, _ change: TreeChange, forChildren: Bool = false) throws -> Pool {
        guard let pool = try change.store.find(Pool.self, id) else { throw OctaviaFault.notFound(.pool, id) }
        let isBusy = forChildren && change.isStrict && pool.core.provisioningStatus != .active
        guard !pool.core.isBeingDeleted, !isBusy else { throw OctaviaFault.immutable("Pool", id) }
        return pool
    }

    private static func views(of pools: [Pool], _ store: TreeStore) throws -> [PoolView] {
        let ids = pools.map(\.id)
        let listeners = try store.listeners(usingPools: ids)
        let members = try store.children(Member.self, by: "pool_id", of: ids)
        let monitors = try store.children(HealthMonitor.self, by: "pool_id", of: ids)
        return pools.map {
            PoolView(
                $0, listenerIDs: listeners[$0.id] ?? [], memberIDs: members[$0.id] ?? [],
                healthMonitorID: monitors[$0.id]?.last)
        }
    }
}

extension PoolUpdate {
    fileprivate func apply(to pool: inout Pool, _ tls: TLSSettings) throws(OctaviaFault) {
        name.apply(to: &pool.name)
        description.apply(to: &pool.description)
        adminStateUp.apply(to: &pool.core.adminStateUp)
        tags.apply(to: &pool.core.tags)
        algorithm.apply(to: &pool.algorithm)
        if case .set(let wanted) = sessionPersistence {
            if let wanted {
                try PoolRules.checkDatagramPersistence(
                    isGiven: wanted.timeout != nil || wanted.granularity != nil, pool.poolProtocol, isUpdate: true)
                guard let type = wanted.type ?? pool.sessionPersistence?.type else {
                    throw .validation("Invalid session_persistence provided.")
                }
                pool.sessionPersistence = SessionPersistence(
                    type: type, cookieName: wanted.cookieName, timeout: wanted.timeout,
                    granularity: wanted.granularity)
            } else {
                pool.sessionPersistence = nil
            }
        }
        tlsEnabled.apply(to: &pool.tls.isEnabled)
        tlsContainerRef.apply(to: &pool.tls.containerRef)
        caTLSContainerRef.apply(to: &pool.tls.caContainerRef)
        crlContainerRef.apply(to: &pool.tls.crlContainerRef)
        if case .set(let ciphers) = tlsCiphers {
            try tls.checkCiphers(ciphers)
            pool.tls.ciphers = ciphers ?? tls.defaultCiphers
        }
        if case .set(let versions) = tlsVersions {
            try tls.checkVersions(versions)
            pool.tls.versions = versions ?? tls.defaultVersions
        }
        try TLSSettings.checkALPN(alpnProtocols.value(over: nil))
        alpnProtocols.apply(to: &pool.tls.alpnProtocols)
    }
}
