// TLS with members: a second load balancer plays the member.

import Foundation
import LoadBalancing
import ProviderDrivers
import Testing

@testable import AmphoraAgent

@Suite(
    .serialized, .enabled(if: HAProxyProgram.isInstalled && Program.haveTLSClients), .timeLimit(.minutes(3)))
struct TLSMemberTests {
    private static let port = 18_543

    /// A member that speaks TLS, and that may ask for certificates.
    private static func member(
        _ address: String, _ backend: HTTPBackend, _ tls: ListenerTLSPlan, inserting headers: [String: String] = [:]
    ) -> LoadBalancerPlan {
        plan(
            addresses: [address],
            listeners: [
                .init(
                    id: id(110), listenerProtocol: .terminatedHTTPS, port: port, insertHeaders: headers,
                    defaultPoolID: id(120), tls: tls)
            ],
            pools: [
                .init(
                    id: id(120), poolProtocol: .http,
                    members: [.init(id: id(130), address: backend.address, port: backend.port)])
            ], loadBalancer: id(2))
    }

    /// A load balancer in front of it.
    private static func front(
        _ address: String, _ members: [String], generation: Int64 = 1, _ tls: PoolTLSPlan,
        monitor: HealthMonitorType? = .http, frontTLS: ListenerTLSPlan? = nil
    ) -> LoadBalancerPlan {
        let monitor = monitor.map {
            HealthMonitorPlan(id: id(40), type: $0, delay: 1, timeout: 1, maxRetries: 1, maxRetriesDown: 1)
        }
        return plan(
            addresses: [address], generation: generation,
            listeners: [
                .init(
                    id: id(10), listenerProtocol: frontTLS == nil ? .http : .terminatedHTTPS, port: port,
                    defaultPoolID: id(20), tls: frontTLS)
            ],
            pools: [
                .init(
                    id: id(20), poolProtocol: .http,
                    members: members.enumerated().map { .init(id: id(30 + $0), address: $1, port: port) },
                    healthMonitor: monitor, tls: tls)
            ])
    }

    private static func run(
        _ number: Int, _ body: (AgentFixture, HTTPBackend, _ folder: String) async throws -> Void
    ) async throws {
        let backend = try HTTPBackend("b1", "127.66.147.\(number)")
        defer { backend.stop() }
        try await AgentFixture.run { fixture in
            let folder = "\(fixture.directory)/material"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try await body(fixture, backend, folder)
        }
    }

    /// The status of the only member, when it is that in time.
    private static func becomes(_ wanted: MemberObservation, _ fixture: AgentFixture) async -> Bool {
        await eventually(within: .seconds(8)) {
            await fixture.agent.report(of: id(1))?.members[id(20)]?[id(30)] == wanted
        } != nil
    }

    @Test func membersAreVerifiedAndShownACertificate() async throws {
        try await Self.run(1) { fixture, backend, folder in
            let agent = fixture.agent
            let (address, member) = ("127.66.146.1", "127.66.146.2")
            let authority = try await TestAuthority("ca", in: folder)
            let other = try await TestAuthority("other", in: folder)
            let server = try await authority.issue("member.test")
            let (mine, renewed) = (try await authority.issue("mine"), try await authority.issue("renewed"))
            let plan = Self.member(
                member, backend,
                .init(
                    certificates: [server.material], clientAuthentication: .mandatory,
                    clientAuthority: try authority.certificate, alpnProtocols: ["h2", "http/1.1"]),
                inserting: ["X-SSL-Client-CN": "true"])
            #expect(try await agent.apply(plan) == ApplyOutcome())

            var tls = PoolTLSPlan(
                certificate: mine.material, authority: try authority.certificate,
                revocationList: try await authority.revocationList(),
                ciphers: "TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256", versions: ["TLSv1.2", "TLSv1.3"])
            #expect(try await agent.apply(Self.front(address, [member], tls)) == ApplyOutcome())
            #expect(get(address, Self.port) == "b1")
            #expect(backend.lastRequest.lowercased().contains("x-ssl-client-cn: mine"))
            #expect(await Self.becomes(.up, fixture))
            let pid = try fixture.pid(of: id(1))

            // A certificate renewed, an authority that does not know the member, and back again: no reload.
            tls.certificate = renewed.material
            _ = try await agent.apply(Self.front(address, [member], generation: 2, tls))
            let isShown = await eventually(within: .seconds(5)) {
                get(address, Self.port) == "b1" && backend.lastRequest.lowercased().contains("x-ssl-client-cn: renewed")
            }
            #expect(isShown != nil)
            let good = tls
            tls.authority = try other.certificate
            tls.revocationList = try await other.revocationList()
            _ = try await agent.apply(Self.front(address, [member], generation: 3, tls))
            #expect(await Self.becomes(.down, fixture))
            _ = try await agent.apply(Self.front(address, [member], generation: 4, good))
            #expect(await Self.becomes(.up, fixture))
            #expect(get(address, Self.port) == "b1")
            // The member's certificate is revoked.
            tls = good
            tls.revocationList = try await authority.revocationList([server])
            _ = try await agent.apply(Self.front(address, [member], generation: 5, tls))
            #expect(await Self.becomes(.down, fixture))
            _ = try await agent.apply(Self.front(address, [member], generation: 6, good))
            #expect(await Self.becomes(.up, fixture))
            #expect(try fixture.pid(of: id(1)) == pid)

            // Nothing to verify with: every member is taken, but it takes no client without a certificate.
            tls = PoolTLSPlan(certificate: nil, authority: nil)
            _ = try await agent.apply(Self.front(address, [member], generation: 7, tls))
            #expect(await Self.becomes(.down, fixture))
            tls.certificate = mine.material
            _ = try await agent.apply(Self.front(address, [member], generation: 8, tls))
            #expect(await Self.becomes(.up, fixture))
        }
    }

