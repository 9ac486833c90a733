// What a deployment allows: ciphers, versions of TLS, networks of VIPs; and revocation lists of their authorities.

import ControlPlane
import LoadBalancing
import OctaviaWire
import TestSupport
import Testing

@Suite struct DeploymentRuleTests {
    private func create(_ listener: String, on tree: LoadBalancerTree, _ fixture: ControlPlaneFixture) async throws
        -> Listener
    {
        let body = #"{"listener":{"loadbalancer_id":"\#(tree.loadBalancer.id)",\#(listener)}}"#
        return try await fixture.service.createListener(ListenerCreate(body: Array(body.utf8)), fixture.caller).listener
    }

    private func update(_ listener: Listener, _ fields: String, _ fixture: ControlPlaneFixture) async throws -> Listener
    {
        let body = #"{"listener":{\#(fields)}}"#
        return try await fixture.service.updateListener(
            listener.id, ListenerUpdate(body: Array(body.utf8)), fixture.caller
        ).listener
    }

    private func pool(_ fields: String, on tree: LoadBalancerTree, _ fixture: ControlPlaneFixture) async throws -> Pool
    {
        let body =
            #"{"pool":{"loadbalancer_id":"\#(tree.loadBalancer.id)","protocol":"HTTP","lb_algorithm":"ROUND_ROBIN",\#(fields)}}"#
        return try await fixture.service.createPool(PoolCreate(body: Array(body.utf8)), fixture.caller).pool
    }

    private func message(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch let fault as OctaviaFault {
            return fault.status == 400 ? fault.message : "\(fault)"
        } catch {
            return "\(error)"
        }
    }

    private let terminated = #""protocol":"TERMINATED_HTTPS","protocol_port":443,"default_tls_container_ref":"c""#

    @Test func prohibitedCiphersAreRefusedAndNoDefaults() async throws {
        let prohibited: Set = ["DHE-RSA-AES128-GCM-SHA256", "RC4"]
        try await ControlPlaneFixture.run(tls: TLSSettings(prohibitedCiphers: prohibited)) { fixture in
            let tree = try await fixture.create()
            let expected = "Validation failure: The following ciphers have been prohibited by an administrator: RC4"
            let listener = try await create(terminated, on: tree, fixture)
            let ciphers = Set((listener.tls.ciphers ?? "").split(separator: ":").map(String.init))
            #expect(ciphers.isDisjoint(with: prohibited) && ciphers.contains("DHE-RSA-AES256-GCM-SHA384"))
            #expect(
                await message {
                    _ = try await create(
                        #""protocol":"HTTP","protocol_port":80,"tls_ciphers":"A:RC4""#, on: tree, fixture)
                }
                    == expected)
            #expect(await message { _ = try await update(listener, #""tls_ciphers":"RC4:A""#, fixture) } == expected)
            #expect(try await update(listener, #""tls_ciphers":"RC4-MD5""#, fixture).tls.ciphers == "RC4-MD5")
            #expect(await message { _ = try await pool(#""tls_ciphers":"RC4""#, on: tree, fixture) } == expected)
        }
    }

