// The operations of the load balancing API on any service: the same code for Ottava and for the original.

internal import OctaviaClient
internal import TestSupport
internal import Testing

/// Calls every operation, expects what every Octavia answers, and writes down what this one answered.
struct SharedOperations {
    /// A user of one project.
    var cloud: Cloud
    /// An operator.
    var admin: Cloud
    var subnet: ResourceID
    /// Addresses for load balancers.
    var address: () -> String
    /// Ports for listeners.
    var port: () -> Int
    var transcript = Transcript()

    @discardableResult
    private func record<Result>(_ step: String, _ result: Result) -> Result { transcript.record(step, result) }

    // MARK: A tree, piece by piece

    func everyKindOfATreeIsMadeShownChangedAndDeleted() async throws {
        let made = record(
            "load balancer made",
            try await cloud.loadBalancers.create(
                LoadBalancerCreate(name: "tree", vip: .subnet(subnet, address: address()))))
        let loadBalancer = record("load balancer", try await cloud.loadBalancers.waitUntilActive(made.id))
        #expect(loadBalancer.vipAddress == made.vipAddress && loadBalancer.provider == "amphora")
        #expect(loadBalancer.createdAt != nil)
        let listener = record(
            "listener made",
            try await cloud.listeners.create(
                ListenerCreate(name: "http", listenerProtocol: .http, protocolPort: port(), loadBalancer: made.id)))
        record("listener", try await cloud.listeners.waitUntilActive(listener.id))
        #expect(listener.loadBalancerIDs == [made.id] && listener.timeouts == ListenerTimeouts())
        let pool = record(
            "pool made",
            try await cloud.pools.create(PoolCreate(name: "web", poolProtocol: .http, listener: listener.id)))
        record("pool", try await cloud.pools.waitUntilActive(pool.id))
        #expect(try await cloud.listeners.get(listener.id).defaultPoolID == pool.id)
        let members = cloud.members(of: pool.id)
        let member = record(
            "member made",
            try await members.create(MemberCreate(name: "a", address: "127.0.0.1", protocolPort: 9001)))
        record("member", try await members.waitUntilActive(member.id))
        #expect(member.weight == 1 && !member.isBackup)
        let monitor = record(
            "monitor made",
            try await cloud.healthMonitors.create(
                HealthMonitorCreate(pool: pool.id, type: .http, delay: 5, timeout: 2, maxRetries: 3)))
        record("monitor", try await cloud.healthMonitors.waitUntilActive(monitor.id))
        #expect(monitor.urlPath == "/" && monitor.maxRetriesDown == 3)
        let policy = record(
            "policy made",
            try await cloud.l7Policies.create(L7PolicyCreate(name: "no", listener: listener.id, action: .reject)))
        record("policy", try await cloud.l7Policies.waitUntilActive(policy.id))
        let rules = cloud.l7Rules(of: policy.id)
        let rule = record(
            "rule made",
            try await rules.create(L7RuleCreate(type: .path, compareType: .startsWith, value: "/admin")))
        record("rule", try await rules.waitUntilActive(rule.id))

        // Lists, by name and by what they belong to.
        #expect(try await cloud.listeners.list(.loadBalancer(made.id)).all().map(\.id) == [listener.id])
        #expect(try await cloud.pools.find("web").id == pool.id)
        #expect(try await members.find("a").id == member.id)
        #expect(try await rules.list().all().map(\.id) == [rule.id])
        #expect(try await cloud.l7Policies.list(.listener(listener.id)).all().map(\.id) == [policy.id])

        try await everyKindIsChanged(made.id, listener.id, pool.id, member.id, monitor.id, policy.id, rule.id)

        // Members as a whole.
        try await members.replace(with: [
            MemberCreate(name: "a", address: "127.0.0.1", protocolPort: 9001, weight: 7),
            MemberCreate(name: "b", address: "127.0.0.1", protocolPort: 9002),
        ])
        try await cloud.pools.waitUntilActive(pool.id)
        #expect(try await members.list(sortedBy: ["name"]).all().map(\.weight) == [7, 1])
        #expect(try await members.list(sortedBy: ["name"]).all().first?.id == member.id)
        try await members.replace(
            with: [MemberCreate(name: "c", address: "127.0.0.1", protocolPort: 9003)], additiveOnly: true)
        try await cloud.pools.waitUntilActive(pool.id)
        let all = try await members.list(sortedBy: [SortKey("name", isDescending: true)]).all()
        #expect(record("members", all).map(\.name) == ["c", "b", "a"])

        // Statuses and counters.
        let tree = try await cloud.loadBalancers.statusTree(made.id)
        #expect(tree.flattened.count == 7, "\(tree)")
        #expect(tree.children.first?.children.first?.children.first?.kind == .healthMonitor)
        for node in tree.flattened.sorted(by: { ($0.kind.rawValue, $0.name) < ($1.kind.rawValue, $1.name) }) {
            transcript.record("status of \(node.kind) \(node.name)", node.provisioningStatus)
        }
        #expect(record("counters", try await cloud.loadBalancers.statistics(made.id)).totalConnections == 0)
        #expect(
            record("counters of the listener", try await cloud.listeners.statistics(listener.id)).requestErrors == 0)
        let whole = try await cloud.tree(of: made.id)
        #expect(whole.listeners.first?.l7Policies.first?.rules.map(\.id) == [rule.id])
        #expect(whole.pools.first?.members.count == 3 && whole.pools.first?.healthMonitor?.id == monitor.id)

