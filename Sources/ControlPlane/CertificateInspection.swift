// What is wrong with a certificate, before a listener or a pool is made to use it.

internal import FoundationEssentials
internal import LoadBalancing
internal import SwiftASN1
internal import X509

/// Looks into certificates (RFC 5280).
enum CertificateInspection {
    /// Why a certificate cannot serve at a time, in a part of a sentence; `nil` when it can.
    static func flaw(in material: CertificateMaterial, at now: Timestamp) -> String? {
        let blocks = PEMSyntax.blocks("CERTIFICATE", in: material.certificateChain)
        var certificates: [Certificate] = []
        for block in blocks {
            guard let certificate = try? Certificate(pemEncoded: block) else {
                return "certificate \(certificates.count + 1) in it is not a readable X.509 certificate"
            }
            certificates.append(certificate)
        }
        guard let certificate = certificates.first else { return "it has no certificate in PEM" }
        guard let key = try? Certificate.PrivateKey(pemEncoded: material.privateKey) else {
            return "its private key is not a readable RSA, ECDSA or Ed25519 key"
        }
        guard key.publicKey == certificate.publicKey else { return "its private key does not match the certificate" }
        let (begin, end) = (timestamp(certificate.notValidBefore), timestamp(certificate.notValidAfter))
        if now > end { return "it expired at \(end.iso8601ZuluSeconds)" }
        if now < begin { return "it is not valid before \(begin.iso8601ZuluSeconds)" }
        return nil
    }

    /// Whether a text holds certificates of authorities, all of them readable.
    static func areAuthorities(_ text: String) -> Bool {
        let blocks = PEMSyntax.blocks("CERTIFICATE", in: text)
        return !blocks.isEmpty && blocks.allSatisfy { (try? Certificate(pemEncoded: $0)) != nil }
    }

    private static func timestamp(_ date: Date) -> Timestamp {
        Timestamp(microseconds: Int64(date.timeIntervalSince1970 * 1_000_000))
    }
}

/// The outside of PEM text (RFC 7468).
private enum PEMSyntax {
    /// The blocks with that label, each as a text of its own; none when one of them has no end.
    static func blocks(_ label: String, in text: String) -> [String] {
        var result: [String] = []
        var block: String?
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("-----BEGIN \(label)-----") {
                guard block == nil else { return [] }
                block = "-----BEGIN \(label)-----\n"
            } else if line.hasPrefix("-----END \(label)-----"), let open = block {
                result.append(open + "-----END \(label)-----\n")
                block = nil
            } else if block != nil {
                block? += line.filter { !$0.isWhitespace } + "\n"
            }
        }
        return block == nil ? result : []
    }
}
