// `openstack_lb_pool_v2`: members that share work.

internal import JSON
internal import LoadBalancerDocuments
internal import OctaviaClient
internal import OctaviaWire
internal import TerraformPlugin

struct PoolV2Resource: TreeResource {
    typealias Object = OctaviaClient.Pool

    let typeName = "openstack_lb_pool_v2"
    let schema = Schema(
        "A pool: members that share work.",
        [
            .id, .region, .tenantID, .objectName, .objectDescription, .adminStateUp, .tags,
            .word(
                "protocol", .required, "What members speak.", requiresReplacement: true,
                PoolProtocol.allCases.map(\.rawValue)),
            .reference(
                "loadbalancer_id", .optional, "Its load balancer. Either this or `listener_id` is needed.",
                requiresReplacement: true),
            .reference(
                "listener_id", .optional, "The listener whose default pool it is to be.", requiresReplacement: true),
            .word(
                "lb_method", .required, "How members are chosen.", LoadBalancingAlgorithm.allCases.map(\.rawValue)),
            Attribute.words("alpn_protocols", "What is spoken inside TLS.", AllowedWords.alpn).stayingAbsent,
            .string("ca_tls_container_ref", .optional, "The authorities of members' certificates."),
            .string("crl_container_ref", .optional, "Members' certificates that are revoked."),
            .string("tls_container_ref", .optional, "The certificate that is shown to members."),
            .bool("tls_enabled", .optional, "Whether members are spoken to by TLS."),
            Attribute.string("tls_ciphers", .optionalComputed, "OpenSSL names joined by colons.").stayingAbsent,
            Attribute.words("tls_versions", "Versions of TLS.", AllowedWords.tlsVersions).stayingAbsent,
        ],
        blocks: [
            NestedBlock(
                "persistence", .list, "How clients come back to the same member.",
                [
                    .word(
                        "type", .required, "How they are recognized.",
                        SessionPersistenceType.allCases.map(\.rawValue)),
                    .string("cookie_name", .optional, "The application's cookie; of `APP_COOKIE`."),
                ], maximum: 1),
            .usualTimeouts,
        ])

    let fieldNames = ["tenant_id": "project_id", "lb_method": "lb_algorithm"]

    func validate(_ config: Value, _ diagnostics: inout Diagnostics) {
        diagnostics.requireOne(of: ["loadbalancer_id", "listener_id"], in: config)
        let persistence = config["persistence"][0]
        guard let type = persistence["type"].string else { return }
        let path = AttributePath.attribute("persistence").index(0)
        if type == "APP_COOKIE", persistence["cookie_name"].isEmpty {
            diagnostics.error("cookie_name is missing", "APP_COOKIE needs it.", at: path.name("type"))
        } else if type != "APP_COOKIE", persistence["cookie_name"].isKnown, !persistence["cookie_name"].isEmpty {
            diagnostics.error(
                "cookie_name does not go with \(type)", "Only APP_COOKIE has one.", at: path.name("cookie_name"))
        }
    }

    func plan(_ plan: inout Plan, _ operation: OperationContext<Cloud>) async throws {
        guard !plan.isCreation else { return }
        if plan.planned["tls_enabled"] != plan.prior["tls_enabled"] {
            for name in ["alpn_protocols", "tls_ciphers", "tls_versions"] where plan.config[name].isNull {
                plan.planned[name] = .unknown
            }
        }
        // Imports cannot know by which of the two the configuration names the place: the same place is no other pool.
        let places = [AttributePath.attribute("loadbalancer_id"), .attribute("listener_id")]
        guard plan.replacements.contains(where: { places.contains($0) }), let id = try? plan.prior.id("id") else {
            return
        }
        do {
            let pool = try await operation.client.pools.get(id)
            let there = (pool.loadBalancerIDs + pool.listenerIDs).map(\.string)
            let wanted = places.compactMap { plan.config[$0].string }
            if !wanted.isEmpty, wanted.allSatisfy({ there.contains($0) }) {
                plan.replacements.removeAll { places.contains($0) }
            }
        } catch let error as CloudError where error.code == .notFound {
            return
        }
    }

    func collection(_ state: Value, _ cloud: Cloud) -> ResourceCollection<OctaviaClient.Pool> { cloud.pools }

    func loadBalancer(_ state: Value, _ cloud: Cloud) async throws -> ResourceID? {
        if !state["loadbalancer_id"].isEmpty { return try state.id("loadbalancer_id") }
        return try await cloud.listeners.get(state.id("listener_id")).loadBalancerIDs.first
    }

    func creation(_ body: [UInt8]) throws -> PoolCreate { try PoolCreate(body: body) }
    func change(_ body: [UInt8]) throws -> PoolUpdate { try PoolUpdate(body: body) }

    func adjust(_ fields: inout Fields, from prior: Value, to planned: Value) {
        let given = Self.persistence(planned)
        guard given != Self.persistence(prior) else { return }
        fields["session_persistence"] = given.isEmpty ? .null : .object(given.mapValues(\.json))
    }

    private static func persistence(_ value: Value) -> [String: Value] {
        (value["persistence"][0].members ?? [:]).filter { !$0.value.isEmpty }
    }

    func complete(
        _ state: inout Value, _ object: Row<OctaviaClient.Pool>, known: Value, _ operation: OperationContext<Cloud>
    ) {
        let pool = object.resource
        let listeners = pool.listenerIDs.map { Value.string($0.string) }
        if !known["listener_id"].isEmpty {
            // One that another pool took the place of keeps its listener: only what is somewhere else has moved.
            state["listener_id"] =
                listeners.isEmpty || listeners.contains(known["listener_id"]) ? known["listener_id"] : listeners[0]
            state["loadbalancer_id"] = known["loadbalancer_id"]
        } else if known["loadbalancer_id"].isEmpty, let listener = listeners.first {
            state["listener_id"] = listener
            state["loadbalancer_id"] = .null
        } else {
            state["listener_id"] = .null
            state["loadbalancer_id"] =
                pool.loadBalancerIDs.first.map { .string($0.string) } ?? known["loadbalancer_id"]
        }
        guard let persistence = object.fields["session_persistence"]?.object,
            let type = persistence["type"]?.string
        else {
            state["persistence"] = []
            return
        }
        state["persistence"] = [["type": .string(type), "cookie_name": .optional(persistence["cookie_name"]?.string)]]
    }
}
