// Bodies of POST requests as clients send them: without the fields that have the API's defaults.

public import JSON
internal import LoadBalancing

extension LoadBalancerCreate: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.given("name", name, unless: "")
            writer.given("description", description, unless: "")
            writer.given("admin_state_up", adminStateUp, unless: true)
            writer.given("project_id", projectID)
            writer.given("vip_address", vipAddress)
            writer.given("vip_port_id", vipPortID)
            writer.given("vip_subnet_id", vipSubnetID)
            writer.given("vip_network_id", vipNetworkID)
            writer.given("vip_qos_policy_id", vipQoSPolicyID)
            writer.given("vip_sg_ids", vipSecurityGroupIDs)
            if !additionalVIPs.isEmpty {
                writer.arrayMember("additional_vips", additionalVIPs) { writer, vip in
                    writer.object { writer in
                        writer.request("subnet_id", vip.subnetID)
                        writer.given("ip_address", vip.address)
                        writer.given("port_id", vip.portID)
                    }
                }
            }
            writer.given("provider", provider)
            writer.given("flavor_id", flavorID)
            writer.given("availability_zone", availabilityZone)
            writer.given("tags", tags, unless: [])
            writer.nested("listeners", listeners)
            writer.nested("pools", pools)
        }
    }
}

extension ListenerCreate: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        let standard = ListenerTimeouts()
        writer.object { writer in
            writer.given("name", name, unless: "")
            writer.given("description", description, unless: "")
            writer.given("admin_state_up", adminStateUp, unless: true)
            writer.given("tags", tags, unless: [])
            writer.given("loadbalancer_id", loadBalancerID)
            writer.request("protocol", listenerProtocol)
            writer.request("protocol_port", protocolPort)
            writer.given("connection_limit", connectionLimit, unless: -1)
            writer.given("default_pool_id", defaultPoolID)
            writer.given("insert_headers", insertHeaders, unless: [:])
            writer.given("timeout_client_data", timeouts.clientData, unless: standard.clientData)
            writer.given("timeout_member_connect", timeouts.memberConnect, unless: standard.memberConnect)
            writer.given("timeout_member_data", timeouts.memberData, unless: standard.memberData)
            writer.given("timeout_tcp_inspect", timeouts.tcpInspect, unless: standard.tcpInspect)
            writer.given("default_tls_container_ref", defaultTLSContainerRef)
            writer.given("sni_container_refs", sniContainerRefs, unless: [])
            writer.given("client_authentication", clientAuthentication, unless: .none)
            writer.given("client_ca_tls_container_ref", clientCAContainerRef)
            writer.given("client_crl_container_ref", clientCRLContainerRef)
            writer.given("allowed_cidrs", allowedCIDRs, unless: [])
            writer.given("tls_ciphers", tlsCiphers)
            writer.given("tls_versions", tlsVersions)
            writer.given("alpn_protocols", alpnProtocols)
            writer.given("hsts_max_age", hstsMaxAge)
            writer.given("hsts_include_subdomains", hstsIncludeSubdomains, unless: false)
            writer.given("hsts_preload", hstsPreload, unless: false)
            writer.given("error_pages", errorPages.byName, unless: [:])
            if let defaultPool { writer.member("default_pool", defaultPool) }
            writer.nested("l7policies", l7Policies)
        }
    }
}

extension PoolCreate: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.given("name", name)
            // A reference is known by having nothing but a name.
            guard !isReference else { return }
            writer.given("description", description, unless: "")
            writer.given("admin_state_up", adminStateUp, unless: true)
            writer.given("tags", tags, unless: [])
            writer.given("loadbalancer_id", loadBalancerID)
            writer.given("listener_id", listenerID)
            writer.given("protocol", poolProtocol)
            writer.given("lb_algorithm", algorithm)
            if let sessionPersistence {
                writer.objectMember("session_persistence") { writer in
                    writer.request("type", sessionPersistence.type)
                    writer.given("cookie_name", sessionPersistence.cookieName)
                    writer.given("persistence_timeout", sessionPersistence.timeout)
                    writer.given("persistence_granularity", sessionPersistence.granularity)
                }
            }
            writer.given("tls_enabled", tls.isEnabled, unless: false)
            writer.given("tls_container_ref", tls.containerRef)
            writer.given("ca_tls_container_ref", tls.caContainerRef)
            writer.given("crl_container_ref", tls.crlContainerRef)
            writer.given("tls_ciphers", tls.ciphers)
            writer.given("tls_versions", tls.versions)
            writer.given("alpn_protocols", tls.alpnProtocols)
            writer.nested("members", members)
            if let healthMonitor { writer.member("healthmonitor", healthMonitor) }
        }
    }
}

extension MemberCreate: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.given("name", name, unless: mentionsName ? "\0" : "")
            writer.given("admin_state_up", adminStateUp, unless: true)
            writer.given("tags", tags, unless: mentionsTags ? ["\0"] : [])
            writer.request("address", address)
            writer.request("protocol_port", protocolPort)
            writer.given("weight", weight, unless: 1)
            writer.given("backup", isBackup, unless: false)
            writer.given("subnet_id", subnetID)
            writer.given("monitor_address", monitorAddress)
            writer.given("monitor_port", monitorPort)
            writer.given("request_sriov", requestSRIOV, unless: false)
        }
    }
}

extension HealthMonitorCreate: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.given("name", name, unless: "")
            writer.given("admin_state_up", adminStateUp, unless: true)
            writer.given("tags", tags, unless: [])
            writer.given("pool_id", poolID)
            writer.request("type", type)
            writer.request("delay", delay)
            writer.request("timeout", timeout)
            writer.request("max_retries", maxRetries)
            writer.given("max_retries_down", maxRetriesDown, unless: 3)
            writer.given("http_method", httpMethod)
            writer.given("url_path", urlPath)
            writer.given("expected_codes", expectedCodes)
            writer.given("http_version", httpVersion)
            writer.given("domain_name", domainName)
        }
    }
}

extension L7PolicyCreate: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.given("name", name, unless: "")
            writer.given("description", description, unless: "")
            writer.given("admin_state_up", adminStateUp, unless: true)
            writer.given("tags", tags, unless: [])
            writer.given("listener_id", listenerID)
            writer.request("action", action)
            writer.given("redirect_pool_id", redirectPoolID)
            writer.given("redirect_url", redirectURL)
            writer.given("redirect_prefix", redirectPrefix)
            writer.given("redirect_http_code", redirectHTTPCode)
            writer.given("position", position, unless: 2_147_483_647)
            if let redirectPool { writer.member("redirect_pool", redirectPool) }
            writer.nested("rules", rules)
        }
    }
}

extension L7RuleCreate: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.given("admin_state_up", adminStateUp, unless: true)
            writer.given("tags", tags, unless: [])
            writer.request("type", type)
            writer.request("compare_type", compareType)
            writer.given("key", key)
            writer.request("value", value)
            writer.given("invert", invert, unless: false)
        }
    }
}
