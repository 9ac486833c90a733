// TLS with clients, by the real HAProxy, openssl and curl.

import Foundation
import Glibc
import LoadBalancing
import ProviderDrivers
import Testing

@testable import AmphoraAgent

@Suite(
    .serialized, .enabled(if: HAProxyProgram.isInstalled && Program.haveTLSClients), .timeLimit(.minutes(3)))
struct TLSLiveTests {
    private static let port = 18_443

    private static func plan(
        _ address: String, _ backend: HTTPBackend, generation: Int64 = 1, _ tls: ListenerTLSPlan,
        change: (inout ListenerPlan) -> Void = { _ in }
    ) -> LoadBalancerPlan {
        var listener = ListenerPlan(
            id: id(10), listenerProtocol: .terminatedHTTPS, port: port, defaultPoolID: id(20), tls: tls)
        change(&listener)
        let pool = PoolPlan(
            id: id(20), poolProtocol: .http,
            members: [.init(id: id(30), address: backend.address, port: backend.port)])
        return AmphoraAgentTests.plan(
            addresses: [address], generation: generation, listeners: [listener], pools: [pool])
    }

    /// Runs a test with a backend, an agent and a folder for certificates.
    private static func run(
        _ number: Int, _ body: (AgentFixture, HTTPBackend, _ address: String, _ folder: String) async throws -> Void
    ) async throws {
        let backend = try HTTPBackend("b1", "127.66.145.\(number)")
        defer { backend.stop() }
        try await AgentFixture.run { fixture in
            let folder = "\(fixture.directory)/material"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try await body(fixture, backend, "127.66.144.\(number)", folder)
        }
    }

    /// The name in the certificate that a client gets which asks for a name.
    static func name(at address: String, _ name: String, port: Int = port, _ more: String...) async throws -> String? {
        let result = try await Program.run(
            "openssl", ["s_client", "-connect", "\(address):\(port)", "-servername", name] + more)
        let line = result.output.split(separator: "\n").first { $0.hasPrefix("subject=") }
        return line?.split(separator: "=").last.map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// One request with curl: what it wrote, or its exit status.
    static func curl(
        _ address: String, _ name: String, authority: TestAuthority, port: Int = port, _ more: String...
    ) async throws -> String {
        let result = try await Program.run(
            "curl",
            [
                "-s", "-m", "5", "--cacert", authority.certificateFile, "--resolve", "\(name):\(port):\(address)",
                "https://\(name):\(port)/",
            ] + more)
        return result.status == 0 ? result.output : "curl \(result.status)"
    }

    @Test func metricsOverTLS() async throws {
        try await Self.run(9) { fixture, backend, address, folder in
            let authority = try await TestAuthority("ca", in: folder)
            var plan = Self.plan(
                address, backend, ListenerTLSPlan(certificates: [try await authority.issue("one.test").material]))
            plan.listeners[0].listenerProtocol = .prometheus
            plan.listeners[0].defaultPoolID = nil
            #expect(try await fixture.agent.apply(plan) == ApplyOutcome())
            let page = try await Self.curl(
                address, "one.test", authority: authority, "https://one.test:\(Self.port)/metrics")
            #expect(page.contains("octavia_listener_status{listener=\"\(id(10))\",state=\"UP\"} 1"))
            #expect(try await Program.run("curl", ["-s", "http://\(address):\(Self.port)/metrics"]).output == "")
            // Without what it needs it does not answer at all, least of all in the clear.
            plan.generation = 2
            plan.listeners[0].tls = ListenerTLSPlan(certificates: [.missing("http://k/c")], problem: "gone")
            plan.listeners[0].id = id(11)
            let outcome = try await fixture.agent.apply(plan)
            #expect(outcome.failedListeners.keys.sorted() == [id(11)])
            #expect(try await Program.run("curl", ["-s", "http://\(address):\(Self.port)/metrics"]).output == "")
        }
    }

    @Test func certificatesAreChosenByName() async throws {
        try await Self.run(1) { fixture, backend, address, folder in
            let authority = try await TestAuthority("ca", in: folder)
            let first = try await authority.issue("one.test").material
            let second = try await authority.issue("two.test").material
            let wildcard = try await authority.issue("*.three.test", "three").material
            let plan = Self.plan(
                address, backend,
                ListenerTLSPlan(
                    certificates: [first, second, wildcard], ciphers: nil, versions: ["TLSv1.2", "TLSv1.3"],
                    alpnProtocols: ["h2", "http/1.1", "http/1.0"])
            ) { listener in
                listener.insertHeaders = ["X-Forwarded-Proto": "true", "X-Forwarded-Port": "true"]
                listener.strictTransportSecurity = .init(maxAge: 300, includesSubdomains: true, preload: true)
            }
            #expect(try await fixture.agent.apply(plan) == ApplyOutcome())
            #expect(try await Self.name(at: address, "one.test") == "one.test")
            #expect(try await Self.name(at: address, "two.test") == "two.test")
            #expect(try await Self.name(at: address, "x.three.test") == "*.three.test")
            #expect(try await Self.name(at: address, "unknown.test") == "one.test")
            let headers = try await Self.curl(address, "two.test", authority: authority, "-i", "--http2")
            #expect(headers.hasPrefix("HTTP/2 200"))
            #expect(headers.contains("strict-transport-security: max-age=300; includeSubDomains; preload"))
            #expect(headers.hasSuffix("b1"))
            #expect(backend.lastRequest.lowercased().contains("x-forwarded-proto: https"))
            #expect(backend.lastRequest.lowercased().contains("x-forwarded-port: \(Self.port)"))
            let old = try await Self.curl(address, "one.test", authority: authority, "-i", "--http1.1")
            #expect(old.hasPrefix("HTTP/1.1 200"))
            #expect(
                try await Self.curl(address, "one.test", authority: authority, "-i", "--no-alpn").hasPrefix(
                    "HTTP/1.1 200"))

            // For nobody but the agent's user, and gone when nothing needs them.
            let files = "\(fixture.directory)/amphora/\(id(1))/tls"
            let names = try FileManager.default.contentsOfDirectory(atPath: files)
            #expect(names.count == 4, "\(names)")
            for name in names {
                let mode = try FileManager.default.attributesOfItem(atPath: "\(files)/\(name)")[.posixPermissions]
                #expect(mode as? Int == 0o600)
            }
            _ = try await fixture.agent.apply(
                AmphoraAgentTests.plan(addresses: [address], generation: 2, listeners: []))
            #expect(!FileManager.default.fileExists(atPath: files))
        }
    }