    @Test(arguments: [HealthMonitorType.http, .https, .tcp, .tlsHello])
    func membersAreCheckedInTLS(type: HealthMonitorType) async throws {
        try await Self.run(2) { fixture, backend, folder in
            let agent = fixture.agent
            let (address, member) = ("127.66.146.3", "127.66.146.4")
            let authority = try await TestAuthority("ca", in: folder)
            let server = try await authority.issue("member.test")
            _ = try await agent.apply(Self.member(member, backend, .init(certificates: [server.material])))
            let tls = PoolTLSPlan(authority: try authority.certificate, alpnProtocols: ["h2", "http/1.1"])
            _ = try await agent.apply(Self.front(address, [member], tls, monitor: type))
            #expect(await Self.becomes(.up, fixture))
            try await Task.sleep(for: .milliseconds(2_500))
            #expect(await Self.becomes(.up, fixture))
            #expect(get(address, Self.port) == "b1")
            try await agent.remove(id(2))
            #expect(await Self.becomes(.down, fixture))
        }
    }

    @Test func http2FromEndToEndAndMembersAddedAtRunTime() async throws {
        try await Self.run(3) { fixture, backend, folder in
            let agent = fixture.agent
            let (address, member) = ("127.66.146.5", "127.66.146.6")
            let authority = try await TestAuthority("ca", in: folder)
            let server = try await authority.issue("member.test")
            let front = try await authority.issue("front.test")
            _ = try await agent.apply(
                Self.member(member, backend, .init(certificates: [server.material], alpnProtocols: ["h2"])))
            let tls = PoolTLSPlan(alpnProtocols: ["h2", "http/1.1"])
            let frontTLS = ListenerTLSPlan(certificates: [front.material], alpnProtocols: ["h2", "http/1.1"])
            _ = try await agent.apply(Self.front(address, [], tls, frontTLS: frontTLS))
            let pid = try fixture.pid(of: id(1))
            _ = try await agent.apply(Self.front(address, [member], generation: 2, tls, frontTLS: frontTLS))
            #expect(try fixture.pid(of: id(1)) == pid)
            let answer = try await TLSLiveTests.curl(
                address, "front.test", authority: authority, port: Self.port, "-i", "--http2")
            #expect(answer.hasPrefix("HTTP/2 200"), "\(answer)")
            #expect(await Self.becomes(.up, fixture))
            // The member counts what it gets by HTTP/2.
            let client = HAProxyRuntimeClient(folder: "\(fixture.directory)/amphora/\(id(2))")
            let lines = try await client.ask("show stat").split(separator: "\n").map {
                $0.split(separator: ",", omittingEmptySubsequences: false)
            }
            let column = try #require(lines.first?.firstIndex(of: "h2_headers_rcvd"))
            let row = try #require(lines.first { $0.count > column && $0[1] == "FRONTEND" })
            #expect((Int(row[column]) ?? 0) > 0)
        }
    }
}
