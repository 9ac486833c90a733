// Use cases of listeners.

public import LoadBalancing
public import OctaviaWire
internal import Persistence

extension LoadBalancingService {
    /// Creates a listener.
    public func createListener(_ request: ListenerCreate, _ caller: Caller) async throws -> ListenerView {
        guard let loadBalancerID = request.loadBalancerID else {
            throw OctaviaFault.invalidInput(
                field: "loadbalancer_id", value: "None", reason: "Mandatory field missing.")
        }
        let access = settings.access
        let find: @Sendable (TreeStore) throws -> ResourceID = { store in
            try Self.owner(LoadBalancer.self, loadBalancerID, store, caller, access, .listenerCreate).id
        }
        let findings = try await findings(for: request.references, find)
        return try await change(
            caller,
            find,
            { change in
                let factory = change.factory
                try change.requireQuota(.listener)
                let listener = factory.unchecked(request)
                try change.providerSupport.check(listener)
                if let poolID = listener.defaultPoolID {
                    try ListenerRules.requireChildren(of: listener)
                    let pool = try Self.pool(poolID, on: change.loadBalancer, change.store)
                    try ListenerRules.checkPool(pool, of: listener)
                }
                try change.requireMutable()
                try ListenerRules.check(listener, findings, change.tls)
                let others = try change.store.all(Listener.self, where: "loadbalancer_id", is: loadBalancerID)
                try ListenerRules.checkPort(listener, among: others)
                try ListenerRules.checkCIDRs(listener, on: change.loadBalancer)
                try ListenerRules.checkTLSLists(listener, change.tls)
                try change.insert(listener)
                return ListenerView(listener, l7PolicyIDs: [])
            })
    }

    /// Changes a listener.
    public func updateListener(
        _ id: ResourceID, _ request: ListenerUpdate, _ caller: Caller
    ) async throws -> ListenerView {
        let access = settings.access
        let find: @Sendable (TreeStore) throws -> ResourceID = { store in
            try Self.owner(Listener.self, id, store, caller, access, .listenerUpdate).loadBalancerID
        }
        let stored = try await database.read { try TreeStore($0).find(Listener.self, id) }
        let findings = try await findings(for: request.references(over: stored), find)
        return try await change(
            caller,
            find,
            { change in
                guard var listener = try change.store.find(Listener.self, id) else {
                    throw OctaviaFault.notFound(.listener, id)
                }
                guard !listener.core.isBeingDeleted else { throw OctaviaFault.immutable("Listener", id) }
                let before = listener
                try request.apply(to: &listener, change.tls)
                try ListenerRules.check(listener, findings, change.tls, isUpdate: true)
                try ListenerRules.checkStrictTransportSecurity(of: listener, before: before, request)
                if request.allowedCIDRs.isSet { try ListenerRules.checkCIDRs(listener, on: change.loadBalancer) }
                if case .set(let poolID?) = request.defaultPoolID {
                    let pool = try Self.pool(poolID, on: change.loadBalancer, change.store)
                    try ListenerRules.checkPool(pool, of: listener)
                }
                try change.save(&listener)
                return try Self.views(of: [listener], change.store)[0]
            })
    }

    /// Deletes a listener with its policies; its pool stays.
    public func deleteListener(_ id: ResourceID, _ caller: Caller) async throws {
        let access = settings.access
        try await change(
            caller,
            { store in try Self.owner(Listener.self, id, store, caller, access, .listenerDelete).loadBalancerID },
            { change in
                guard let listener = try change.store.find(Listener.self, id), !listener.core.isBeingDeleted else {
                    throw OctaviaFault.immutable("Load Balancer", change.loadBalancer.id)
                }
                try change.markDeleted(listener)
            })
    }

    /// One listener.
    public func listener(_ id: ResourceID, _ caller: Caller) async throws -> ListenerView {
        let access = settings.access
        return try await database.read { connection in
            let store = TreeStore(connection)
            return try Self.views(
                of: [Self.owner(Listener.self, id, store, caller, access, .listenerShow)], store)[0]
        }
    }

    /// A page of listeners.
    public func listeners(_ query: ListQuery, _ caller: Caller) async throws -> [ListenerView] {
        try await list(
            Listener.self, query, caller, actions: (.listenerList, .listenerListGlobally)
        ) { records, store in try Self.views(of: records, store) }
    }

