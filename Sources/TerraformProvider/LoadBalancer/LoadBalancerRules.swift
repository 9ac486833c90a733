// What Octavia refuses of a load balancer, said before anything is sent, where it stands in the configuration.

internal import LoadBalancing
internal import TerraformPlugin

enum LoadBalancerRules {
    static func check(_ config: Value, _ diagnostics: inout Diagnostics) {
        diagnostics.requireSome(of: ["vip_subnet_id", "vip_network_id", "vip_port_id"], in: config)
        let pools = config["pools"]
        var places: [String: String] = [:]
        for (name, listener) in sorted(config["listeners"]) {
            let path = AttributePath.attribute("listeners").key(name)
            checkPlace(listener, name, path, &places, &diagnostics)
            checkPool(listener["default_pool"], listener, pools, path.name("default_pool"), &diagnostics)
            checkListener(listener, path, &diagnostics)
            var names: Set<String> = []
            for (index, policy) in (listener["l7_policies"].elements ?? []).enumerated() {
                let path = path.name("l7_policies").index(index)
                if let name = policy["name"].string, !names.insert(name).inserted {
                    diagnostics.error(
                        "Two policies are called \"\(name)\"", "Policies are told apart by their names.",
                        at: path.name("name"))
                }
                checkPool(policy["redirect_pool"], listener, pools, path.name("redirect_pool"), &diagnostics)
                checkPolicy(policy, path, &diagnostics)
            }
        }
        for (name, pool) in sorted(pools) {
            checkPool(pool, AttributePath.attribute("pools").key(name), &diagnostics)
        }
    }

    private static func sorted(_ map: Value) -> [(key: String, value: Value)] {
        (map.members ?? [:]).sorted { $0.key < $1.key }
    }

    // MARK: Listeners

    /// One port cannot be two listeners of one transport.
    private static func checkPlace(
        _ listener: Value, _ name: String, _ path: AttributePath, _ places: inout [String: String],
        _ diagnostics: inout Diagnostics
    ) {
        guard let kind = listener["protocol"].string, let port = listener["protocol_port"].integer else { return }
        let transport = ["UDP", "SCTP"].contains(kind) ? kind : "TCP"
        guard let other = places.updateValue(name, forKey: "\(transport):\(port)") else { return }
        diagnostics.error(
            "Listeners \"\(other)\" and \"\(name)\" have the same port",
            "Two listeners may have port \(port) only if one of them is UDP or SCTP.", at: path.name("protocol_port"))
    }

    private static func checkPool(
        _ reference: Value, _ listener: Value, _ pools: Value, _ path: AttributePath, _ diagnostics: inout Diagnostics
    ) {
        guard let name = reference.string, !pools.isUnknown else { return }
        guard let pool = pools.members?[name] else {
            let names = (pools.members ?? [:]).keys.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
            diagnostics.error(
                "There is no pool \"\(name)\"",
                names.isEmpty ? "The attribute pools has none." : "The attribute pools has \(names).", at: path)
            return
        }
        guard let kind = listener["protocol"].string.flatMap({ ListenerProtocol(rawValue: $0) }),
            let poolKind = pool["protocol"].string.flatMap({ PoolProtocol(rawValue: $0) })
        else { return }
        guard !kind.allowedPoolProtocols.contains(poolKind) else { return }
        let allowed = kind.allowedPoolProtocols.map(\.rawValue).sorted().joined(separator: ", ")
        diagnostics.error(
            "A listener of protocol \(kind.rawValue) cannot use a pool of protocol \(poolKind.rawValue)",
            allowed.isEmpty ? "It uses no pools at all." : "Its pools may have the protocol \(allowed).", at: path)
    }

    private static func checkListener(_ listener: Value, _ path: AttributePath, _ diagnostics: inout Diagnostics) {
        guard let kind = listener["protocol"].string.flatMap({ ListenerProtocol(rawValue: $0) }) else { return }
        for header in (listener["insert_headers"].members ?? [:]).keys.sorted()
        where !kind.insertableHeaders.contains(header) {
            let allowed = kind.insertableHeaders.sorted().joined(separator: ", ")
            diagnostics.error(
                "A listener of protocol \(kind.rawValue) cannot insert \(header)",
                allowed.isEmpty ? "It inserts no headers at all." : "It can insert \(allowed).",
                at: path.name("insert_headers"))
        }
        if kind == .terminatedHTTPS, listener["default_tls_container_ref"].isNull, listener["sni_container_refs"].isNull
        {
            diagnostics.error(
                "A listener of protocol TERMINATED_HTTPS needs a certificate",
                "Set default_tls_container_ref or sni_container_refs.", at: path.name("protocol"))
        }
        if !kind.understandsHTTP, listener["l7_policies"].elements?.isEmpty == false {
            diagnostics.error(
                "A listener of protocol \(kind.rawValue) has no L7 policies",
                "HTTP and TERMINATED_HTTPS understand what they would look at.", at: path.name("l7_policies"))
        }
    }

