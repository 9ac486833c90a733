// Use cases of load balancers.

public import LoadBalancing
internal import Networking
public import OctaviaWire
internal import Persistence
internal import ProviderDrivers

extension LoadBalancingService {
    /// Creates a load balancer, with the tree below it if the request has one; all or nothing.
    ///
    /// - Returns: the tree as it was accepted.
    public func createLoadBalancer(
        _ request: LoadBalancerCreate, _ caller: Caller
    ) async throws -> LoadBalancerTree {
        try await traced("create load balancer") { try await create(request, caller) }
    }

    private func create(_ request: LoadBalancerCreate, _ caller: Caller) async throws -> LoadBalancerTree {
        guard let projectID = request.projectID ?? caller.projectID else {
            throw OctaviaFault.validation(
                "Missing project ID in request where one is required. An administrator should check the keystone settings in the Octavia configuration."
            )
        }
        let access = settings.access
        try access.require(caller, .loadBalancerCreate, projectID: projectID)
        if request.vipSecurityGroupIDs != nil {
            try access.require(caller, .loadBalancerCreateWithSecurityGroups, projectID: projectID)
        }
        let id = ResourceID.random()
        let now = self.now()
        let allocator = VirtualIPAllocator(
            network: network,
            access: NetworkAccess(projectID: projectID, isAdmin: access.isAdministrator(caller)))
        let wanted =
            settings.checksNetwork ? try await allocator.resolve(request) : try MadeUpVirtualIP.resolve(request)
        let ipv6Subnets =
            settings.checksNetwork
            ? [] : try await MadeUpVirtualIP.ipv6Subnets(of: request, network, as: allocator.access)
        let offers = try await offers(for: request)
        try await requireQuotas(for: request, projectID: projectID)
        try settings.vipNetworks.check(wanted.networkID, zoneNetworks: offers.zoneNetworks)
        if offers.wantsDirectInterface, request.vipSecurityGroupIDs?.isEmpty == false {
            throw OctaviaFault.validation("VIP Security Groups are not allowed with VNIC direct type")
        }
        let core = ResourceCore(
            id: id, projectID: projectID, adminStateUp: request.adminStateUp, tags: request.tags, createdAt: now,
            generation: 1)
        // The tree is built with everything but the address first, so that a fault in it takes no address.
        let draft = try TreeFactory(
            loadBalancer: LoadBalancer(
                core: core, name: request.name, description: request.description,
                vip: VirtualIP(address: request.vipAddress), provider: offers.provider, flavorID: request.flavorID,
                availabilityZone: request.availabilityZone), tls: settings.tls, now: now
        ).tree(of: request, try await request.findings(in: certificates, projectID: projectID))
        try checkInterfaces(of: draft, offers)
        try checkProviderSupport(of: draft, provider: offers.provider)
        let expressions = Set(draft.l7Rules.filter { $0.compareType == .regex }.map(\.value))
        if !expressions.isEmpty, let driver = drivers[offers.provider] {
            let refused = await driver.refusedExpressions(among: expressions)
            for rule in draft.l7Rules { try L7RuleRules.requireUnderstood(rule, refused) }
        }
        let network = self.network
        let settings = self.settings
        let hasAmphorae = drivers.features(of: offers.provider).hasAmphorae
        let origin = observation.origin
        // The port is part of the transaction: whatever dies, there is no address without a load balancer.
        let idempotency = idempotentTransaction(caller)
        let tree = try await database.write { connection in
            try idempotency.begin(connection)
            let addresses =
                settings.checksNetwork
                ? try VirtualIPAllocator.allocate(
                    wanted, request, loadBalancerID: id, projectID: projectID, in: network.ports(within: connection))
                : MadeUpVirtualIP.allocation(wanted, request, ipv6Subnets: ipv6Subnets)
            var tree = draft
            tree.loadBalancer.vip = addresses.vip
            tree.loadBalancer.vip.vnicType = offers.wantsDirectInterface ? "direct" : "normal"
            tree.loadBalancer.additionalVIPs = addresses.additional
            try ListenerRules.checkCIDRs(of: tree)
            let quotas = QuotaLedger(store: QuotaStore(connection), defaults: settings.defaultQuotas)
            for (kind, count) in request.resourceCounts {
                try quotas.require(kind, adding: count, projectID: projectID, at: now)
            }
            try offers.requireCurrent(CatalogStore(connection))
            try TreeStore(connection).insert(tree)
            if hasAmphorae { try AmphoraStore(connection).replace(ofLoadBalancer: id, at: now) }
            try WorkStore(connection).record(id, generation: 1, at: now, for: origin)
            try EventStore(connection).append(
                LoadBalancerEvent(
                    loadBalancerID: id, projectID: projectID, .created, userID: caller.userID,
                    requestID: caller.requestID, generation: 1, message: ChangeLog.summary(of: tree), at: now))
            try idempotency.end(connection) { FullLoadBalancerView(tree).body() }
            return tree
        }
        await settle(id, 1)
        return tree
    }

