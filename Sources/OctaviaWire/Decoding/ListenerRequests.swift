// Bodies of POST and PUT of listeners.

internal import LoadBalancing

/// The longest timeout of a listener: 24 days.
private let timeoutLimits = 0...2_073_600_000

extension ListenerCreate {
    private static let sharedNames: Set<String> = FieldNames.create.union([
        "name", "description", "protocol", "protocol_port", "connection_limit", "default_pool_id", "insert_headers",
        "timeout_client_data", "timeout_member_connect", "timeout_member_data", "timeout_tcp_inspect",
        "default_tls_container_ref", "sni_container_refs", "client_authentication", "client_ca_tls_container_ref",
        "client_crl_container_ref", "allowed_cidrs", "tls_ciphers", "tls_versions", "alpn_protocols", "hsts_max_age",
        "hsts_include_subdomains", "hsts_preload", "error_pages", "default_pool", "l7policies",
    ])
    static let fieldNames = sharedNames.union(["loadbalancer_id"])
    static let nestedFieldNames = sharedNames

    /// Decodes the body of `POST /listeners`. Repeated certificate references and networks are dropped.
    public init(body: [UInt8]) throws(OctaviaFault) {
        let reader = try RequestEnvelope.listener.fields(of: body, known: Self.fieldNames)
        let loadBalancerID = try reader.required("loadbalancer_id", .uuid)
        try self.init(reader)
        self.loadBalancerID = loadBalancerID
        try reader.refuseNested("default_pool", "l7policies")
    }

    /// Reads the fields that a listener has on its own and inside a fully populated load balancer.
    fileprivate init(_ reader: ObjectReader) throws(OctaviaFault) {
        self.init(
            listenerProtocol: try reader.required("protocol", .choice()),
            protocolPort: try reader.required("protocol_port", .port))
        name = try reader.text("name")
        description = try reader.text("description")
        adminStateUp = try reader.adminStateUp()
        tags = try reader.tags()
        try reader.projectID()
        connectionLimit =
            reader.mentions("connection_limit")
            ? try reader.optional("connection_limit", .integer(-1...largestStoredInteger)) : -1
        defaultPoolID = try reader.optional("default_pool_id", .uuid)
        insertHeaders = try reader.value("insert_headers", .headers, default: [:])
        timeouts.clientData = try reader.value(
            "timeout_client_data", .integer(timeoutLimits), default: timeouts.clientData)
        timeouts.memberConnect = try reader.value(
            "timeout_member_connect", .integer(timeoutLimits), default: timeouts.memberConnect)
        timeouts.memberData = try reader.value(
            "timeout_member_data", .integer(timeoutLimits), default: timeouts.memberData)
        timeouts.tcpInspect = try reader.value(
            "timeout_tcp_inspect", .integer(timeoutLimits), default: timeouts.tcpInspect)
        defaultTLSContainerRef = try reader.containerReference("default_tls_container_ref")
        sniContainerRefs = try reader.value("sni_container_refs", .containerReferences, default: [])
        clientAuthentication =
            try reader.presentOrAbsent(
                "client_authentication", .choice(),
                reason: FieldType.choiceReason(ClientAuthentication.self)) ?? .none
        clientCAContainerRef = try reader.containerReference("client_ca_tls_container_ref")
        clientCRLContainerRef = try reader.containerReference("client_crl_container_ref")
        allowedCIDRs = try reader.value("allowed_cidrs", .networks, default: [])
        tlsCiphers = try reader.value("tls_ciphers", .unsetWhenEmpty(.ciphers), default: nil)
        tlsVersions = try reader.optional("tls_versions", .tlsVersions)
        alpnProtocols = try reader.optional("alpn_protocols", .alpnProtocols)
        hstsMaxAge = try reader.optional("hsts_max_age", .integer(0...largestStoredInteger))
        hstsIncludeSubdomains = try reader.value("hsts_include_subdomains", .bool, default: false)
        hstsPreload = try reader.value("hsts_preload", .bool, default: false)
        errorPages = try reader.value("error_pages", .errorPages, default: [:])
    }
}

