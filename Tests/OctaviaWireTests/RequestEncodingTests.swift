// What clients write is what servers read.

internal import JSON
internal import LoadBalancing
internal import OctaviaWire
internal import Testing

struct RequestEncodingTests {
    private func body(_ key: String, _ request: some JSONWritable) -> [UInt8] {
        JSONWriter.object { $0.member(key, request) }
    }

    @Test func creationsComeBackAsTheyWere() throws {
        let pool = ResourceID.random()
        var listener = ListenerCreate(listenerProtocol: .terminatedHTTPS, protocolPort: 443)
        listener.name = "l"
        listener.loadBalancerID = .random()
        listener.adminStateUp = false
        listener.connectionLimit = 7
        listener.defaultPoolID = pool
        listener.insertHeaders = ["X-Forwarded-For": "true"]
        listener.timeouts = ListenerTimeouts(clientData: 1, memberConnect: 2, memberData: 3, tcpInspect: 4)
        listener.defaultTLSContainerRef = "http://k/c"
        listener.sniContainerRefs = ["http://k/s"]
        listener.clientAuthentication = .mandatory
        listener.clientCAContainerRef = "http://k/ca"
        listener.clientCRLContainerRef = "http://k/crl"
        listener.allowedCIDRs = ["10.0.0.0/8"]
        listener.tlsCiphers = "ECDHE-RSA-AES128-GCM-SHA256"
        listener.tlsVersions = ["TLSv1.3"]
        listener.alpnProtocols = ["h2"]
        listener.hstsMaxAge = 1
        listener.hstsIncludeSubdomains = true
        listener.hstsPreload = true
        listener.errorPages = [503: "<p>\"é\"</p>", 400: "x"]
        listener.tags = ["t"]
        #expect(try ListenerCreate(body: body("listener", listener)) == listener)

        var monitor = HealthMonitorCreate(type: .http, delay: 1, timeout: 2, maxRetries: 3)
        monitor.poolID = pool
        monitor.maxRetriesDown = 4
        monitor.httpMethod = .head
        monitor.urlPath = "/x"
        monitor.expectedCodes = "200-204"
        monitor.httpVersion = 1.1
        monitor.domainName = "example.com"
        #expect(try HealthMonitorCreate(body: body("healthmonitor", monitor)) == monitor)

        var policy = L7PolicyCreate(action: .redirectPrefix)
        policy.listenerID = .random()
        policy.redirectPrefix = "http://example.com"
        policy.redirectHTTPCode = 308
        policy.position = 3
        #expect(try L7PolicyCreate(body: body("l7policy", policy)) == policy)
        var rule = L7RuleCreate(type: .header, compareType: .regex, value: "a.*")
        rule.key = "X"
        rule.invert = true
        #expect(try L7RuleCreate(body: body("rule", rule)) == rule)
        var member = MemberCreate(address: "10.0.0.1", protocolPort: 80)
        member.weight = 0
        member.isBackup = true
        member.subnetID = .random()
        member.monitorAddress = "10.0.0.2"
        member.monitorPort = 81
        var read = try MemberCreate(body: body("member", member))
        #expect(read.mentionsSubnet && !read.mentionsName)
        read.mentionsSubnet = false
        #expect(read == member)
    }

    @Test func aWholeTreeComesBackAsItWas() throws {
        var main = PoolCreate()
        main.name = "main"
        main.poolProtocol = .http
        main.algorithm = .leastConnections
        main.sessionPersistence = SessionPersistence(type: .appCookie, cookieName: "c")
        main.tls = PoolTLS(isEnabled: true, caContainerRef: "http://k/ca")
        main.members = [MemberCreate(address: "10.0.0.1", protocolPort: 80)]
        main.healthMonitor = HealthMonitorCreate(type: .tcp, delay: 1, timeout: 1, maxRetries: 1)
        var reference = PoolCreate()
        reference.name = "main"
        reference.isReference = true
        var policy = L7PolicyCreate(action: .redirectToPool)
        policy.redirectPool = reference
        policy.rules = [L7RuleCreate(type: .path, compareType: .equalTo, value: "/")]
        var listener = ListenerCreate(listenerProtocol: .http, protocolPort: 80)
        listener.defaultPool = reference
        listener.l7Policies = [policy]
        var tree = LoadBalancerCreate()
        tree.name = "tree"
        tree.vipSubnetID = .random()
        tree.vipAddress = "10.0.0.9"
        tree.vipSecurityGroupIDs = [.random()]
        tree.additionalVIPs = [AdditionalVIP(subnetID: .random(), address: "10.1.0.9")]
        tree.provider = "octavia"
        tree.flavorID = .random()
        tree.availabilityZone = "z"
        tree.projectID = "p"
        tree.listeners = [listener]
        tree.pools = [main]
        #expect(try LoadBalancerCreate(body: body("loadbalancer", tree)) == tree)
    }

    @Test func updatesSayOnlyWhatChanges() throws {
        #expect(String(decoding: body("listener", ListenerUpdate()), as: UTF8.self) == #"{"listener":{}}"#)
        var update = ListenerUpdate()
        update.name = .set("")
        update.defaultPoolID = .set(nil)
        update.connectionLimit = .set(5)
        update.tlsVersions = .set(["TLSv1.2"])
        update.insertHeaders = .set([:])
        #expect(try ListenerUpdate(body: body("listener", update)) == update)
        var pool = PoolUpdate()
        pool.sessionPersistence = .set(nil)
        pool.algorithm = .set(.sourceIP)
        #expect(try PoolUpdate(body: body("pool", pool)) == pool)
        var quota = QuotaUpdate()
        quota.loadBalancer = .set(3)
        quota.l7Rule = .set(nil)
        #expect(try QuotaUpdate(body: body("quota", quota)) == quota)
        for kind in [OfferKind.flavor, .availabilityZone] {
            let profile = ProfileCreate(name: "n", provider: "amphora", data: "{}")
            #expect(try ProfileCreate(body: profile.body(kind), kind) == profile)
            let offer = OfferCreate(name: "n", description: "d", isEnabled: false, profile: .random())
            #expect(try OfferCreate(body: offer.body(kind), kind) == offer)
            var change = OfferUpdate()
            change.isEnabled = .set(true)
            #expect(try OfferUpdate(body: change.body(kind), kind) == change)
        }
    }
}
