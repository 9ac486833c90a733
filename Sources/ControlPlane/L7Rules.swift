// Use cases of the rules of L7 policies.

public import LoadBalancing
public import OctaviaWire
internal import Persistence
internal import ProviderDrivers

extension LoadBalancingService {
    /// Adds a rule to a policy.
    public func createL7Rule(
        _ request: L7RuleCreate, policy policyID: ResourceID, _ caller: Caller
    ) async throws -> L7RuleView {
        let owner = policyOwner(policyID, caller, .l7RuleCreate)
        let refused = try await refusedExpressions(
            among: request.compareType == .regex ? [request.value] : [], ofTreeAt: owner)
        return try await change(
            caller,
            owner,
            { change in
                let factory = change.factory
                guard let found = try change.store.find(L7Policy.self, policyID) else {
                    throw OctaviaFault.missingParent("L7Policy", policyID)
                }
                let rule = try factory.rule(request, policy: found)
                try L7RuleRules.requireUnderstood(rule, refused)
                let others = try change.store.all(L7Rule.self, where: "l7policy_id", is: policyID)
                guard others.count < L7RuleRules.mostPerPolicy else { throw OctaviaFault.tooManyRules(policyID) }
                try change.requireQuota(.l7Rule)
                let (policy, listener) = try Self.mutablePolicy(policyID, change, forChildren: true)
                try change.insert(rule)
                try Self.touch(policy, listener, change)
                return L7RuleView(rule)
            })
    }

    /// Changes a rule.
    public func updateL7Rule(
        _ id: ResourceID, policy policyID: ResourceID, _ request: L7RuleUpdate, _ caller: Caller
    ) async throws -> L7RuleView {
        let owner = ruleOwner(id, policyID, caller, .l7RuleUpdate)
        var expressions: Set<String> = []
        // What an update does not mention may be older than the data plane's opinion.
        if request.compareType.isSet || request.value.isSet,
            var wanted = try await database.read({ try TreeStore($0).find(L7Rule.self, id) })
        {
            request.compareType.apply(to: &wanted.compareType)
            request.value.apply(to: &wanted.value)
            if wanted.compareType == .regex { expressions.insert(wanted.value) }
        }
        let refused = try await refusedExpressions(among: expressions, ofTreeAt: owner)
        return try await change(
            caller,
            owner,
            { change in
                var rule = try Self.mutableRule(id, change)
                request.adminStateUp.apply(to: &rule.core.adminStateUp)
                request.tags.apply(to: &rule.core.tags)
                request.type.apply(to: &rule.type)
                request.compareType.apply(to: &rule.compareType)
                request.key.apply(to: &rule.key)
                request.value.apply(to: &rule.value)
                request.invert.apply(to: &rule.invert)
                try L7RuleRules.check(rule)
                try L7RuleRules.requireUnderstood(rule, refused)
                if rule.type.dropsKey { rule.key = nil }
                let (policy, listener) = try Self.mutablePolicy(policyID, change, forChildren: true)
                try change.save(&rule)
                try Self.touch(policy, listener, change)
                return L7RuleView(rule)
            })
    }

    /// Removes a rule.
    public func deleteL7Rule(_ id: ResourceID, policy policyID: ResourceID, _ caller: Caller) async throws {
        try await change(
            caller,
            ruleOwner(id, policyID, caller, .l7RuleDelete),
            { change in
                let rule = try Self.mutableRule(id, change)
                let (policy, listener) = try Self.mutablePolicy(policyID, change, forChildren: true)
                try change.markDeleted(rule)
                try Self.touch(policy, listener, change)
            })
    }

    /// One rule.
    public func l7Rule(_ id: ResourceID, policy policyID: ResourceID, _ caller: Caller) async throws -> L7RuleView {
        let access = settings.access
        return try await database.read { connection in
            L7RuleView(try Self.rule(id, policyID, TreeStore(connection), caller, access, .l7RuleShow))
        }
    }

    /// A page of the rules of a policy.
    public func l7Rules(
        policy policyID: ResourceID, _ query: ListQuery, _ caller: Caller
    ) async throws -> [L7RuleView] {
        let owner = policyOwner(policyID, caller, .l7RuleList)
        _ = try await database.read { connection in try owner(TreeStore(connection)) }
        return try await list(L7Rule.self, query, caller, below: ("l7policy_id", policyID)) { rules, _ in
            rules.map { L7RuleView($0) }
        }
    }

    /// Those of some expressions that the provider of a load balancer does not understand, each with the reason.
    private func refusedExpressions(
        among expressions: Set<String>, ofTreeAt find: @escaping @Sendable (TreeStore) throws -> ResourceID
    ) async throws -> [String: String] {
        guard !expressions.isEmpty else { return [:] }
        let provider = try await database.read { connection in
            let store = TreeStore(connection)
            return try store.find(LoadBalancer.self, find(store))?.provider
        }
        return await provider.flatMap { drivers[$0] }?.refusedExpressions(among: expressions) ?? [:]
    }

    /// Finds the load balancer of a policy that a path goes through; a missing one is a fault of the path.
    private func policyOwner(
        _ id: ResourceID, _ caller: Caller, _ action: PolicyAction
    ) -> @Sendable (TreeStore) throws -> ResourceID {
        let access = settings.access
        return { store in
            guard let policy = try store.find(L7Policy.self, id) else {
                throw OctaviaFault.missingParent("L7Policy", id)
            }
            try access.require(caller, action, projectID: policy.projectID)
            return policy.loadBalancerID
        }
    }

    private func ruleOwner(
        _ id: ResourceID, _ policyID: ResourceID, _ caller: Caller, _ action: PolicyAction
    ) -> @Sendable (TreeStore) throws -> ResourceID {
        let access = settings.access
        return { store in try Self.rule(id, policyID, store, caller, access, action).loadBalancerID }
    }

    private static func rule(
        _ id: ResourceID, _ policyID: ResourceID, _ store: TreeStore, _ caller: Caller, _ access: AccessPolicy,
        _ action: PolicyAction
    ) throws -> L7Rule {
        guard try store.find(L7Policy.self, policyID) != nil else {
            throw OctaviaFault.missingParent("L7Policy", policyID)
        }
        guard let rule = try store.find(L7Rule.self, id), rule.policyID == policyID else {
            throw OctaviaFault.notFound(.l7Rule, id)
        }
        try access.require(caller, action, projectID: rule.projectID)
        return rule
    }

    private static func mutableRule(_ id: ResourceID, _ change: TreeChange) throws -> L7Rule {
        guard let rule = try change.store.find(L7Rule.self, id) else { throw OctaviaFault.notFound(.l7Rule, id) }
        guard !rule.core.isBeingDeleted else { throw OctaviaFault.immutable("L7Rule", id) }
        return rule
    }

    /// Turns what stands above a rule to PENDING_UPDATE, as clients expect of a change below it.
    private static func touch(_ policy: L7Policy, _ listener: Listener, _ change: TreeChange) throws {
        try change.touch(L7Policy.self, policy.id)
        try change.touch(Listener.self, listener.id)
    }
}
