// What is different between a load balancer as it is wanted and as it is.

internal import OctaviaClient

internal import struct LoadBalancing.IPAddress
internal import struct LoadBalancing.IPNetwork

/// Which parts of a load balancer are a controller's own; it leaves all others alone.
struct Ownership: Sendable {
    var ownsListener: @Sendable (OctaviaClient.Listener) -> Bool
    var ownsPool: @Sendable (OctaviaClient.Pool) -> Bool
    /// Whether name and description are the controller's to set.
    var ownsLoadBalancer = true
}

/// Compares what is wanted with what is there: the smallest set of calls, in an order in which each can succeed and traffic
/// goes on.
///
/// Wanted is the body of the request that would create it whole. Listeners are known by transport and port, pools by the
/// listener that has them as default pool, else by name, members by address and port, policies by name.
struct LoadBalancerComparison {
    private(set) var steps: [LoadBalancerStep] = []
    /// Ports that are wanted here but taken by a listener that is somebody else's.
    private(set) var takenPorts: [Int] = []

    private let wanted: LoadBalancerCreate
    private let current: LoadBalancerTree
    private let ownership: Ownership
    private var references: [String: PoolReference] = [:]
    private var keptPools: Set<ResourceID> = []

    init(wanted: LoadBalancerCreate, current: LoadBalancerTree, ownership: Ownership) {
        self.wanted = wanted
        self.current = current
        self.ownership = ownership
        // The former name tells what belongs to it until everything has the new one.
        if !isRenamed { compareLoadBalancer() }
        comparePools()
        compareListeners()
        deletePools()
        if isRenamed { compareLoadBalancer() }
    }

    // MARK: The load balancer itself

    private mutating func compareLoadBalancer() {
        let there = current.loadBalancer
        var update = LoadBalancerUpdate()
        if ownership.ownsLoadBalancer {
            update.name = Self.change(there.name, wanted.name)
            update.description = Self.change(there.description, wanted.description)
        }
        update.tags = tags(there.tags, wanted.tags)
        if update != LoadBalancerUpdate() { steps.append(.updateLoadBalancer(update)) }
    }

    // MARK: Pools

    private mutating func comparePools() {
        for listener in wanted.listeners {
            guard let pool = listener.defaultPool, !pool.isReference else { continue }
            let place = current.listeners.first { Self.isSamePlace(listener, $0.listener) }
            let inUse = place.flatMap { ownership.ownsListener($0.listener) ? $0.listener.defaultPoolID : nil }
            compare(pool, inUse.flatMap { current.pool($0) })
        }
        for pool in wanted.pools { compare(pool, nil) }
    }

    private mutating func compare(_ pool: PoolCreate, _ inUse: LoadBalancerTree.PoolBranch?) {
        let name = pool.name ?? ""
        var there = inUse
        if there == nil {
            there = current.pools.first { branch in
                branch.pool.name == name && ownership.ownsPool(branch.pool) && !keptPools.contains(branch.pool.id)
                    && branch.pool.poolProtocol == pool.poolProtocol
            }
        }
        guard let there, there.pool.poolProtocol == pool.poolProtocol else {
            // The protocol of a pool cannot be changed: a new one takes over, and the old one goes at the end.
            references[name] = .made(name)
            steps.append(.createPool(pool))
            if !pool.members.isEmpty { steps.append(.replaceMembers(.made(name), pool.members)) }
            if let monitor = pool.healthMonitor { steps.append(.createHealthMonitor(.made(name), monitor)) }
            return
        }
        references[name] = .existing(there.pool.id)
        keptPools.insert(there.pool.id)
        var update = PoolUpdate()
        update.name = Self.change(there.pool.name, name)
        update.tags = tags(there.pool.tags, pool.tags)
        if let algorithm = pool.algorithm { update.algorithm = Self.change(there.pool.algorithm, algorithm) }
        if !Self.isSame(pool.sessionPersistence, there.pool.sessionPersistence) {
            update.sessionPersistence = .set(pool.sessionPersistence.map(Self.update))
        }
        if update != PoolUpdate() { steps.append(.updatePool(there.pool.id, update)) }
        if !Self.isSame(pool.members, there.members) {
            steps.append(.replaceMembers(.existing(there.pool.id), pool.members))
        }
        compare(pool.healthMonitor, there)
    }

