// A load balancer that is there.

internal import JSON
package import OctaviaClient

/// A load balancer that is there, with the fields of its objects by the API's names.
package struct CurrentLoadBalancer: Sendable {
    package struct Object: Sendable {
        package var id: ResourceID
        package var fields: Fields

        package var name: String { fields["name"]?.string ?? "" }

        init<Resource: TreeMember>(_ row: Row<Resource>) {
            id = row.resource.id
            fields = row.fields
        }
    }

    package struct Listener: Sendable {
        package var object: Object
        package var defaultPool: ResourceID?
        package var l7Policies: [(object: Object, redirectPool: ResourceID?, rules: [Object])]
    }

    package struct Pool: Sendable {
        package var object: Object
        package var members: [Object]
        package var healthMonitor: Object?
    }

    package var object: Object
    package var listeners: [Listener] = []
    package var pools: [Pool] = []

    package func poolName(_ id: ResourceID?) -> String? { pools.first { $0.object.id == id }?.object.name }

    /// Reads everything below a load balancer.
    package static func read(_ id: ResourceID, _ cloud: Cloud) async throws -> CurrentLoadBalancer {
        var current = CurrentLoadBalancer(
            object: Object(try await cloud.loadBalancers.reading(as: Row<LoadBalancer>.self).object(id.string)))
        for try await row in cloud.listeners.reading(as: Row<OctaviaClient.Listener>.self).list(.loadBalancer(id)) {
            var listener = Listener(object: Object(row), defaultPool: row.resource.defaultPoolID, l7Policies: [])
            if !row.resource.l7PolicyIDs.isEmpty {
                let policies = cloud.l7Policies.reading(as: Row<L7Policy>.self)
                for try await policy in policies.list(.listener(row.resource.id), sortedBy: ["position"]) {
                    let rules = try await cloud.l7Rules(of: policy.resource.id).reading(as: Row<L7Rule>.self).list()
                        .all()
                    listener.l7Policies.append(
                        (Object(policy), policy.resource.redirectPoolID, rules.map { Object($0) }))
                }
            }
            current.listeners.append(listener)
        }
        for try await row in cloud.pools.reading(as: Row<OctaviaClient.Pool>.self).list(.loadBalancer(id)) {
            let members = try await cloud.members(of: row.resource.id).reading(as: Row<Member>.self).list().all()
            var pool = Pool(object: Object(row), members: members.map { Object($0) }, healthMonitor: nil)
            if let monitor = row.resource.healthMonitorID {
                pool.healthMonitor = Object(
                    try await cloud.healthMonitors.reading(as: Row<HealthMonitor>.self).object(monitor.string))
            }
            current.pools.append(pool)
        }
        return current
    }
}
