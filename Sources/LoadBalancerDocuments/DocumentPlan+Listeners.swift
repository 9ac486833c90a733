// The calls for listeners, L7 policies and rules.

internal import JSON
internal import OctaviaClient
internal import OctaviaWire

extension DocumentPlan {
    /// Listeners are known by protocol and port; policies by name, rules by what they say.
    mutating func planListeners(
        _ listeners: [LoadBalancerDocument.ListenerPart], _ current: CurrentLoadBalancer
    ) throws {
        func place(_ fields: Fields) -> String {
            "\(Cell.text(fields["protocol"] ?? .null)) :\(Cell.text(fields["protocol_port"] ?? .null))"
        }
        // What goes makes room for what comes.
        for old in current.listeners where !listeners.contains(where: { place($0.fields) == place(old.object.fields) })
        {
            let id = old.object.id
            steps.append(
                Step(text: "- listener \(place(old.object.fields))") { cloud, _ in
                    try await cloud.listeners.delete(id)
                    try await cloud.listeners.waitUntilDeleted(id)
                })
        }
        let loadBalancer = current.object.id
        for listener in listeners {
            let label = place(listener.fields)
            if let old = current.listeners.first(where: { place($0.object.fields) == label }) {
                try planChange(listener, old, label, current)
                continue
            }
            let fields = listener.fields.merging(["loadbalancer_id": .string(loadBalancer.string)]) { $1 }
            let creation = try Wire.decode { try ListenerCreate(body: Wire.body("listener", fields)) }
            let pool = listener.defaultPool.flatMap { $0.isEmpty ? nil : $0 }
            let policies = try (listener.l7Policies ?? []).map { try Self.creation($0) }
            steps.append(
                Step(text: "+ listener \(label)" + (policies.isEmpty ? "" : " with \(policies.count) L7 policies")) {
                    cloud, names in
                    var creation = creation
                    if let pool { creation.defaultPoolID = try names.pool(pool) }
                    let made = try await cloud.listeners.create(creation)
                    for policy in policies { try await Self.create(policy, made.id, cloud, names) }
                })
        }
    }

    private mutating func planChange(
        _ listener: LoadBalancerDocument.ListenerPart, _ old: CurrentLoadBalancer.Listener, _ label: String,
        _ current: CurrentLoadBalancer
    ) throws {
        let id = old.object.id
        let changed = Self.changes(listener.fields, old.object.fields, .listener)
        let oldPool = current.poolName(old.defaultPool) ?? ""
        let newPool = listener.defaultPool.flatMap { $0 == oldPool && !replaced.contains($0) ? nil : $0 }
        if !changed.isEmpty || newPool != nil {
            let update = try Wire.decode { try ListenerUpdate(body: Wire.body("listener", changed)) }
            var texts = changed.isEmpty ? [] : [Self.summary(changed, old.object.fields)]
            if let newPool {
                texts.append(
                    "default_pool \(oldPool.isEmpty ? "None" : oldPool) → \(newPool.isEmpty ? "None" : newPool)")
            }
            steps.append(
                Step(text: "~ listener \(label): \(texts.joined(separator: ", "))") { cloud, names in
                    var update = update
                    if let newPool {
                        update.defaultPoolID = .set(newPool.isEmpty ? nil : try names.pool(newPool))
                    }
                    try await cloud.listeners.update(id, update)
                })
        }
        guard let policies = listener.l7Policies else { return }
        for gone in old.l7Policies where !policies.contains(where: { $0.fields["name"]?.string == gone.object.name }) {
            let policy = gone.object.id
            steps.append(
                Step(text: "- L7 policy \(gone.object.name) of listener \(label)") { cloud, _ in
                    try await cloud.l7Policies.delete(policy)
                })
        }
        for policy in policies {
            let name = policy.fields["name"]?.string ?? ""
            if let there = old.l7Policies.first(where: { $0.object.name == name }) {
                try planChange(policy, there, name, label, current)
            } else {
                let creation = try Self.creation(policy)
                steps.append(
                    Step(text: "+ L7 policy \(name) of listener \(label)") { cloud, names in
                        try await Self.create(creation, id, cloud, names)
                    })
            }
        }
    }

