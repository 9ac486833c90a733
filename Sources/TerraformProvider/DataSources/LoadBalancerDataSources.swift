// The data sources `openstack_lb_*_v2` for the objects of a load balancer's tree, by the existing names and schemas.

internal import JSON
internal import LoadBalancerDocuments
internal import OctaviaClient
internal import TerraformPlugin

extension Attribute {
    /// The region of a data source.
    static let place = Attribute.string("region", .optionalComputed, "The region; that of the provider if absent.")

    /// What the service says.
    static func shown(_ name: String, _ description: String, _ type: ValueType = .string) -> Attribute {
        Attribute(name, .value(type), .computed, description)
    }

    /// What the service says, and a condition if the configuration has it.
    static func asked(_ name: String, _ description: String, _ type: ValueType = .string) -> Attribute {
        Attribute(name, .value(type), .optionalComputed, description)
    }

    /// The ids of other objects.
    static func ids(_ name: String, _ description: String) -> Attribute {
        shown(name, description, .set(.object(["id": .string])))
    }

    static let askedTags = asked("tags", "Its tags; as a condition: it has all of these.", .list(.string))
    static let shownAdminStateUp = shown("admin_state_up", "Whether it is switched on.", .bool)
    static let shownProject = shown("project_id", "The project that it belongs to.")
    static let shownDescription = shown("description", "What it is for.")
    static let statuses = [
        shown("provisioning_status", "How far the service has come with the last change."),
        shown("operating_status", "What it is doing for its users."),
    ]

    static func lookup(_ idName: String, _ term: String, orName: Bool = true) -> [Attribute] {
        let either = orName ? " Either this or `name` is needed." : ""
        return [
            .id, .place, .reference(idName, .optionalComputed, "The id of the \(term).\(either)"),
            asked("name", "Its name."),
        ]
    }
}

enum LoadBalancerDataSources {
    static let loadBalancer = LookupDataSource<LoadBalancer>(
        typeName: "openstack_lb_loadbalancer_v2",
        schema: Schema(
            "Finds a load balancer.",
            Attribute.lookup("loadbalancer_id", "load balancer") + [
                .asked("description", "What it is for."), .asked("vip_address", "Its address."), .askedTags,
                .collection("tags_any", of: .list(.string), .optional, "It has at least one of these tags."),
                .collection("tags_not", of: .list(.string), .optional, "It has not all of these tags."),
                .collection("tags_not_any", of: .list(.string), .optional, "It has none of these tags."),
                .shownAdminStateUp, .shownProject, .shown("vip_port_id", "The port of its address."),
                .shown("vip_subnet_id", "The subnet of its address."),
                .shown("vip_network_id", "The network of its address."),
                .shown("vip_qos_policy_id", "The QoS policy of its port."), .shown("flavor_id", "Its flavor."),
                .shown("availability_zone", "The availability zone that it was made in."),
                .shown("loadbalancer_provider", "The provider that serves it."),
                .ids("listeners", "Its listeners."), .ids("pools", "Its pools."),
                .shown("additional_vips", "More addresses that it has.", .set(.string)),
            ] + Attribute.statuses),
        idName: "loadbalancer_id",
        conditions: ["description", "vip_address", "tags", "tags_any", "tags_not", "tags_not_any"],
        fieldNames: ["loadbalancer_provider": "provider"],
        localNames: ["additional_vips", "tags_any", "tags_not", "tags_not_any"],
        collection: { _, cloud in cloud.loadBalancers },
        complete: { state, object, _ in
            let addresses = object.fields["additional_vips"]?.array?.compactMap { $0["ip_address"]?.string }
            state["additional_vips"] = .strings(addresses ?? [])
        })

    static let listener = LookupDataSource<OctaviaClient.Listener>(
        typeName: "openstack_lb_listener_v2",
        schema: Schema(
            "Finds a listener.",
            Attribute.lookup("listener_id", "listener") + [
                .askedTags, .asked("loadbalancer_id", "Its load balancer."), .asked("protocol", "What clients speak."),
                .asked("protocol_port", "Its port.", .number), .shownProject, .shownDescription, .shownAdminStateUp,
                .shown("default_pool_id", "Where requests go that no policy sends elsewhere."),
                .shown("default_pool", "The same."), .ids("loadbalancers", "Its load balancer."),
                .ids("pools", "The pools that get requests from it."), .ids("l7policies", "Its L7 policies."),
                .shown("connection_limit", "The most connections at a time; -1 is no limit.", .number),
                .shown("default_tls_container_ref", "The certificate with its key."),
                .shown("sni_container_refs", "More certificates.", .list(.string)),
                .shown("timeout_client_data", "Milliseconds.", .number),
                .shown("timeout_member_data", "Milliseconds.", .number),
                .shown("timeout_member_connect", "Milliseconds.", .number),
                .shown("timeout_tcp_inspect", "Milliseconds.", .number),
                .shown("insert_headers", "Headers that requests to members get.", .map(.string)),
                .shown("allowed_cidrs", "Networks that may connect; empty is everybody.", .list(.string)),
                .shown("tls_ciphers", "OpenSSL names joined by colons."),
                .shown("tls_versions", "Versions of TLS.", .list(.string)),
                .shown("alpn_protocols", "What is spoken inside TLS, the best first.", .list(.string)),
                .shown("client_authentication", "Whether clients must show a certificate."),
                .shown("client_ca_tls_container_ref", "The authorities of client certificates."),
                .shown("client_crl_container_ref", "Client certificates that are revoked."),
                .shown("hsts_include_subdomains", "Whether HSTS holds for subdomains too.", .bool),
                .shown("hsts_max_age", "Seconds for which HSTS holds.", .number),
                .shown("hsts_preload", "Whether browsers may have it in their lists.", .bool),
            ] + Attribute.statuses),
        idName: "listener_id", conditions: ["loadbalancer_id", "protocol", "protocol_port", "tags"],
        localNames: ["loadbalancer_id", "default_pool"],
        collection: { _, cloud in cloud.listeners },
        complete: { state, object, _ in
            state["loadbalancer_id"] = .optional(object.resource.loadBalancerIDs.first?.string)
            state["default_pool"] = state["default_pool_id"]
        })