    @Test(
        arguments: [
            ["TLSv1.2"], ["TLSv1.3"], ["TLSv1.2", "TLSv1.3"], ["TLSv1.1", "TLSv1.3"],
            ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"],
        ])
    func exactlyTheVersionsListed(versions: [String]) async throws {
        try await Self.run(2) { fixture, backend, address, folder in
            let authority = try await TestAuthority("ca", in: folder)
            let certificate = try await authority.issue("one.test").material
            let tls = ListenerTLSPlan(certificates: [certificate], versions: versions, alpnProtocols: ["http/1.1"])
            #expect(try await fixture.agent.apply(Self.plan(address, backend, tls)) == ApplyOutcome())
            var served: [String] = []
            for (version, number) in [("TLSv1", "1.0"), ("TLSv1.1", "1.1"), ("TLSv1.2", "1.2"), ("TLSv1.3", "1.3")] {
                let answer = try await Self.curl(
                    address, "one.test", authority: authority, "--tlsv\(number)", "--tls-max", number, "--ciphers",
                    "DEFAULT:@SECLEVEL=0")
                if answer == "b1" { served.append(version) }
            }
            #expect(served == versions.filter { $0 != "SSLv3" })
        }
    }

    @Test func ciphersAreThoseListed() async throws {
        try await Self.run(3) { fixture, backend, address, folder in
            let authority = try await TestAuthority("ca", in: folder)
            let certificate = try await authority.issue("one.test").material
            let tls = ListenerTLSPlan(
                certificates: [certificate], ciphers: "TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES256-GCM-SHA384",
                versions: ["TLSv1.2", "TLSv1.3"])
            _ = try await fixture.agent.apply(Self.plan(address, backend, tls))
            func answer(_ more: String...) async throws -> String {
                let result = try await Program.run(
                    "openssl", ["s_client", "-connect", "\(address):\(Self.port)"] + more)
                return result.output.firstMatch(of: /Cipher is (\S+)/).map { String($0.1) } ?? ""
            }
            #expect(try await answer("-tls1_3") == "TLS_AES_128_GCM_SHA256")
            #expect(try await answer("-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384") == "(NONE)")
            #expect(try await answer("-tls1_2") == "ECDHE-ECDSA-AES256-GCM-SHA384")
            #expect(try await answer("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256") == "(NONE)")
        }
    }

