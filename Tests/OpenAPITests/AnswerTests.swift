// Tests that the views write what the document says.

internal import JSON
internal import LoadBalancing
internal import OctaviaWire
internal import Testing

@testable internal import LoadBalancerAPI

@Suite("Answers in the document")
struct AnswerTests {
    let document: Document

    init() throws {
        document = try Document()
    }

    /// Checks a body against the schema of an operation's answer.
    private func check(_ body: [UInt8], _ method: String, _ path: String, _ status: Int) throws {
        let schema = try #require(document.answer(method, path, status), "\(method) \(path)")
        let value = try JSONValue(parsing: body)
        #expect(SchemaValidator(document: document).problems(value, schema) == [], "\(method) \(path)")
    }

    /// Checks the answers with one resource, with some of its fields and with a page, in two states of it.
    ///
    /// Between them the two states must show every field that the document has.
    private func check<View: ResourceView>(_ full: View, _ sparse: View, _ path: String) throws {
        let (name, schema) = try #require(
            OpenAPI.resources.first { $0.key == View.key }.flatMap { resource in
                document.schemas[resource.name].map { (resource.name, $0) }
            })
        var shown: Set<String> = []
        for view in [full, sparse] {
            let value = try JSONValue(parsing: JSONWriter.bytes(of: view))
            #expect(SchemaValidator(document: document).problems(value, schema) == [], "\(name)")
            shown.formUnion(value.object?.keys ?? [:].keys)
        }
        #expect(shown == Set(document.properties(of: schema).keys), "\(name)")
        if path.hasSuffix("}") { return try check(full.body(), "get", path, 200) }
        try check(View.listBody([full, sparse], links: links), "get", path, 200)
        try check(View.listBody([full], fields: ["id", "no such field"]), "get", path, 200)
        try check(View.listBody([View]()), "get", path, 200)
    }

    private let links = [
        ListLink(reference: "http://127.0.0.1/load-balancer/v2.0/lbaas/pools?limit=2", relation: "next")
    ]

    @Test("show the resources of a tree as documented")
    func treeResources() throws {
        let (full, sparse) = (SampleTree.full, SampleTree.sparse)
        try check(LoadBalancerView(full), LoadBalancerView(sparse), "/v2/lbaas/loadbalancers")
        try check(
            ListenerView(full.listeners[0], in: full), ListenerView(sparse.listeners[0], in: sparse),
            "/v2/lbaas/listeners")
        try check(PoolView(full.pools[0], in: full), PoolView(sparse.pools[0], in: sparse), "/v2/lbaas/pools")
        try check(
            MemberView(full.members[0]), MemberView(sparse.members[0]), "/v2/lbaas/pools/{pool_id}/members")
        try check(
            HealthMonitorView(full.healthMonitors[0]), HealthMonitorView(sparse.healthMonitors[0]),
            "/v2/lbaas/healthmonitors")
        try check(
            L7PolicyView(full.l7Policies[0], in: full), L7PolicyView(sparse.l7Policies[0], in: sparse),
            "/v2/lbaas/l7policies")
        try check(
            L7RuleView(full.l7Rules[0]), L7RuleView(sparse.l7Rules[0]), "/v2/lbaas/l7policies/{l7policy_id}/rules")
    }

    @Test("show one resource as documented")
    func single() throws {
        let full = SampleTree.full
        try check(LoadBalancerView(full).body(), "get", "/v2/lbaas/loadbalancers/{loadbalancer_id}", 200)
        try check(LoadBalancerView(full).body(), "put", "/v2/lbaas/loadbalancers/{loadbalancer_id}", 200)
        try check(L7RuleView(full.l7Rules[0]).body(), "post", "/v2/lbaas/l7policies/{l7policy_id}/rules", 201)
        try check(
            L7RuleView(full.l7Rules[0]).body(fields: ["id"]), "get",
            "/v2/lbaas/l7policies/{l7policy_id}/rules/{l7rule_id}", 200)
        let schema = try #require(document.answer("post", "/v2/lbaas/listeners", 201))
        let partial = try JSONValue(parsing: ListenerView(full.listeners[0], in: full).body(fields: ["id"]))
        #expect(SchemaValidator(document: document).problems(partial, schema) != [])
    }

    @Test("show a new tree, statuses and counters as documented", arguments: [SampleTree.full, SampleTree.sparse])
    func trees(_ tree: LoadBalancerTree) throws {
        try check(FullLoadBalancerView(tree).body(), "post", "/v2/lbaas/loadbalancers", 201)
        for word in ["status", "statuses"] {
            try check(
                StatusTreeView(tree).body, "get", "/v2/lbaas/loadbalancers/{loadbalancer_id}/\(word)", 200)
        }
        let counters = ListenerStatistics(bytesIn: Int64.max)
        try check(StatisticsView(counters).body, "get", "/v2/lbaas/loadbalancers/{loadbalancer_id}/stats", 200)
        try check(StatisticsView(counters).body, "get", "/v2/lbaas/listeners/{listener_id}/stats", 200)
    }

    @Test("show what administrators keep as documented")
    func administration() throws {
        let id = SampleTree.id
        let quota = QuotaView(projectID: "p", limits: [.pool: 0])
        try check(quota, quota, "/v2/lbaas/quotas")
        try check(quota.body(), "put", "/v2/lbaas/quotas/{project_id}", 202)
        try check(quota.body(), "get", "/v2/lbaas/quotas/{project_id}/default", 200)
        let flavor = FlavorView(id: id, name: "small", description: "", isEnabled: true, profileID: id)
        try check(flavor, flavor, "/v2/lbaas/flavors")
        let profile = FlavorProfileView(id: id, name: "small", providerName: "amphora", data: "{}")
        try check(profile, profile, "/v2/lbaas/flavorprofiles")
        let zone = AvailabilityZoneView(name: "one", description: "", isEnabled: false, profileID: id)
        try check(zone, zone, "/v2/lbaas/availabilityzones")
        let zoneProfile = AvailabilityZoneProfileView(id: id, name: "one", providerName: "amphora", data: "{}")
        try check(zoneProfile, zoneProfile, "/v2/lbaas/availabilityzoneprofiles")
        let time = Timestamp(microseconds: 0)
        let amphora = AmphoraView(
            id: id, loadBalancerID: id, computeID: id, managementAddress: "127.0.0.1", vipAddress: nil, portID: nil,
            status: "ALLOCATED", zone: nil, createdAt: time, updatedAt: time)
        try check(amphora, amphora, "/v2/octavia/amphorae")
        let statistics = AmphoraStatisticsView(
            amphoraID: id, loadBalancerID: id, listeners: [(id: id, statistics: ListenerStatistics())])
        try check(statistics.body, "get", "/v2/octavia/amphorae/{amphora_id}/stats", 200)
    }

    @Test("show events as documented", arguments: LoadBalancerEvent.Kind.allCases)
    func events(_ kind: LoadBalancerEvent.Kind) throws {
        let time = Timestamp(microseconds: 0)
        var full = LoadBalancerEvent(
            loadBalancerID: SampleTree.id, projectID: "p", kind, .listener, SampleTree.id, userID: "u",
            requestID: "req-1", generation: 3, fields: ["name"], duration: 12, message: "It was.", at: time)
        full.updatedAt = time
        let sparse = LoadBalancerEvent(
            loadBalancerID: SampleTree.id, projectID: "p", kind, message: "It was.", at: time)
        try check(
            EventView(full), EventView(sparse), "/v2/lbaas/loadbalancers/{loadbalancer_id}/events")
    }

    @Test("show providers and versions as documented")
    func lists() throws {
        let providers = ProviderListView([.init(name: "amphora", description: "The usual one.")])
        try check(providers.body(), "get", "/v2/lbaas/providers", 200)
        try check(providers.body(fields: ["name"]), "get", "/v2/lbaas/providers", 200)
        for key in ["flavor_capabilities", "availability_zone_capabilities"] {
            let list = CapabilityListView(key: key, [.init(name: "sriov_vip", description: "Direct ports.")])
            try check(list.body(), "get", "/v2/lbaas/providers/{provider}/\(key)", 200)
        }
        try check(VersionListView(baseURL: "http://127.0.0.1/load-balancer/").body, "get", "/", 200)
        try check(Array("\"v2\"".utf8), "get", "/v2/lbaas", 200)
    }

    @Test("show faults as documented")
    func faults() throws {
        let path = "/v2/lbaas/pools/{pool_id}/members"
        try check(OctaviaFault.invalidJSON.body, "post", path, 400)
        try check(OctaviaFault.invalidLimit("x").body, "get", path, 400)
        try check(OctaviaFault.missingParent("Pool", "x").body, "get", path, 404)
        try check(OctaviaFault.forbidden.body, "get", path, 403)
        try check(OctaviaFault.immutable("Pool", SampleTree.id).body, "post", path, 409)
        try check(OctaviaFault(501, "The provider cannot.").body, "post", path, 501)
        let login = #"{"error":{"code":401,"title":"Unauthorized","message":"Log in."}}"#
        try check(Array(login.utf8), "get", path, 401)
    }

    @Test("use the words of the domain")
    func words() {
        let listener = document.schemas["ListenerFields"]?["properties"]
        #expect(listener?["protocol"]?["enum"]?.array?.count == ListenerProtocol.allCases.count)
        #expect(listener?["provisioning_status"]?["enum"]?.array?.count == ProvisioningStatus.allCases.count)
        #expect(listener?["operating_status"]?["enum"]?.array?.count == OperatingStatus.allCases.count)
    }

    @Test("of lists have every filter", arguments: ResourceKind.allCases)
    func filters(_ kind: ResourceKind) throws {
        let paths: [ResourceKind: String] = [
            .loadBalancer: "loadbalancers", .listener: "listeners", .pool: "pools", .member: "pools/{pool_id}/members",
            .healthMonitor: "healthmonitors", .l7Policy: "l7policies", .l7Rule: "l7policies/{l7policy_id}/rules",
        ]
        let operation = document.operation("get", "/v2/lbaas/\(paths[kind] ?? "")")
        let names = Set(
            (operation?["parameters"]?.array ?? []).map(document.resolved).compactMap { $0["name"]?.string })
        let common = [
            "project_id", "tags", "tags-any", "not-tags", "not-tags-any", "sort", "sort_key", "sort_dir", "limit",
            "marker", "page_reverse", "fields",
        ]
        #expect(names.isSuperset(of: common))
        #expect(names.isSuperset(of: ListSchema.fields(of: kind).keys))
    }
}
