// Waiting for a status.

public import LoadBalancing

extension ResourceCollection where Resource: TreeMember {
    /// Waits until an object is ACTIVE.
    ///
    /// Looks at once, then after pauses that grow from 0.1 to 2 seconds.
    ///
    /// - Returns: The object as it is then.
    /// - Throws: ``CloudError/Code/resourceFailed`` with the cause when it becomes ERROR,
    ///   ``CloudError/Code/waitTimedOut`` when it takes longer than the limit.
    @discardableResult
    public func waitUntilActive(_ id: ResourceID, within limit: Duration = .seconds(600)) async throws -> Resource {
        try await poll(id, until: .active, within: limit)
    }

    /// Waits until an object is gone.
    ///
    /// - Throws: ``CloudError/Code/resourceFailed`` when it becomes ERROR, ``CloudError/Code/waitTimedOut``.
    public func waitUntilDeleted(_ id: ResourceID, within limit: Duration = .seconds(600)) async throws {
        do {
            try await poll(id, until: .deleted, within: limit)
        } catch let error as CloudError where error.code == .notFound {
            return
        }
    }

    /// Looks at an object until it has a status.
    @discardableResult
    private func poll(
        _ id: ResourceID, until goal: ProvisioningStatus, within limit: Duration
    ) async throws -> Resource {
        let start = ContinuousClock.now
        var pause = Duration.milliseconds(100)
        while true {
            let resource = try await show(id.string)
            if resource.provisioningStatus == goal { return resource }
            if resource.provisioningStatus == .error { throw await failure(of: resource) }
            guard ContinuousClock.now - start + pause < limit else {
                throw CloudError(
                    .waitTimedOut,
                    "\(Resource.term) \(Self.label(resource)) is still \(resource.provisioningStatus.rawValue), not "
                        + "\(goal.rawValue), after \(limit)")
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 3 / 2, .seconds(2))
        }
    }

    private static func label(_ resource: Resource) -> String {
        resource.name.isEmpty ? resource.id.string : "'\(resource.name)' (\(resource.id))"
    }

    private func failure(of resource: Resource) async -> CloudError {
        var reason = resource.statusReason ?? "the service gives no reason"
        if resource.statusReason == nil, let others = await otherFailures(below: resource) { reason += others }
        return CloudError(.resourceFailed, "\(Resource.term) \(Self.label(resource)) is ERROR: \(reason)")
    }

    /// What else is ERROR below a load balancer whose service gives no reason.
    private func otherFailures(below resource: Resource) async -> String? {
        guard resource is LoadBalancer,
            let tree = try? await ResourceCollection<LoadBalancer>(service: service, path: path).statusTree(resource.id)
        else { return nil }
        let failed = tree.flattened.dropFirst().filter { $0.provisioningStatus == .error }
        guard !failed.isEmpty else { return nil }
        return "; also ERROR: " + failed.map { "\($0.kind.rawValue) \($0.id)" }.joined(separator: ", ")
    }
}