    // MARK: Policies

    private static let targets = [
        "REDIRECT_TO_POOL": "redirect_pool", "REDIRECT_TO_URL": "redirect_url", "REDIRECT_PREFIX": "redirect_prefix",
    ]

    private static func checkPolicy(_ policy: Value, _ path: AttributePath, _ diagnostics: inout Diagnostics) {
        if let action = policy["action"].string {
            let needed = targets[action]
            if let needed, policy[needed].isNull {
                diagnostics.error("\(needed) is missing", "The action \(action) needs it.", at: path.name("action"))
            }
            for other in targets.values.sorted() where other != needed && policy[other].isKnown {
                diagnostics.error(
                    "\(other) does not go with \(action)",
                    needed.map { "This action needs \($0) alone." } ?? "This action goes nowhere.", at: path.name(other)
                )
            }
            if policy["redirect_http_code"].isKnown, !["REDIRECT_TO_URL", "REDIRECT_PREFIX"].contains(action) {
                diagnostics.error(
                    "redirect_http_code does not go with \(action)",
                    "Only REDIRECT_TO_URL and REDIRECT_PREFIX answer with a redirection.",
                    at: path.name("redirect_http_code"))
            }
        }
        for (index, rule) in (policy["rules"].elements ?? []).enumerated() {
            guard let type = rule["type"].string else { continue }
            let needsKey = ["COOKIE", "HEADER", "SSL_DN_FIELD"].contains(type)
            let path = path.name("rules").index(index).name("key")
            if needsKey, rule["key"].isNull {
                diagnostics.error("key is missing", "A rule of type \(type) looks at one that key names.", at: path)
            } else if !needsKey, rule["key"].isKnown {
                diagnostics.error(
                    "key does not go with \(type)", "COOKIE, HEADER and SSL_DN_FIELD have keys.", at: path)
            }
        }
    }

    // MARK: Pools

    private static func checkPool(_ pool: Value, _ path: AttributePath, _ diagnostics: inout Diagnostics) {
        let kind = pool["protocol"].string.flatMap { PoolProtocol(rawValue: $0) }
        let persistence = pool["session_persistence"]
        if let type = persistence["type"].string {
            let path = path.name("session_persistence")
            if type == "APP_COOKIE", persistence["cookie_name"].isNull {
                diagnostics.error(
                    "cookie_name is missing", "APP_COOKIE follows a cookie of the application.", at: path.name("type"))
            } else if type != "APP_COOKIE", persistence["cookie_name"].isKnown {
                diagnostics.error(
                    "cookie_name does not go with \(type)", "Only APP_COOKIE has one.", at: path.name("cookie_name"))
            }
        }
        let monitor = pool["health_monitor"]
        let monitorPath = path.name("health_monitor")
        if let text = monitor["type"].string, let type = HealthMonitorType(rawValue: text) {
            if let kind, !kind.allowedHealthMonitorTypes.contains(type) {
                diagnostics.error(
                    "A pool of protocol \(kind.rawValue) cannot be watched by \(text)",
                    "Possible are \(kind.allowedHealthMonitorTypes.map(\.rawValue).joined(separator: ", ")).",
                    at: monitorPath.name("type"))
            }
            if ![.http, .https].contains(type) {
                for name in ["http_method", "url_path", "expected_codes", "http_version", "domain_name"]
                where monitor[name].isKnown {
                    diagnostics.error(
                        "\(name) does not go with \(text)", "Monitors of type HTTP and HTTPS have it.",
                        at: monitorPath.name(name))
                }
            }
        }
        if let delay = monitor["delay"].integer, let timeout = monitor["timeout"].integer, timeout > delay {
            diagnostics.error(
                "timeout is longer than delay", "A check must end before the next one begins: at most \(delay).",
                at: monitorPath.name("timeout"))
        }
        checkMembers(pool["members"], path.name("members"), &diagnostics)
    }

    /// Members are told apart by address and port.
    private static func checkMembers(_ members: Value, _ path: AttributePath, _ diagnostics: inout Diagnostics) {
        var places: [String: String] = [:]
        for (name, member) in sorted(members) where member["address"].isKnown && member["protocol_port"].isKnown {
            let place = Places.member(member)
            guard let other = places.updateValue(name, forKey: place) else { continue }
            diagnostics.error(
                "Members \"\(other)\" and \"\(name)\" are the same", "Both are \(place).", at: path.key(name))
        }
    }
}