    /// A first look at the quotas, so that a request beyond them takes no address; the transaction looks again.
    private func requireQuotas(for request: LoadBalancerCreate, projectID: String) async throws {
        let defaults = settings.defaultQuotas
        let counts = request.resourceCounts
        let excess = try await database.read { connection in
            let store = QuotaStore(connection)
            let limits = try store.find(projectID)?.limits ?? [:]
            return try counts.first { kind, count in
                let limit = limits[kind] ?? defaults[kind] ?? -1
                return try count > 0 && limit >= 0 && store.usage(of: projectID, kind) + count > limit
            }?.0
        }
        if let excess { throw OctaviaFault.quotaExceeded(excess) }
    }

    /// What the provider cannot do is refused in trees too, where the original lets it pass and then ignores it.
    private func checkProviderSupport(of tree: LoadBalancerTree, provider: String) throws(OctaviaFault) {
        let features = drivers.features(of: provider)
        let support = ProviderSupport(features: features, provider: provider)
        for listener in tree.listeners { try support.check(listener) }
        for pool in tree.pools { try support.check(pool) }
        for monitor in tree.healthMonitors { try support.check(monitor.type) }
        for policy in tree.l7Policies {
            guard let listener = tree.listener(policy.listenerID) else { continue }
            try ListenerRules.checkPolicySupport(of: listener, features, provider: provider)
        }
    }

    private func checkInterfaces(of tree: LoadBalancerTree, _ offers: ChosenOffers) throws(OctaviaFault) {
        guard tree.members.contains(where: { $0.vnicType == "direct" }), !offers.allowsDirectMembers else { return }
        throw .directMembersNotAllowed
    }

    /// Changes what can be changed of a load balancer itself.
    public func updateLoadBalancer(
        _ id: ResourceID, _ request: LoadBalancerUpdate, _ caller: Caller
    ) async throws -> LoadBalancerView {
        let access = settings.access
        let found = try await requireLoadBalancer(id, caller, .loadBalancerUpdate)
        if request.vipSecurityGroupIDs.isSet {
            try access.require(caller, .loadBalancerUpdateSecurityGroups, projectID: found.projectID)
        }
        let checksNetwork = settings.checksNetwork
        let networkAccess = NetworkAccess(projectID: found.projectID, isAdmin: access.isAdministrator(caller))
        if checksNetwork, case .set(let policy?) = request.vipQoSPolicyID,
            !(try await network.qosPolicyExists(policy, as: networkAccess))
        {
            throw OctaviaFault.missingNetworkObject("qos_policy", policy)
        }
        if case .set(let groups) = request.vipSecurityGroupIDs {
            for group in groups where checksNetwork {
                guard try await network.securityGroupExists(group, as: networkAccess) else {
                    throw OctaviaFault.missingNetworkObject("Security Group", group)
                }
            }
            if found.vip.vnicType == "direct", !groups.isEmpty {
                throw OctaviaFault.validation("VIP Security Groups are not allowed with VNIC direct type")
            }
        }
        let network = self.network
        return try await change(
            caller,
            { store in try Self.owner(LoadBalancer.self, id, store, caller, access, .loadBalancerUpdate).id },
            { change in
                var loadBalancer = change.loadBalancer
                // Unlike children, the load balancer itself names its state.
                guard !change.isStrict || loadBalancer.core.provisioningStatus == .active else {
                    throw OctaviaFault.invalidState(loadBalancer.core.provisioningStatus, id)
                }
                request.name.apply(to: &loadBalancer.name)
                request.description.apply(to: &loadBalancer.description)
                request.adminStateUp.apply(to: &loadBalancer.core.adminStateUp)
                request.tags.apply(to: &loadBalancer.core.tags)
                request.vipQoSPolicyID.apply(to: &loadBalancer.vip.qosPolicyID)
                request.vipSecurityGroupIDs.apply(to: &loadBalancer.vip.securityGroupIDs)
                try change.save(&loadBalancer)
                if checksNetwork {
                    try Self.updatePort(of: loadBalancer, request, network.ports(within: change.connection))
                }
                return try Self.views(of: [loadBalancer], change.store)[0]
            })
    }