    @Test func clientsShowCertificates() async throws {
        try await Self.run(4) { fixture, backend, address, folder in
            let authority = try await TestAuthority("ca", in: folder)
            let stranger = try await TestAuthority("stranger", in: folder)
            let server = try await authority.issue("one.test").material
            let (good, bad) = (try await authority.issue("good"), try await authority.issue("bad"))
            let foreign = try await stranger.issue("good")
            var tls = ListenerTLSPlan(
                certificates: [server], clientAuthentication: .mandatory, clientAuthority: try authority.certificate,
                clientRevocationList: try await authority.revocationList([bad]))
            let headers = HAProxyConfiguration.ClientCertificateHeader.allCases.map(\.rawValue)
            func apply(_ generation: Int64, inserting names: [String]) async throws {
                let plan = Self.plan(address, backend, generation: generation, tls) { listener in
                    for name in names { listener.insertHeaders[name] = "true" }
                }
                #expect(try await fixture.agent.apply(plan) == ApplyOutcome())
            }
            func request(_ client: TestAuthority.Issued?, _ more: String...) async throws -> String {
                var arguments = more
                if let client { arguments += ["--cert", client.certificateFile, "--key", client.keyFile] }
                let result = try await Program.run(
                    "curl",
                    [
                        "-s", "-m", "5", "--cacert", authority.certificateFile, "--resolve",
                        "one.test:\(Self.port):\(address)", "https://one.test:\(Self.port)/",
                    ] + arguments)
                return result.status == 0 ? result.output : "refused"
            }
            let spoofed = headers.flatMap { ["-H", "\($0): spoofed"] }
            func lines() -> [String] {
                backend.lastRequest.lowercased().split(separator: "\r\n").filter { $0.hasPrefix("x-ssl-") }
                    .map(String.init).sorted()
            }

            try await apply(1, inserting: headers)
            #expect(try await request(nil) == "refused")
            #expect(try await request(bad) == "refused")
            #expect(try await request(foreign) == "refused")
            #expect(try await request(good, "-H", "X-SSL-Client-CN: spoofed", "-H", "X-SSL-Client-Verify: 7") == "b1")
            let fingerprint =
                try await Program.run(
                    "openssl", ["x509", "-in", good.certificateFile, "-noout", "-fingerprint", "-sha1"]
                ).output.lowercased().split(separator: "=").last?.filter(\.isHexDigit) ?? ""
            let found = lines()
            #expect(found.count == headers.count, "\(found)")
            #expect(found.contains("x-ssl-client-verify: 0"))
            #expect(found.contains("x-ssl-client-has-cert: 1"))
            #expect(found.contains("x-ssl-client-dn: /o=test/cn=good"))
            #expect(found.contains("x-ssl-client-cn: good"))
            #expect(found.contains("x-ssl-issuer: /cn=ca"))
            #expect(found.contains("x-ssl-client-sha1: \(fingerprint)"))
            #expect(found.contains { $0.contains(/^x-ssl-client-not-before: \d{12}z$/) })
            #expect(found.contains { $0.contains(/^x-ssl-client-not-after: \d{12}z$/) })

            // Optional: none is fine, a wrong one is not.
            tls.clientAuthentication = .optional
            try await apply(2, inserting: headers)
            #expect(try await request(bad) == "refused")
            #expect(try await request(nil, "-H", "X-SSL-Client-CN: spoofed") == "b1")
            #expect(lines().contains("x-ssl-client-has-cert: 0"))
            #expect(!backend.lastRequest.contains("spoofed"))

            // Not asked for, and what clients say themselves does not arrive.
            tls.clientAuthentication = .none
            try await apply(3, inserting: [])
            let result = try await Program.run(
                "curl",
                [
                    "-s", "-m", "5", "--cacert", authority.certificateFile, "--resolve",
                    "one.test:\(Self.port):\(address)", "https://one.test:\(Self.port)/",
                ] + spoofed)
            #expect(result.output == "b1")
            #expect(lines().isEmpty)
        }
    }