    private mutating func compare(_ monitor: HealthMonitorCreate?, _ pool: LoadBalancerTree.PoolBranch) {
        switch (monitor, pool.healthMonitor) {
        case (nil, nil): return
        case (nil, let old?): steps.append(.deleteHealthMonitor(old.id))
        case (let new?, nil): steps.append(.createHealthMonitor(.existing(pool.pool.id), new))
        case (let new?, let old?) where new.type != old.type:
            steps.append(.deleteHealthMonitor(old.id))
            steps.append(.createHealthMonitor(.existing(pool.pool.id), new))
        case (let new?, let old?):
            var update = HealthMonitorUpdate()
            update.name = Self.change(old.name, new.name)
            update.delay = Self.change(old.delay, new.delay)
            update.timeout = Self.change(old.timeout, new.timeout)
            update.maxRetries = Self.change(old.maxRetries, new.maxRetries)
            update.maxRetriesDown = Self.change(old.maxRetriesDown, new.maxRetriesDown)
            // What is not wanted is whatever the service's default is.
            if let method = new.httpMethod { update.httpMethod = Self.change(old.httpMethod, method) }
            if let path = new.urlPath { update.urlPath = Self.change(old.urlPath, path) }
            if let codes = new.expectedCodes { update.expectedCodes = Self.change(old.expectedCodes, codes) }
            if let domain = new.domainName { update.domainName = Self.change(old.domainName, domain) }
            if update != HealthMonitorUpdate() { steps.append(.updateHealthMonitor(old.id, update)) }
        }
    }

    private mutating func deletePools() {
        for branch in current.pools where ownership.ownsPool(branch.pool) && !keptPools.contains(branch.pool.id) {
            steps.append(.deletePool(branch.pool.id))
        }
    }

    // MARK: Listeners

    private mutating func compareListeners() {
        for branch in current.listeners where ownership.ownsListener(branch.listener) {
            let there = branch.listener
            let successor = wanted.listeners.first { Self.isSamePlace($0, there) }
            if successor?.listenerProtocol != there.listenerProtocol { steps.append(.deleteListener(there.id)) }
        }
        // New ones first: policies of the others may redirect to them.
        var stays: [(ListenerCreate, LoadBalancerTree.ListenerBranch)] = []
        for listener in wanted.listeners {
            let branch = current.listeners.first { Self.isSamePlace(listener, $0.listener) }
            if let branch, !ownership.ownsListener(branch.listener) {
                takenPorts.append(listener.protocolPort)
            } else if let branch, branch.listener.listenerProtocol == listener.listenerProtocol {
                stays.append((listener, branch))
            } else {
                steps.append(
                    .createListener(
                        listener, defaultPool: reference(listener.defaultPool),
                        policies: listener.l7Policies.map(creation)))
            }
        }
        for (listener, branch) in stays { compare(listener, branch) }
    }

    private func reference(_ pool: PoolCreate?) -> PoolReference? { pool.flatMap { references[$0.name ?? ""] } }

    private func creation(_ policy: L7PolicyCreate) -> LoadBalancerStep.PolicyCreation {
        .init(policy: policy, redirectPool: reference(policy.redirectPool))
    }

