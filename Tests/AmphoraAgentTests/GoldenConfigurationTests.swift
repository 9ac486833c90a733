// The text that HAProxy gets, compared whole with files, and read by HAProxy itself.

import Foundation
import LoadBalancing
import ProviderDrivers
import Testing

@testable import AmphoraAgent

@Suite struct GoldenConfigurationTests {
    /// Name of the file → the plan it shows.
    static let cases: [String: LoadBalancerPlan] = [
        "tcp": plan(
            listeners: [.init(id: id(10), listenerProtocol: .tcp, port: 8_080, defaultPoolID: id(20))],
            pools: [
                .init(
                    id: id(20), poolProtocol: .tcp,
                    members: [.init(30), .init(31, weight: 0), .init(32, isBackup: true), .init(33, isEnabled: false)])
            ]),
        "http": plan(
            addresses: ["127.66.1.1", "127.66.1.2"],
            listeners: [
                .init(
                    id: id(10), listenerProtocol: .http, port: 80, connectionLimit: 100,
                    timeouts: .init(clientData: 1_000, memberConnect: 2_000, memberData: 3_000, tcpInspect: 4_000),
                    insertHeaders: [
                        "X-Forwarded-For": "true", "x-forwarded-port": "True", "X-Forwarded-Proto": "true",
                        "X-Real-IP": "true", "X-Client-IP": "false",
                    ], allowedCIDRs: ["10.0.0.0/8", "2001:db8::/32"], defaultPoolID: id(20))
            ],
            pools: [
                .init(
                    id: id(20), poolProtocol: .http, algorithm: .leastConnections,
                    sessionPersistence: .init(type: .httpCookie), members: [.init(30), .init(31)],
                    healthMonitor: .init(
                        id: id(40), type: .http, delay: 5, timeout: 3, maxRetries: 2, urlPath: "/health?a=b c",
                        expectedCodes: "200, 202-204", httpVersion: 1.1, domainName: "www.example.com"))
            ]),
        "prometheus": plan(
            listeners: [
                .init(id: id(10), listenerProtocol: .prometheus, port: 9_100, allowedCIDRs: ["10.0.0.0/8"]),
                .init(
                    id: id(11), listenerProtocol: .prometheus, port: 9_101,
                    tls: .init(certificates: Array(SampleCertificates.two.prefix(1)))),
                .init(id: id(12), listenerProtocol: .http, port: 80, errorPages: [503: "<p>soon</p>"]),
            ], pools: []),
        "shared-pool": plan(
            listeners: [
                .init(id: id(10), listenerProtocol: .http, port: 80, defaultPoolID: id(20)),
                .init(id: id(11), listenerProtocol: .tcp, port: 81, defaultPoolID: id(20)),
                .init(id: id(12), listenerProtocol: .http, port: 82, defaultPoolID: id(20)),
                .init(id: id(13), listenerProtocol: .https, port: 443, defaultPoolID: id(21)),
                .init(id: id(14), listenerProtocol: .https, port: 444, isEnabled: false, defaultPoolID: id(21)),
                .init(id: id(15), listenerProtocol: .http, port: 83, defaultPoolID: id(22)),
                .init(id: id(16), listenerProtocol: .udp, port: 53),
            ],
            pools: [
                .init(
                    id: id(20), poolProtocol: .http,
                    sessionPersistence: .init(type: .appCookie, cookieName: "JSESSIONID"),
                    members: [.init(30)],
                    healthMonitor: .init(id: id(40), type: .tcp, delay: 5, timeout: 3, maxRetries: 2)),
                .init(
                    id: id(21), poolProtocol: .proxyV2, algorithm: .sourceIP,
                    sessionPersistence: .init(type: .sourceIP), members: [.init(31)],
                    healthMonitor: .init(id: id(41), type: .tlsHello, delay: 5, timeout: 3, maxRetries: 2)),
                .init(id: id(22), poolProtocol: .http, isEnabled: false, members: [.init(32)]),
                .init(
                    id: id(23), poolProtocol: .proxy, members: [.init(33)],
                    healthMonitor: .init(
                        id: id(42), type: .https, delay: 5, timeout: 3, maxRetries: 2, httpMethod: .head)),
                .init(id: id(24), poolProtocol: .tcp, members: [.init(34)]),
            ]),
        "l7": plan(
            listeners: [
                .init(
                    id: id(10), listenerProtocol: .http, port: 80, insertHeaders: ["X-Forwarded-Port": "true"],
                    defaultPoolID: id(20),
                    l7Policies: [
                        .init(
                            id: id(40), action: .reject,
                            rules: [
                                rule(50, .hostName, .equalTo, "www.example.com"),
                                rule(51, .path, .startsWith, "/private", invert: true),
                            ]),
                        .init(
                            id: id(41), action: .redirectToURL, redirectURL: "https://example.com/100%?a='b'",
                            redirectHTTPCode: 301, rules: [rule(52, .fileType, .equalTo, "jpg")]),
                        .init(
                            id: id(42), action: .redirectPrefix, redirectPrefix: "https://example.com",
                            rules: [
                                rule(53, .header, .regex, " a|b$", key: "X-A"),
                                rule(54, .sslVerifyResult, .equalTo, "0"),
                            ]),
                        .init(
                            id: id(43), action: .redirectToPool, redirectPoolID: id(21),
                            rules: [
                                rule(55, .cookie, .contains, "x", key: "a\"b"),
                                rule(56, .sslConnectionHasCertificate, .equalTo, "true"),
                                rule(57, .sslDistinguishedNameField, .endsWith, "x", key: "CN"),
                            ]),
                        .init(
                            id: id(44), action: .redirectToPool, redirectPoolID: id(22),
                            rules: [rule(58, .path, .equalTo, "/")]),
                    ]),
                .init(id: id(11), listenerProtocol: .tcp, port: 81, defaultPoolID: id(21)),
            ],
            pools: [
                .init(id: id(20), poolProtocol: .http, members: [.init(30)]),
                .init(id: id(21), poolProtocol: .proxy, members: [.init(31)]),
                .init(id: id(22), poolProtocol: .http, isEnabled: false, members: [.init(32)]),
            ]),
        "ipv6": plan(
            addresses: ["::1", "127.66.1.1"],
            listeners: [.init(id: id(10), listenerProtocol: .tcp, port: 8_080, defaultPoolID: id(20))],
            pools: [
                .init(
                    id: id(20), poolProtocol: .tcp, sessionPersistence: .init(type: .sourceIP),
                    members: [
                        .init(
                            id: id(30), address: "2001:db8::1", port: 80, monitorAddress: "2001:db8::2",
                            monitorPort: 8_081)
                    ], healthMonitor: .init(id: id(40), type: .tcp, delay: 5, timeout: 3, maxRetries: 2))
            ]),
        "terminated-https": plan(
            listeners: [
                .init(
                    id: id(10), listenerProtocol: .terminatedHTTPS, port: 443,
                    insertHeaders: ["X-Forwarded-Proto": "true", "X-SSL-Client-CN": "true", "X-SSL-Issuer": "false"],
                    defaultPoolID: id(20),
                    tls: .init(
                        certificates: SampleCertificates.two, clientAuthentication: .mandatory,
                        clientAuthority: SampleCertificates.authority,
                        clientRevocationList: SampleCertificates.revocationList,
                        ciphers: "TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256",
                        versions: ["TLSv1.2", "TLSv1.3"], alpnProtocols: ["h2", "http/1.1", "http/1.0"]),
                    strictTransportSecurity: .init(maxAge: 31_536_000, includesSubdomains: true, preload: false)),
                .init(
                    id: id(11), listenerProtocol: .terminatedHTTPS, port: 444, defaultPoolID: id(20),
                    tls: .init(
                        certificates: Array(SampleCertificates.two.prefix(1)), clientAuthentication: .optional,
                        clientAuthority: SampleCertificates.authority, versions: ["TLSv1", "TLSv1.1", "TLSv1.3"])),
                .init(
                    id: id(12), listenerProtocol: .terminatedHTTPS, port: 445, defaultPoolID: id(20),
                    tls: .init(certificates: [.missing("x")], problem: "gone")),
            ], pools: [.init(id: id(20), poolProtocol: .http, members: [.init(30)])]),
        "tls-pools": plan(
            listeners: [
                .init(id: id(10), listenerProtocol: .http, port: 80, defaultPoolID: id(20)),
                .init(id: id(11), listenerProtocol: .http, port: 81, defaultPoolID: id(21)),
                .init(id: id(12), listenerProtocol: .http, port: 82, defaultPoolID: id(22)),
            ],
            pools: [
                .init(
                    id: id(20), poolProtocol: .http, members: [.init(30)],
                    healthMonitor: .init(id: id(40), type: .http, delay: 5, timeout: 3, maxRetries: 2),
                    tls: .init(
                        certificate: SampleCertificates.two[0], authority: SampleCertificates.authority,
                        revocationList: SampleCertificates.revocationList, ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256",
                        versions: ["TLSv1.2"], alpnProtocols: ["h2", "http/1.1"])),
                .init(
                    id: id(21), poolProtocol: .http, members: [.init(31)],
                    healthMonitor: .init(id: id(41), type: .tlsHello, delay: 5, timeout: 3, maxRetries: 2),
                    tls: .init(versions: ["TLSv1.1", "TLSv1.3"])),
                .init(id: id(22), poolProtocol: .http, members: [.init(32)], tls: .init(problem: "gone")),
            ]),
        "ping": plan(
            listeners: [.init(id: id(10), listenerProtocol: .tcp, port: 8_080, defaultPoolID: id(20))],
            pools: [
                .init(
                    id: id(20), poolProtocol: .tcp, members: [.init(30)],
                    healthMonitor: .init(id: id(40), type: .ping, delay: 5, timeout: 3, maxRetries: 2))
            ]),
    ]

