// From a document to the one call that creates everything.

internal import JSON
package import OctaviaClient
package import OctaviaWire

extension LoadBalancerDocument {
    /// The fields with names of network objects and flavors replaced by their ids.
    package func resolved(_ cloud: Cloud) async throws -> LoadBalancerDocument {
        var copy = self
        func replace(_ key: String, _ find: (String) async throws -> ResourceID) async throws {
            guard let name = fields[key]?.string, ResourceID(name) == nil else { return }
            copy.fields[key] = .string(try await find(name).string)
        }
        try await replace("vip_subnet_id") { try await cloud.network.subnets.find($0).id }
        try await replace("vip_network_id") { try await cloud.network.networks.find($0).id }
        try await replace("vip_port_id") { try await cloud.network.ports.find($0).id }
        try await replace("vip_qos_policy_id") { try await cloud.network.qosPolicyID($0) }
        try await replace("flavor_id") { try await cloud.flavors.find($0).id }
        return copy
    }

    /// Checks all values by the rules of the API; names of network objects are not looked at.
    package func check() throws {
        var copy = self
        for key in ["vip_subnet_id", "vip_network_id", "vip_port_id", "vip_qos_policy_id", "flavor_id"]
        where copy.fields[key]?.string != nil { copy.fields[key] = .string(ResourceID.random().string) }
        _ = try copy.creation()
    }

    /// The request that creates the whole load balancer.
    package func creation() throws -> LoadBalancerCreate {
        var body = fields
        body["listeners"] = .array(
            (listeners ?? []).map { listener in
                var fields = listener.fields
                if let pool = listener.defaultPool, !pool.isEmpty { fields["default_pool"] = ["name": .string(pool)] }
                fields["l7policies"] = .array(
                    (listener.l7Policies ?? []).map { policy in
                        var fields = policy.fields
                        if let pool = policy.redirectPool, !pool.isEmpty {
                            fields["redirect_pool"] = ["name": .string(pool)]
                        }
                        fields["rules"] = .array((policy.rules ?? []).map { .object($0) })
                        return .object(fields)
                    })
                return .object(fields)
            })
        body["pools"] = .array(
            (pools ?? []).map { pool in
                var fields = pool.fields
                fields["members"] = .array((pool.members ?? []).map { .object($0) })
                if let monitor = pool.healthMonitor, !monitor.isEmpty { fields["healthmonitor"] = .object(monitor) }
                return .object(fields)
            })
        return try Wire.decode { try LoadBalancerCreate(body: Wire.body("loadbalancer", body)) }
    }
}
