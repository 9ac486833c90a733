import JSON
import LoadBalancing
import OctaviaWire
import Testing

/// What bodies of POST become: defaults, null, coercions.
@Suite struct CreateRequestTests {
    @Test func loadBalancer() throws {
        let minimum = try decode(.loadBalancerCreate, as: LoadBalancerCreate.init(body:))
        var expected = LoadBalancerCreate()
        expected.vipSubnetID = ResourceID(someID)
        #expect(minimum == expected)

        let full = try decode(
            .loadBalancerCreate,
            [
                "name": " a ", "description": "d", "admin_state_up": "off", "tags": ["b", "a", "b", ""],
                "project_id": "p", "tenant_id": "t", "vip_address": "2001:DB8::1",
                "vip_port_id": .string(otherID.uppercased()), "vip_network_id": .string(otherID),
                "vip_qos_policy_id": .string(otherID),
                "vip_sg_ids": [.string(otherID), .string(someID), .string(otherID)],
                "additional_vips": [["subnet_id": .string(otherID), "ip_address": "::1"]], "provider": "octavia",
                "flavor_id": .string(someID), "availability_zone": "nova",
            ], as: LoadBalancerCreate.init(body:))
        #expect(full.name == " a ")
        #expect(full.adminStateUp == false)
        #expect(full.tags == ["", "a", "b"])
        #expect(full.projectID == "t")
        #expect(full.vipAddress == "2001:DB8::1")
        #expect(full.vipPortID?.string == otherID)
        #expect(full.vipSecurityGroupIDs?.map(\.string) == [otherID, someID])
        #expect(full.additionalVIPs.first?.address == "::1")
        #expect(full.provider == "octavia")
        #expect(full.flavorID?.string == someID)
        #expect(full.availabilityZone == "nova")

        let nulls = try decode(
            .loadBalancerCreate,
            [
                "name": nil, "description": nil, "admin_state_up": nil, "tags": nil, "tenant_id": nil,
                "project_id": "p",
                "vip_address": nil, "vip_sg_ids": nil, "additional_vips": nil, "provider": nil, "listeners": nil,
                "pools": nil, "vip_qos_policy_id": nil,
            ], as: LoadBalancerCreate.init(body:))
        expected.adminStateUp = false
        expected.projectID = "p"
        expected.provider = "amphora"
        #expect(nulls == expected)
        let mentioned = try decode(.loadBalancerCreate, ["vip_sg_ids": []], as: LoadBalancerCreate.init(body:))
        #expect(mentioned.vipSecurityGroupIDs == [])
        let unowned = try decode(.loadBalancerCreate, ["project_id": ""], as: LoadBalancerCreate.init(body:))
        #expect(unowned.projectID == nil)
    }

    @Test func listener() throws {
        var expected = ListenerCreate(listenerProtocol: .http, protocolPort: 80)
        expected.loadBalancerID = ResourceID(someID)
        #expect(try decode(.listenerCreate, as: ListenerCreate.init(body:)) == expected)

        let lenient = try decode(
            .listenerCreate,
            [
                "connection_limit": "100", "protocol_port": " +80 ", "timeout_client_data": 1.9, "hsts_max_age": true,
                "default_tls_container_ref": "", "sni_container_refs": ["b", "", "a", "b"], "tls_ciphers": "",
                "client_ca_tls_container_ref": "",
                "allowed_cidrs": ["10.1.2.3/8", "10.0.0.0/8", "192.0.2.1", "2001:DB8::1/32"],
                "hsts_preload": "yes", "insert_headers": ["X-Forwarded-For": "true"], "tls_versions": [],
                "alpn_protocols": ["h2"], "tenant_id": "ignored", "client_authentication": "OPTIONAL",
            ], as: ListenerCreate.init(body:))
        #expect(lenient.connectionLimit == 100)
        #expect(lenient.protocolPort == 80)
        #expect(lenient.timeouts == ListenerTimeouts(clientData: 1))
        #expect(lenient.hstsMaxAge == 1)
        #expect(lenient.defaultTLSContainerRef == nil)
        #expect(lenient.clientCAContainerRef == nil)
        #expect(lenient.sniContainerRefs == ["b", "a"])
        #expect(lenient.tlsCiphers == nil)
        #expect(lenient.allowedCIDRs == ["10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32"])
        #expect(lenient.hstsPreload)
        #expect(lenient.insertHeaders == ["X-Forwarded-For": "true"])
        #expect(lenient.tlsVersions == [])
        #expect(lenient.alpnProtocols == ["h2"])
        #expect(lenient.clientAuthentication == .optional)

        let nulls = try decode(
            .listenerCreate,
            [
                "connection_limit": nil, "default_pool_id": nil, "insert_headers": nil, "timeout_client_data": nil,
                "timeout_member_connect": nil, "timeout_member_data": nil, "timeout_tcp_inspect": nil,
                "default_tls_container_ref": nil, "sni_container_refs": nil, "allowed_cidrs": nil, "tls_ciphers": nil,
                "tls_versions": nil, "alpn_protocols": nil, "hsts_max_age": nil, "hsts_include_subdomains": nil,
                "hsts_preload": nil, "error_pages": nil, "default_pool": nil, "l7policies": nil,
            ], as: ListenerCreate.init(body:))
        expected.connectionLimit = nil
        #expect(nulls == expected)
    }

