// Every operation of the API.

internal import OctaviaClient
internal import TestSupport
internal import Testing

extension OctaviaClientTests {
    @Suite(.server)
    struct OperationTests {
        private func subnet(_ cloud: Cloud) async throws -> ResourceID {
            try await cloud.network.subnets.find("private-subnet").id
        }

        @Test func everyKindOfATreeIsMadeShownChangedAndDeleted() async throws {
            try await withCloud { cloud in
                let vip = VIPSource.subnet(try await subnet(cloud), address: VirtualAddresses.next())
                let made = try await cloud.loadBalancers.create(LoadBalancerCreate(name: "tree", vip: vip))
                let loadBalancer = try await cloud.loadBalancers.waitUntilActive(made.id)
                #expect(loadBalancer.vipAddress == made.vipAddress && loadBalancer.provider == "amphora")
                #expect(loadBalancer.createdAt != nil)
                let listener = try await cloud.listeners.create(
                    ListenerCreate(
                        name: "http", listenerProtocol: .http, protocolPort: Ports.free(), loadBalancer: made.id))
                try await cloud.listeners.waitUntilActive(listener.id)
                #expect(listener.loadBalancerIDs == [made.id] && listener.timeouts == ListenerTimeouts())
                let pool = try await cloud.pools.create(
                    PoolCreate(name: "web", poolProtocol: .http, listener: listener.id))
                try await cloud.pools.waitUntilActive(pool.id)
                #expect(try await cloud.listeners.get(listener.id).defaultPoolID == pool.id)
                let members = cloud.members(of: pool.id)
                let member = try await members.create(MemberCreate(name: "a", address: "127.0.0.1", protocolPort: 9001))
                try await members.waitUntilActive(member.id)
                #expect(member.weight == 1 && !member.isBackup)
                let monitor = try await cloud.healthMonitors.create(
                    HealthMonitorCreate(pool: pool.id, type: .http, delay: 5, timeout: 2, maxRetries: 3))
                try await cloud.healthMonitors.waitUntilActive(monitor.id)
                #expect(monitor.urlPath == "/" && monitor.maxRetriesDown == 3)
                let policy = try await cloud.l7Policies.create(
                    L7PolicyCreate(name: "no", listener: listener.id, action: .reject))
                try await cloud.l7Policies.waitUntilActive(policy.id)
                let rules = cloud.l7Rules(of: policy.id)
                let rule = try await rules.create(L7RuleCreate(type: .path, compareType: .startsWith, value: "/admin"))
                try await rules.waitUntilActive(rule.id)

                // Lists, by name and by what they belong to.
                #expect(try await cloud.listeners.list(.loadBalancer(made.id)).all().map(\.id) == [listener.id])
                #expect(try await cloud.pools.find("web").id == pool.id)
                #expect(try await members.find("a").id == member.id)
                #expect(try await rules.list().all().map(\.id) == [rule.id])
                #expect(try await cloud.l7Policies.list(.listener(listener.id)).all().map(\.id) == [policy.id])

                // Changes.
                try await cloud.loadBalancers.update(made.id) {
                    $0.name = .set("renamed")
                    $0.tags = .set(["b", "a"])
                }
                let renamed = try await cloud.loadBalancers.waitUntilActive(made.id)
                #expect(renamed.name == "renamed" && renamed.tags == ["a", "b"])
                #expect(try await cloud.loadBalancers.list(.tags(all: ["a", "b"])).all().map(\.id) == [made.id])
                #expect(try await cloud.loadBalancers.list(.tags(none: ["a"])).all().isEmpty)
                try await cloud.listeners.update(listener.id) {
                    $0.connectionLimit = .set(100)
                    $0.insertHeaders = .set(["X-Forwarded-For": "true"])
                    $0.allowedCIDRs = .set(["127.0.0.0/8"])
                }
                let changed = try await cloud.listeners.waitUntilActive(listener.id)
                #expect(changed.connectionLimit == 100 && changed.insertHeaders == ["X-Forwarded-For": "true"])
                #expect(changed.allowedCIDRs == ["127.0.0.0/8"] && changed.name == "http")
                try await cloud.listeners.update(listener.id) { $0.connectionLimit = .set(nil) }
                #expect(try await cloud.listeners.waitUntilActive(listener.id).connectionLimit == -1)
                try await cloud.pools.update(pool.id) {
                    $0.algorithm = .set(.leastConnections)
                    var persistence = SessionPersistenceUpdate()
                    persistence.type = .httpCookie
                    $0.sessionPersistence = .set(persistence)
                }
                let balanced = try await cloud.pools.waitUntilActive(pool.id)
                #expect(balanced.algorithm == .leastConnections && balanced.sessionPersistence?.type == .httpCookie)
                try await cloud.pools.update(pool.id) { $0.sessionPersistence = .set(nil) }
                #expect(try await cloud.pools.waitUntilActive(pool.id).sessionPersistence == nil)
                try await members.update(member.id) { $0.weight = .set(0) }
                #expect(try await members.waitUntilActive(member.id).weight == 0)
                try await cloud.healthMonitors.update(monitor.id) { $0.urlPath = .set("/ok") }
                #expect(try await cloud.healthMonitors.waitUntilActive(monitor.id).urlPath == "/ok")
                try await cloud.l7Policies.update(policy.id) { $0.redirectURL = .set("http://example.com/") }
                let redirect = try await cloud.l7Policies.waitUntilActive(policy.id)
                #expect(redirect.action == .redirectToURL && redirect.redirectHTTPCode == 302)
                try await rules.update(rule.id) { $0.value = .set("/private") }
                #expect(try await rules.waitUntilActive(rule.id).value == "/private")

                // Members as a whole.
                try await members.replace(with: [
                    MemberCreate(name: "a", address: "127.0.0.1", protocolPort: 9001, weight: 7),
                    MemberCreate(name: "b", address: "127.0.0.1", protocolPort: 9002),
                ])
                try await cloud.pools.waitUntilActive(pool.id)
                #expect(try await members.list().all().map(\.weight) == [7, 1])
                #expect(try await members.list().all().first?.id == member.id)
                try await members.replace(
                    with: [MemberCreate(name: "c", address: "127.0.0.1", protocolPort: 9003)], additiveOnly: true)
                try await cloud.pools.waitUntilActive(pool.id)
                #expect(
                    try await members.list(sortedBy: [SortKey("name", isDescending: true)]).all().map(\.name) == [
                        "c", "b", "a",
                    ])

                // Statuses and counters.
                let tree = try await cloud.loadBalancers.statusTree(made.id)
                #expect(tree.flattened.count == 7, "\(tree)")
                #expect(tree.children.first?.children.first?.children.first?.kind == .healthMonitor)
                #expect(try await cloud.loadBalancers.statistics(made.id).totalConnections == 0)
                #expect(try await cloud.listeners.statistics(listener.id).requestErrors == 0)
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
        }

