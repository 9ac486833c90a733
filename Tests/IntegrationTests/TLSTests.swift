// HTTPS that the load balancer passes through.

internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite(.server, .enabled(if: TLSBackend.openssl != nil, "the openssl command is needed"))
    struct TLSTests {
        @Test func httpsPassesThroughAndIsMonitored() async throws {
            let first = try await TLSBackend("tls-1.test")
            let second = try await TLSBackend("tls-2.test")
            do {
                try await check(first, second)
            } catch {
                await first.remove()
                await second.remove()
                throw error
            }
            await first.remove()
            await second.remove()
        }

        private func check(_ first: TLSBackend, _ second: TLSBackend) async throws {
            let members = [first, second].map { backend -> JSONValue in
                ["address": "127.0.0.1", "protocol_port": .integer(Int64(backend.port))]
            }
            let served = try ServedLoadBalancer(
                currentServer().demo(), [], protocol: "HTTPS", monitor: ["type": "HTTPS"])
            let answer = try served.client.send(
                "PUT", "pools/\(served.pool)/members", ["members": .array(members)])
            #expect(answer.status == 202)
            let ids = try served.client.list(served.membersCollection).compactMap { $0["id"]?.string }
            for id in ids { try await served.client.wait(for: "ONLINE", of: served.membersCollection, id) }
            // The client sees the certificates of the backends.
            let names = [
                try await TLSBackend.certificate(at: served.address, served.port),
                try await TLSBackend.certificate(at: served.address, served.port),
            ]
            #expect(Set(names) == ["tls-1.test", "tls-2.test"], "\(names)")

            await first.stop()
            let member = try #require(
                try served.client.list(served.membersCollection, query: "?protocol_port=\(first.port)")
                    .first?["id"]?.string)
            try await served.client.wait(for: "ERROR", of: served.membersCollection, member)
            try await served.client.wait(for: "DEGRADED", of: .loadBalancers, served.id)
            for _ in 0..<3 {
                #expect(try await TLSBackend.certificate(at: served.address, served.port) == "tls-2.test")
            }
            try served.delete()
        }
    }
}

/// `openssl s_server` with a certificate for its name.
private struct TLSBackend {
    static let openssl = Files.program("openssl")

    let port = Ports.free()
    private let folder: TemporaryFolder
    private let process: ChildProcess

    init(_ name: String) async throws {
        let program = try #require(Self.openssl)
        folder = try TemporaryFolder("ottava-tls")
        let (key, certificate) = (folder.file("key.pem"), folder.file("certificate.pem"))
        let made = try await ChildProcess.run(
            program,
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                "-subj", "/CN=\(name)", "-keyout", key, "-out", certificate,
            ])
        try #require(made.status == 0, "\(made.errors)")
        process = try ChildProcess(
            program,
            ["s_server", "-accept", "127.0.0.1:\(port)", "-key", key, "-cert", certificate, "-www", "-quiet"],
            output: folder.file("output"), errors: folder.file("errors"))
    }

    func stop() async { await process.stop() }

    func remove() async {
        await stop()
        folder.remove()
    }

    /// The name in the certificate that a client sees.
    static func certificate(at address: String, _ port: Int) async throws -> String? {
        let result = try await ChildProcess.run(
            try #require(openssl), ["s_client", "-connect", "\(address):\(port)"], within: .seconds(10))
        let line = result.output.split(separator: "\n").first { $0.hasPrefix("subject=") }
        return line?.split(separator: "=").last?.split(separator: " ").first.map(String.init)
    }
}