    private static let member: [String: ValueType] = [
        "id": .string, "name": .string, "weight": .number, "admin_state_up": .bool, "project_id": .string,
        "subnet_id": .string, "pool_id": .string, "address": .string, "protocol_port": .number,
        "provisioning_status": .string, "operating_status": .string, "backup": .bool, "monitor_address": .string,
        "monitor_port": .number, "tags": .list(.string),
    ]

    static let pool = LookupDataSource<OctaviaClient.Pool>(
        typeName: "openstack_lb_pool_v2",
        schema: Schema(
            "Finds a pool, with its members.",
            Attribute.lookup("pool_id", "pool") + [
                .askedTags, .asked("loadbalancer_id", "Its load balancer."), .asked("protocol", "What members speak."),
                .asked("lb_method", "How members are chosen."), .shownProject, .shownDescription, .shownAdminStateUp,
                .ids("listeners", "The listeners that send requests to it."),
                .ids("loadbalancers", "Its load balancer."), .shown("members", "Its members.", .set(.object(member))),
                .shown("healthmonitor_id", "Its health monitor."),
                .shown(
                    "session_persistence", "How clients come back to the same member.",
                    .list(.object(["type": .string, "cookie_name": .string]))),
                .shown("alpn_protocols", "What is spoken inside TLS, the best first.", .list(.string)),
                .shown("ca_tls_container_ref", "The authorities of members' certificates."),
                .shown("crl_container_ref", "Members' certificates that are revoked."),
                .shown("tls_container_ref", "The certificate that is shown to members."),
                .shown("tls_enabled", "Whether members are spoken to by TLS.", .bool),
                .shown("tls_ciphers", "OpenSSL names joined by colons."),
                .shown("tls_versions", "Versions of TLS.", .list(.string)),
            ] + Attribute.statuses),
        idName: "pool_id", conditions: ["loadbalancer_id", "protocol", "lb_method", "tags"],
        fieldNames: ["lb_method": "lb_algorithm"], localNames: ["loadbalancer_id", "members"],
        collection: { _, cloud in cloud.pools },
        complete: { state, object, cloud in
            state["loadbalancer_id"] = .optional(object.resource.loadBalancerIDs.first?.string)
            let id = object.resource.id
            let members = try await cloud.members(of: id).reading(as: Row<Member>.self).list().all()
            state["members"] = .list(
                members.map { row in
                    var state = Value(lenient: .object(row.fields), .object(member))
                    state["pool_id"] = .string(id.string)
                    return state
                })
        })

    static let memberOfPool = LookupDataSource<Member>(
        typeName: "openstack_lb_member_v2",
        schema: Schema(
            "Finds a member of a pool.",
            Attribute.lookup("member_id", "member") + [
                .reference("pool_id", .required, "Its pool."), .asked("weight", "Its share of the work.", .number),
                .asked("address", "Its address."), .askedTags, .shownProject, .shownAdminStateUp,
                .shown("protocol_port", "Its port.", .number),
                .shown("subnet_id", "The subnet from which it can be reached."),
                .shown("backup", "Whether it works only while all others are down.", .bool),
                .shown("monitor_address", "The address that is watched instead."),
                .shown("monitor_port", "The port that is watched instead.", .number),
            ] + Attribute.statuses),
        idName: "member_id", conditions: ["weight", "address", "tags"], localNames: ["pool_id"],
        collection: { config, cloud in cloud.members(of: try config.id("pool_id")) })

    static let monitor = LookupDataSource<HealthMonitor>(
        typeName: "openstack_lb_monitor_v2",
        schema: Schema(
            "Finds a health monitor.",
            Attribute.lookup("monitor_id", "health monitor") + [
                .reference("pool_id", .optional, "The pool that it watches."), .asked("type", "How members are asked."),
                .asked("http_method", "How they are asked by HTTP."), .asked("url_path", "What is asked for by HTTP."),
                .asked("status", "What it is doing for its users: the same as `operating_status`."),
                .asked("expected_codes", "Statuses that mean health."), .askedTags, .shownProject, .shownAdminStateUp,
                .shown("delay", "Seconds between two checks.", .number),
                .shown("timeout", "Seconds that one check may take.", .number),
                .shown("max_retries", "Successes in a row that bring a member back.", .number),
                .shown("max_retries_down", "Failures in a row that take a member out.", .number),
                .shown("http_version", "The version of HTTP."),
                .shown("domain_name", "The host that is asked by HTTP 1.1."),
                .ids("pools", "The pool that it watches."),
            ] + Attribute.statuses),
        idName: "monitor_id",
        conditions: ["pool_id", "type", "http_method", "url_path", "status", "expected_codes", "tags"],
        localNames: ["status", "pool_id"],
        collection: { _, cloud in cloud.healthMonitors }, localConditions: ["status"],
        isMatch: { config, object in
            config["status"].isEmpty || config["status"] == .optional(object.fields["operating_status"]?.string)
        },
        complete: { state, object, _ in state["status"] = state["operating_status"] })
}
