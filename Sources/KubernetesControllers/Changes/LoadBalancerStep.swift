// One call that brings a load balancer closer to what is wanted.

internal import OctaviaClient

/// A pool that a listener or a policy sends traffic to.
enum PoolReference: Sendable, Hashable {
    /// It is there.
    case existing(ResourceID)
    /// An earlier step makes it.
    case made(String)
}

/// One call. What a step needs of earlier steps it names by ``PoolReference``.
enum LoadBalancerStep: Sendable, Equatable {
    case updateLoadBalancer(LoadBalancerUpdate)
    case createPool(PoolCreate)
    case updatePool(ResourceID, PoolUpdate)
    case deletePool(ResourceID)
    /// All members at once.
    case replaceMembers(PoolReference, [MemberCreate])
    case createHealthMonitor(PoolReference, HealthMonitorCreate)
    case updateHealthMonitor(ResourceID, HealthMonitorUpdate)
    case deleteHealthMonitor(ResourceID)
    /// With the pool that takes what no policy sends elsewhere.
    case createListener(ListenerCreate, defaultPool: PoolReference?, policies: [PolicyCreation])
    /// The pool is absent when it stays what it is.
    case updateListener(ResourceID, ListenerUpdate, defaultPool: PoolReference?)
    case deleteListener(ResourceID)
    case createPolicy(listener: ResourceID, PolicyCreation)
    case updatePolicy(ResourceID, L7PolicyUpdate, redirectPool: PoolReference?)
    case deletePolicy(ResourceID)

    /// A policy to be made, and the pool that it sends requests to.
    struct PolicyCreation: Sendable, Equatable {
        /// With its rules; without listener and pool.
        var policy: L7PolicyCreate
        var redirectPool: PoolReference?
    }
}

/// Sends the calls of steps, one after the other.
struct StepRunner {
    let cloud: Cloud
    let loadBalancer: ResourceID
    /// The pools that were made, by name.
    private(set) var madePools: [String: ResourceID] = [:]

    init(cloud: Cloud, loadBalancer: ResourceID) {
        self.cloud = cloud
        self.loadBalancer = loadBalancer
    }

    /// - Throws: ``CloudError`` of the first call that fails; the steps before it stay done.
    mutating func run(_ steps: [LoadBalancerStep]) async throws {
        for step in steps { try await run(step) }
    }

    private func id(_ pool: PoolReference) throws -> ResourceID {
        switch pool {
        case .existing(let id): return id
        case .made(let name):
            guard let id = madePools[name] else { throw CloudError(.notFound, "no pool '\(name)' was made") }
            return id
        }
    }

    private mutating func run(_ step: LoadBalancerStep) async throws {
        switch step {
        case .updateLoadBalancer(let update): try await cloud.loadBalancers.update(loadBalancer, update)
        case .createPool(var pool):
            pool.loadBalancerID = loadBalancer
            pool.members = []
            pool.healthMonitor = nil
            madePools[pool.name ?? ""] = try await cloud.pools.create(pool).id
        case .updatePool(let id, let update): try await cloud.pools.update(id, update)
        case .deletePool(let id): try await ignoringAbsence { try await cloud.pools.delete(id) }
        case .replaceMembers(let pool, let members):
            try await cloud.members(of: id(pool)).replace(with: members)
        case .createHealthMonitor(let pool, var monitor):
            monitor.poolID = try id(pool)
            try await cloud.healthMonitors.create(monitor)
        case .updateHealthMonitor(let id, let update): try await cloud.healthMonitors.update(id, update)
        case .deleteHealthMonitor(let id):
            try await ignoringAbsence {
                try await cloud.healthMonitors.delete(id)
                try await cloud.healthMonitors.waitUntilDeleted(id)
            }
        case .createListener(var listener, let pool, let policies):
            listener.loadBalancerID = loadBalancer
            listener.defaultPool = nil
            listener.l7Policies = []
            listener.defaultPoolID = try pool.map(id)
            let made = try await cloud.listeners.create(listener).id
            for policy in policies { try await create(policy, made) }
        case .updateListener(let listener, var update, let pool):
            if let pool { update.defaultPoolID = .set(try id(pool)) }
            try await cloud.listeners.update(listener, update)
        case .deleteListener(let id):
            // Its port is free for another one only when it is gone.
            try await ignoringAbsence {
                try await cloud.listeners.delete(id)
                try await cloud.listeners.waitUntilDeleted(id)
            }
        case .createPolicy(let listener, let policy): try await create(policy, listener)
        case .updatePolicy(let policy, var update, let pool):
            if let pool { update.redirectPoolID = .set(try id(pool)) }
            try await cloud.l7Policies.update(policy, update)
        case .deletePolicy(let id): try await ignoringAbsence { try await cloud.l7Policies.delete(id) }
        }
    }

    private func create(_ creation: LoadBalancerStep.PolicyCreation, _ listener: ResourceID) async throws {
        var policy = creation.policy
        policy.listenerID = listener
        policy.redirectPool = nil
        policy.rules = []
        policy.redirectPoolID = try creation.redirectPool.map(id)
        // With some of its rules it would take requests that are not its own.
        let waits = creation.policy.rules.count > 1
        if waits { policy.adminStateUp = false }
        let made = try await cloud.l7Policies.create(policy).id
        for rule in creation.policy.rules { try await cloud.l7Rules(of: made).create(rule) }
        if waits { try await cloud.l7Policies.update(made) { $0.adminStateUp = .set(true) } }
    }

    private func ignoringAbsence(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as CloudError where error.code == .notFound {
            // Somebody else was faster.
        }
    }
}
