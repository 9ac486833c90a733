// The keys that a document of a load balancer may have: the names of the API's fields.

/// One kind of mapping in a document.
package struct DocumentSchema: Sendable {
    package var term: String
    /// Fields that can be changed later.
    package var changeable: [String]
    /// Fields that are fixed at creation.
    package var fixed: [String]
    /// Keys that hold mappings of other kinds.
    package var children: [String]

    package var keys: [String] { changeable + fixed + children }

    package static let loadBalancer = DocumentSchema(
        term: "load balancer",
        changeable: ["name", "description", "admin_state_up", "tags", "vip_qos_policy_id", "vip_sg_ids"],
        fixed: [
            "vip_subnet_id", "vip_network_id", "vip_port_id", "vip_address", "provider", "flavor_id",
            "availability_zone", "additional_vips",
        ],
        children: ["listeners", "pools"])

    package static let listener = DocumentSchema(
        term: "listener",
        changeable: [
            "name", "description", "admin_state_up", "tags", "connection_limit", "insert_headers",
            "timeout_client_data", "timeout_member_connect", "timeout_member_data", "timeout_tcp_inspect",
            "default_tls_container_ref", "sni_container_refs", "client_authentication", "client_ca_tls_container_ref",
            "client_crl_container_ref", "allowed_cidrs", "tls_ciphers", "tls_versions", "alpn_protocols",
            "hsts_max_age", "hsts_include_subdomains", "hsts_preload", "error_pages",
        ],
        fixed: ["protocol", "protocol_port"], children: ["default_pool", "l7policies"])

    package static let pool = DocumentSchema(
        term: "pool",
        changeable: [
            "name", "description", "admin_state_up", "tags", "lb_algorithm", "session_persistence", "tls_enabled",
            "tls_container_ref", "ca_tls_container_ref", "crl_container_ref", "tls_ciphers", "tls_versions",
            "alpn_protocols",
        ],
        fixed: ["protocol"], children: ["members", "healthmonitor"])

    package static let member = DocumentSchema(
        term: "member",
        changeable: ["name", "admin_state_up", "tags", "weight", "backup", "monitor_address", "monitor_port"],
        fixed: ["address", "protocol_port", "subnet_id"], children: [])

    package static let healthMonitor = DocumentSchema(
        term: "health monitor",
        changeable: [
            "name", "admin_state_up", "tags", "delay", "timeout", "max_retries", "max_retries_down", "http_method",
            "url_path", "expected_codes", "http_version", "domain_name",
        ],
        fixed: ["type"], children: [])

    package static let l7Policy = DocumentSchema(
        term: "L7 policy",
        changeable: [
            "name", "description", "admin_state_up", "tags", "action", "redirect_url", "redirect_prefix",
            "redirect_http_code", "position",
        ],
        fixed: [], children: ["redirect_pool", "rules"])

    package static let l7Rule = DocumentSchema(
        term: "L7 rule", changeable: ["type", "compare_type", "key", "value", "invert", "admin_state_up", "tags"],
        fixed: [], children: [])
}

/// How far two words are apart.
package enum Spelling {
    /// The known word nearest to another one, unless all are far from it.
    package static func nearest(to word: String, among known: [String]) -> String? {
        let ranked = known.map { ($0, distance(word, $0)) }.min { $0.1 < $1.1 }
        guard let (nearest, distance) = ranked, distance <= max(2, word.count / 3) else { return nil }
        return nearest
    }

    /// The least number of letters to add, drop or change (Levenshtein).
    package static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (i, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for j in right.indices {
                let next = min(row[j + 1] + 1, row[j] + 1, diagonal + (letter == right[j] ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = next
            }
        }
        return row[right.count]
    }
}
