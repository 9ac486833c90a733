// The fields of pools.

internal import JSON
internal import LoadBalancing
internal import OctaviaWire

extension OpenAPI.Resource {
    static let pool = OpenAPI.Resource(
        name: "Pool", key: PoolView.key, collectionKey: PoolView.collectionKey, linksKey: PoolView.linksKey,
        fields: [.id, .name, .description] + OpenAPI.Field.core + [
            .init(
                "loadbalancer_id", .uuid, "The load balancer. It or a listener is needed.", post: .nullable,
                tree: .refused),
            .init(
                "listener_id", .uuid, "A listener of which the pool becomes the default pool.", post: .nullable,
                tree: .refused),
            .init(
                "protocol", .choice(PoolProtocol.self),
                "The protocol that members speak. Inside a load balancer it may be left out of a reference by name.",
                post: .required, tree: .nullable, answer: .always),
            .init(
                "lb_algorithm", .choice(LoadBalancingAlgorithm.self),
                "How members are picked. Inside a load balancer it may be left out of a reference by name.",
                post: .required, tree: .nullable, put: .optional, answer: .always),
            .init(
                "session_persistence", .component("SessionPersistenceCreate"),
                "What keeps clients with the member they got first.", post: .nullable, put: .nullable,
                as: .component("SessionPersistenceUpdate"), answer: .nullable,
                shown: .component("SessionPersistence")),
        ] + poolTLSFields + [
            .init(
                "members", .list(of: .component("MemberCreate")), "The members.", tree: .nullable, answer: .always,
                shown: .references),
            .init("healthmonitor", .component("HealthMonitorInTree"), "The health monitor.", tree: .nullable),
            .init("healthmonitor_id", .uuid, "The health monitor, if there is one.", answer: .sometimes),
            .references("loadbalancers", "The load balancer."),
            .references("listeners", "The listeners that send traffic to the pool."),
        ], alternatives: ["loadbalancer_id", "listener_id"])

    private static let poolTLSFields: [OpenAPI.Field] = [
        .init(
            "tls_enabled", .bool, "Whether connections to members are encrypted.", post: .nullable, put: .optional,
            standard: false, answer: .always),
        .init(
            "tls_container_ref", .containerReference, "The certificate to show to members.", post: .nullable,
            put: .nullable, answer: .nullable),
        .init(
            "ca_tls_container_ref", .containerReference, "The certificate that members' ones must be signed by.",
            post: .nullable, put: .nullable, answer: .nullable),
        .init(
            "crl_container_ref", .containerReference, "The list of revoked certificates of members.",
            post: .nullable, put: .nullable, answer: .nullable),
        .init(
            "tls_ciphers", .ciphers, "Ciphers in OpenSSL's spelling, with colons between them.", post: .nullable,
            put: .nullable, answer: .nullable),
        .init(
            "tls_versions", .tlsVersions, "Versions of TLS, such as `TLSv1.3`.", post: .nullable, put: .nullable,
            answer: .nullable),
        .init(
            "alpn_protocols", .alpnProtocols, "Protocols to negotiate, the preferred one first.", post: .nullable,
            put: .nullable, answer: .nullable),
    ]

    /// Session persistence in a POST, in a PUT and in an answer.
    static let sessionPersistenceComponents: [Component] = [
        ("SessionPersistenceCreate", sessionPersistence(isTypeRequired: true)),
        (
            "SessionPersistenceUpdate",
            sessionPersistence(isTypeRequired: false)
                .described("Takes the place of all that was; a type left out stays.")
        ),
        (
            "SessionPersistence",
            .object([
                .init(name: "type", schema: .choice(SessionPersistenceType.self), isRequired: true),
                .init(name: "cookie_name", schema: .text(max: 255).nullable(), isRequired: true),
                .init(name: "persistence_timeout", schema: anyInteger.nullable(), isRequired: true),
                .init(name: "persistence_granularity", schema: .address.nullable(), isRequired: true),
            ])
        ),
    ]

    private static let anyInteger = OpenAPI.Schema.integer(
        -OpenAPI.Schema.largestInteger...OpenAPI.Schema.largestInteger)

    private static func sessionPersistence(isTypeRequired: Bool) -> OpenAPI.Schema {
        .object([
            .init(
                name: "type", schema: .choice(SessionPersistenceType.self).nullable(!isTypeRequired),
                isRequired: isTypeRequired),
            .init(
                name: "cookie_name",
                schema: .cookieName.nullable().described("Needed with APP_COOKIE, and only there."),
                isRequired: false),
            .init(
                name: "persistence_timeout", schema: anyInteger.nullable().described("Of pools for UDP and SCTP."),
                isRequired: false),
            .init(
                name: "persistence_granularity",
                schema: .address.nullable().described("A netmask. Of pools for UDP and SCTP."), isRequired: false),
        ])
    }
}
