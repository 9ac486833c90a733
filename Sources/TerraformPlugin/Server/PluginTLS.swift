// Mutual TLS between Terraform and a plugin: each shows a certificate that is made for this one run.

internal import Crypto
internal import FoundationEssentials
internal import NIOSSL
internal import SwiftASN1
internal import X509

/// The plugin's certificate and key, and whom it trusts.
struct PluginTLS {
    /// What the handshake says: base64 of DER without padding.
    let certificate: String
    let context: NIOSSLContext

    /// - Parameter client: Terraform's certificate in PEM: nobody else may connect.
    init(trusting client: String) throws {
        let key = P256.Signing.PrivateKey()
        let name = try DistinguishedName { CommonName("localhost") }
        let own = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(key.publicKey),
            notValidBefore: Date(timeIntervalSinceNow: -30), notValidAfter: Date(timeIntervalSinceNow: 262_980 * 3600),
            issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(digitalSignature: true, keyEncipherment: true, keyAgreement: true, keyCertSign: true))
                try ExtendedKeyUsage([.clientAuth, .serverAuth])
                SubjectAlternativeNames([.dnsName("localhost")])
            },
            issuerPrivateKey: .init(key))
        var serializer = DER.Serializer()
        try serializer.serialize(own)
        let der = serializer.serializedBytes
        certificate = String(Data(der).base64EncodedString().prefix { $0 != "=" })

        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(try NIOSSLCertificate(bytes: der, format: .der))],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.derRepresentation), format: .der)))
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(client.utf8)))
        // Terraform's certificate names no host.
        configuration.certificateVerification = .noHostnameVerification
        // It is ECDSA over P-521, which BoringSSL accepts only if told so.
        configuration.verifySignatureAlgorithms = [
            .ecdsaSecp521R1Sha512, .ecdsaSecp384R1Sha384, .ecdsaSecp256R1Sha256, .ed25519,
            .rsaPssRsaeSha512, .rsaPssRsaeSha384, .rsaPssRsaeSha256,
            .rsaPkcs1Sha512, .rsaPkcs1Sha384, .rsaPkcs1Sha256,
        ]
        configuration.applicationProtocols = ["h2"]
        context = try NIOSSLContext(configuration: configuration)
    }
}
