// Lists of revoked certificates and the authorities that signed them, made by OpenSSL.

import KeyManager
import TestSupport
import Testing

@Suite(.enabled(if: Files.program("openssl") != nil, "the openssl command is needed"))
struct RevocationListTests {
    /// An authority with a key of its own and a list that it signed.
    private struct Issued {
        var certificate: String
        var list: String

        init(_ key: [String], digest: String? = "sha256", signing: [String] = []) async throws {
            let folder = try TemporaryFolder("ottava-revocation")
            defer { folder.remove() }
            let program = try #require(Files.program("openssl"))
            func openssl(_ arguments: [String]) async throws {
                let made = try await ChildProcess.run(program, arguments)
                try #require(made.status == 0, "\(arguments): \(made.errors)")
            }
            let (keyFile, certificateFile) = (folder.file("key.pem"), folder.file("certificate.pem"))
            let digestOption = digest.map { ["-\($0)"] } ?? []
            try await openssl(["genpkey", "-out", keyFile] + key)
            try await openssl(
                [
                    "req", "-x509", "-new", "-key", keyFile, "-subj", "/CN=authority", "-days", "1", "-out",
                    certificateFile,
                ]
                    + digestOption + signing)
            try Files.write("", to: folder.file("index.txt"))
            try Files.write("01\n", to: folder.file("number"))
            try Files.write(
                """
                [ca]
                default_ca = here
                [here]
                database = \(folder.file("index.txt"))
                crlnumber = \(folder.file("number"))
                default_md = \(digest ?? "default")
                default_crl_days = 1
                """, to: folder.file("settings"))
            try await openssl(
                [
                    "ca", "-gencrl", "-config", folder.file("settings"), "-keyfile", keyFile, "-cert", certificateFile,
                    "-out", folder.file("list.pem"),
                ] + signing)
            certificate = Files.text(certificateFile) ?? ""
            list = Files.text(folder.file("list.pem")) ?? ""
        }
    }

    @Test(
        "Each algorithm, with its authority and with another",
        arguments: [
            (["-algorithm", "RSA"], "sha256", []), (["-algorithm", "RSA"], "sha1", []),
            (["-algorithm", "RSA"], "sha384", []), (["-algorithm", "RSA"], "sha512", []),
            (
                ["-algorithm", "RSA"], "sha256",
                ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]
            ),
            (["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "sha256", []),
            (["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "sha384", []),
            (["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], "sha384", []),
            (["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"], "sha512", []),
            (["-algorithm", "ED25519"], nil, []),
        ] as [([String], String?, [String])])
    func signatures(key: [String], digest: String?, signing: [String]) async throws {
        let first = try await Issued(key, digest: digest, signing: signing)
        let second = try await Issued(key, digest: digest, signing: signing)
        let list = try #require(RevocationList(pem: first.list))
        #expect(try list.isSigned(by: #require(AuthorityCertificate(pem: first.certificate))))
        #expect(try !list.isSigned(by: #require(AuthorityCertificate(pem: second.certificate))))
        let other = try await Issued(["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
        #expect(
            try RevocationList(pem: other.list)?.isSigned(by: #require(AuthorityCertificate(pem: first.certificate)))
                == false)
    }

    @Test func whatIsNeitherIsNone() async throws {
        let issued = try await Issued(["-algorithm", "ED25519"], digest: nil)
        #expect(RevocationList(pem: issued.certificate) == nil)
        #expect(AuthorityCertificate(pem: issued.list) == nil)
        for text in ["", "x", "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n"] {
            #expect(RevocationList(pem: text) == nil)
            #expect(AuthorityCertificate(pem: text.replacing("X509 CRL", with: "CERTIFICATE")) == nil)
        }
        // Every text that is cut off somewhere is none, or has no valid signature.
        let lines = issued.list.split(separator: "\n")
        for end in 1..<(lines.count - 1) {
            let cut = (lines[..<end] + [lines[lines.count - 1]]).joined(separator: "\n")
            let authority = try #require(AuthorityCertificate(pem: issued.certificate))
            #expect(RevocationList(pem: cut)?.isSigned(by: authority) != true)
        }
    }
}
