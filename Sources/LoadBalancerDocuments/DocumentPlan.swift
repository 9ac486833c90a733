// The calls that make a load balancer what its document says.

internal import JSON
package import OctaviaClient
internal import OctaviaWire

/// What an `apply` does: the smallest set of calls, in an order in which each can succeed.
package struct DocumentPlan: Sendable {
    /// One call.
    package struct Step: Sendable {
        /// `+`, `~` or `-` and what it is about.
        package var text: String
        package var run: @Sendable (Cloud, inout Names) async throws -> Void
    }

    /// The ids of pools by name; grows while pools are made.
    package struct Names: Sendable {
        package var pools: [String: ResourceID]

        func pool(_ name: String) throws -> ResourceID {
            guard let id = pools[name] else { throw DocumentError("there is no pool '\(name)'") }
            return id
        }
    }

    package var steps: [Step] = []
    package var names = Names(pools: [:])

    /// Whether pools and members with other fixed fields are made anew.
    let isReplacing: Bool
    /// The names of pools that are made anew.
    var replaced: Set<String> = []

    /// Compares a document with what is there.
    ///
    /// - Parameter replacing: Whether pools and members of which fields differ that cannot be changed are made anew; else
    ///   that is an error.
    package init(_ document: LoadBalancerDocument, _ current: CurrentLoadBalancer, replacing: Bool = false) throws {
        isReplacing = replacing
        names.pools = Dictionary(
            current.pools.map { ($0.object.name, $0.object.id) }, uniquingKeysWith: { first, _ in first })
        try Self.refuseFixed(document.fields, current.object.fields, .loadBalancer, document.name)
        let id = current.object.id
        let changed = Self.changes(document.fields, current.object.fields, .loadBalancer)
        if !changed.isEmpty {
            let update = try Wire.decode { try LoadBalancerUpdate(body: Wire.body("loadbalancer", changed)) }
            add("~ load balancer \(document.name): \(Self.summary(changed, current.object.fields))") { cloud, _ in
                try await cloud.loadBalancers.update(id, update)
            }
        }
        var removed: [Step] = []
        if let pools = document.pools { removed = try planPools(pools, current) }
        if let listeners = document.listeners { try planListeners(listeners, current) }
        steps += removed
    }

    private mutating func add(
        _ text: String, _ run: @escaping @Sendable (Cloud, inout Names) async throws -> Void
    ) {
        steps.append(Step(text: text, run: run))
    }

    // MARK: Pools

    /// Plans the pools, and returns the deletions, which come after listeners let go of them.
    private mutating func planPools(
        _ pools: [LoadBalancerDocument.PoolPart], _ current: CurrentLoadBalancer
    ) throws -> [Step] {
        let loadBalancer = current.object.id
        var gone = current.pools.filter { old in !pools.contains { $0.name == old.object.name } }
        for pool in pools {
            var known = current.pools.first { $0.object.name == pool.name }
            if let old = known, isReplacing, Self.isFixedDifferent(pool.fields, old.object.fields, .pool) {
                replaced.insert(pool.name)
                gone.append(old)
                known = nil
            }
            guard let old = known else {
                var creation = try Wire.decode {
                    try PoolCreate(
                        body: Wire.body(
                            "pool", pool.fields.merging(["loadbalancer_id": .string(loadBalancer.string)]) { $1 }))
                }
                creation.loadBalancerID = loadBalancer
                let made = creation
                let members = try (pool.members ?? []).map { fields in
                    try Wire.decode { try MemberCreate(body: Wire.body("member", fields)) }
                }
                let monitor = try Self.monitor(pool.healthMonitor)
                let name = pool.name
                add("+ pool \(name)") { cloud, names in
                    let pool = try await cloud.pools.create(made)
                    names.pools[name] = pool.id
                    try await cloud.pools.waitUntilActive(pool.id)
                }
                if !members.isEmpty {
                    add("+ \(members.count) members of pool \(name)") { cloud, names in
                        try await cloud.members(of: names.pool(name)).replace(with: members, additiveOnly: true)
                    }
                }
                if let monitor {
                    add("+ health monitor of pool \(name)") { cloud, names in
                        var monitor = monitor
                        monitor.poolID = try names.pool(name)
                        try await cloud.healthMonitors.create(monitor)
                    }
                }
                continue
            }
            try Self.refuseFixed(pool.fields, old.object.fields, .pool, pool.name)
            let changed = Self.changes(pool.fields, old.object.fields, .pool)
            let id = old.object.id
            if !changed.isEmpty {
                let update = try Wire.decode { try PoolUpdate(body: Wire.body("pool", changed)) }
                add("~ pool \(pool.name): \(Self.summary(changed, old.object.fields))") { cloud, _ in
                    try await cloud.pools.update(id, update)
                }
            }
            if let members = pool.members { try planMembers(members, old) }
            if let monitor = pool.healthMonitor { try planMonitor(monitor, old) }
        }
        return gone.map { old in
            let id = old.object.id
            return Step(text: "- pool \(old.object.name)") { cloud, _ in try await cloud.pools.delete(id) }
        }
    }

    private mutating func planMembers(_ members: [Fields], _ pool: CurrentLoadBalancer.Pool) throws {
        func place(_ fields: Fields) -> String {
            "\(Cell.text(fields["address"] ?? .null)):\(Cell.text(fields["protocol_port"] ?? .null))"
        }
        let wanted = try members.map { fields in
            (place(fields), fields, try Wire.decode { try MemberCreate(body: Wire.body("member", fields)) })
        }
        let poolID = pool.object.id
        var pool = pool
        if isReplacing {
            // A member of the same address and port in another subnet: the old one goes first.
            let moved = pool.members.filter { old in
                wanted.contains { $0.0 == Self.place(of: old) && Self.isFixedDifferent($0.1, old.fields, .member) }
            }
            for old in moved {
                add("- member \(Self.place(of: old)) of pool \(pool.object.name)") { cloud, _ in
                    try await cloud.members(of: poolID).delete(old.id)
                    try await cloud.members(of: poolID).waitUntilDeleted(old.id)
                }
            }
            pool.members.removeAll { old in moved.contains { $0.id == old.id } }
        }
        let there = Dictionary(
            pool.members.map { (Self.place(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
        let places = Set(wanted.map(\.0))
        var texts: [String] = []
        var single: (@Sendable (Cloud, inout Names) async throws -> Void)?
        for (place, fields, creation) in wanted {
            guard let old = there[place] else {
                texts.append("+ member \(place) of pool \(pool.object.name)")
                single = { cloud, _ in try await cloud.members(of: poolID).create(creation) }
                continue
            }
            let changed = Self.changes(fields, old.fields, .member)
            guard !changed.isEmpty else { continue }
            let update = try Wire.decode { try MemberUpdate(body: Wire.body("member", changed)) }
            let id = old.id
            texts.append("~ member \(place) of pool \(pool.object.name): \(Self.summary(changed, old.fields))")
            single = { cloud, _ in try await cloud.members(of: poolID).update(id, update) }
        }
        for old in pool.members where !places.contains(Self.place(of: old)) {
            let id = old.id
            texts.append("- member \(Self.place(of: old)) of pool \(pool.object.name)")
            single = { cloud, _ in try await cloud.members(of: poolID).delete(id) }
        }
        guard let single else { return }
        if texts.count == 1 {
            add(texts[0], single)
        } else {
            // One call for all: what the document does not mention keeps its value.
            let batch = try members.map { fields in
                let old = there[place(fields)]?.fields ?? [:]
                let kept = old.filter { DocumentSchema.member.keys.contains($0.key) && !$0.value.isNull }
                return try Wire.decode { try MemberCreate(body: Wire.body("member", kept.merging(fields) { $1 })) }
            }
            add(texts.joined(separator: "\n")) { cloud, _ in try await cloud.members(of: poolID).replace(with: batch) }
        }
    }

    private static func place(of member: CurrentLoadBalancer.Object) -> String {
        "\(Cell.text(member.fields["address"] ?? .null)):\(Cell.text(member.fields["protocol_port"] ?? .null))"
    }

    private static func monitor(_ fields: Fields?) throws -> HealthMonitorCreate? {
        guard let fields, !fields.isEmpty else { return nil }
        // The pool is known later; the decoder wants one.
        let body = Wire.body("healthmonitor", fields.merging(["pool_id": .string(ResourceID.random().string)]) { $1 })
        return try Wire.decode { try HealthMonitorCreate(body: body) }
    }

    private mutating func planMonitor(_ fields: Fields, _ pool: CurrentLoadBalancer.Pool) throws {
        let poolID = pool.object.id
        let name = pool.object.name
        let creation = try Self.monitor(fields)
        if let old = pool.healthMonitor {
            let id = old.id
            let isSameType = fields["type"] == old.fields["type"]
            if isSameType {
                let changed = Self.changes(fields, old.fields, .healthMonitor)
                guard !changed.isEmpty else { return }
                let update = try Wire.decode { try HealthMonitorUpdate(body: Wire.body("healthmonitor", changed)) }
                add("~ health monitor of pool \(name): \(Self.summary(changed, old.fields))") { cloud, _ in
                    try await cloud.healthMonitors.update(id, update)
                }
                return
            }
            add("- health monitor of pool \(name)") { cloud, _ in
                try await cloud.healthMonitors.delete(id)
                try await cloud.healthMonitors.waitUntilDeleted(id)
            }
        }
        guard let creation else { return }
        add("+ health monitor of pool \(name)") { cloud, _ in
            var monitor = creation
            monitor.poolID = poolID
            try await cloud.healthMonitors.create(monitor)
        }
    }

    // MARK: What is different

    /// The fields that the document gives other values than there are.
    static func changes(_ wanted: Fields, _ current: Fields, _ schema: DocumentSchema) -> Fields {
        wanted.filter { key, value in schema.changeable.contains(key) && !isSame(value, current[key] ?? .null, key) }
    }

    /// Fields that cannot be changed must be as they are.
    static func refuseFixed(
        _ wanted: Fields, _ current: Fields, _ schema: DocumentSchema, _ name: String
    ) throws {
        for key in schema.fixed {
            guard let value = wanted[key], let old = current[key], !isSame(value, old, key) else { continue }
            throw DocumentError(
                "\(key) of \(schema.term) '\(name)' is \(Cell.oneLine(old)) and cannot be changed to \(Cell.oneLine(value)); "
                    + "give it another name to make a new one")
        }
    }

    /// Whether a field that cannot be changed is different.
    static func isFixedDifferent(_ wanted: Fields, _ current: Fields, _ schema: DocumentSchema) -> Bool {
        schema.fixed.contains { key in
            guard let value = wanted[key], let old = current[key] else { return false }
            return !isSame(value, old, key)
        }
    }

    static func isSame(_ left: JSONValue, _ right: JSONValue, _ key: String) -> Bool {
        if left == right { return true }
        if Defaults.isDefault(left, key), Defaults.isDefault(right, key) { return true }
        switch (left, right) {
        case (.integer(let left), .number(let right)): return Double(left) == right
        case (.number(let left), .integer(let right)): return left == Double(right)
        case (.array(let left), .array(let right)) where key == "tags":
            return Set(left.map(Cell.text)) == Set(right.map(Cell.text))
        case (.object(let left), .object(let right)):
            // Keys that are unset are as good as absent.
            return left.filter { !$0.value.isNull } == right.filter { !$0.value.isNull }
        default: return false
        }
    }

    /// `weight 1 → 5, name a → b`.
    static func summary(_ changed: Fields, _ current: Fields) -> String {
        changed.keys.sorted().map { key in
            "\(key) \(Cell.oneLine(current[key] ?? .null)) → \(Cell.oneLine(changed[key] ?? .null))"
        }.joined(separator: ", ")
    }
}
