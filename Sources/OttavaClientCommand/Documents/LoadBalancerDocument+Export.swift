// From a load balancer that is there to its document.

internal import JSON
internal import OctaviaClient

/// A load balancer that is there, with the fields of its objects by the API's names.
struct CurrentLoadBalancer: Sendable {
    struct Object: Sendable {
        var id: ResourceID
        var fields: Fields

        var name: String { fields["name"]?.string ?? "" }

        init<Resource: TreeMember>(_ row: Row<Resource>) {
            id = row.resource.id
            fields = row.fields
        }
    }

    struct Listener: Sendable {
        var object: Object
        var defaultPool: ResourceID?
        var l7Policies: [(object: Object, redirectPool: ResourceID?, rules: [Object])]
    }

    struct Pool: Sendable {
        var object: Object
        var members: [Object]
        var healthMonitor: Object?
    }

    var object: Object
    var listeners: [Listener] = []
    var pools: [Pool] = []

    func poolName(_ id: ResourceID?) -> String? { pools.first { $0.object.id == id }?.object.name }

    /// Reads everything below a load balancer.
    static func read(_ id: ResourceID, _ cloud: Cloud) async throws -> CurrentLoadBalancer {
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

    // MARK: The document

    var yaml: String {
        var text = lines(object.fields, .loadBalancer, indent: "", first: "")
        if !listeners.isEmpty { text.append("listeners:") }
        for listener in listeners {
            text += lines(listener.object.fields, .listener, indent: "  ", first: "- ")
            if let name = poolName(listener.defaultPool) {
                text.append("  default_pool: \(PrettyYAML.scalar(.string(name)))")
            }
            if !listener.l7Policies.isEmpty { text.append("  l7policies:") }
            for policy in listener.l7Policies {
                text += lines(policy.object.fields, .l7Policy, indent: "    ", first: "  - ")
                if let name = poolName(policy.redirectPool) {
                    text.append("    redirect_pool: \(PrettyYAML.scalar(.string(name)))")
                }
                if !policy.rules.isEmpty { text.append("    rules:") }
                for rule in policy.rules { text += lines(rule.fields, .l7Rule, indent: "      ", first: "    - ") }
            }
        }
        if !pools.isEmpty { text.append("pools:") }
        for pool in pools {
            text += lines(pool.object.fields, .pool, indent: "  ", first: "- ")
            if let monitor = pool.healthMonitor {
                text.append("  healthmonitor:")
                text += lines(monitor.fields, .healthMonitor, indent: "    ", first: "    ")
            }
            if !pool.members.isEmpty { text.append("  members:") }
            for member in pool.members { text += lines(member.fields, .member, indent: "    ", first: "  - ") }
        }
        return text.joined(separator: "\n")
    }

    /// The fields that say something: those that are unset, empty or at their default are left out.
    private func lines(_ fields: Fields, _ schema: DocumentSchema, indent: String, first: String) -> [String] {
        var result: [String] = []
        for key in schema.fixed + schema.changeable {
            guard let value = fields[key], !Defaults.isDefault(value, key) else { continue }
            // One way to say where the address comes from is enough.
            if ["vip_port_id", "vip_network_id"].contains(key), fields["vip_subnet_id"].map({ !$0.isNull }) == true {
                continue
            }
            let body = PrettyYAML.object([(key, value)]).split(separator: "\n").map(String.init)
            for line in body { result.append((result.isEmpty ? first : indent) + line) }
        }
        return result
    }
}

/// What fields are unless somebody says otherwise.
enum Defaults {
    private static let values: [String: JSONValue] = [
        "admin_state_up": true, "connection_limit": -1, "timeout_client_data": 50_000, "timeout_member_connect": 5_000,
        "timeout_member_data": 50_000, "timeout_tcp_inspect": 0, "client_authentication": "NONE",
        "hsts_include_subdomains": false, "hsts_preload": false, "tls_enabled": false, "weight": 1, "backup": false,
        "max_retries_down": 3, "invert": false, "vip_vnic_type": "normal",
    ]

    static func isDefault(_ value: JSONValue, _ key: String) -> Bool {
        switch value {
        case .null, .string(""), .array([]): true
        case .object(let members): members.isEmpty
        default: values[key] == value
        }
    }
}