    private mutating func compare(_ listener: ListenerCreate, _ branch: LoadBalancerTree.ListenerBranch) {
        let there = branch.listener
        var update = ListenerUpdate()
        update.name = Self.change(there.name, listener.name)
        update.tags = tags(there.tags, listener.tags)
        update.connectionLimit = Self.change(there.connectionLimit ?? -1, listener.connectionLimit ?? -1)
            .map { Optional($0) }
        if listener.listenerProtocol.understandsHTTP {
            update.insertHeaders = Self.change(there.insertHeaders, listener.insertHeaders)
        }
        update.timeoutClientData = Self.change(there.timeouts.clientData, listener.timeouts.clientData)
        update.timeoutMemberConnect = Self.change(there.timeouts.memberConnect, listener.timeouts.memberConnect)
        update.timeoutMemberData = Self.change(there.timeouts.memberData, listener.timeouts.memberData)
        update.timeoutTCPInspect = Self.change(there.timeouts.tcpInspect, listener.timeouts.tcpInspect)
        update.defaultTLSContainerRef = Self.change(there.defaultTLSContainerRef, listener.defaultTLSContainerRef)
        update.sniContainerRefs = Self.change(there.sniContainerRefs, listener.sniContainerRefs)
        if Self.networks(there.allowedCIDRs) != Self.networks(listener.allowedCIDRs) {
            update.allowedCIDRs = .set(listener.allowedCIDRs)
        }
        var newPool: PoolReference?
        let pool = reference(listener.defaultPool)
        if pool != there.defaultPoolID.map({ .existing($0) }) {
            newPool = pool
            if pool == nil { update.defaultPoolID = .set(nil) }
        }
        if update != ListenerUpdate() || newPool != nil {
            steps.append(.updateListener(there.id, update, defaultPool: newPool))
        }
        comparePolicies(listener.l7Policies, branch)
    }

    // MARK: Policies

    /// New policies are made before old ones go, each in front of those that it replaces: no request meets a gap.
    private mutating func comparePolicies(_ policies: [L7PolicyCreate], _ branch: LoadBalancerTree.ListenerBranch) {
        var kept: [String: OctaviaClient.L7Policy] = [:]
        var rest: [LoadBalancerTree.L7PolicyBranch] = []
        for old in branch.l7Policies {
            let name = old.l7Policy.name
            let isKept = kept[name] == nil && policies.contains { $0.name == name && Self.isSame($0, old) }
            if isKept { kept[name] = old.l7Policy } else { rest.append(old) }
        }
        // The same requests under another name, with another action: changed in one call.
        var gone: [ResourceID] = []
        for old in rest {
            let successor = policies.first { kept[$0.name] == nil && Self.isSame($0, old) }
            if let successor { kept[successor.name] = old.l7Policy } else { gone.append(old.l7Policy.id) }
        }
        // As the listener has them after the steps so far; those that are new have no id yet.
        var order = branch.l7Policies.map { Optional($0.l7Policy.id) }
        // Where the next one is to be at least; old ones that go may stand between.
        var next = 0
        for policy in policies {
            guard let old = kept[policy.name], let place = order.firstIndex(of: old.id) else {
                var creation = creation(policy)
                creation.policy.position = next + 1
                steps.append(.createPolicy(listener: branch.listener.id, creation))
                order.insert(nil, at: next)
                next += 1
                continue
            }
            var update = L7PolicyUpdate()
            update.name = Self.change(old.name, policy.name)
            update.action = Self.change(old.action, policy.action)
            if place < next {
                // Taking it out moves those behind it one forward.
                order.remove(at: place)
                order.insert(old.id, at: next - 1)
                update.position = .set(next)
            } else {
                next = place + 1
            }
            if let url = policy.redirectURL { update.redirectURL = Self.change(old.redirectURL, url) }
            if let prefix = policy.redirectPrefix { update.redirectPrefix = Self.change(old.redirectPrefix, prefix) }
            if let code = policy.redirectHTTPCode { update.redirectHTTPCode = Self.change(old.redirectHTTPCode, code) }
            let pool = reference(policy.redirectPool)
            let newPool = pool == old.redirectPoolID.map({ .existing($0) }) ? nil : pool
            if update != L7PolicyUpdate() || newPool != nil {
                steps.append(.updatePolicy(old.id, update, redirectPool: newPool))
            }
        }
        steps += gone.map { .deletePolicy($0) }
    }

