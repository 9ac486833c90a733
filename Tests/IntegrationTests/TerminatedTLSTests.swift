// TLS that the load balancer ends: from a secret of the key manager to what clients see.

internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite(.server, .enabled(if: TestMaterial.canBeMade, "the openssl and curl commands are needed"))
    struct TerminatedTLSTests {
        @Test func certificatesComeFromTheKeyManagerAndChangeAtOnce() async throws {
            try await TestMaterial.with { material in
                let server = try currentServer()
                let client = try server.demo()
                let first = try await material.issue("one.test")
                let second = try await material.issue("one.test", "renewed")
                let firstRef = try client.storeSecret(first.combined)
                let secondRef = try client.storeSecret(second.combined)
                let backend = try HTTPBackend("b1")
                let served = try ServedLoadBalancer(
                    client, [backend], protocol: "TERMINATED_HTTPS",
                    listener: [
                        "default_tls_container_ref": .string(firstRef), "hsts_max_age": 60,
                        "insert_headers": ["X-Forwarded-Proto": "true"],
                    ], pool: ["protocol": "HTTP"])
                let answer = try await material.curl(served.address, served.port, "one.test", "-i")
                #expect(answer.hasPrefix("HTTP/2 200") && answer.hasSuffix("b1"), "\(answer)")
                #expect(answer.contains("strict-transport-security: max-age=60"))
                #expect(try await material.serial(at: served.address, served.port) == first.serial)
                let process = try #require(server.haproxy(of: served.id))

                try client.update(.listeners, served.listener, ["default_tls_container_ref": .string(secondRef)])
                let delay = try await eventually("the second certificate is served", within: .seconds(5)) {
                    try await material.serial(at: served.address, served.port) == second.serial
                }
                print("MEASURED second certificate after the answer to the PUT: \(delay)")
                try await client.settle(served.id)
                #expect(server.haproxy(of: served.id) == process, "nothing was reloaded")

                // The owner deletes the secret: what serves goes on, and takes further changes.
                #expect(try client.send("DELETE", try TestMaterial.path(of: secondRef)).status == 204)
                try await served.update(.listeners, served.listener, ["timeout_client_data": 40_000])
                #expect(try client.get(.listeners, served.listener)["provisioning_status"] == "ACTIVE")
                #expect(try await material.serial(at: served.address, served.port) == second.serial)
                #expect(try await material.curl(served.address, served.port, "one.test") == "b1")
                #expect(!server.log.contains("PRIVATE KEY"))
                try served.delete()
            }
        }

        @Test func materialThatCannotServeIsRefused() async throws {
            try await TestMaterial.with { material in
                let client = try currentServer().demo()
                let (one, two) = (try await material.issue("one.test"), try await material.issue("two.test"))
                let expired = try await material.issue("old.test", from: "20200101000000Z", until: "20200102000000Z")
                let future = try await material.issue("new.test", from: "20900101000000Z", until: "20900102000000Z")
                let good = try client.storeSecret(one.combined)
                let (id, _) = try client.createLoadBalancer("refusals")
                func refusal(_ fields: [String: JSONValue]) throws -> String {
                    let usual: [String: JSONValue] = [
                        "loadbalancer_id": .string(id), "protocol": "TERMINATED_HTTPS", "protocol_port": 443,
                        "default_tls_container_ref": .string(good),
                    ]
                    let answer = try client.send(
                        "POST", "listeners", ["listener": .object(usual.merging(fields) { $1 })])
                    #expect(answer.status == 400, "\(answer.text)")
                    return answer.json["faultstring"]?.string ?? ""
                }
                let encrypted = try await material.encrypted(one)
                for (payload, reason) in [
                    (one.certificate + two.key, "its private key does not match the certificate"),
                    (expired.combined, "it expired at 2020-01-02T00:00:00Z"),
                    (future.combined, "it is not valid before 2090-01-01T00:00:00Z"),
                    (one.certificate + encrypted, "its private key is encrypted, and there is no passphrase"),
                    (one.certificate, "it has no private key in PEM"),
                    ("MIIBAAAA", "the PKCS#12 archive is damaged or has a password"),
                ] {
                    let reference = try client.storeSecret(payload)
                    #expect(
                        try refusal(["default_tls_container_ref": .string(reference)])
                            == "Validation failure: default_tls_container_ref: the certificate \(reference) cannot be used: \(reason)."
                    )
                    #expect(
                        try refusal(["sni_container_refs": [.string(reference)]])
                            == "Validation failure: sni_container_refs: the certificate \(reference) cannot be used: \(reason)."
                    )
                }
                let nothing = try client.storeSecret("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
                let authority = try client.storeSecret(material.authority)
                #expect(
                    try refusal(["client_ca_tls_container_ref": .string(nothing)])
                        == "Validation failure: The client authentication CA certificate is invalid. It must be a valid x509 PEM format certificate. Error: There is none in \(nothing)."
                )
                #expect(
                    try refusal([
                        "client_ca_tls_container_ref": .string(authority), "client_crl_container_ref": .string(nothing),
                    ])
                        == "Validation failure: The client authentication certificate revocation list is invalid. It must be a valid x509 PEM format certificate revocation list. Error: There is none in \(nothing)."
                )
                // A pool's client certificate, too.
                let reference = try client.storeSecret(expired.combined)
                let answer = try client.send(
                    "POST", "pools",
                    [
                        "pool": [
                            "loadbalancer_id": .string(id), "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN",
                            "tls_enabled": true, "tls_container_ref": .string(reference),
                        ]
                    ])
                #expect(answer.status == 400)
                #expect(answer.text.contains("tls_container_ref: the certificate \(reference) cannot be used"))
                // Nothing was made, and what is good is accepted.
                #expect(try client.list(.listeners, query: "?load_balancer_id=\(id)").isEmpty)
                try client.delete(.loadBalancers, id)
            }
        }

        @Test(.enabled(if: GRPCProgram.canRun, "gRPC for Python is needed"))
        func remoteProcedureCallsPassByHTTP2() async throws {
            try await TestMaterial.with { material in
                let client = try currentServer().demo()
                let certificate = try await material.issue("grpc.test")
                let reference = try client.storeSecret(certificate.combined)
                let authority = try client.storeSecret(material.authority)
                let port = Ports.free()
                let program = try GRPCProgram(in: material.folder)
                let server = try await program.server(port, certificate, material)
                do {
                    let served = try ServedLoadBalancer(
                        client, [], protocol: "TERMINATED_HTTPS",
                        listener: ["default_tls_container_ref": .string(reference), "alpn_protocols": ["h2"]],
                        pool: [
                            "protocol": "HTTP", "tls_enabled": true, "ca_tls_container_ref": .string(authority),
                            "alpn_protocols": ["h2"], "tls_ciphers": .null, "tls_versions": .null,
                        ], monitor: ["type": "TCP"])
                    let answer = try client.send(
                        "PUT", "pools/\(served.pool)/members",
                        ["members": [["address": "127.0.0.1", "protocol_port": .integer(Int64(port))]]])
                    #expect(answer.status == 202)
                    try await client.settle(served.id)
                    let result = try await program.call(served.address, served.port, material)
                    #expect(result == "echo hello, 0 1 2 3 4")
                    try served.delete()
                } catch {
                    await server.stop()
                    throw error
                }
                await server.stop()
            }
        }
    }
}