extension FieldType where Value == ListenerCreate {
    /// A listener inside a fully populated load balancer, with its default pool and its policies.
    static var nestedListener: Self {
        Self { value, location throws(OctaviaFault) in
            let reader = try ObjectReader(value, at: location, known: ListenerCreate.nestedFieldNames)
            var listener = try ListenerCreate(reader)
            listener.defaultPool = try reader.optional("default_pool", .nestedPool)
            listener.l7Policies =
                try reader.presentOrAbsent(
                    "l7policies", .list(of: .nestedL7Policy), reason: "Value not a valid list: None") ?? []
            return listener
        }
    }
}

extension ListenerUpdate {
    static let fieldNames: Set<String> = FieldNames.update.union([
        "name", "description", "connection_limit", "default_pool_id", "insert_headers", "timeout_client_data",
        "timeout_member_connect", "timeout_member_data", "timeout_tcp_inspect", "default_tls_container_ref",
        "sni_container_refs", "client_authentication", "client_ca_tls_container_ref", "client_crl_container_ref",
        "allowed_cidrs", "tls_ciphers", "tls_versions", "alpn_protocols", "hsts_max_age", "hsts_include_subdomains",
        "hsts_preload", "error_pages",
    ])

    /// Decodes the body of `PUT /listeners/{id}`. Repeated certificate references and networks are dropped.
    public init(body: [UInt8]) throws(OctaviaFault) {
        let reader = try RequestEnvelope.listener.fields(of: body, known: Self.fieldNames)
        let standard = ListenerTimeouts()
        self.init()
        name = try reader.textChange("name")
        description = try reader.textChange("description")
        adminStateUp = try reader.adminStateUpChange()
        tags = try reader.tagsChange()
        connectionLimit = try reader.change("connection_limit", optional: .integer(-1...largestStoredInteger), null: -1)
        defaultPoolID = try reader.change("default_pool_id", optional: .uuid)
        insertHeaders = try reader.change("insert_headers", .headers, null: [:])
        timeoutClientData = try reader.change(
            "timeout_client_data", .integer(timeoutLimits), null: standard.clientData)
        timeoutMemberConnect = try reader.change(
            "timeout_member_connect", .integer(timeoutLimits), null: standard.memberConnect)
        timeoutMemberData = try reader.change(
            "timeout_member_data", .integer(timeoutLimits), null: standard.memberData)
        timeoutTCPInspect = try reader.change(
            "timeout_tcp_inspect", .integer(timeoutLimits), null: standard.tcpInspect)
        defaultTLSContainerRef = try reader.containerReferenceChange("default_tls_container_ref")
        sniContainerRefs = try reader.change("sni_container_refs", .containerReferences, null: [])
        clientAuthentication = try reader.change("client_authentication", optional: .choice())
        clientCAContainerRef = try reader.containerReferenceChange("client_ca_tls_container_ref")
        clientCRLContainerRef = try reader.containerReferenceChange("client_crl_container_ref")
        allowedCIDRs = try reader.change("allowed_cidrs", .networks, null: [])
        tlsCiphers = try reader.change("tls_ciphers", .unsetWhenEmpty(.ciphers), null: nil)
        tlsVersions = try reader.change("tls_versions", optional: .tlsVersions)
        alpnProtocols = try reader.change("alpn_protocols", optional: .alpnProtocols)
        hstsMaxAge = try reader.change("hsts_max_age", optional: .integer(0...largestStoredInteger))
        hstsIncludeSubdomains = try reader.change("hsts_include_subdomains", .bool, null: false)
        hstsPreload = try reader.change("hsts_preload", .bool, null: false)
        errorPages = try reader.change("error_pages", .errorPages, null: [:])
    }
}
