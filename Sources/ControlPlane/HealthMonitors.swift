// Use cases of health monitors.

public import LoadBalancing
public import OctaviaWire
internal import Persistence

extension LoadBalancingService {
    /// Gives a pool a health monitor; it can have one.
    public func createHealthMonitor(
        _ request: HealthMonitorCreate, _ caller: Caller
    ) async throws -> HealthMonitorView {
        guard let poolID = request.poolID else {
            throw OctaviaFault.invalidInput(field: "pool_id", value: "None", reason: "Mandatory field missing.")
        }
        let access = settings.access
        return try await change(
            caller,
            { store in try Self.owner(Pool.self, poolID, store, caller, access, .healthMonitorCreate).loadBalancerID },
            { change in
                let pool = try Self.mutablePool(poolID, change, forChildren: true)
                try HealthMonitorRules.checkType(request.type, pool: pool)
                try change.providerSupport.check(request.type)
                try change.requireQuota(.healthMonitor)
                try change.requireMutable()
                let monitor = try change.factory.healthMonitor(request, pool: pool)
                guard try !Self.isMonitored(pool, change.store) else {
                    throw OctaviaFault(409, "This pool already has a health monitor")
                }
                try change.insert(monitor)
                try Self.touchPool(poolID, change)
                return HealthMonitorView(monitor)
            })
    }

    /// Changes a health monitor.
    public func updateHealthMonitor(
        _ id: ResourceID, _ request: HealthMonitorUpdate, _ caller: Caller
    ) async throws -> HealthMonitorView {
        let access = settings.access
        return try await change(
            caller,
            { store in
                try Self.owner(HealthMonitor.self, id, store, caller, access, .healthMonitorUpdate).loadBalancerID
            },
            { change in
                var (monitor, pool) = try Self.mutableMonitor(id, change)
                let before = monitor
                try request.apply(to: &monitor)
                try HealthMonitorRules.check(monitor, before: before, request, pool: pool)
                try change.save(&monitor)
                try Self.touchPool(pool.id, change)
                return HealthMonitorView(monitor)
            })
    }

    /// Removes a health monitor.
    public func deleteHealthMonitor(_ id: ResourceID, _ caller: Caller) async throws {
        let access = settings.access
        try await change(
            caller,
            { store in
                try Self.owner(HealthMonitor.self, id, store, caller, access, .healthMonitorDelete).loadBalancerID
            },
            { change in
                let (monitor, pool) = try Self.mutableMonitor(id, change)
                try change.markDeleted(monitor)
                try Self.touchPool(pool.id, change)
            })
    }

    /// One health monitor.
    public func healthMonitor(_ id: ResourceID, _ caller: Caller) async throws -> HealthMonitorView {
        let access = settings.access
        return try await database.read { connection in
            HealthMonitorView(
                try Self.owner(HealthMonitor.self, id, TreeStore(connection), caller, access, .healthMonitorShow))
        }
    }

    /// A page of health monitors.
    public func healthMonitors(_ query: ListQuery, _ caller: Caller) async throws -> [HealthMonitorView] {
        try await list(
            HealthMonitor.self, query, caller, actions: (.healthMonitorList, .healthMonitorListGlobally)
        ) { records, _ in records.map { HealthMonitorView($0) } }
    }

    private static func mutableMonitor(
        _ id: ResourceID, _ change: TreeChange
    ) throws -> (HealthMonitor, Pool) {
        guard let monitor = try change.store.find(HealthMonitor.self, id) else {
            throw OctaviaFault.notFound(.healthMonitor, id)
        }
        let pool = try mutablePool(monitor.poolID, change, forChildren: true)
        guard !monitor.core.isBeingDeleted else { throw OctaviaFault.immutable("Health Monitor", id) }
        return (monitor, pool)
    }
}

extension HealthMonitorUpdate {
    fileprivate func apply(to monitor: inout HealthMonitor) throws(OctaviaFault) {
        if !monitor.type.speaksHTTP {
            if httpMethod.isSet { try HealthMonitorRules.refuse("http_method", monitor.type) }
            if urlPath.isSet { try HealthMonitorRules.refuse("url_path", monitor.type) }
            if expectedCodes.isSet { try HealthMonitorRules.refuse("expected_codes", monitor.type) }
        }
        name.apply(to: &monitor.name)
        adminStateUp.apply(to: &monitor.core.adminStateUp)
        tags.apply(to: &monitor.core.tags)
        delay.apply(to: &monitor.delay)
        timeout.apply(to: &monitor.timeout)
        maxRetries.apply(to: &monitor.maxRetries)
        maxRetriesDown.apply(to: &monitor.maxRetriesDown)
        httpMethod.apply(to: &monitor.httpMethod)
        urlPath.apply(to: &monitor.urlPath)
        expectedCodes.apply(to: &monitor.expectedCodes)
        httpVersion.apply(to: &monitor.httpVersion)
        domainName.apply(to: &monitor.domainName)
        HealthMonitorRules.applyDefaults(to: &monitor)
    }
}
