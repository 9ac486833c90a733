// Operations that only some kinds have.

internal import JSON
public import LoadBalancing
public import OctaviaWire

extension ResourceCollection<LoadBalancer> {
    /// Deletes a load balancer.
    ///
    /// - Parameters:
    ///   - id: The load balancer.
    ///   - cascade: With everything below it; without, one that has listeners or pools is refused.
    public func delete(_ id: ResourceID, cascade: Bool) async throws {
        try await remove(id.string, query: cascade ? [("cascade", "true")] : [])
    }

    /// The sum of the counters of all listeners.
    public func statistics(_ id: ResourceID) async throws -> Statistics {
        let stats = try await service.sendForValue("GET", "\(path)/\(id)/stats", key: "stats")
        return try Statistics(AnswerReader(stats, "stats"))
    }

    /// The statuses of everything that traffic passes.
    public func statusTree(_ id: ResourceID) async throws -> StatusNode {
        let statuses = try await service.sendForValue("GET", "\(path)/\(id)/status", key: "statuses")
        return try StatusNode(AnswerReader(statuses, "statuses").object("loadbalancer"), .loadBalancer)
    }

    /// Replaces what serves the load balancer; for operators.
    public func failover(_ id: ResourceID) async throws {
        _ = try await service.send("PUT", "\(path)/\(id)/failover", isIdempotent: false)
    }
}

extension ResourceCollection<Listener> {
    /// The counters of a listener.
    public func statistics(_ id: ResourceID) async throws -> Statistics {
        let stats = try await service.sendForValue("GET", "\(path)/\(id)/stats", key: "stats")
        return try Statistics(AnswerReader(stats, "stats"))
    }
}

extension ResourceCollection<Member> {
    /// Makes a pool's members what is given: address and port identify a member.
    ///
    /// - Parameters:
    ///   - members: What the pool shall have.
    ///   - additiveOnly: Keep members that are not given; else they are deleted.
    public func replace(with members: [MemberCreate], additiveOnly: Bool = false) async throws {
        let body = JSONWriter.object { writer in
            writer.arrayMember("members", members) { writer, member in writer.value(member) }
        }
        _ = try await service.send(
            "PUT", path, query: additiveOnly ? [("additive_only", "true")] : [], body: body)
    }
}

extension ResourceCollection<Amphora> {
    /// Replaces an amphora.
    public func failover(_ id: ResourceID) async throws {
        _ = try await service.send("PUT", "\(path)/\(id)/failover", isIdempotent: false)
    }

    /// Sends an amphora its configuration again.
    public func configure(_ id: ResourceID) async throws {
        _ = try await service.send("PUT", "\(path)/\(id)/config")
    }

    /// Deletes it.
    public func delete(_ id: ResourceID) async throws { try await remove(id.string) }

    /// The counters of each of its listeners.
    public func statistics(_ id: ResourceID) async throws -> [AmphoraStatistics] {
        let document = try await service.sendForDocument("GET", "\(path)/\(id)/stats")
        return try AnswerReader(document, "the answer").objects("amphora_stats").map { try AmphoraStatistics($0) }
    }
}

extension ResourceCollection<Provider> {
    /// What flavor profiles can tell a provider.
    public func flavorCapabilities(_ provider: String) async throws -> [Capability] {
        try await capabilities(provider, "flavor_capabilities")
    }

    /// What availability zone profiles can tell a provider.
    public func availabilityZoneCapabilities(_ provider: String) async throws -> [Capability] {
        try await capabilities(provider, "availability_zone_capabilities")
    }

    private func capabilities(_ provider: String, _ key: String) async throws -> [Capability] {
        let document = try await service.sendForDocument("GET", "\(path)/\(URLText.encode(provider))/\(key)")
        return try AnswerReader(document, "the answer").objects(key).map { try Capability($0) }
    }
}

extension ResourceCollection<Quota> {
    /// The quotas that projects have unless they were given others.
    public func defaults(for project: String) async throws -> Quota {
        let value = try await service.sendForValue(
            "GET", "\(path)/\(URLText.encode(project))/default", key: Quota.key)
        return try Quota(AnswerReader(value, Quota.term))
    }

    /// Changes quotas of a project.
    @discardableResult
    public func update(_ project: String, _ change: (inout QuotaUpdate) -> Void) async throws -> Quota {
        var update = QuotaUpdate()
        change(&update)
        return try await self.update(project, JSONWriter.object { $0.member(Quota.key, update) })
    }

    /// Gives a project the defaults.
    public func reset(_ project: String) async throws { try await remove(project) }
}
