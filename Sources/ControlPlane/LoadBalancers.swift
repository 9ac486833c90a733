// Use cases of load balancers.

public import LoadBalancing
internal import Networking
public import OctaviaWire
internal import Persistence

extension LoadBalancingService {
    /// Creates a load balancer, with the tree below it if the request has one; all or nothing.
    ///
    /// - Returns: the tree as it was accepted.
    public func createLoadBalancer(
        _ request: LoadBalancerCreate, _ caller: Caller
    ) async throws -> LoadBalancerTree {
        guard let projectID = request.projectID ?? caller.projectID else {
            throw OctaviaFault.validation(
                "Missing project ID in request where one is required. An administrator should check the keystone settings in the Octavia configuration."
            )
        }
        try settings.access.require(caller, .write, projectID: projectID)
        let provider = try provider(for: request)
        guard request.availabilityZone == nil else {
            throw OctaviaFault(400, "Invalid availability zone.")
        }
        guard request.flavorID == nil else { throw OctaviaFault(400, "Invalid flavor_id.") }
        let id = ResourceID.random()
        let now = self.now()
        let core = ResourceCore(
            id: id, projectID: projectID, adminStateUp: request.adminStateUp, tags: request.tags, createdAt: now,
            generation: 1)
        let allocator = VirtualIPAllocator(
            network: network,
            access: NetworkAccess(projectID: projectID, isAdmin: settings.access.isAdministrator(caller)))
        // The tree is built with everything but the address first, so that a fault in it takes no address.
        var tree = try TreeFactory(
            loadBalancer: LoadBalancer(
                core: core, name: request.name, description: request.description,
                vip: VirtualIP(address: request.vipAddress), provider: provider), now: now
        ).tree(of: request)
        let addresses = try await allocator.allocate(request, loadBalancerID: id, projectID: projectID)
        do {
            tree.loadBalancer.vip = addresses.vip
            tree.loadBalancer.additionalVIPs = addresses.additional
            try ListenerRules.checkCIDRs(of: tree)
            let complete = tree
            try await database.write { connection in
                try TreeStore(connection).insert(complete)
                try WorkStore(connection).record(id, generation: 1, at: now)
            }
        } catch {
            await allocator.giveBack(addresses)
            throw error
        }
        await settle(id, 1)
        return tree
    }

    private func provider(for request: LoadBalancerCreate) throws(OctaviaFault) -> String {
        let name = request.provider ?? settings.defaultProvider
        guard drivers[name] != nil else { throw OctaviaFault(400, "Provider '\(name)' is not enabled.") }
        return name
    }

    /// Changes what can be changed of a load balancer itself.
    public func updateLoadBalancer(
        _ id: ResourceID, _ request: LoadBalancerUpdate, _ caller: Caller
    ) async throws -> LoadBalancerView {
        let access = settings.access
        let owner = try await requireLoadBalancer(id, caller, .write).projectID
        let networkAccess = NetworkAccess(projectID: owner, isAdmin: access.isAdministrator(caller))
        if case .set(let policy?) = request.vipQoSPolicyID,
            !(try await network.qosPolicyExists(policy, as: networkAccess))
        {
            throw OctaviaFault.missingNetworkObject("qos_policy", policy)
        }
        if case .set(let groups) = request.vipSecurityGroupIDs {
            for group in groups where !(try await network.securityGroupExists(group, as: networkAccess)) {
                throw OctaviaFault.missingNetworkObject("Security Group", group)
            }
        }
        return try await change(
            { store in try Self.owner(LoadBalancer.self, id, store, caller, access, .write).id },
            { change in
                var loadBalancer = change.loadBalancer
                request.name.apply(to: &loadBalancer.name)
                request.description.apply(to: &loadBalancer.description)
                request.adminStateUp.apply(to: &loadBalancer.core.adminStateUp)
                request.tags.apply(to: &loadBalancer.core.tags)
                request.vipQoSPolicyID.apply(to: &loadBalancer.vip.qosPolicyID)
                request.vipSecurityGroupIDs.apply(to: &loadBalancer.vip.securityGroupIDs)
                try change.save(&loadBalancer)
                return try Self.views(of: [loadBalancer], change.store)[0]
            })
    }

    /// Deletes a load balancer, with everything below it if asked to.
    public func deleteLoadBalancer(_ id: ResourceID, cascade: Bool, _ caller: Caller) async throws {
        let access = settings.access
        let isStrict = settings.isStrictlyImmutable
        let now = self.now()
        let generation = try await database.write { connection in
            let store = TreeStore(connection)
            var loadBalancer = try Self.owner(LoadBalancer.self, id, store, caller, access, .write)
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
            try WorkStore(connection).record(id, generation: loadBalancer.core.generation, at: now)
            return loadBalancer.core.generation
        }
        await settle(id, generation)
    }

    /// One load balancer.
    public func loadBalancer(_ id: ResourceID, _ caller: Caller) async throws -> LoadBalancerView {
        let access = settings.access
        return try await database.read { connection in
            let store = TreeStore(connection)
            let loadBalancer = try Self.owner(LoadBalancer.self, id, store, caller, access, .read)
            return try Self.views(of: [loadBalancer], store)[0]
        }
    }

    /// A page of load balancers.
    public func loadBalancers(_ query: OctaviaWire.ListQuery, _ caller: Caller) async throws -> [LoadBalancerView] {
        try await list(LoadBalancer.self, query, caller) { records, store in try Self.views(of: records, store) }
    }

    /// The statuses of a whole tree.
    public func statusTree(_ id: ResourceID, _ caller: Caller) async throws -> LoadBalancerTree {
        let access = settings.access
        return try await database.read { connection in
            let store = TreeStore(connection)
            _ = try Self.owner(LoadBalancer.self, id, store, caller, access, .read)
            guard let tree = try store.tree(of: id) else { throw OctaviaFault.notFound(.loadBalancer, id) }
            return tree
        }
    }

    /// The counters of a load balancer: the sums over its listeners.
    public func statistics(ofLoadBalancer id: ResourceID, _ caller: Caller) async throws -> ListenerStatistics {
        let access = settings.access
        return try await database.read { connection in
            let store = TreeStore(connection)
            _ = try Self.owner(LoadBalancer.self, id, store, caller, access, .read)
            return try store.statistics(where: "loadbalancer_id", is: id)
        }
    }

    private func requireLoadBalancer(
        _ id: ResourceID, _ caller: Caller, _ action: AccessPolicy.Action
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
