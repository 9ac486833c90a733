// The schemas of `openstack_lb_*_v2` are those of the existing provider: names, usage, what needs a new object.

internal import TerraformPlugin
internal import TerraformProvider
internal import Testing

@Suite struct OpenStackSchemaTests {
    /// R required, O optional, C computed, F another value is another object, D a default.
    ///
    /// From the documentation of the existing provider.
    private static let schemas: [String: String] = [
        "openstack_lb_loadbalancer_v2": """
        name:O description:O vip_network_id:OCF vip_subnet_id:OCF vip_port_id:OCF tenant_id:OCF vip_address:OCF \
        admin_state_up:OD flavor_id:OCF loadbalancer_provider:OCF availability_zone:OF security_group_ids:OC \
        vip_qos_policy_id:O tags:O
        """,
        "openstack_lb_listener_v2": """
        protocol:RF protocol_port:RF loadbalancer_id:RF tenant_id:OCF name:OC default_pool_id:OC description:O \
        connection_limit:OC default_tls_container_ref:O sni_container_refs:O alpn_protocols:OC \
        client_authentication:O client_ca_tls_container_ref:O client_crl_container_ref:O \
        hsts_include_subdomains:O hsts_preload:O hsts_max_age:O tls_ciphers:OC tls_versions:OC admin_state_up:OD \
        timeout_client_data:OC timeout_member_connect:OC timeout_member_data:OC timeout_tcp_inspect:OC \
        insert_headers:O allowed_cidrs:O tags:O
        """,
        "openstack_lb_pool_v2": """
        protocol:RF loadbalancer_id:OF listener_id:OF lb_method:R tenant_id:OCF name:O description:O \
        alpn_protocols:OC ca_tls_container_ref:O crl_container_ref:O tls_container_ref:O tls_enabled:O \
        tls_ciphers:OC tls_versions:OC admin_state_up:OD tags:O persistence{type:R cookie_name:O}
        """,
        "openstack_lb_member_v2": """
        pool_id:RF address:RF protocol_port:RF subnet_id:OF tenant_id:OCF name:O weight:OC admin_state_up:OD \
        backup:O monitor_address:O monitor_port:O tags:O
        """,
        "openstack_lb_members_v2": """
        pool_id:RF member{id:C name:O address:R protocol_port:R weight:OD monitor_port:O monitor_address:O \
        subnet_id:O backup:O admin_state_up:OD}
        """,
        "openstack_lb_monitor_v2": """
        pool_id:RF type:RF delay:R timeout:R max_retries:R max_retries_down:OC name:O domain_name:O tenant_id:OCF \
        url_path:OC http_method:OC http_version:O expected_codes:OC admin_state_up:OD
        """,
        "openstack_lb_l7policy_v2": """
        listener_id:RF action:R name:O description:O position:OC redirect_pool_id:O redirect_url:O \
        redirect_prefix:O redirect_http_code:OC tenant_id:OCF admin_state_up:OD
        """,
        "openstack_lb_l7rule_v2": """
        l7policy_id:RF listener_id:C type:R compare_type:R value:R key:O invert:OD tenant_id:OCF admin_state_up:OD
        """,
        "openstack_lb_quota_v2": """
        project_id:RF loadbalancer:OC listener:OC member:OC pool:OC health_monitor:OC l7_policy:OC l7_rule:OC
        """,
        "openstack_lb_flavor_v2": "name:R description:O flavor_profile_id:RF enabled:OC",
        "openstack_lb_flavorprofile_v2": "name:R provider_name:R flavor_data:R",
    ]

    private static let statuses = "provisioning_status:C operating_status:C"