extension APIClient {
    /// Stores a text in the key manager; gives its reference.
    func storeSecret(_ payload: String) throws -> String {
        let answer = try send(
            "POST", "/key-manager/v1/secrets",
            ["name": "tls", "payload": .string(payload), "payload_content_type": "text/plain"])
        guard answer.status == 201, let reference = answer.json["secret_ref"]?.string else {
            throw UnexpectedAnswer(description: "POST secrets: \(answer.status) \(answer.text)")
        }
        return reference
    }
}

/// An authority and what it signs, by the openssl command.
struct TestMaterial {
    static let canBeMade = Files.program("openssl") != nil && Files.program("curl") != nil

    struct Issued {
        var certificate: String
        var key: String
        var serial: String
        var combined: String { certificate + key }
    }

    let temporary: TemporaryFolder
    var folder: String { temporary.path }
    let authority: String

    /// Runs a test with an authority of its own.
    static func with(_ body: (TestMaterial) async throws -> Void) async throws {
        let temporary = try TemporaryFolder("ottava-material")
        do {
            try await body(TestMaterial(temporary))
        } catch {
            temporary.remove()
            throw error
        }
        temporary.remove()
    }

    private init(_ temporary: TemporaryFolder) async throws {
        self.temporary = temporary
        let configuration = """
            [ca]
            default_ca = it
            [it]
            database = \(temporary.file("index.txt"))
            new_certs_dir = \(temporary.path)
            default_md = sha256
            policy = any
            serial = \(temporary.file("serial"))
            unique_subject = no
            copy_extensions = copy
            [any]
            commonName = supplied
            """
        try Files.write(configuration, to: temporary.file("ca.cnf"))
        try Files.write("", to: temporary.file("index.txt"))
        try await Self.openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=authority", "-keyout", temporary.file("ca.key"), "-out", temporary.file("ca.pem"))
        authority = try #require(Files.text(temporary.file("ca.pem")))
    }