    @Test(arguments: cases.keys.sorted())
    func text(name: String) throws {
        let plan = try #require(Self.cases[name])
        let text = try HAProxyConfigurationBuilder.forTests.configuration(for: plan).rendered()
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name).cfg")
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(text == (try String(contentsOf: file, encoding: .utf8)))
    }

    @Test(.enabled(if: HAProxyProgram.isInstalled), arguments: cases.keys.sorted())
    func realHAProxyAccepts(name: String) async throws {
        let plan = try #require(Self.cases[name])
        let configuration = try HAProxyConfigurationBuilder.forTests.configuration(for: plan)
        #expect(try await HAProxyProgram.objection(to: configuration) == nil)
    }

    @Test func whatNeedsNoProcess() throws {
        let builder = HAProxyConfigurationBuilder.forTests
        let listener = ListenerPlan(id: id(10), listenerProtocol: .tcp, port: 80)
        #expect(try !builder.configuration(for: plan(listeners: [])).needsProcess)
        #expect(try !builder.configuration(for: plan(isEnabled: false, listeners: [listener])).needsProcess)
        #expect(try builder.configuration(for: plan(listeners: [listener])).needsProcess)
        let monitored = PoolPlan(
            id: id(20), poolProtocol: .tcp, members: [.init(30)],
            healthMonitor: .init(id: id(40), type: .tcp, delay: 5, timeout: 3, maxRetries: 2))
        #expect(try builder.configuration(for: plan(listeners: [], pools: [monitored])).needsProcess)
    }

    @Test func whatIsNotOffered() {
        let pool = PoolPlan(id: id(20), poolProtocol: .tcp, algorithm: .sourceIPPort)
        let listener = ListenerPlan(id: id(10), listenerProtocol: .tcp, port: 80, defaultPoolID: id(20))
        let plan = plan(
            listeners: [listener, .init(id: id(11), listenerProtocol: .terminatedHTTPS, port: 53)], pools: [pool])
        #expect { try HAProxyConfigurationBuilder.forTests.configuration(for: plan) } throws: {
            ($0 as? DataPlaneError)?.kind == .unsupported
        }
        #expect(
            HAProxyConfigurationBuilder.unservedListeners(of: plan) == [
                id(11): "Listeners of protocol TERMINATED_HTTPS are not served by this version of the amphora provider."
            ])
    }
}