    private mutating func planChange(
        _ policy: LoadBalancerDocument.L7PolicyPart,
        _ old: (object: CurrentLoadBalancer.Object, redirectPool: ResourceID?, rules: [CurrentLoadBalancer.Object]),
        _ name: String, _ label: String, _ current: CurrentLoadBalancer
    ) throws {
        let id = old.object.id
        let changed = Self.changes(policy.fields, old.object.fields, .l7Policy)
        let oldPool = current.poolName(old.redirectPool) ?? ""
        let newPool = policy.redirectPool.flatMap {
            $0.isEmpty || $0 == oldPool && !replaced.contains($0) ? nil : $0
        }
        if !changed.isEmpty || newPool != nil {
            let update = try Wire.decode { try L7PolicyUpdate(body: Wire.body("l7policy", changed)) }
            var texts = changed.isEmpty ? [] : [Self.summary(changed, old.object.fields)]
            if let newPool { texts.append("redirect_pool \(oldPool) → \(newPool)") }
            steps.append(
                Step(text: "~ L7 policy \(name) of listener \(label): \(texts.joined(separator: ", "))") {
                    cloud, names in
                    var update = update
                    if let newPool { update.redirectPoolID = .set(try names.pool(newPool)) }
                    try await cloud.l7Policies.update(id, update)
                })
        }
        guard let rules = policy.rules else { return }
        var rest = old.rules
        for rule in rules {
            if let index = rest.firstIndex(where: { Self.changes(rule, $0.fields, .l7Rule).isEmpty }) {
                rest.remove(at: index)
                continue
            }
            let creation = try Wire.decode { try L7RuleCreate(body: Wire.body("rule", rule)) }
            steps.append(
                Step(text: "+ rule \(creation.type.rawValue) \(creation.value) of L7 policy \(name)") { cloud, _ in
                    try await cloud.l7Rules(of: id).create(creation)
                })
        }
        for gone in rest {
            let rule = gone.id
            steps.append(
                Step(
                    text:
                        "- rule \(Cell.text(gone.fields["type"] ?? .null)) \(Cell.text(gone.fields["value"] ?? .null)) of L7 policy \(name)"
                ) {
                    cloud, _ in
                    try await cloud.l7Rules(of: id).delete(rule)
                })
        }
    }

    /// A policy to be made: its listener and pool are known when the call is sent.
    struct PolicyCreation: Sendable {
        var policy: L7PolicyCreate
        var redirectPool: String?
        var rules: [L7RuleCreate]
    }

    static func creation(_ part: LoadBalancerDocument.L7PolicyPart) throws -> PolicyCreation {
        let standIn: JSONValue = .string(ResourceID.random().string)
        let body = Wire.body("l7policy", part.fields.merging(["listener_id": standIn]) { $1 })
        return PolicyCreation(
            policy: try Wire.decode { try L7PolicyCreate(body: body) },
            redirectPool: part.redirectPool.flatMap { $0.isEmpty ? nil : $0 },
            rules: try (part.rules ?? []).map { rule in
                try Wire.decode { try L7RuleCreate(body: Wire.body("rule", rule)) }
            })
    }

    static func create(_ creation: PolicyCreation, _ listener: ResourceID, _ cloud: Cloud, _ names: Names) async throws
    {
        var policy = creation.policy
        policy.listenerID = listener
        if let pool = creation.redirectPool { policy.redirectPoolID = try names.pool(pool) }
        let made = try await cloud.l7Policies.create(policy)
        for rule in creation.rules { try await cloud.l7Rules(of: made.id).create(rule) }
    }
}