    private static let dataSources: [String: String] = [
        "openstack_lb_loadbalancer_v2": """
        loadbalancer_id:OC name:OC description:OC vip_address:OC tags:OC tags_any:O tags_not:O tags_not_any:O \
        admin_state_up:C project_id:C vip_port_id:C vip_subnet_id:C vip_network_id:C vip_qos_policy_id:C flavor_id:C \
        availability_zone:C loadbalancer_provider:C listeners:C pools:C additional_vips:C \(statuses)
        """,
        "openstack_lb_listener_v2": """
        listener_id:OC name:OC tags:OC loadbalancer_id:OC protocol:OC protocol_port:OC project_id:C description:C \
        default_pool_id:C default_pool:C loadbalancers:C connection_limit:C sni_container_refs:C \
        default_tls_container_ref:C admin_state_up:C pools:C l7policies:C timeout_client_data:C timeout_member_data:C \
        timeout_member_connect:C timeout_tcp_inspect:C insert_headers:C allowed_cidrs:C tls_ciphers:C tls_versions:C \
        alpn_protocols:C client_authentication:C client_ca_tls_container_ref:C client_crl_container_ref:C \
        hsts_include_subdomains:C hsts_max_age:C hsts_preload:C \(statuses)
        """,
        "openstack_lb_pool_v2": """
        pool_id:OC name:OC tags:OC loadbalancer_id:OC protocol:OC lb_method:OC project_id:C description:C listeners:C \
        members:C healthmonitor_id:C admin_state_up:C loadbalancers:C session_persistence:C alpn_protocols:C \
        ca_tls_container_ref:C crl_container_ref:C tls_enabled:C tls_ciphers:C tls_container_ref:C tls_versions:C \
        \(statuses)
        """,
        "openstack_lb_member_v2": """
        pool_id:R member_id:OC name:OC weight:OC address:OC tags:OC project_id:C admin_state_up:C protocol_port:C \
        subnet_id:C backup:C monitor_address:C monitor_port:C \(statuses)
        """,
        "openstack_lb_monitor_v2": """
        monitor_id:OC name:OC pool_id:O type:OC http_method:OC url_path:OC status:OC expected_codes:OC tags:OC \
        project_id:C delay:C timeout:C max_retries:C max_retries_down:C http_version:C domain_name:C admin_state_up:C \
        pools:C \(statuses)
        """,
        "openstack_lb_flavor_v2": "flavor_id:OC name:OC description:C enabled:C flavor_profile_id:C",
        "openstack_loadbalancer_flavor_v2": "flavor_id:OC name:OC description:C enabled:C flavor_profile_id:C",
        "openstack_lb_flavorprofile_v2": "flavorprofile_id:OC name:OC provider_name:OC flavor_data:C",
    ]

    @Test(arguments: dataSources.keys.sorted())
    func dataSourcesAreThoseOfTheExistingProvider(_ name: String) throws {
        let source = try #require(OttavaProvider().dataSources.first { $0.typeName == name })
        let expected = try #require(Self.dataSources[name]).split(separator: " ").map(String.init)
        #expect(Set(source.schema.attributes.map(Self.word)) == Set(expected + ["id:C", "region:OC"]))
        #expect(source.schema.blocks.isEmpty)
    }

    /// The settings of the existing provider that concern the login.
    @Test func settingsAreThoseOfTheExistingProvider() {
        let names = """
            auth_url cloud region user_id user_name tenant_id tenant_name password token user_domain_name user_domain_id \
            project_domain_name project_domain_id domain_id domain_name default_domain system_scope insecure \
            endpoint_type cacert_file cert key swauth delayed_auth allow_reauth application_credential_id \
            application_credential_name application_credential_secret max_retries endpoint_overrides \
            disable_no_cache_header enable_logging
            """
        let expected = Set(names.split(separator: " ").map(String.init))
        let found = Set(OttavaProvider().schema.attributes.map(\.name))
        #expect(expected.subtracting(found) == [])
    }

    @Test(arguments: schemas.keys.sorted())
    func isThatOfTheExistingProvider(_ name: String) throws {
        let resource = try #require(OttavaProvider().resources.first { $0.typeName == name })
        let text = try #require(Self.schemas[name])
        var expected = Set(
            text.replacing("{", with: "{ ").replacing("}", with: " }").split(separator: " ").map(String.init))
        expected.formUnion(["id:C", "region:OCF", "timeouts{"])
        var found = Set(resource.schema.attributes.map(Self.word))
        for block in resource.schema.blocks {
            found.insert(block.name + "{")
            guard block.name != "timeouts" else { continue }
            found.formUnion(block.attributes.map(Self.word) + ["}"])
        }
        #expect(found.subtracting(expected) == [], "more than the existing provider has")
        #expect(expected.subtracting(found) == [], "the existing provider has these")
    }

    private static func word(_ attribute: Attribute) -> String {
        let usage =
            switch attribute.usage {
            case .required: "R"
            case .optional: "O"
            case .optionalComputed: "OC"
            case .computed: "C"
            }
        let isDefaulted = attribute.defaultValue != nil ? "D" : ""
        return "\(attribute.name):\(usage)\(attribute.requiresReplacement ? "F" : "")\(isDefaulted)"
    }
}
