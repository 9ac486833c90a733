// Use cases of members, one by one and as a batch.

internal import JSON
public import LoadBalancing
internal import Networking
public import OctaviaWire
internal import Persistence
internal import ProviderDrivers

extension LoadBalancingService {
    /// Adds a member to a pool.
    public func createMember(
        _ request: MemberCreate, pool poolID: ResourceID, _ caller: Caller
    ) async throws -> MemberView {
        let owner = poolOwner(poolID, caller, [.memberCreate])
        try await checkSubnets(of: [request], owner, caller)
        return try await change(
            caller,
            owner,
            { change in
                let pool = try Self.mutablePool(poolID, change, forChildren: true)
                try MemberRules.checkAddress(request.address)
                try Self.checkFamilies(of: [request], pool, change)
                try change.requireQuota(.member)
                try Self.checkInterfaces(of: [request], change)
                try change.requireMutable()
                let isMonitored = try Self.isMonitored(pool, change.store)
                let member = try change.factory.member(request, pool: pool, isMonitored: isMonitored)
                let others = try change.store.all(Member.self, where: "pool_id", is: poolID)
                guard
                    !others.contains(where: {
                        !$0.core.isBeingDeleted && MemberRules.Identity($0) == MemberRules.Identity(member)
                    })
                else {
                    throw OctaviaFault.duplicateMember(address: member.address, port: member.protocolPort)
                }
                try change.insert(member)
                try Self.touchPool(poolID, change)
                return MemberView(member)
            })
    }

    /// Makes a pool have the members of the request: those it has by address and port are changed, new ones added, and
    /// the others removed unless the batch only adds.
    public func replaceMembers(
        _ requests: [MemberCreate], pool poolID: ResourceID, isAdditive: Bool, _ caller: Caller
    ) async throws {
        let owner = poolOwner(
            poolID, caller, [.memberCreate, .memberUpdate] + (isAdditive ? [] : [.memberDelete]))
        try await checkSubnets(of: requests, owner, caller)
        try await change(
            caller,
            owner,
            { change in
                let pool = try Self.mutablePool(poolID, change, forChildren: true)
                try Self.checkFamilies(of: requests, pool, change)
                let isMonitored = try Self.isMonitored(pool, change.store)
                let factory = change.factory
                var current: [MemberRules.Identity: Member] = [:]
                for member in try change.store.all(Member.self, where: "pool_id", is: poolID)
                where !member.core.isBeingDeleted {
                    current[MemberRules.Identity(member)] = member
                }
                if current.isEmpty, requests.isEmpty { return }
                let identities = Set(requests.map { MemberRules.Identity($0) })
                let added = requests.filter { current[MemberRules.Identity($0)] == nil }
                let removed = isAdditive ? 0 : current.keys.filter { !identities.contains($0) }.count
                try change.requireQuota(.member, adding: added.count - removed)
                try Self.checkInterfaces(of: added, change)
                var seen: Set<MemberRules.Identity> = []
                for request in requests {
                    let identity = MemberRules.Identity(request)
                    let existing = current[identity]
                    guard seen.insert(identity).inserted else {
                        throw existing == nil
                            ? OctaviaFault.duplicateMember(address: identity.address, port: identity.port)
                            : OctaviaFault.validation("Member must be updated only once in the same request.")
                    }
                    if var member = existing {
                        request.apply(to: &member)
                        try change.save(&member)
                    } else {
                        try change.insert(
                            try factory.member(request, pool: pool, isMonitored: isMonitored))
                    }
                }
                if !isAdditive {
                    for (identity, member) in current where !seen.contains(identity) {
                        try change.markDeleted(member)
                    }
                }
                try Self.touchPool(poolID, change)
            })
    }

    /// Changes a member.
    public func updateMember(
        _ id: ResourceID, pool poolID: ResourceID, _ request: MemberUpdate, _ caller: Caller
    ) async throws -> MemberView {
        try await change(
            caller,
            memberOwner(id, poolID, caller, .memberUpdate),
            { change in
                var member = try Self.mutableMember(id, change)
                request.name.apply(to: &member.name)
                request.adminStateUp.apply(to: &member.core.adminStateUp)
                request.tags.apply(to: &member.core.tags)
                request.weight.apply(to: &member.weight)
                request.isBackup.apply(to: &member.isBackup)
                request.monitorAddress.apply(to: &member.monitorAddress)
                request.monitorPort.apply(to: &member.monitorPort)
                try change.save(&member)
                try Self.touchPool(poolID, change)
                return MemberView(member)
            })
    }

    /// Removes a member.
    public func deleteMember(_ id: ResourceID, pool poolID: ResourceID, _ caller: Caller) async throws {
        try await change(
            caller,
            memberOwner(id, poolID, caller, .memberDelete),
            { change in
                try change.markDeleted(try Self.mutableMember(id, change))
                try Self.touchPool(poolID, change)
            })
    }

    /// One member.
    public func member(_ id: ResourceID, pool poolID: ResourceID, _ caller: Caller) async throws -> MemberView {
        let access = settings.access
        return try await database.read { connection in
            MemberView(try Self.member(id, poolID, TreeStore(connection), caller, access, .memberShow))
        }
    }

