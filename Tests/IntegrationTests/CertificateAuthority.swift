// Certificates for tests, made by the openssl command.

internal import Foundation
internal import JSON
internal import TestSupport
internal import Testing

/// An authority with a folder of its own.
struct CertificateAuthority {
    static let openssl = Files.program("openssl")

    private let folder: TemporaryFolder
    /// Its certificate in PEM.
    var certificateFile: String { folder.file("authority.pem") }

    init() async throws {
        folder = try TemporaryFolder("ottava-authority")
        try await run(
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
                + ["-subj", "/CN=authority", "-keyout", folder.file("authority.key"), "-out", certificateFile])
    }

    func remove() { folder.remove() }

    /// A PKCS#12 bundle without a password: a new key and a certificate for a name.
    ///
    /// - Parameter label: Stands in the certificate's subject, so that a client can tell two of the same name apart.
    func bundle(for name: String, label: String) async throws -> [UInt8] {
        func file(_ kind: String) -> String { folder.file("\(label).\(kind)") }
        try await run(
            ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
                + ["-subj", "/O=\(label)/CN=\(name)", "-keyout", file("key"), "-out", file("csr")])
        try Files.write("subjectAltName=DNS:\(name)\n", to: file("extensions"))
        try await run(
            ["x509", "-req", "-in", file("csr"), "-CA", certificateFile, "-CAkey", folder.file("authority.key")]
                + ["-CAcreateserial", "-days", "1", "-extfile", file("extensions"), "-out", file("pem")])
        try await run(
            ["pkcs12", "-export", "-in", file("pem"), "-inkey", file("key"), "-passout", "pass:", "-out", file("p12")])
        return [UInt8](try Data(contentsOf: URL(filePath: file("p12"))))
    }

    private func run(_ arguments: [String]) async throws {
        let program = try #require(Self.openssl)
        let result = try await ChildProcess.run(program, arguments, within: .seconds(30))
        guard result.status == 0 else { throw CannotStart(description: "openssl \(arguments): \(result.errors)") }
    }
}

extension APIClient {
    /// Stores a secret in the key manager, and returns its reference.
    func storeSecret(_ bytes: [UInt8], name: String) throws -> String {
        let answer = try send(
            "POST", "/key-manager/v1/secrets",
            [
                "name": .string(name), "payload": .string(Data(bytes).base64EncodedString()),
                "payload_content_type": "application/octet-stream", "payload_content_encoding": "base64",
            ])
        return try #require(answer.json["secret_ref"]?.string, "\(answer.text)")
    }
}