    /// Makes a certificate for a name.
    func issue(_ name: String, _ label: String? = nil, from: String? = nil, until: String? = nil) async throws -> Issued
    {
        let base = temporary.file(label ?? name)
        try await Self.openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
            "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)", "-keyout", "\(base).key", "-out", "\(base).csr")
        let days = from.map { ["-startdate", $0, "-enddate", until ?? $0] } ?? ["-days", "1"]
        let arguments =
            [
                "ca", "-batch", "-notext", "-config", temporary.file("ca.cnf"), "-cert", temporary.file("ca.pem"),
                "-keyfile", temporary.file("ca.key"), "-rand_serial", "-in", "\(base).csr", "-out", "\(base).pem",
            ] + days
        let result = try await ChildProcess.run(try #require(Files.program("openssl")), arguments)
        try #require(result.status == 0, "\(result.errors)")
        let serial = try await Self.openssl("x509", "-in", "\(base).pem", "-noout", "-serial")
        return Issued(
            certificate: try #require(Files.text("\(base).pem")), key: try #require(Files.text("\(base).key")),
            serial: serial)
    }

    /// The key with a passphrase.
    func encrypted(_ issued: Issued) async throws -> String {
        try Files.write(issued.key, to: temporary.file("clear.key"))
        return try await Self.openssl(
            "pkcs8", "-topk8", "-in", temporary.file("clear.key"), "-passout", "pass:sesame")
    }

    /// The number of the certificate that clients get.
    func serial(at address: String, _ port: Int) async throws -> String {
        let shown = try await ChildProcess.run(
            try #require(Files.program("openssl")), ["s_client", "-connect", "\(address):\(port)"])
        let result = try await ChildProcess.run(
            try #require(Files.program("openssl")), ["x509", "-noout", "-serial"], input: shown.output)
        return result.output
    }

    /// One request; what curl wrote, or how it ended.
    func curl(_ address: String, _ port: Int, _ name: String, _ more: String...) async throws -> String {
        let result = try await ChildProcess.run(
            try #require(Files.program("curl")),
            [
                "-s", "-m", "10", "--cacert", temporary.file("ca.pem"), "--resolve", "\(name):\(port):\(address)",
                "https://\(name):\(port)/",
            ] + more)
        return result.status == 0 ? result.output : "curl \(result.status)"
    }

    /// The path of a reference at the server.
    static func path(of reference: String) throws -> String {
        let start = try #require(reference.firstRange(of: "/key-manager"))
        return String(reference[start.lowerBound...])
    }

    @discardableResult
    private static func openssl(_ arguments: String...) async throws -> String {
        let result = try await ChildProcess.run(try #require(Files.program("openssl")), arguments)
        try #require(result.status == 0, "openssl \(arguments): \(result.errors)")
        return result.output
    }
}
