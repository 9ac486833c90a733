// The fields of listeners.

internal import JSON
internal import LoadBalancing
internal import OctaviaWire

extension OpenAPI.Resource {
    static let listener = OpenAPI.Resource(
        name: "Listener", key: ListenerView.key, collectionKey: ListenerView.collectionKey,
        linksKey: ListenerView.linksKey,
        fields: [.id, .name, .description] + OpenAPI.Field.core + listenerFields + listenerTLSFields + [
            .references("loadbalancers", "The load balancer."),
            .init(
                "l7policies", .list(of: .component("L7PolicyInTree")), "The policies, in order of position.",
                tree: .optional, answer: .always, shown: .references),
        ])

    private static let listenerFields: [OpenAPI.Field] = [
        .init("loadbalancer_id", .uuid, "The load balancer.", post: .required, tree: .refused),
        .init(
            "protocol", .choice(ListenerProtocol.self), "The protocol that clients speak.", post: .required,
            answer: .always),
        .init("protocol_port", .port, "The port that clients connect to.", post: .required, answer: .always),
        .init(
            "connection_limit", .integer(-1...OpenAPI.Schema.largestInteger),
            "The most connections at a time; -1 is no limit.", post: .nullable, put: .nullable, standard: -1,
            answer: .nullable),
        .init(
            "default_pool_id", .uuid, "The pool for what no policy matches.", post: .nullable, put: .nullable,
            answer: .nullable),
        .init(
            "default_pool", .component("PoolInTree"), "The pool for what no policy matches, or its name.",
            tree: .nullable),
        .init(
            "insert_headers", .init(.dictionary(of: .text(max: 255))),
            "Headers to add to requests to members, such as `X-Forwarded-For`, with `\"true\"`.", post: .nullable,
            put: .nullable, standard: [:], answer: .always),
        .init(
            "timeout_client_data", timeout, "Milliseconds of silence of a client.", post: .nullable, put: .nullable,
            standard: 50_000, answer: .always),
        .init(
            "timeout_member_connect", timeout, "Milliseconds to connect to a member.", post: .nullable,
            put: .nullable, standard: 5_000, answer: .always),
        .init(
            "timeout_member_data", timeout, "Milliseconds of silence of a member.", post: .nullable, put: .nullable,
            standard: 50_000, answer: .always),
        .init(
            "timeout_tcp_inspect", timeout, "Milliseconds to wait for data to inspect.", post: .nullable,
            put: .nullable, standard: 0, answer: .always),
        .init(
            "allowed_cidrs", .list(of: .network), "The networks that may connect; none given is everybody.",
            post: .nullable, put: .nullable, answer: .nullable),
        .init(
            "error_pages",
            .object(
                ErrorPageLimits.statuses.map { .init(name: String($0), schema: .errorPage, isRequired: false) }),
            "Beyond Octavia: pages in HTML, at most 8192 bytes of UTF-8 each, for answers that the load balancer "
                + "itself gives; of HTTP and TERMINATED_HTTPS listeners. An update replaces all.",
            post: .nullable, put: .nullable, standard: [:], answer: .sometimes),
    ]

    private static let listenerTLSFields: [OpenAPI.Field] = [
        .init(
            "default_tls_container_ref", .containerReference, "The certificate.", post: .nullable, put: .nullable,
            answer: .nullable),
        .init(
            "sni_container_refs", .list(of: .containerReference), "Certificates for further names of the server.",
            post: .nullable, put: .nullable, standard: [], answer: .always),
        .init(
            "client_authentication", .choice(ClientAuthentication.self), "Whether clients must show a certificate.",
            post: .optional, put: .nullable, standard: "NONE", answer: .always),
        .init(
            "client_ca_tls_container_ref", .containerReference, "The certificate that clients' ones must be signed by.",
            post: .nullable, put: .nullable, answer: .nullable),
        .init(
            "client_crl_container_ref", .containerReference, "The list of revoked certificates of clients.",
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
        .init(
            "hsts_max_age", .integer(0...OpenAPI.Schema.largestInteger),
            "Seconds for which browsers shall use TLS only (RFC 6797).", post: .nullable, put: .nullable,
            answer: .nullable),
        .init(
            "hsts_include_subdomains", .bool, "Whether that goes for subdomains too.", post: .nullable,
            put: .nullable, standard: false, answer: .always),
        .init(
            "hsts_preload", .bool, "Whether browsers may know it in advance.", post: .nullable, put: .nullable,
            standard: false, answer: .always),
    ]

    private static let timeout = OpenAPI.Schema.integer(0...2_073_600_000)
}
