// Certificates with their keys, as load balancing needs them.

internal import FoundationEssentials

/// A certificate, its private key and the chain above it.
public struct CertificateBundle: Sendable, Hashable {
    public enum Material: Sendable, Hashable {
        /// PEM texts; each ends with a line break.
        case pem(PEMMaterial)
        /// A PKCS#12 archive without a password, in an old encryption (RC2, triple DES) or BER form that is not read
        /// here: `openssl pkcs12 -legacy -nodes -passin pass:` does it.
        case pkcs12([UInt8])
    }

    public struct PEMMaterial: Sendable, Hashable {
        public var certificate: String
        public var privateKey: String
        /// From the issuer of the certificate upwards.
        public var intermediates: [String]
        /// Set only when the private key is still encrypted.
        public var passphrase: String?

        /// All in one text, in HAProxy's order: certificate, chain, key.
        public var combined: String { certificate + intermediates.joined() + privateKey }
    }

    /// What it was read from.
    public var reference: KeyReference
    public var material: Material
    /// Changes whenever the material may have changed.
    public var marker: String

    /// The PEM texts, unless the archive could not be read.
    public var pem: PEMMaterial? {
        guard case .pem(let material) = material else { return nil }
        return material
    }
}

extension CertificateBundle.Material {
    /// Reads the payload of one secret: PEM with certificate, key and chain in any order, or PKCS#12, bare or in Base64.
    ///
    /// - Throws: ``KeyManagerFault`` when it is neither or when something is missing.
    init(payload: [UInt8]) throws(KeyManagerFault) {
        var bytes = payload
        if bytes.first != DERReader.sequence {
            let text = String(decoding: bytes, as: UTF8.self)
            if text.contains("-----BEGIN ") {
                self = .pem(try CertificateBundle.PEMMaterial(blocks: PEMBlock.all(in: text)))
                return
            }
            guard let decoded = Data(base64Encoded: text, options: .ignoreUnknownCharacters),
                decoded.first == DERReader.sequence
            else { throw .unusable("it holds neither PEM nor a PKCS#12 archive") }
            bytes = Array(decoded)
        }
        do {
            let archive = try PKCS12Archive(bytes)
            guard let key = archive.privateKey else { throw KeyManagerFault.unusable("it has no private key") }
            guard let certificate = archive.certificate else {
                throw KeyManagerFault.unusable("it has no certificate")
            }
            self = .pem(
                CertificateBundle.PEMMaterial(
                    certificate: PEMBlock(label: "CERTIFICATE", der: certificate).text,
                    privateKey: PEMBlock(label: "PRIVATE KEY", der: key).text,
                    intermediates: archive.otherCertificates.map { PEMBlock(label: "CERTIFICATE", der: $0).text },
                    passphrase: nil))
        } catch let fault as KeyManagerFault {
            throw fault
        } catch PKCS12Fault.malformed {
            throw .unusable("the PKCS#12 archive is damaged or has a password")
        } catch {
            self = .pkcs12(bytes)
        }
    }
}

extension CertificateBundle.PEMMaterial {
    /// Sorts PEM blocks: the first certificate is the server's, the others are the chain.
    init(blocks: [PEMBlock], passphrase: String? = nil) throws(KeyManagerFault) {
        let certificates = blocks.filter { $0.label == "CERTIFICATE" }
        guard let certificate = certificates.first else { throw .unusable("it has no certificate in PEM") }
        guard var key = blocks.first(where: { $0.label.hasSuffix("PRIVATE KEY") }) else {
            throw .unusable("it has no private key in PEM")
        }
        var pending: String?
        if key.isEncrypted {
            guard let passphrase else { throw .unusable("its private key is encrypted, and there is no passphrase") }
            if let clear = try? PKCS12Archive.privateKey(encrypted: key.der, password: passphrase) {
                key = PEMBlock(label: "PRIVATE KEY", der: clear)
            } else {
                pending = passphrase
            }
        }
        self.init(
            certificate: certificate.text, privateKey: key.text, intermediates: certificates.dropFirst().map(\.text),
            passphrase: pending)
    }
}

extension KeyManagerFault {
    /// 400 for a secret or container that is no certificate with a key.
    static func unusable(_ reason: String) -> KeyManagerFault {
        KeyManagerFault(.invalid, "The secret cannot be used as a certificate: \(reason).")
    }
}
