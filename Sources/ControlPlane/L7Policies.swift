// Use cases of L7 policies.

public import LoadBalancing
public import OctaviaWire
internal import Persistence

/// Policies and their rules are stored and shown exactly; the data plane does not act on them yet.
extension LoadBalancingService {
    /// Creates a policy at a position of its listener; later ones move on.
    public func createL7Policy(_ request: L7PolicyCreate, _ caller: Caller) async throws -> L7PolicyView {
        guard let listenerID = request.listenerID else {
            throw OctaviaFault.invalidInput(field: "listener_id", value: "None", reason: "Mandatory field missing.")
        }
        let access = settings.access
        return try await change(
            caller,
            { store in try Self.owner(Listener.self, listenerID, store, caller, access, .l7PolicyCreate).loadBalancerID
            },
            { change in
                guard let listener = try change.store.find(Listener.self, listenerID), !listener.core.isBeingDeleted
                else { throw OctaviaFault.notFound(.listener, listenerID) }
                try ListenerRules.requireChildren(of: listener)
                if let poolID = request.redirectPoolID { try Self.checkRedirect(to: poolID, of: listener, change) }
                try ListenerRules.checkPolicySupport(
                    of: listener, change.features, provider: change.loadBalancer.provider)
                try change.requireQuota(.l7Policy)
                let factory = change.factory
                var policy = try factory.policy(request, listener: listener, position: request.position)
                let others = try change.store.policies(ofListener: listenerID)
                let ordered = L7Positions.inserting(policy, into: others)
                policy.position = (ordered.firstIndex { $0.id == policy.id } ?? others.count) + 1
                try change.insert(policy)
                try change.store.setPositions(ordered.map { $0.id == policy.id ? policy : $0 })
                try change.touch(Listener.self, listenerID)
                return L7PolicyView(policy, ruleIDs: [])
            })
    }

    /// Changes a policy.
    public func updateL7Policy(
        _ id: ResourceID, _ request: L7PolicyUpdate, _ caller: Caller
    ) async throws -> L7PolicyView {
        let access = settings.access
        return try await change(
            caller,
            { store in try Self.owner(L7Policy.self, id, store, caller, access, .l7PolicyUpdate).loadBalancerID },
            { change in
                guard !request.isBlank else {
                    throw OctaviaFault(400, "Invalid L7 Policy arguments: Invalid update options")
                }
                var (policy, listener) = try Self.mutablePolicy(id, change)
                try request.applyRedirection(to: &policy)
                if case .set(let poolID?) = request.redirectPoolID, policy.redirectPoolID == poolID {
                    try Self.checkRedirect(to: poolID, of: listener, change)
                }
                request.name.apply(to: &policy.name)
                request.description.apply(to: &policy.description)
                request.adminStateUp.apply(to: &policy.core.adminStateUp)
                request.tags.apply(to: &policy.core.tags)
                var others = try change.store.policies(ofListener: listener.id)
                if case .set(let position) = request.position {
                    let ordered = L7Positions.moving(id, to: position, in: others)
                    policy.position = (ordered.firstIndex { $0.id == id } ?? 0) + 1
                    others = ordered
                }
                try change.save(&policy)
                try change.store.setPositions(others.map { $0.id == id ? policy : $0 })
                try change.touch(Listener.self, listener.id)
                return try Self.views(of: [policy], change.store)[0]
            })
    }

    /// Deletes a policy with its rules; those behind it move up when it is gone.
    public func deleteL7Policy(_ id: ResourceID, _ caller: Caller) async throws {
        let access = settings.access
        try await change(
            caller,
            { store in try Self.owner(L7Policy.self, id, store, caller, access, .l7PolicyDelete).loadBalancerID },
            { change in
                let (policy, listener) = try Self.mutablePolicy(id, change)
                try change.markDeleted(policy)
                try change.touch(Listener.self, listener.id)
            })
    }

    /// One policy.
    public func l7Policy(_ id: ResourceID, _ caller: Caller) async throws -> L7PolicyView {
        let access = settings.access
        return try await database.read { connection in
            let store = TreeStore(connection)
            return try Self.views(of: [Self.owner(L7Policy.self, id, store, caller, access, .l7PolicyShow)], store)[0]
        }
    }

    /// A page of policies.
    public func l7Policies(_ query: ListQuery, _ caller: Caller) async throws -> [L7PolicyView] {
        try await list(
            L7Policy.self, query, caller, actions: (.l7PolicyList, .l7PolicyListGlobally)
        ) { records, store in try Self.views(of: records, store) }
    }

    /// The policy and its listener, if the policy can be changed.
    static func mutablePolicy(
        _ id: ResourceID, _ change: TreeChange, forChildren: Bool = false
    ) throws -> (L7Policy, Listener) {
        guard let policy = try change.store.find(L7Policy.self, id) else { throw OctaviaFault.notFound(.l7Policy, id) }
        let isBusy = forChildren && change.isStrict && policy.core.provisioningStatus != .active
        guard !policy.core.isBeingDeleted, !isBusy else { throw OctaviaFault.immutable("L7Policy", id) }
        guard let listener = try change.store.find(Listener.self, policy.listenerID), !listener.core.isBeingDeleted
        else { throw OctaviaFault.immutable("Load Balancer", change.loadBalancer.id) }
        return (policy, listener)
    }

    /// The pool of a policy must exist on the same load balancer and speak what the listener can send it.
    private static func checkRedirect(to poolID: ResourceID, of listener: Listener, _ change: TreeChange) throws {
        let pool = try Self.pool(poolID, on: change.loadBalancer, change.store)
        try ListenerRules.checkPool(pool, of: listener)
    }

    private static func views(of policies: [L7Policy], _ store: TreeStore) throws -> [L7PolicyView] {
        let rules = try store.children(L7Rule.self, by: "l7policy_id", of: policies.map(\.id))
        return policies.map { L7PolicyView($0, ruleIDs: rules[$0.id] ?? []) }
    }
}

extension L7PolicyUpdate {
    /// Changes the action and what belongs to it: a new value switches to its action, and `null` only empties a field.
    fileprivate func applyRedirection(to policy: inout L7Policy) throws(OctaviaFault) {
        var wanted: L7PolicyAction?
        if case .set(let action) = action { wanted = action }
        let poolID = redirectPoolID.value(over: nil)
        let url = redirectURL.value(over: nil)
        let prefix = redirectPrefix.value(over: nil)
        if wanted != nil || poolID != nil || url != nil || prefix != nil {
            try L7Redirection(
                action: wanted, current: policy.action, poolID: poolID, url: url, prefix: prefix,
                code: redirectHTTPCode.value(over: nil)
            ).apply(to: &policy)
            return
        }
        redirectPoolID.apply(to: &policy.redirectPoolID)
        redirectURL.apply(to: &policy.redirectURL)
        redirectPrefix.apply(to: &policy.redirectPrefix)
        redirectHTTPCode.apply(to: &policy.redirectHTTPCode)
    }
}
