// A certificate from a Secret of type kubernetes.io/tls.

internal import Crypto
internal import FoundationEssentials
internal import KubernetesClient
internal import SwiftASN1
internal import X509

/// What a Secret holds for TLS, checked.
struct CertificateSecret: Sendable {
    /// For the key manager.
    let bundle: PKCS12Bundle
    /// Hexadecimal; differs whenever the material does.
    let fingerprint: String

    /// - Throws: ``Problem`` that says what is wrong with the Secret.
    init(_ secret: KubernetesClient.Secret, at now: Date = Date()) throws(Problem) {
        let name = "Secret \(secret.key)"
        guard let certificates = secret.data["tls.crt"]?.bytes, let key = secret.data["tls.key"]?.bytes else {
            throw Self.problem("\(name) has no keys tls.crt and tls.key; make it with: kubectl create secret tls")
        }
        let documents = (try? PEMDocument.parseMultiple(pemString: String(decoding: certificates, as: UTF8.self))) ?? []
        let chain = documents.filter { $0.discriminator == "CERTIFICATE" }.map(\.derBytes)
        guard let first = chain.first, let certificate = try? Certificate(derEncoded: first) else {
            throw Self.problem("\(name): tls.crt is no certificate in PEM")
        }
        let keyText = String(decoding: key, as: UTF8.self)
        let keyDocuments = (try? PEMDocument.parseMultiple(pemString: keyText)) ?? []
        guard let keyDocument = keyDocuments.first(where: { $0.discriminator.hasSuffix("PRIVATE KEY") }),
            let privateKey = try? Certificate.PrivateKey(pemDocument: keyDocument),
            let material = try? Self.pkcs8(keyDocument)
        else { throw Self.problem("\(name): tls.key is no RSA, ECDSA or Ed25519 key in PEM without a password") }
        guard privateKey.publicKey == certificate.publicKey else {
            throw Self.problem("\(name): tls.key does not belong to the first certificate of tls.crt")
        }
        if now > certificate.notValidAfter {
            throw Self.problem("\(name): its certificate ended at \(certificate.notValidAfter)")
        }
        bundle = PKCS12Bundle(privateKey: material, certificates: chain)
        fingerprint = SHA256.hash(data: certificates + key).hexadecimal
    }

    private static func problem(_ message: String) -> Problem { .warning(EventReason.ingressFailed, message) }

    /// The key in the form that all algorithms share (RFC 5958).
    private static func pkcs8(_ document: PEMDocument) throws -> [UInt8] {
        switch document.discriminator {
        case "RSA PRIVATE KEY":
            return try wrap(document.derBytes, [1, 2, 840, 113_549, 1, 1, 1]) { try $0.serialize(ASN1Null()) }
        case "EC PRIVATE KEY":
            // RFC 5915: version, key, [0] curve, [1] public key.
            let root = try DER.parse(document.derBytes)
            guard case .constructed(let fields) = root.content,
                let tagged = fields.first(where: {
                    $0.identifier.tagNumber == 0 && $0.identifier.tagClass == .contextSpecific
                }),
                case .constructed(let inner) = tagged.content, let curve = Array(inner).first
            else { throw ASN1Error.invalidASN1Object(reason: "an EC key without curve") }
            return try wrap(document.derBytes, [1, 2, 840, 10_045, 2, 1]) { $0.serializeRawBytes(curve.encodedBytes) }
        default: return document.derBytes
        }
    }

    private static func wrap(
        _ key: [UInt8], _ algorithm: ASN1ObjectIdentifier, _ parameters: (inout DER.Serializer) throws -> Void
    ) throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.appendConstructedNode(identifier: .sequence) { info in
            try info.serialize(0)
            try info.appendConstructedNode(identifier: .sequence) { identifier in
                try identifier.serialize(algorithm)
                try parameters(&identifier)
            }
            try info.serialize(ASN1OctetString(contentBytes: key[...]))
        }
        return serializer.serializedBytes
    }
}

extension Sequence<UInt8> {
    /// Two lower-case digits for each byte.
    var hexadecimal: String {
        map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
