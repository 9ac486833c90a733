// Bodies of PUT requests as clients send them: the fields that change.

public import JSON
internal import LoadBalancing

extension LoadBalancerUpdate: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.change("name", name)
            writer.change("description", description)
            writer.change("admin_state_up", adminStateUp)
            writer.change("tags", tags)
            writer.change("vip_qos_policy_id", vipQoSPolicyID)
            writer.change("vip_sg_ids", vipSecurityGroupIDs)
        }
    }
}

extension ListenerUpdate: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.change("name", name)
            writer.change("description", description)
            writer.change("admin_state_up", adminStateUp)
            writer.change("tags", tags)
            writer.change("connection_limit", connectionLimit)
            writer.change("default_pool_id", defaultPoolID)
            writer.change("insert_headers", insertHeaders)
            writer.change("timeout_client_data", timeoutClientData)
            writer.change("timeout_member_connect", timeoutMemberConnect)
            writer.change("timeout_member_data", timeoutMemberData)
            writer.change("timeout_tcp_inspect", timeoutTCPInspect)
            writer.change("default_tls_container_ref", defaultTLSContainerRef)
            writer.change("sni_container_refs", sniContainerRefs)
            writer.change("client_authentication", clientAuthentication)
            writer.change("client_ca_tls_container_ref", clientCAContainerRef)
            writer.change("client_crl_container_ref", clientCRLContainerRef)
            writer.change("allowed_cidrs", allowedCIDRs)
            writer.change("tls_ciphers", tlsCiphers)
            writer.change("tls_versions", tlsVersions)
            writer.change("alpn_protocols", alpnProtocols)
            writer.change("hsts_max_age", hstsMaxAge)
            writer.change("hsts_include_subdomains", hstsIncludeSubdomains)
            writer.change("hsts_preload", hstsPreload)
            if case .set(let pages) = errorPages { writer.request("error_pages", pages.byName) }
        }
    }
}

extension PoolUpdate: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.change("name", name)
            writer.change("description", description)
            writer.change("admin_state_up", adminStateUp)
            writer.change("tags", tags)
            writer.change("lb_algorithm", algorithm)
            writer.change("session_persistence", sessionPersistence)
            writer.change("tls_enabled", tlsEnabled)
            writer.change("tls_container_ref", tlsContainerRef)
            writer.change("ca_tls_container_ref", caTLSContainerRef)
            writer.change("crl_container_ref", crlContainerRef)
            writer.change("tls_ciphers", tlsCiphers)
            writer.change("tls_versions", tlsVersions)
            writer.change("alpn_protocols", alpnProtocols)
        }
    }
}

extension SessionPersistenceUpdate: RequestValue {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.given("type", type)
            writer.given("cookie_name", cookieName)
            writer.given("persistence_timeout", timeout)
            writer.given("persistence_granularity", granularity)
        }
    }
}

extension MemberUpdate: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.change("name", name)
            writer.change("admin_state_up", adminStateUp)
            writer.change("tags", tags)
            writer.change("weight", weight)
            writer.change("backup", isBackup)
            writer.change("monitor_address", monitorAddress)
            writer.change("monitor_port", monitorPort)
        }
    }
}

extension HealthMonitorUpdate: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.change("name", name)
            writer.change("admin_state_up", adminStateUp)
            writer.change("tags", tags)
            writer.change("delay", delay)
            writer.change("timeout", timeout)
            writer.change("max_retries", maxRetries)
            writer.change("max_retries_down", maxRetriesDown)
            writer.change("http_method", httpMethod)
            writer.change("url_path", urlPath)
            writer.change("expected_codes", expectedCodes)
            writer.change("http_version", httpVersion)
            writer.change("domain_name", domainName)
        }
    }
}

extension L7PolicyUpdate: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.change("name", name)
            writer.change("description", description)
            writer.change("admin_state_up", adminStateUp)
            writer.change("tags", tags)
            writer.change("action", action)
            writer.change("redirect_pool_id", redirectPoolID)
            writer.change("redirect_url", redirectURL)
            writer.change("redirect_prefix", redirectPrefix)
            writer.change("redirect_http_code", redirectHTTPCode)
            writer.change("position", position)
        }
    }
}

extension L7RuleUpdate: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.change("admin_state_up", adminStateUp)
            writer.change("tags", tags)
            writer.change("type", type)
            writer.change("compare_type", compareType)
            writer.change("key", key)
            writer.change("value", value)
            writer.change("invert", invert)
        }
    }
}

extension QuotaUpdate: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.change("loadbalancer", loadBalancer)
            writer.change("listener", listener)
            writer.change("pool", pool)
            writer.change("member", member)
            writer.change("healthmonitor", healthMonitor)
            writer.change("l7policy", l7Policy)
            writer.change("l7rule", l7Rule)
        }
    }
}