    @Test func pool() throws {
        var expected = PoolCreate()
        expected.loadBalancerID = ResourceID(someID)
        expected.poolProtocol = .http
        expected.algorithm = .roundRobin
        #expect(try decode(.poolCreate, as: PoolCreate.init(body:)) == expected)
        let nulls = try decode(
            .poolCreate,
            [
                "name": nil, "session_persistence": nil, "tls_enabled": nil, "tls_container_ref": "", "tls_ciphers": "",
                "tls_versions": nil, "alpn_protocols": nil, "members": [], "healthmonitor": nil,
            ], as: PoolCreate.init(body:))
        #expect(nulls == expected)
        let full = try decode(
            .poolCreate,
            [
                "name": "", "listener_id": .string(otherID), "tls_enabled": 1, "tls_versions": ["TLSv1.3"],
                "session_persistence": [
                    "type": "SOURCE_IP", "persistence_timeout": "60", "persistence_granularity": "255.255.0.0",
                ],
            ], as: PoolCreate.init(body:))
        #expect(full.name == "")
        #expect(full.listenerID?.string == otherID)
        #expect(full.tls == PoolTLS(isEnabled: true, versions: ["TLSv1.3"]))
        #expect(
            full.sessionPersistence
                == SessionPersistence(type: .sourceIP, timeout: 60, granularity: "255.255.0.0"))
    }

    @Test func member() throws {
        var expected = MemberCreate(address: "192.0.2.1", protocolPort: 80)
        #expect(try decode(.memberCreate, as: MemberCreate.init(body:)) == expected)
        let nulls = try decode(
            .memberCreate,
            [
                "name": nil, "tags": nil, "weight": nil, "subnet_id": nil, "monitor_address": "", "monitor_port": nil,
                "request_sriov": nil,
            ], as: MemberCreate.init(body:))
        expected.weight = nil
        expected.mentionsName = true
        expected.mentionsSubnet = true
        #expect(nulls == expected)
        let full = try decode(
            .memberCreate,
            [
                "address": "2001:DB8:0::1", "weight": "256", "backup": "t", "subnet_id": .string(someID), "tags": [""],
                "monitor_address": "192.0.2.9", "monitor_port": 8080.7, "request_sriov": true,
            ], as: MemberCreate.init(body:))
        #expect(full.address == "2001:DB8:0::1")
        #expect(full.weight == 256)
        #expect(full.isBackup && full.requestSRIOV)
        #expect(full.tags == [""] && full.mentionsTags && !full.mentionsName)
        #expect(full.monitorAddress == "192.0.2.9" && full.monitorPort == 8080)
    }

    @Test func memberBatch() throws {
        func batch(_ text: String) throws -> MemberBatch { try MemberBatch(body: Array(text.utf8)) }
        #expect(try batch(#"{"members":[]}"#).members.isEmpty)
        let two = try batch(
            #"{"members":[{"address":"192.0.2.1","protocol_port":"80","subnet_id":null},"#
                + #"{"address":"192.0.2.1","protocol_port":80,"name":"a"}]}"#)
        #expect(two.members.map(\.mentionsSubnet) == [true, false])
        #expect(two.members.map(\.mentionsName) == [false, true])
        func message(_ text: String) -> String? { fault { _ = try batch(text) }?.message }
        #expect(message("") == "Missing argument: \"members_\"")
        #expect(message("{}")?.contains("members. Value: 'None'. Mandatory field missing.") == true)
        #expect(
            message(#"{"members":null}"#)?.contains("attribute members. Value: 'None'. Value not a valid list") == true)
        #expect(message(#"{"members":{}}"#)?.contains("Value not a valid list") == true)
        #expect(message(#"{"members":[],"x":1}"#) == "Unknown attribute for argument members_: x")
        #expect(
            message(#"{"members":[{"address":"192.0.2.1","protocol_port":80,"foo":1}]}"#)
                == "Unknown attribute for argument members_.members: foo")
        #expect(message(#"{"members":[null]}"#)?.contains("Value should be an object") == true)
    }

    @Test func healthMonitor() throws {
        var expected = HealthMonitorCreate(type: .http, delay: 5, timeout: 3, maxRetries: 2)
        expected.poolID = ResourceID(someID)
        #expect(try decode(.monitorCreate, as: HealthMonitorCreate.init(body:)) == expected)
        let nulls = try decode(
            .monitorCreate,
            ["http_method": nil, "url_path": nil, "expected_codes": nil, "http_version": nil, "domain_name": nil],
            as: HealthMonitorCreate.init(body:))
        #expect(nulls == expected)
        let full = try decode(
            .monitorCreate,
            [
                "http_method": "HEAD", "url_path": "/a", "expected_codes": "200-204", "http_version": "1.1",
                "domain_name": "example.com", "max_retries_down": "4", "tenant_id": "t",
            ], as: HealthMonitorCreate.init(body:))
        #expect(full.httpMethod == .head && full.urlPath == "/a" && full.expectedCodes == "200-204")
        #expect(full.httpVersion == 1.1 && full.domainName == "example.com" && full.maxRetriesDown == 4)
    }

    @Test func policyAndRule() throws {
        var policy = L7PolicyCreate(action: .reject)
        policy.listenerID = ResourceID(someID)
        #expect(try decode(.policyCreate, as: L7PolicyCreate.init(body:)) == policy)
        let nulls = try decode(
            .policyCreate,
            [
                "redirect_pool_id": nil, "redirect_url": nil, "redirect_prefix": nil, "redirect_http_code": nil,
                "position": nil, "rules": nil,
            ], as: L7PolicyCreate.init(body:))
        #expect(nulls == policy)
        let redirect = try decode(
            .policyCreate, ["redirect_url": "http://a/", "redirect_http_code": "308", "position": 3],
            as: L7PolicyCreate.init(body:))
        #expect(redirect.redirectURL == "http://a/" && redirect.redirectHTTPCode == 308 && redirect.position == 3)

        let rule = L7RuleCreate(type: .path, compareType: .equalTo, value: "/")
        #expect(try decode(.ruleCreate, ["key": nil, "invert": nil], as: L7RuleCreate.init(body:)) == rule)
    }
}
