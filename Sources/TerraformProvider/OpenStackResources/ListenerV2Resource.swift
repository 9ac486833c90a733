// `openstack_lb_listener_v2`: a port on which a load balancer answers.

internal import LoadBalancerDocuments
internal import OctaviaClient
internal import OctaviaWire
internal import TerraformPlugin

struct ListenerV2Resource: TreeResource {
    typealias Object = OctaviaClient.Listener

    let typeName = "openstack_lb_listener_v2"
    let schema = Schema(
        "A listener: a port on which a load balancer answers.",
        [
            .id, .region, .tenantID, .objectDescription, .adminStateUp, .tags,
            .string("name", .optionalComputed, "Its name.", rules: [.length(0...255)]),
            .word(
                "protocol", .required, "What clients speak.", requiresReplacement: true,
                ListenerProtocol.allCases.map(\.rawValue)),
            .number(
                "protocol_port", .required, "Its port.", requiresReplacement: true, rules: [.port]),
            .reference("loadbalancer_id", .required, "Its load balancer.", requiresReplacement: true),
            .reference("default_pool_id", .optionalComputed, "Where requests go that no policy sends elsewhere."),
            .number(
                "connection_limit", .optionalComputed, "The most connections at a time; -1 is no limit.",
                rules: [.atLeast(-1)]),
            .string("default_tls_container_ref", .optional, "The certificate with its key, in the key manager."),
            .collection(
                "sni_container_refs", of: .list(.string), .optional,
                "More certificates, chosen by the name that the client asks for."),
            Attribute.words("alpn_protocols", "What is spoken inside TLS.", AllowedWords.alpn).stayingAbsent,
            .word(
                "client_authentication", .optional, "Whether clients must show a certificate.",
                ClientAuthentication.allCases.map(\.rawValue)),
            .string("client_ca_tls_container_ref", .optional, "The authorities of client certificates."),
            .string("client_crl_container_ref", .optional, "Client certificates that are revoked."),
            .bool("hsts_include_subdomains", .optional, "Whether HSTS holds for subdomains too."),
            .bool("hsts_preload", .optional, "Whether browsers may have it in their lists."),
            .number(
                "hsts_max_age", .optional, "Seconds for which HSTS holds; absent is no header.", rules: [.atLeast(0)]),
            Attribute.string("tls_ciphers", .optionalComputed, "OpenSSL names joined by colons.").stayingAbsent,
            Attribute.words("tls_versions", "Versions of TLS.", AllowedWords.tlsVersions).stayingAbsent,
            .number("timeout_client_data", .optionalComputed, "Milliseconds.", rules: [.atLeast(0)]),
            .number("timeout_member_connect", .optionalComputed, "Milliseconds.", rules: [.atLeast(0)]),
            .number("timeout_member_data", .optionalComputed, "Milliseconds.", rules: [.atLeast(0)]),
            .number("timeout_tcp_inspect", .optionalComputed, "Milliseconds.", rules: [.atLeast(0)]),
            .collection(
                "insert_headers", of: .map(.string), .optional, "Headers that requests to members get, with \"true\"."),
            .collection(
                "allowed_cidrs", of: .list(.string), .optional, "Networks that may connect; absent is everybody."),
        ], blocks: [.usualTimeouts])

    func validate(_ config: Value, _ diagnostics: inout Diagnostics) {
        guard config["hsts_max_age"].isNull else { return }
        for name in ["hsts_include_subdomains", "hsts_preload"] where config[name].bool == true {
            diagnostics.error(
                "\(name) needs hsts_max_age", "Without it no header is sent.", at: .attribute(name))
        }
    }

    func collection(_ state: Value, _ cloud: Cloud) -> ResourceCollection<OctaviaClient.Listener> { cloud.listeners }

    func loadBalancer(_ state: Value, _ cloud: Cloud) throws -> ResourceID? { try state.id("loadbalancer_id") }

    func creation(_ body: [UInt8]) throws -> ListenerCreate { try ListenerCreate(body: body) }
    func change(_ body: [UInt8]) throws -> ListenerUpdate { try ListenerUpdate(body: body) }

    func complete(
        _ state: inout Value, _ object: Row<OctaviaClient.Listener>, known: Value, _ operation: OperationContext<Cloud>
    ) {
        let loadBalancer = object.resource.loadBalancerIDs.first?.string
        state["loadbalancer_id"] = loadBalancer.map { .string($0) } ?? known["loadbalancer_id"]
    }
}
