// From a load balancer that is there to its document.

internal import JSON
internal import LoadBalancerDocuments

extension CurrentLoadBalancer {
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