        // The end, one by one and all at once.
        try await rules.delete(rule.id)
        try await rules.waitUntilDeleted(rule.id)
        try await cloud.l7Policies.delete(policy.id)
        try await cloud.l7Policies.waitUntilDeleted(policy.id)
        try await cloud.healthMonitors.delete(monitor.id)
        try await cloud.healthMonitors.waitUntilDeleted(monitor.id)
        try await members.delete(member.id)
        try await members.waitUntilDeleted(member.id)
        #expect(await code { try await cloud.loadBalancers.delete(made.id) } == .badRequest)
        try await cloud.loadBalancers.delete(made.id, cascade: true)
        try await cloud.loadBalancers.waitUntilDeleted(made.id)
        #expect(await code { _ = try await cloud.pools.get(pool.id) } == .notFound)
    }

    private func everyKindIsChanged(
        _ made: ResourceID, _ listener: ResourceID, _ pool: ResourceID, _ member: ResourceID, _ monitor: ResourceID,
        _ policy: ResourceID, _ rule: ResourceID
    ) async throws {
        try await cloud.loadBalancers.update(made) {
            $0.name = .set("renamed")
            $0.tags = .set(["b", "a"])
        }
        let renamed = record("load balancer changed", try await cloud.loadBalancers.waitUntilActive(made))
        #expect(renamed.name == "renamed" && renamed.tags == ["a", "b"])
        #expect(try await cloud.loadBalancers.list(.tags(all: ["a", "b"])).all().map(\.id) == [made])
        #expect(try await cloud.loadBalancers.list(.tags(none: ["a"])).all().isEmpty)
        try await cloud.listeners.update(listener) {
            $0.connectionLimit = .set(100)
            $0.insertHeaders = .set(["X-Forwarded-For": "true"])
            $0.allowedCIDRs = .set(["127.0.0.0/8"])
        }
        let changed = record("listener changed", try await cloud.listeners.waitUntilActive(listener))
        #expect(changed.connectionLimit == 100 && changed.insertHeaders == ["X-Forwarded-For": "true"])
        #expect(changed.allowedCIDRs == ["127.0.0.0/8"] && changed.name == "http")
        try await cloud.listeners.update(listener) { $0.connectionLimit = .set(nil) }
        #expect(try await cloud.listeners.waitUntilActive(listener).connectionLimit == -1)
        try await cloud.pools.update(pool) {
            $0.algorithm = .set(.leastConnections)
            var persistence = SessionPersistenceUpdate()
            persistence.type = .httpCookie
            $0.sessionPersistence = .set(persistence)
        }
        let balanced = record("pool changed", try await cloud.pools.waitUntilActive(pool))
        #expect(balanced.algorithm == .leastConnections && balanced.sessionPersistence?.type == .httpCookie)
        try await cloud.pools.update(pool) { $0.sessionPersistence = .set(nil) }
        #expect(try await cloud.pools.waitUntilActive(pool).sessionPersistence == nil)
        let members = cloud.members(of: pool)
        try await members.update(member) { $0.weight = .set(0) }
        #expect(record("member changed", try await members.waitUntilActive(member)).weight == 0)
        try await cloud.healthMonitors.update(monitor) { $0.urlPath = .set("/ok") }
        let probing = record("monitor changed", try await cloud.healthMonitors.waitUntilActive(monitor))
        #expect(probing.urlPath == "/ok")
        try await cloud.l7Policies.update(policy) { $0.redirectURL = .set("http://example.com/") }
        let redirect = record("policy changed", try await cloud.l7Policies.waitUntilActive(policy))
        #expect(redirect.action == .redirectToURL && redirect.redirectHTTPCode == 302)
        let rules = cloud.l7Rules(of: policy)
        try await rules.update(rule) { $0.value = .set("/private") }
        #expect(record("rule changed", try await rules.waitUntilActive(rule)).value == "/private")
    }

    // MARK: A tree in one call

    func aWholeTreeIsCreatedInOneCall() async throws {
        var monitor = HealthMonitorCreate(type: .tcp, delay: 2, timeout: 1, maxRetries: 1)
        monitor.name = "check"
        let pool = PoolCreate(
            name: "main", poolProtocol: .http,
            members: [MemberCreate(name: "a", address: "127.0.0.1", protocolPort: 9001)], healthMonitor: monitor)
        var policy = L7PolicyCreate(action: .redirectToPool)
        policy.redirectPool = .named("other")
        policy.rules = [L7RuleCreate(type: .hostName, compareType: .equalTo, value: "example.com")]
        let port = port()
        let made = try await cloud.loadBalancers.create(
            LoadBalancerCreate(
                name: "whole", vip: .subnet(subnet, address: address()),
                listeners: [
                    ListenerCreate(
                        name: "http", listenerProtocol: .http, protocolPort: port, defaultPool: pool,
                        l7Policies: [policy]),
                    ListenerCreate(
                        name: "second", listenerProtocol: .http, protocolPort: self.port(),
                        defaultPool: .named("main")),
                ],
                pools: [PoolCreate(name: "other", poolProtocol: .http, algorithm: .sourceIP)]))
        #expect(made.listenerIDs.count == 2 && made.poolIDs.count == 2)
        try await cloud.loadBalancers.waitUntilActive(made.id)
        let tree = try await cloud.tree(of: made.id)
        let main = try #require(tree.pools.first { $0.pool.name == "main" })
        #expect(main.healthMonitor?.name == "check" && main.members.map(\.name) == ["a"])
        #expect(Set(tree.listeners.map(\.listener.defaultPoolID)) == [main.pool.id])
        let first = try #require(tree.listeners.first { $0.listener.protocolPort == port })
        #expect(
            first.l7Policies.first?.l7Policy.redirectPoolID
                == tree.pools.first { $0.pool.name == "other" }?.pool.id)
        for listener in tree.listeners.map(\.listener).sorted(by: { $0.name < $1.name }) {
            transcript.record("\(listener.name) of the tree", listener)
        }
        transcript.record("rules of the tree", first.l7Policies.first?.rules)
        transcript.record("main of the tree", main.pool)
        transcript.record("members of the tree", main.members)
        transcript.record("monitor of the tree", main.healthMonitor)
        try await cloud.loadBalancers.delete(made.id, cascade: true)
        try await cloud.loadBalancers.waitUntilDeleted(made.id)
    }

    // MARK: What operators offer

    func operatorsManageOffersAndQuotas() async throws {
        let project = try #require(try await cloud.token().project?.id)
        #expect(record("versions", try await admin.apiVersions()).last == APIVersion(2, 30))
        #expect(try await admin.providers.list().all().contains { $0.name == "amphora" })
        #expect(try await !admin.providers.flavorCapabilities("amphora").isEmpty)
        _ = try await admin.providers.availabilityZoneCapabilities("amphora")
        // Amphorae have no names to look for.
        let missing = ResourceID.random().string
        let absent = await #expect(throws: CloudError.self) { _ = try await admin.amphorae.find(missing) }
        #expect(absent?.code == .notFound && absent?.status == 404)

        let profile = record(
            "flavor profile",
            try await admin.flavorProfiles.create(
                ProfileCreate(name: "small", provider: "amphora", data: #"{"loadbalancer_topology": "SINGLE"}"#)))
        try await admin.flavorProfiles.update(profile.id) { $0.name = .set("smaller") }
        #expect(try await admin.flavorProfiles.find("smaller").data.contains("SINGLE"))
        let flavor = record(
            "flavor", try await admin.flavors.create(OfferCreate(name: "s", isEnabled: false, profile: profile.id)))
        #expect(!flavor.isEnabled)
        try await admin.flavors.update(flavor.id) { $0.description = .set("for tests") }
        #expect(record("flavor changed", try await admin.flavors.get(flavor.id)).description == "for tests")
        #expect(try await admin.flavors.list(.name("s")).all().map(\.id) == [flavor.id])
        try await admin.flavors.delete(flavor.id)
        try await admin.flavorProfiles.delete(profile.id)

        let place = record(
            "zone profile",
            try await admin.availabilityZoneProfiles.create(
                ProfileCreate(name: "here", provider: "amphora", data: #"{"compute_zone": "nova"}"#)))
        // Somebody else may have made zones before.
        let others = try await admin.availabilityZones.list().all().count
        let zone = record(
            "zone", try await admin.availabilityZones.create(OfferCreate(name: "zone 1", profile: place.id)))
        try await admin.availabilityZones.update(zone.id) { $0.isEnabled = .set(false) }
        #expect(try await admin.availabilityZones.get("zone 1").isEnabled == false)
        #expect(record("zone changed", try await admin.availabilityZones.find("zone 1")).profileID == place.id)
        #expect(try await admin.availabilityZones.list().all().count == others + 1)
        try await admin.availabilityZones.delete(zone.id)
        try await admin.availabilityZoneProfiles.delete(place.id)

        #expect(record("default quotas", try await admin.quotas.defaults(for: project)).loadBalancers == -1)
        let quota = record("quotas", try await admin.quotas.update(project) { $0.loadBalancer = .set(50) })
        #expect(quota.loadBalancers == 50 && quota.listeners == -1)
        #expect(try await admin.quotas.get(project).loadBalancers == 50)
        #expect(try await admin.quotas.list().all().contains { $0.projectID == project })
        try await admin.quotas.reset(project)
        #expect(try await admin.quotas.get(project).loadBalancers == -1)
    }

    // MARK: What serves

    /// - Parameters:
    ///   - failsOver: Whether the service can replace an amphora; the original cannot with drivers that do nothing.
    ///   - whenServing: Called when the amphora has a listener.
    func operatorsManageAmphorae(
        failsOver: Bool = true, whenServing: (_ amphora: ResourceID, _ listener: ResourceID) async throws -> Void
    ) async throws {
        let made = try await cloud.loadBalancers.create(
            LoadBalancerCreate(name: "amphora", vip: .subnet(subnet, address: address())))
        try await cloud.loadBalancers.waitUntilActive(made.id)
        let amphora = try #require(try await admin.amphorae.list(.loadBalancer(made.id)).all().first)
        #expect(try await admin.amphorae.get(amphora.id).role == "STANDALONE")
        // Octavia too says 404 while there is nothing to count.
        #expect(await code { _ = try await admin.amphorae.statistics(amphora.id) } == .notFound)
        let listener = try await cloud.listeners.create(
            ListenerCreate(listenerProtocol: .http, protocolPort: port(), loadBalancer: made.id))
        try await cloud.listeners.waitUntilActive(listener.id)
        try await whenServing(amphora.id, listener.id)
        try await admin.amphorae.configure(amphora.id)
        try await cloud.loadBalancers.waitUntilActive(made.id)
        if failsOver {
            try await admin.amphorae.failover(amphora.id)
            record("after the amphora's failover", try await cloud.loadBalancers.waitUntilActive(made.id))
            try await admin.loadBalancers.failover(made.id)
            record("after the failover", try await cloud.loadBalancers.waitUntilActive(made.id))
        }
        try await cloud.loadBalancers.delete(made.id, cascade: true)
        try await cloud.loadBalancers.waitUntilDeleted(made.id)
    }

    // MARK: What goes wrong

    func faultsAreTypedAndSayWhatIsWrong() async throws {
        func failure(_ step: String, _ body: () async throws -> Void) async -> CloudError? {
            do {
                try await body()
                Issue.record("\(step): no error")
                return nil
            } catch {
                let error = error as? CloudError
                transcript.record("\(step): code", error?.code.description)
                transcript.record("\(step): status", error?.status)
                return error
            }
        }
        let missing = ResourceID.random()
        let absent = await failure("a load balancer that is not there") {
            _ = try await cloud.loadBalancers.get(missing)
        }
        #expect(absent?.code == .notFound && absent?.status == 404 && absent?.message.contains("\(missing)") == true)
        #expect(absent?.requestID?.hasPrefix("req-") == true)
        #expect(absent?.request?.contains("/loadbalancers/\(missing)") == true)
        _ = await failure("a name that nothing has") { _ = try await cloud.loadBalancers.find("no such name") }
        _ = await failure("amphorae for a user") { _ = try await cloud.amphorae.list().all() }
        _ = await failure("a value that is too large") {
            try await cloud.loadBalancers.create(
                LoadBalancerCreate(name: String(repeating: "x", count: 256), vip: .subnet(subnet, address: address())))
        }
        _ = await failure("a field that there is not") {
            _ = try await cloud.loadBalancers.list(.field("nonsense", equals: 1), sortedBy: ["nonsense"]).all()
        }
        var twins: [LoadBalancer] = []
        for _ in 0..<2 {
            twins.append(
                try await cloud.loadBalancers.create(
                    LoadBalancerCreate(name: "twice", vip: .subnet(subnet, address: address()))))
        }
        _ = await failure("a name that two have") { _ = try await cloud.loadBalancers.find("twice") }
        for twin in twins { try await cloud.loadBalancers.waitUntilActive(twin.id) }
        let listener = ListenerCreate(listenerProtocol: .tcp, protocolPort: port(), loadBalancer: twins[0].id)
        let made = try await cloud.listeners.create(listener)
        try await cloud.listeners.waitUntilActive(made.id)
        _ = await failure("a port that is taken") { try await cloud.listeners.create(listener) }
        let project = try #require(try await cloud.token().project?.id)
        try await admin.quotas.update(project) { $0.pool = .set(0) }
        _ = await failure("a quota that is used up") {
            try await cloud.pools.create(PoolCreate(name: "p", poolProtocol: .tcp, loadBalancer: twins[0].id))
        }
        try await admin.quotas.reset(project)
        for twin in twins {
            try await cloud.loadBalancers.delete(twin.id, cascade: true)
            try await cloud.loadBalancers.waitUntilDeleted(twin.id)
        }
    }

    // MARK: Lists

    /// Pages of a list, with an order and with conditions.
    func listsReadThemselvesPageByPage(count: Int, pageSizes: [Int]) async throws {
        let made = try await cloud.loadBalancers.create(
            LoadBalancerCreate(
                name: "many", vip: .subnet(subnet, address: address()),
                pools: [PoolCreate(name: "many", poolProtocol: .tcp)]))
        try await cloud.loadBalancers.waitUntilActive(made.id)
        let pool = try #require(made.poolIDs.first)
        let members = cloud.members(of: pool)
        try await members.replace(
            with: (0..<count).map { number in
                MemberCreate(name: "m\(number)", address: "192.0.2.\(number % 200 + 2)", protocolPort: 1000 + number)
            })
        try await cloud.pools.waitUntilActive(pool)
        for size in pageSizes {
            var seen: Set<ResourceID> = []
            for try await member in members.list(pageSize: size) { seen.insert(member.id) }
            #expect(seen.count == count, "\(size)")
        }
        // Conditions hold on every page, and so does the order.
        let ports = try await members.list(
            .field("address", equals: "192.0.2.2"), sortedBy: [SortKey("protocol_port", isDescending: true)],
            pageSize: 5
        ).all().map(\.protocolPort)
        record("ports", ports)
        #expect(ports == stride(from: 1000, to: 1000 + count, by: 200).reversed())
        // Only as much is read as is asked for.
        var some = 0
        for try await _ in members.list(pageSize: 10) {
            some += 1
            if some == 15 { break }
        }
        #expect(some == 15)
        #expect(try await members.list(.name("nobody")).all().isEmpty)
        try await cloud.loadBalancers.delete(made.id, cascade: true)
        try await cloud.loadBalancers.waitUntilDeleted(made.id)
    }
}