    /// A page of the members of a pool.
    public func members(
        pool poolID: ResourceID, _ query: OctaviaWire.ListQuery, _ caller: Caller
    ) async throws -> [MemberView] {
        let owner = poolOwner(poolID, caller, [.memberList])
        _ = try await database.read { connection in try owner(TreeStore(connection)) }
        return try await list(Member.self, query, caller, below: ("pool_id", poolID)) { members, _ in
            members.map { MemberView($0) }
        }
    }

    // MARK: Finding

    /// Finds the load balancer of a pool that a path goes through; a missing one is a fault of the path.
    private func poolOwner(
        _ id: ResourceID, _ caller: Caller, _ actions: [PolicyAction]
    ) -> @Sendable (TreeStore) throws -> ResourceID {
        let access = settings.access
        return { store in
            guard let pool = try store.find(Pool.self, id) else { throw OctaviaFault.missingParent("Pool", id) }
            for action in actions { try access.require(caller, action, projectID: pool.projectID) }
            return pool.loadBalancerID
        }
    }

    private func memberOwner(
        _ id: ResourceID, _ poolID: ResourceID, _ caller: Caller, _ action: PolicyAction
    ) -> @Sendable (TreeStore) throws -> ResourceID {
        let access = settings.access
        return { store in try Self.member(id, poolID, store, caller, access, action).loadBalancerID }
    }

    private static func member(
        _ id: ResourceID, _ poolID: ResourceID, _ store: TreeStore, _ caller: Caller, _ access: AccessPolicy,
        _ action: PolicyAction
    ) throws -> Member {
        guard try store.find(Pool.self, poolID) != nil else { throw OctaviaFault.missingParent("Pool", poolID) }
        guard let member = try store.find(Member.self, id), member.poolID == poolID else {
            throw OctaviaFault.notFound(.member, id)
        }
        try access.require(caller, action, projectID: member.projectID)
        return member
    }

    private static func mutableMember(_ id: ResourceID, _ change: TreeChange) throws -> Member {
        guard let member = try change.store.find(Member.self, id) else { throw OctaviaFault.notFound(.member, id) }
        _ = try mutablePool(member.poolID, change, forChildren: true)
        guard !member.core.isBeingDeleted else { throw OctaviaFault.immutable("Member", id) }
        return member
    }

    static func isMonitored(_ pool: Pool, _ store: TreeStore) throws -> Bool {
        try store.all(HealthMonitor.self, where: "pool_id", is: pool.id).contains { !$0.core.isBeingDeleted }
    }

    static func touchPool(_ id: ResourceID, _ change: TreeChange) throws {
        try change.touch(Pool.self, id)
        try change.touchListeners(usingPool: id)
    }

    private func checkSubnets(
        of requests: [MemberCreate], _ owner: @escaping @Sendable (TreeStore) throws -> ResourceID, _ caller: Caller
    ) async throws {
        let subnets = Set(requests.compactMap(\.subnetID))
        guard settings.checksNetwork, !subnets.isEmpty else { return }
        // Whoever may not change the pool learns nothing about subnets.
        _ = try await database.read { connection in try owner(TreeStore(connection)) }
        let access = NetworkAccess(projectID: caller.projectID, isAdmin: settings.access.isAdministrator(caller))
        for subnet in subnets where try await network.subnet(subnet, as: access) == nil {
            throw OctaviaFault.missingNetworkObject("Subnet", subnet)
        }
    }
}

extension LoadBalancingService {
    /// Ends the call with 400 when a member wants an SR-IOV interface that the flavor does not allow.
    private static func checkInterfaces(of requests: [MemberCreate], _ change: TreeChange) throws {
        guard requests.contains(where: \.requestSRIOV) else { return }
        let data = try change.loadBalancer.flavorID.map { try change.catalog.flavorData($0) }
        guard data?["allow_member_sriov"]?.bool == true else {
            throw OctaviaFault.directMembersNotAllowed
        }
    }

    /// Ends the call with 501 when the provider cannot reach a member by datagrams from any VIP.
    private static func checkFamilies(of requests: [MemberCreate], _ pool: Pool, _ change: TreeChange) throws {
        guard change.features.needsDatagramMembersOfVIPFamily, pool.poolProtocol.isDatagram,
            try change.store.listeners(usingPools: [pool.id])[pool.id]?.isEmpty == false
        else { return }
        let loadBalancer = change.loadBalancer
        let families = loadBalancer.vipFamilies
        for request in requests {
            guard let family = IPAddress(request.address)?.family, !families.contains(family) else { continue }
            throw OctaviaFault.unsupportedOption(
                loadBalancer.provider,
                "member \(request.address) of a \(pool.poolProtocol.rawValue) pool whose load balancer has no IPv\(family.rawValue) address"
            )
        }
    }
}

extension LoadBalancer {
    /// The address families of its VIPs.
    var vipFamilies: Set<IPAddress.Family> {
        let addresses = [vip.address] + additionalVIPs.map(\.address)
        return Set(addresses.compactMap { $0.flatMap { IPAddress($0)?.family } })
    }
}

extension MemberCreate {
    /// What a batch does to a member that exists: the defaults of a new member hold, but for name, tags and subnet.
    fileprivate func apply(to member: inout Member) {
        if mentionsName { member.name = name }
        if mentionsTags { member.core.tags = tags }
        if mentionsSubnet { member.subnetID = subnetID }
        member.core.adminStateUp = adminStateUp
        member.weight = weight
        member.isBackup = isBackup
        member.monitorAddress = monitorAddress
        member.monitorPort = monitorPort
    }
}
