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