    @Test func certificatesChangeWithoutAReload() async throws {
        try await Self.run(5) { fixture, backend, address, folder in
            let authority = try await TestAuthority("ca", in: folder)
            let other = try await TestAuthority("other", in: folder)
            let (one, two) = (try await authority.issue("one.test"), try await authority.issue("two.test"))
            let renewed = try await authority.issue("one.test", "renewed")
            let three = try await authority.issue("three.test")
            let (mine, theirs) = (try await authority.issue("mine"), try await other.issue("theirs"))
            var tls = ListenerTLSPlan(
                certificates: [one.material, two.material], clientAuthentication: .optional,
                clientAuthority: try authority.certificate,
                clientRevocationList: try await authority.revocationList(), alpnProtocols: ["http/1.1"])
            var generation: Int64 = 1
            _ = try await fixture.agent.apply(Self.plan(address, backend, tls))
            let pid = try fixture.pid(of: id(1))
            let text = fixture.configurationText(of: id(1))

            // One client keeps its connection, another makes a new one for each request.
            let address = address
            let file = authority.certificateFile
            @Sendable func load(_ more: [String]) async throws -> [Substring: Int] {
                let result = try await Program.run(
                    "curl",
                    [
                        "-s", "--cacert", file, "--resolve", "one.test:\(Self.port):\(address)",
                        "https://one.test:\(Self.port)/[1-400]", "-o", "/dev/null", "-w",
                        "%{http_code} %{num_connects}\\n", "--rate", "200/s",
                    ] + more)
                return Dictionary(result.output.split(separator: "\n").map { ($0, 1) }, uniquingKeysWith: +)
            }
            async let kept = load([])
            async let renewing = load(["-H", "Connection: close"])

            func apply() async throws -> Duration {
                generation += 1
                let start = ContinuousClock.now
                #expect(
                    try await fixture.agent.apply(Self.plan(address, backend, generation: generation, tls))
                        == ApplyOutcome())
                return ContinuousClock.now - start
            }
            func serial() async throws -> String {
                let result = try await Program.run(
                    "bash",
                    [
                        "-c",
                        "openssl s_client -connect \(address):\(Self.port) -servername one.test </dev/null 2>/dev/null"
                            + " | openssl x509 -noout -serial",
                    ])
                return result.output
            }
            let before = try await serial()
            tls.certificates = [renewed.material, two.material]
            print("MEASURED certificate renewed:", try await apply())
            #expect(try await serial() != before)
            tls.certificates = [renewed.material, two.material, three.material]
            print("MEASURED certificate added:", try await apply())
            #expect(try await Self.name(at: address, "three.test") == "three.test")
            tls.certificates = [renewed.material, three.material]
            print("MEASURED certificate removed:", try await apply())
            #expect(try await Self.name(at: address, "two.test") == "one.test")
            // Another default, and one that leaves the list for it.
            tls.certificates = [three.material, one.material]
            print("MEASURED default changed:", try await apply())
            #expect(try await Self.name(at: address, "unknown.test") == "three.test")
            #expect(try await Self.name(at: address, "one.test") == "one.test")

            func request(_ client: TestAuthority.Issued) async throws -> String {
                try await Self.curl(
                    address, "one.test", authority: authority, "--cert", client.certificateFile, "--key",
                    client.keyFile)
            }
            #expect(try await request(mine) == "b1")
            tls.clientRevocationList = try await authority.revocationList([mine])
            _ = try await apply()
            #expect(try await request(mine) != "b1")
            tls.clientAuthority = try other.certificate
            tls.clientRevocationList = try await other.revocationList()
            _ = try await apply()
            #expect(try await request(theirs) == "b1")

            #expect(try fixture.pid(of: id(1)) == pid, "nothing was reloaded")
            #expect(fixture.configurationText(of: id(1)) == text)
            let expected = try HAProxyConfigurationBuilder(
                process: NodeDefaults.processSettings(for: .init(dataDirectory: "/"))
            ).configuration(for: Self.plan(address, backend, tls))
            let data = DataFolder(path: "\(fixture.directory)/amphora/\(id(1))", credentials: nil)
            #expect(data.hasCertificates(of: expected))
            #expect(
                SmallFile.entries(of: "\(data.path)/tls").count == expected.tlsFiles.count + 1, "nothing is left over")
            let client = HAProxyRuntimeClient(folder: data.path)
            let list = try await client.ask("show ssl crt-list ../tls/\(id(10)).list")
            #expect(
                Set(list.split(separator: "\n").dropFirst())
                    == Set(try #require(expected.frontends[0].tls).files.map { Substring($0.path) }))

            let (keptResult, renewingResult) = (try await kept, try await renewing)
            print("MEASURED requests over changes of certificates:", keptResult, renewingResult)
            #expect(keptResult == ["200 1": 1, "200 0": 399])
            #expect(renewingResult == ["200 1": 400])
        }
    }

    @Test func theNextAgentGoesOn() async throws {
        let backend = try HTTPBackend("b1", "127.66.145.6")
        defer { backend.stop() }
        let address = "127.66.144.6"
        try await AgentFixture.withFolder { folder in
            let authority = try await TestAuthority("ca", in: folder)
            let (one, two) = (try await authority.issue("one.test"), try await authority.issue("two.test"))
            let first = try await AgentFixture(directory: folder)
            _ = try await first.agent.apply(Self.plan(address, backend, .init(certificates: [one.material])))
            let pid = try first.pid(of: id(1))
            await first.agent.shutdown(stopDataPlane: false)
            let second = try await AgentFixture(directory: folder)
            _ = try await second.agent.apply(
                Self.plan(address, backend, generation: 2, .init(certificates: [one.material, two.material])))
            #expect(try second.pid(of: id(1)) == pid)
            #expect(try await Self.name(at: address, "two.test") == "two.test")
            kill(pid, SIGKILL)
            let back = await eventually(within: .seconds(5)) {
                (try? await Self.name(at: address, "two.test")) == "two.test"
            }
            #expect(back != nil)
            await second.agent.shutdown(stopDataPlane: true)
        }
    }

    @Test func deletedSecretsDoNotHurtWhatServes() async throws {
        try await Self.run(7) { fixture, backend, address, folder in
            let authority = try await TestAuthority("ca", in: folder)
            let (one, two) = (try await authority.issue("one.test"), try await authority.issue("two.test"))
            _ = try await fixture.agent.apply(
                Self.plan(address, backend, .init(certificates: [one.material, two.material])))
            let pid = try fixture.pid(of: id(1))
            // Deleted later, while the default changes: what there is counts.
            let renewed = try await authority.issue("one.test", "renewed").material
            let tls = ListenerTLSPlan(
                certificates: [renewed, .missing("two.test")], problem: TLSMaterial.problem(["two.test"]))
            #expect(
                try await fixture.agent.apply(Self.plan(address, backend, generation: 2, tls)) == ApplyOutcome())
            #expect(try await Self.name(at: address, "two.test") == "two.test")
            #expect(try fixture.pid(of: id(1)) == pid)

            // Another listener's secret was never there: it alone fails.
            var more = Self.plan(address, backend, generation: 3, tls)
            more.listeners.append(
                ListenerPlan(
                    id: id(11), listenerProtocol: .terminatedHTTPS, port: Self.port + 1, defaultPoolID: id(20),
                    tls: .init(certificates: [.missing("three")], problem: TLSMaterial.problem(["three"]))))
            more.listeners[0].timeouts.clientData = 40_000
            let outcome = try await fixture.agent.apply(more)
            #expect(outcome.failedListeners == [id(11): "These secrets cannot be had any more: three."])
            #expect(try await Self.curl(address, "two.test", authority: authority) == "b1")
            #expect(fixture.configurationText(of: id(1))?.contains("40000") == true)
        }
    }

    @Test func whatHAProxyRefusesHurtsItsListenerAlone() async throws {
        try await Self.run(8) { fixture, backend, address, folder in
            let authority = try await TestAuthority("ca", in: folder)
            let (one, two) = (try await authority.issue("one.test"), try await authority.issue("two.test"))
            var plan = Self.plan(address, backend, .init(certificates: [one.material]))
            var mixed = two.material
            mixed.privateKey = one.material.privateKey
            func listener(_ number: Int, _ tls: ListenerTLSPlan) -> ListenerPlan {
                ListenerPlan(
                    id: id(number), listenerProtocol: .terminatedHTTPS, port: Self.port + number,
                    defaultPoolID: id(20), tls: tls)
            }
            plan.listeners += [
                listener(11, .init(certificates: [two.material], ciphers: "FOO")),
                listener(12, .init(certificates: [mixed])),
                listener(13, .init(certificates: [two.material], versions: ["SSLv3"])),
                listener(14, .init(certificates: [two.material], ciphers: "a b' \n")),
                listener(
                    15, .init(certificates: [two.material], ciphers: "TLS_AES_128_GCM_SHA256", versions: ["TLSv1.2"])),
            ]
            for generation in 1...2 as ClosedRange<Int64> {
                plan.generation = generation
                let outcome = try await fixture.agent.apply(plan)
                #expect(
                    outcome.failedListeners == [
                        id(11): "tls_ciphers: OpenSSL on this node knows none of them.",
                        id(12): "A certificate does not fit its private key.",
                        id(13): "tls_versions: OpenSSL speaks none of SSLv3.",
                        id(14): "tls_ciphers holds characters that no cipher list has.",
                        id(15): "tls_ciphers holds nothing for the versions in tls_versions: TLSv1.2.",
                    ])
                #expect(try await Self.curl(address, "one.test", authority: authority) == "b1")
            }
        }
    }
}