    /// Has the VIP's port follow the load balancer.
    private static func updatePort(
        of loadBalancer: LoadBalancer, _ request: LoadBalancerUpdate, _ ports: any PortTransaction
    ) throws {
        guard let port = loadBalancer.vip.portID, request.vipSecurityGroupIDs.isSet || request.vipQoSPolicyID.isSet
        else { return }
        var update = PortUpdate()
        if case .set(let groups) = request.vipSecurityGroupIDs { update.securityGroupIDs = groups }
        if case .set(let policy) = request.vipQoSPolicyID {
            update.qosPolicyID = policy.map { .value($0) } ?? .null
        }
        do {
            _ = try ports.updatePort(port, update)
        } catch let fault as NetworkFault {
            throw OctaviaFault.validation(fault.message)
        }
    }

    /// Deletes a load balancer, with everything below it if asked to.
    public func deleteLoadBalancer(_ id: ResourceID, cascade: Bool, _ caller: Caller) async throws {
        try await traced("delete load balancer") { try await delete(id, cascade: cascade, caller) }
    }

    private func delete(_ id: ResourceID, cascade: Bool, _ caller: Caller) async throws {
        let origin = observation.origin
        let access = settings.access
        let isStrict = settings.isStrictlyImmutable
        let now = self.now()
        let generation = try await database.write { connection in
            let store = TreeStore(connection)
            var loadBalancer = try Self.owner(LoadBalancer.self, id, store, caller, access, .loadBalancerDelete)
            if !cascade, try store.hasChildren(id) {
                throw OctaviaFault.validation("Cannot delete Load Balancer \(id) - it has children")
            }
            let status = loadBalancer.core.provisioningStatus
            // A deletion that failed may be asked for again; one that is under way may not.
            guard status != .pendingDelete, !isStrict || status == .active || status == .error else {
                throw OctaviaFault.invalidState(status, id)
            }
            loadBalancer.core.isBeingDeleted = true
            loadBalancer.core.provisioningStatus = .pendingDelete
            loadBalancer.core.statusReason = nil
            loadBalancer.core.generation += 1
            loadBalancer.core.updatedAt = now
            try store.update(loadBalancer)
            try WorkStore(connection).record(id, generation: loadBalancer.core.generation, at: now, for: origin)
            try EventStore(connection).append(
                LoadBalancerEvent(
                    loadBalancerID: id, projectID: loadBalancer.projectID, .deleted, userID: caller.userID,
                    requestID: caller.requestID, generation: loadBalancer.core.generation,
                    message:
                        "Deleted load balancer \(loadBalancer.label)\(cascade ? " with everything below it" : "").",
                    at: now))
            return loadBalancer.core.generation
        }
        await settle(id, generation)
    }

    /// One load balancer.
    public func loadBalancer(_ id: ResourceID, _ caller: Caller) async throws -> LoadBalancerView {
        let access = settings.access
        return try await database.read { connection in
            let store = TreeStore(connection)
            let loadBalancer = try Self.owner(LoadBalancer.self, id, store, caller, access, .loadBalancerShow)
            return try Self.views(of: [loadBalancer], store)[0]
        }
    }

    /// A page of load balancers.
    public func loadBalancers(_ query: OctaviaWire.ListQuery, _ caller: Caller) async throws -> [LoadBalancerView] {
        try await list(
            LoadBalancer.self, query, caller, actions: (.loadBalancerList, .loadBalancerListGlobally)
        ) { records, store in try Self.views(of: records, store) }
    }