    /// Whether a policy can stay: it is for the same requests.
    private static func isSame(_ wanted: L7PolicyCreate, _ there: LoadBalancerTree.L7PolicyBranch) -> Bool {
        // One that is off was left half made.
        guard there.l7Policy.isEnabled, wanted.rules.count == there.rules.count else { return false }
        return wanted.rules.allSatisfy { rule in
            there.rules.contains {
                $0.type == rule.type && $0.compareType == rule.compareType && $0.value == rule.value
                    && $0.ruleKey == rule.key && $0.invert == rule.invert
            }
        }
    }

    // MARK: Values

    private static func isSamePlace(_ wanted: ListenerCreate, _ there: OctaviaClient.Listener) -> Bool {
        wanted.protocolPort == there.protocolPort
            && wanted.listenerProtocol.transport == there.listenerProtocol.transport
    }

    private static func change<Value: Equatable>(_ old: Value, _ new: Value) -> Change<Value> {
        old == new ? .keep : .set(new)
    }

    private var isRenamed: Bool { ownership.ownsLoadBalancer && current.loadBalancer.name != wanted.name }

    /// Tags of others stay; the former name is nobody else's.
    private func tags(_ old: [String], _ new: [String]) -> Change<[String]> {
        let kept = isRenamed ? old.filter { $0 != current.loadBalancer.name || new.contains($0) } : old
        return Self.change(old, kept + new.filter { !kept.contains($0) })
    }

    private static func update(_ persistence: SessionPersistence) -> SessionPersistenceUpdate {
        var update = SessionPersistenceUpdate()
        update.type = persistence.type
        update.cookieName = persistence.cookieName
        update.timeout = persistence.timeout
        update.granularity = persistence.granularity
        return update
    }

    /// Everybody is written as no network, or as all of a family.
    private static func networks(_ texts: [String]) -> Set<String> {
        let networks = Set(texts.map { IPNetwork($0)?.description ?? $0 })
        return networks.isSubset(of: ["0.0.0.0/0", "::/0"]) ? [] : networks
    }

    /// What is not wanted is whatever the service's default is.
    private static func isSame(_ wanted: SessionPersistence?, _ there: SessionPersistence?) -> Bool {
        guard let wanted, let there else { return wanted == nil && there == nil }
        return wanted.type == there.type && wanted.cookieName == there.cookieName
            && (wanted.timeout == nil || wanted.timeout == there.timeout)
            && (wanted.granularity == nil || wanted.granularity == there.granularity)
    }

    /// Whether members are the same, in whatever order.
    static func isSame(_ wanted: [MemberCreate], _ there: [OctaviaClient.Member]) -> Bool {
        guard wanted.count == there.count else { return false }
        var byPlace: [MemberPlace: OctaviaClient.Member] = [:]
        for member in there { byPlace[MemberPlace(address: member.address, port: member.protocolPort)] = member }
        return wanted.allSatisfy { member in
            byPlace[MemberPlace(address: member.address, port: member.protocolPort)].map { isSame(member, $0) } ?? false
        }
    }

    private static func isSame(_ wanted: MemberCreate, _ there: OctaviaClient.Member) -> Bool {
        guard there.name == wanted.name, there.isBackup == wanted.isBackup, there.isEnabled == wanted.adminStateUp
        else {
            return false
        }
        guard there.monitorPort == wanted.monitorPort, there.monitorAddress == wanted.monitorAddress else {
            return false
        }
        let (oldWeight, newWeight) = (there.weight ?? 1, wanted.weight ?? 1)
        return oldWeight == newWeight && (wanted.subnetID == nil || there.subnetID == wanted.subnetID)
    }

    /// Where a member is, in one spelling.
    private struct MemberPlace: Hashable {
        var address: String
        var port: Int

        init(address: String, port: Int) {
            self.address = IPAddress(address)?.description ?? address
            self.port = port
        }
    }
}

extension Change {
    /// The same change to another type.
    fileprivate func map<Other: Sendable>(_ transform: (Value) -> Other) -> Change<Other> {
        switch self {
        case .keep: .keep
        case .set(let value): .set(transform(value))
        }
    }
}