        @Test func aWholeTreeIsCreatedInOneCall() async throws {
            try await withCloud { cloud in
                var monitor = HealthMonitorCreate(type: .tcp, delay: 2, timeout: 1, maxRetries: 1)
                monitor.name = "check"
                let pool = PoolCreate(
                    name: "main", poolProtocol: .http,
                    members: [MemberCreate(name: "a", address: "127.0.0.1", protocolPort: 9001)],
                    healthMonitor: monitor)
                var policy = L7PolicyCreate(action: .redirectToPool)
                policy.redirectPool = .named("other")
                policy.rules = [L7RuleCreate(type: .hostName, compareType: .equalTo, value: "example.com")]
                let port = Ports.free()
                let made = try await cloud.loadBalancers.create(
                    LoadBalancerCreate(
                        name: "whole", vip: .subnet(try await subnet(cloud), address: VirtualAddresses.next()),
                        listeners: [
                            ListenerCreate(
                                name: "http", listenerProtocol: .http, protocolPort: port, defaultPool: pool,
                                l7Policies: [policy]),
                            ListenerCreate(
                                name: "second", listenerProtocol: .http, protocolPort: Ports.free(),
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
                try await cloud.loadBalancers.delete(made.id, cascade: true)
            }
        }

        @Test func operatorsManageOffersQuotasAndAmphorae() async throws {
            let project = try await withCloud { try #require(try await $0.token().project?.id) }
            try await withCloud("ottava-admin") { cloud in
                #expect(try await cloud.apiVersions().last == APIVersion(2, 30))
                #expect(try await cloud.providers.list().all().contains { $0.name == "amphora" })
                #expect(try await !cloud.providers.flavorCapabilities("amphora").isEmpty)
                _ = try await cloud.providers.availabilityZoneCapabilities("amphora")

                let profile = try await cloud.flavorProfiles.create(
                    ProfileCreate(name: "small", provider: "amphora", data: #"{"loadbalancer_topology": "SINGLE"}"#))
                try await cloud.flavorProfiles.update(profile.id) { $0.name = .set("smaller") }
                #expect(try await cloud.flavorProfiles.find("smaller").data.contains("SINGLE"))
                let flavor = try await cloud.flavors.create(
                    OfferCreate(name: "s", isEnabled: false, profile: profile.id))
                #expect(!flavor.isEnabled)
                try await cloud.flavors.update(flavor.id) { $0.description = .set("for tests") }
                #expect(try await cloud.flavors.get(flavor.id).description == "for tests")
                #expect(try await cloud.flavors.list(.name("s")).all().map(\.id) == [flavor.id])
                try await cloud.flavors.delete(flavor.id)
                try await cloud.flavorProfiles.delete(profile.id)

                let place = try await cloud.availabilityZoneProfiles.create(
                    ProfileCreate(name: "here", provider: "amphora", data: #"{"compute_zone": "nova"}"#))
                let zone = try await cloud.availabilityZones.create(OfferCreate(name: "zone 1", profile: place.id))
                try await cloud.availabilityZones.update(zone.id) { $0.isEnabled = .set(false) }
                #expect(try await cloud.availabilityZones.get("zone 1").isEnabled == false)
                #expect(try await cloud.availabilityZones.find("zone 1").profileID == place.id)
                #expect(try await cloud.availabilityZones.list().all().count == 1)
                try await cloud.availabilityZones.delete(zone.id)
                try await cloud.availabilityZoneProfiles.delete(place.id)

                #expect(try await cloud.quotas.defaults(for: project).loadBalancers == -1)
                let quota = try await cloud.quotas.update(project) { $0.loadBalancer = .set(50) }
                #expect(quota.loadBalancers == 50 && quota.listeners == -1)
                #expect(try await cloud.quotas.get(project).loadBalancers == 50)
                #expect(try await cloud.quotas.list().all().contains { $0.projectID == project })
                try await cloud.quotas.reset(project)
                #expect(try await cloud.quotas.get(project).loadBalancers == -1)

                let made = try await cloud.loadBalancers.create(
                    LoadBalancerCreate(
                        name: "amphora", vip: .subnet(try await subnet(cloud), address: VirtualAddresses.next())))
                try await cloud.loadBalancers.waitUntilActive(made.id)
                let amphora = try #require(try await cloud.amphorae.list(.loadBalancer(made.id)).all().first)
                #expect(try await cloud.amphorae.get(amphora.id).role == "STANDALONE")
                // Octavia too says 404 while there is nothing to count.
                #expect(await code { _ = try await cloud.amphorae.statistics(amphora.id) } == .notFound)
                let listener = try await cloud.listeners.create(
                    ListenerCreate(listenerProtocol: .http, protocolPort: Ports.free(), loadBalancer: made.id))
                try await cloud.listeners.waitUntilActive(listener.id)
                try await eventually("the amphora has counters", within: .seconds(20)) {
                    (try? await cloud.amphorae.statistics(amphora.id))?.map(\.listenerID) == [listener.id]
                }
                try await cloud.amphorae.configure(amphora.id)
                try await cloud.loadBalancers.waitUntilActive(made.id)
                try await cloud.amphorae.failover(amphora.id)
                try await cloud.loadBalancers.waitUntilActive(made.id)
                try await cloud.loadBalancers.failover(made.id)
                try await cloud.loadBalancers.waitUntilActive(made.id)
                try await cloud.loadBalancers.delete(made.id, cascade: true)
            }
        }

        @Test func floatingIPsAndSecrets() async throws {
            try await withCloud { cloud in
                let external = try #require(
                    try await cloud.network.networks.list(.field("router:external", equals: true)).all().first)
                #expect(external.isExternal && external.name == "public")
                let made = try await cloud.loadBalancers.create(
                    LoadBalancerCreate(
                        name: "floating", vip: .subnet(try await subnet(cloud), address: VirtualAddresses.next())))
                try await cloud.loadBalancers.waitUntilActive(made.id)
                let port = try #require(made.vipPortID)
                #expect(try await cloud.network.ports.get(port).addresses == [made.vipAddress])
                let floating = try await cloud.network.floatingIPs.create(FloatingIPCreate(networkID: external.id))
                #expect(try await cloud.network.floatingIPs.attach(floating.id, to: port).portID == port)
                #expect(try await cloud.network.floatingIPs.list(.field("port_id", equals: port)).all().count == 1)
                #expect(try await cloud.network.floatingIPs.detach(floating.id).portID == nil)
                try await cloud.network.floatingIPs.delete(floating.id)
                try await cloud.loadBalancers.delete(made.id)

                let payload: [UInt8] = [0, 1, 2, 255]
                let reference = try await cloud.keyManager.store(name: "bundle", payload: payload)
                #expect(try await cloud.keyManager.payload(reference) == payload)
                #expect(try await cloud.keyManager.secret(reference).name == "bundle")
                #expect(try await cloud.keyManager.secrets(named: "bundle").map(\.reference) == [reference])
                try await cloud.keyManager.delete(reference)
                #expect(await code { _ = try await cloud.keyManager.secret(reference) } == .notFound)
            }
        }
    }
}
