// Certificates for tests, made by the openssl command.

import Foundation
import LoadBalancing
import TestSupport
import Testing

/// Programs that tests run to their end.
enum Program {
    static func path(_ name: String) -> String? {
        ["/usr/bin", "/usr/local/bin", "/bin"].map { "\($0)/\(name)" }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }

    static let haveTLSClients: Bool = {
        let missing = ["openssl", "curl"].filter { path($0) == nil }
        if !missing.isEmpty { print("SKIPPED: tests of TLS, because of missing programs: \(missing)") }
        return missing.isEmpty
    }()

    /// Runs a program and returns its exit status and all that it wrote.
    static func run(_ name: String, _ arguments: [String], in folder: String = "/tmp") async throws -> (
        status: Int32, output: String
    ) {
        let program = try #require(path(name))
        let result = try await ChildProcess.run("/usr/bin/env", ["--chdir", folder, program] + arguments)
        return (result.status, result.output + result.errors)
    }
}

/// An authority with a folder for everything that it makes.
struct TestAuthority {
    let name: String
    let folder: String

    /// A certificate with its key, and where the two are.
    struct Issued {
        var material: CertificateMaterial
        var certificateFile: String
        var keyFile: String
    }

    /// Makes a folder below another one, and an authority in it.
    init(_ name: String, in parent: String) async throws {
        self.name = name
        folder = "\(parent)/\(name)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let configuration = """
            [ca]
            default_ca = it
            [it]
            database = index.txt
            default_md = sha256
            default_crl_days = 1
            """
        try configuration.write(toFile: "\(folder)/ca.cnf", atomically: true, encoding: .utf8)
        try "".write(toFile: "\(folder)/index.txt", atomically: true, encoding: .utf8)
        try await openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=\(name)", "-keyout", "ca.key", "-out", "ca.pem")
    }

    /// The certificate of the authority, in PEM.
    var certificate: String { get throws { try text("ca.pem") } }
    var certificateFile: String { "\(folder)/ca.pem" }

    /// Makes a certificate for a name.
    func issue(_ name: String, _ label: String? = nil) async throws -> Issued {
        let label = label ?? name
        try await openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/O=Test/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)", "-addext",
            "basicConstraints=critical,CA:false", "-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", "\(label).key",
            "-out", "\(label).pem")
        return Issued(
            material: CertificateMaterial(
                reference: label, certificateChain: try text("\(label).pem"), privateKey: try text("\(label).key")),
            certificateFile: "\(folder)/\(label).pem", keyFile: "\(folder)/\(label).key")
    }

    /// The list of revoked certificates, with some more on it.
    func revocationList(_ revoked: [Issued] = []) async throws -> String {
        for issued in revoked {
            try await openssl(
                "ca", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-revoke", issued.certificateFile)
        }
        try await openssl(
            "ca", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-gencrl", "-out", "crl.pem")
        return try text("crl.pem")
    }

    private func text(_ file: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
    }

    private func openssl(_ arguments: String...) async throws {
        let result = try await Program.run("openssl", arguments, in: folder)
        try #require(result.status == 0, "openssl \(arguments): \(result.output)")
    }
}
