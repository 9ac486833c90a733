// Which changes need a reload and which do not.

import LoadBalancing
import Testing

@testable import AmphoraAgent

@Suite struct ApplyPlannerTests {
    private static func configuration(
        _ change: (inout ListenerPlan, inout PoolPlan) -> Void = { _, _ in }, secondListener: ListenerPlan? = nil
    ) throws -> HAProxyConfiguration {
        var listener = ListenerPlan(id: id(10), listenerProtocol: .http, port: 80, defaultPoolID: id(20))
        var pool = PoolPlan(
            id: id(20), poolProtocol: .http, members: [.init(30), .init(31)],
            healthMonitor: .init(id: id(40), type: .tcp, delay: 5, timeout: 3, maxRetries: 2))
        change(&listener, &pool)
        return try HAProxyConfigurationBuilder.forTests.configuration(
            for: plan(listeners: [listener] + (secondListener.map { [$0] } ?? []), pools: [pool]))
    }

    private static let backend = "\(id(20)):\(id(10))"

    @Test func equalNeedsNothing() throws {
        #expect(ApplyPlanner.step(from: try Self.configuration(), to: try Self.configuration()) == .nothing)
    }

    @Test func membersComeBeforeOthersGo() throws {
        let wanted = try Self.configuration { $1.members = [.init(31, weight: 5), .init(32)] }
        let added = try #require(wanted.backends[0].servers.last)
        #expect(
            ApplyPlanner.step(from: try Self.configuration(), to: wanted)
                == .runtime([
                    .setWeight(5, server: id(31).string, backend: Self.backend),
                    .addServer(added, backend: Self.backend, check: wanted.backends[0].check),
                    .removeServer(id(30).string, backend: Self.backend),
                ]))
    }

    @Test func adminStateAndNetworks() throws {
        let wanted = try Self.configuration { listener, pool in
            listener.allowedCIDRs = ["10.0.0.0/8"]
            pool.members[0].isEnabled = false
        }
        #expect(
            ApplyPlanner.step(from: try Self.configuration(), to: wanted)
                == .runtime([
                    .replacePatterns(file: "acl-\(id(10))", patterns: ["10.0.0.0/8"]),
                    .setEnabled(false, server: id(30).string, backend: Self.backend),
                ]))
    }

    @Test(
        arguments: [
            { $0.timeouts.clientData = 1 }, { $0.connectionLimit = 7 }, { $0.port = 81 },
            { $0.insertHeaders = ["X-Forwarded-For": "true"] },
            { $0.listenerProtocol = .tcp }, { $0.isEnabled = false }, { $0.defaultPoolID = nil },
        ] as [@Sendable (inout ListenerPlan) -> Void])
    func listenerChangesThatReload(change: @Sendable (inout ListenerPlan) -> Void) throws {
        let wanted = try Self.configuration { listener, _ in change(&listener) }
        #expect(ApplyPlanner.step(from: try Self.configuration(), to: wanted) == .reload)
    }

    @Test(
        arguments: [
            { $0.algorithm = .sourceIP }, { $0.healthMonitor = nil }, { $0.members[0].port = 1 },
            { $0.members[0].isBackup = true }, { $0.members[0].monitorPort = 1 },
            { $0.sessionPersistence = .init(type: .sourceIP) },
        ] as [@Sendable (inout PoolPlan) -> Void])
    func poolChangesThatReload(change: @Sendable (inout PoolPlan) -> Void) throws {
        let wanted = try Self.configuration { _, pool in change(&pool) }
        #expect(ApplyPlanner.step(from: try Self.configuration(), to: wanted) == .reload)
    }

    @Test func cookiesNeedAReloadForNewMembersOnly() throws {
        let cookie = SessionPersistence(type: .httpCookie)
        let running = try Self.configuration { $1.sessionPersistence = cookie }
        let more = try Self.configuration {
            $1.sessionPersistence = cookie
            $1.members.append(.init(32))
        }
        let less = try Self.configuration {
            $1.sessionPersistence = cookie
            $1.members.removeLast()
        }
        #expect(ApplyPlanner.step(from: running, to: more) == .reload)
        #expect(
            ApplyPlanner.step(from: running, to: less)
                == .runtime([.removeServer(id(31).string, backend: Self.backend)]))
    }

    @Test func trackedMembersNeedAReload() throws {
        let second = ListenerPlan(id: id(11), listenerProtocol: .tcp, port: 81, defaultPoolID: id(20))
        let running = try Self.configuration(secondListener: second)
        let more = try Self.configuration({ $1.members.append(.init(32)) }, secondListener: second)
        let weight = try Self.configuration({ $1.members[0].weight = 9 }, secondListener: second)
        #expect(ApplyPlanner.step(from: running, to: more) == .reload)
        #expect(
            ApplyPlanner.step(from: running, to: weight)
                == .runtime([
                    .setWeight(9, server: id(30).string, backend: Self.backend),
                    .setWeight(9, server: id(30).string, backend: "\(id(20)):\(id(11))"),
                ]))
    }

    private static func https(
        _ certificates: [CertificateMaterial], _ change: (inout ListenerTLSPlan) -> Void = { _ in }
    ) throws -> HAProxyConfiguration {
        try configuration { listener, _ in
            listener.listenerProtocol = .terminatedHTTPS
            var tls = ListenerTLSPlan(
                certificates: certificates, clientAuthentication: .mandatory,
                clientAuthority: SampleCertificates.authority)
            change(&tls)
            listener.tls = tls
        }
    }

    @Test func certificatesComeBeforeOthersGo() throws {
        let (one, two, three) = (
            SampleCertificates.named("one"), SampleCertificates.named("two"), SampleCertificates.named("three")
        )
        let running = try Self.https([one, two])
        let wanted = try Self.https([three, one])
        let old = try #require(running.frontends[0].tls)
        let new = try #require(wanted.frontends[0].tls)
        #expect(
            ApplyPlanner.step(from: running, to: wanted)
                == .runtime(
                    [
                        .replace(new.defaultCertificate), .add(new.certificates[0]),
                        .enlist(new.certificates[0], list: new.listPath),
                        .delist(old.certificates[0], list: new.listPath), .remove(old.certificates[0]),
                    ].sorted { Self.rank($0) < Self.rank($1) }.map { .certificate($0) }))
        #expect(ApplyPlanner.step(from: running, to: try Self.https([one, two])) == .nothing)
    }

    /// The order of the names of files decides between a new one and another content.
    private static func rank(_ change: CertificateChange) -> String {
        switch change {
        case .replace(let file), .add(let file): "0\(file.name)"
        case .enlist: "1"
        case .delist: "2"
        case .remove: "3"
        }
    }

    @Test func authoritiesChangeAtRunTimeAndSettingsDoNot() throws {
        let one = SampleCertificates.named("one")
        let running = try Self.https([one])
        let wanted = try Self.https([one]) { $0.clientAuthority = SampleCertificates.named("ca").certificateChain }
        let authority = try #require(wanted.frontends[0].tls?.authority)
        #expect(ApplyPlanner.step(from: running, to: wanted) == .runtime([.certificate(.replace(authority))]))
        let changes: [(inout ListenerTLSPlan) -> Void] = [
            { $0.versions = ["TLSv1.3"] }, { $0.ciphers = "ALL" }, { $0.alpnProtocols = ["h2"] },
            { $0.clientAuthentication = .optional },
            { $0.clientRevocationList = SampleCertificates.revocationList },
            // More than HAProxy takes in one command.
            { $0.clientAuthority = String(repeating: SampleCertificates.authority, count: 200) },
        ]
        for change in changes {
            #expect(ApplyPlanner.step(from: running, to: try Self.https([one], change)) == .reload)
        }
    }

    @Test func keysAreNeverPrinted() throws {
        let configuration = try Self.https([SampleCertificates.two[0], SampleCertificates.two[1]])
        let step = ApplyPlanner.step(from: try Self.https([SampleCertificates.named("x")]), to: configuration)
        let plan = plan(
            listeners: [
                .init(
                    id: id(10), listenerProtocol: .terminatedHTTPS, port: 443,
                    tls: .init(certificates: SampleCertificates.two))
            ])
        var text = "\(configuration) \(step) \(plan)" + String(reflecting: plan) + String(reflecting: step)
        dump(configuration, to: &text)
        dump(plan, to: &text)
        #expect(!text.contains("PRIVATE KEY"))
        if case .runtime(let changes) = step {
            for case .certificate(let change) in changes {
                for command in change.commands { #expect(!command.text.contains("PRIVATE KEY")) }
            }
        }
    }
}