    /// The statuses of a whole tree.
    public func statusTree(_ id: ResourceID, _ caller: Caller) async throws -> LoadBalancerTree {
        let access = settings.access
        return try await database.read { connection in
            let store = TreeStore(connection)
            _ = try Self.owner(LoadBalancer.self, id, store, caller, access, .loadBalancerStatus)
            guard let tree = try store.tree(of: id) else { throw OctaviaFault.notFound(.loadBalancer, id) }
            return tree
        }
    }

    /// The counters of a load balancer: the sums over its listeners.
    public func statistics(ofLoadBalancer id: ResourceID, _ caller: Caller) async throws -> ListenerStatistics {
        let access = settings.access
        let (provider, stored) = try await database.read { connection in
            let store = TreeStore(connection)
            let found = try Self.owner(LoadBalancer.self, id, store, caller, access, .loadBalancerStatistics)
            return (found.provider, try store.statistics(ofListenersOf: id))
        }
        let known = Dictionary(stored.map { ($0.listenerID, $0.statistics) }, uniquingKeysWith: { first, _ in first })
        return known.merging(await observedStatistics(of: id, provider: provider)) { $1 }.values
            .reduce(ListenerStatistics(), +)
    }

    /// The counters of listeners as they are at this moment: what is stored of a load balancer at rest may be older.
    /// Empty where this process has no data plane.
    func observedStatistics(
        of loadBalancerID: ResourceID, provider: String
    ) async -> [ResourceID: ListenerStatistics] {
        await drivers[provider]?.report(of: loadBalancerID)?.listeners.mapValues(\.statistics) ?? [:]
    }

    /// Has the data plane of a load balancer made anew: administrators only.
    public func failOverLoadBalancer(_ id: ResourceID, _ caller: Caller) async throws {
        let found = try await requireLoadBalancer(id, caller, .loadBalancerFailover)
        try await failOver(found.id, caller)
    }

    /// Records work for a load balancer whose tree did not change, on a new amphora if it has one.
    func failOver(_ id: ResourceID, _ caller: Caller) async throws {
        let origin = observation.origin
        let now = self.now()
        let isStrict = settings.isStrictlyImmutable
        let drivers = self.drivers
        let generation = try await database.write { connection in
            let store = TreeStore(connection)
            guard let loadBalancer = try store.find(LoadBalancer.self, id) else {
                throw OctaviaFault.notFound(.loadBalancer, id)
            }
            let status = loadBalancer.core.provisioningStatus
            guard !loadBalancer.core.isBeingDeleted, !isStrict || status == .active || status == .error else {
                throw OctaviaFault.invalidState(status, id)
            }
            let generation = loadBalancer.core.generation + 1
            try store.touch(LoadBalancer.self, id, generation: generation, at: now)
            if drivers.features(of: loadBalancer.provider).hasAmphorae {
                try AmphoraStore(connection).replace(ofLoadBalancer: id, at: now)
            }
            try WorkStore(connection).record(id, generation: generation, at: now, for: origin)
            try EventStore(connection).append(
                LoadBalancerEvent(
                    loadBalancerID: id, projectID: loadBalancer.projectID, .failover, userID: caller.userID,
                    requestID: caller.requestID, generation: generation, message: "Failover was asked for.", at: now))
            return generation
        }
        await settle(id, generation)
    }

    private func requireLoadBalancer(
        _ id: ResourceID, _ caller: Caller, _ action: PolicyAction
    ) async throws -> LoadBalancer {
        let access = settings.access
        return try await database.read { connection in
            try Self.owner(LoadBalancer.self, id, TreeStore(connection), caller, access, action)
        }
    }

    static func views(of loadBalancers: [LoadBalancer], _ store: TreeStore) throws -> [LoadBalancerView] {
        let ids = loadBalancers.map(\.id)
        let listeners = try store.children(Listener.self, by: "loadbalancer_id", of: ids)
        let pools = try store.children(Pool.self, by: "loadbalancer_id", of: ids)
        return loadBalancers.map {
            LoadBalancerView($0, listenerIDs: listeners[$0.id] ?? [], poolIDs: pools[$0.id] ?? [])
        }
    }
}