    /// The counters of a listener.
    public func statistics(ofListener id: ResourceID, _ caller: Caller) async throws -> ListenerStatistics {
        let access = settings.access
        let (loadBalancer, stored) = try await database.read { connection in
            let store = TreeStore(connection)
            let found = try Self.owner(Listener.self, id, store, caller, access, .listenerStatistics)
            return (
                try store.find(LoadBalancer.self, found.loadBalancerID),
                try store.statistics(where: "listener_id", is: id)
            )
        }
        guard let loadBalancer else { return stored }
        return await observedStatistics(of: loadBalancer.id, provider: loadBalancer.provider)[id] ?? stored
    }

    /// What is known of references to certificates.
    func findings(
        for references: TLSReferences, _ find: @escaping @Sendable (TreeStore) throws -> ResourceID
    ) async throws -> CertificateFindings {
        guard !references.isEmpty else { return .none }
        return try await references.findings(in: certificates, projectID: project(ofTreeAt: find))
    }

    /// The pool that a listener or one of its policies may name: one of the same load balancer.
    static func pool(
        _ id: ResourceID, on loadBalancer: LoadBalancer, _ store: TreeStore
    ) throws -> Pool {
        guard let pool = try store.find(Pool.self, id), pool.loadBalancerID == loadBalancer.id,
            !pool.core.isBeingDeleted
        else { throw OctaviaFault.notFound(.pool, id) }
        return pool
    }

    private static func views(of listeners: [Listener], _ store: TreeStore) throws -> [ListenerView] {
        let policies = try store.children(
            L7Policy.self, by: "listener_id", of: listeners.map(\.id), order: "position")
        return listeners.map { ListenerView($0, l7PolicyIDs: policies[$0.id] ?? []) }
    }
}

extension ListenerUpdate {
    fileprivate func apply(to listener: inout Listener, _ tls: TLSSettings) throws(OctaviaFault) {
        name.apply(to: &listener.name)
        description.apply(to: &listener.description)
        adminStateUp.apply(to: &listener.core.adminStateUp)
        tags.apply(to: &listener.core.tags)
        connectionLimit.apply(to: &listener.connectionLimit)
        defaultPoolID.apply(to: &listener.defaultPoolID)
        insertHeaders.apply(to: &listener.insertHeaders)
        timeoutClientData.apply(to: &listener.timeouts.clientData)
        timeoutMemberConnect.apply(to: &listener.timeouts.memberConnect)
        timeoutMemberData.apply(to: &listener.timeouts.memberData)
        timeoutTCPInspect.apply(to: &listener.timeouts.tcpInspect)
        defaultTLSContainerRef.apply(to: &listener.tls.defaultContainerRef)
        sniContainerRefs.apply(to: &listener.tls.sniContainerRefs)
        clientCAContainerRef.apply(to: &listener.tls.clientCAContainerRef)
        clientCRLContainerRef.apply(to: &listener.tls.clientCRLContainerRef)
        if case .set(let wanted) = clientAuthentication {
            guard wanted != nil || listener.tls.clientCAContainerRef != nil else {
                throw .validation("Client authentication setting None requires a client CA container reference.")
            }
            listener.tls.clientAuthentication = wanted ?? .none
        }
        if case .set(let ciphers) = tlsCiphers {
            try tls.checkCiphers(ciphers)
            listener.tls.ciphers = ciphers ?? tls.defaultCiphers
        }
        if case .set(let versions) = tlsVersions {
            try tls.checkVersions(versions)
            listener.tls.versions = versions ?? tls.defaultVersions
        }
        if case .set(let protocols) = alpnProtocols {
            try TLSSettings.checkALPN(protocols)
            listener.tls.alpnProtocols = protocols ?? TLSSettings.defaultALPNProtocols
        }
        allowedCIDRs.apply(to: &listener.allowedCIDRs)
        hstsMaxAge.apply(to: &listener.hstsMaxAge)
        hstsIncludeSubdomains.apply(to: &listener.hstsIncludeSubdomains)
        hstsPreload.apply(to: &listener.hstsPreload)
        errorPages.apply(to: &listener.errorPages)
    }
}