    @Test func tooLowVersionsAreRefusedAndNoDefaults() async throws {
        try await ControlPlaneFixture.run(tls: TLSSettings(lowestVersion: "TLSv1.3")) { fixture in
            let tree = try await fixture.create()
            let expected =
                "Validation failure: Requested TLS versions are less than the minimum: TLSv1.2, TLSv1 < TLSv1.3"
            let versions = #""tls_versions":["TLSv1.2","TLSv1.3","TLSv1"]"#
            let listener = try await create(terminated, on: tree, fixture)
            #expect(listener.tls.versions == ["TLSv1.3"])
            #expect(
                await message {
                    _ = try await create(terminated.replacing("443", with: "444") + "," + versions, on: tree, fixture)
                }
                    == expected)
            #expect(await message { _ = try await update(listener, versions, fixture) } == expected)
            // What the request does not mention is not looked at.
            #expect(try await update(listener, #""name":"n""#, fixture).name == "n")
            #expect(
                await message { _ = try await pool(#""tls_enabled":true,"# + versions, on: tree, fixture) } == expected)
            #expect(await message { _ = try await pool(versions, on: tree, fixture) } == nil)
        }
    }

    @Test func networksOfVirtualAddressesCanBeChosenAndDenied() async throws {
        let expected =
            "Validation failure: Supplied VIP network_id is not allowed by the configuration of this deployment."
        for (settings, isAllowed) in [
            ({ VIPNetworkSettings(allowed: [$0]) }, true), ({ _ in VIPNetworkSettings(allowed: [.random()]) }, false),
            ({ VIPNetworkSettings(denied: [$0]) }, false), ({ _ in VIPNetworkSettings(denied: [.random()]) }, true),
            ({ VIPNetworkSettings(allowed: [$0], denied: [$0]) }, false),
        ] as [((ResourceID) -> VIPNetworkSettings, Bool)] {
            try await ControlPlaneFixture.run(vipNetworks: settings) { fixture in
                #expect(await message { _ = try await fixture.create() } == (isAllowed ? nil : expected))
                let ports = try await fixture.vipPorts()
                #expect(ports == (isAllowed ? 1 : 0))
            }
        }
    }

    /// A key manager of texts: what is in the real one is tested with it.
    private struct Texts: CertificateStore {
        var texts: [String: String]

        func certificate(of reference: String, projectID: String) async throws -> CertificateLookup { .unchecked }

        func text(of reference: String, projectID: String) async throws -> CertificateText {
            texts[reference].map { .text($0) } ?? .missing
        }
    }

    @Test(.enabled(if: Files.program("openssl") != nil, "the openssl command is needed"))
    func revocationListsAreTheirAuthoritys() async throws {
        let (first, second) = (try await Authority(), try await Authority())
        let texts = Texts(texts: [
            "ca": first.certificate, "crl": first.list, "other": second.certificate, "junk": "junk",
        ])
        let foreign =
            "Validation failure: The CRL specified is not valid for client certificate authority reference supplied."
        try await ControlPlaneFixture.run(certificates: texts) { fixture in
            let tree = try await fixture.create()
            func make(_ port: Int, _ ca: String, _ crl: String) async throws -> Listener {
                let fields =
                    #","client_ca_tls_container_ref":"\#(ca)","client_crl_container_ref":"\#(crl)""#
                return try await create(terminated.replacing("443", with: "\(port)") + fields, on: tree, fixture)
            }
            let listener = try await make(1, "ca", "crl")
            #expect(await message { _ = try await make(2, "other", "crl") } == foreign)
            #expect(
                await message { _ = try await make(3, "junk", "crl") }?.contains("CA certificate is invalid") == true)
            #expect(
                await message { _ = try await make(4, "ca", "junk") }?.contains("revocation list is invalid") == true)
            #expect(
                await message { _ = try await make(5, "ca", "none") }
                    == "Could not retrieve certificate: ['none']")
            // A change of one of the two is compared with the other one that is there.
            #expect(
                await message { _ = try await update(listener, #""client_ca_tls_container_ref":"other""#, fixture) }
                    == foreign)
            #expect(
                await message { _ = try await update(listener, #""client_crl_container_ref":"crl""#, fixture) } == nil)
            let trust = #""tls_enabled":true,"ca_tls_container_ref":"%","crl_container_ref":"crl""#
            #expect(
                await message { _ = try await pool(trust.replacing("%", with: "other"), on: tree, fixture) } == foreign)
            let made = try await pool(trust.replacing("%", with: "ca"), on: tree, fixture)
            let change = PoolUpdate(caTLSContainerRef: "other")
            #expect(
                await message { _ = try await fixture.service.updatePool(made.id, change, fixture.caller) } == foreign)
        }
    }

    private struct Authority {
        var certificate: String
        var list: String

        init() async throws {
            let folder = try TemporaryFolder("ottava-authority")
            defer { folder.remove() }
            let program = try #require(Files.program("openssl"))
            let (key, certificate) = (folder.file("key.pem"), folder.file("certificate.pem"))
            try Files.write("", to: folder.file("index.txt"))
            try Files.write(
                """
                [ca]
                default_ca = here
                [here]
                database = \(folder.file("index.txt"))
                default_md = sha256
                default_crl_days = 1
                """, to: folder.file("settings"))
            for arguments in [
                [
                    "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=ca", "-keyout", key, "-out",
                    certificate,
                ],
                [
                    "ca", "-gencrl", "-config", folder.file("settings"), "-keyfile", key, "-cert", certificate, "-out",
                    folder.file("list.pem"),
                ],
            ] {
                let made = try await ChildProcess.run(program, arguments)
                try #require(made.status == 0, "\(made.errors)")
            }
            self.certificate = Files.text(certificate) ?? ""
            list = Files.text(folder.file("list.pem")) ?? ""
        }
    }
}

extension PoolUpdate {
    fileprivate init(caTLSContainerRef: String) {
        self.init()
        self.caTLSContainerRef = .set(caTLSContainerRef)
    }
}
