// Whether a list of revoked certificates comes from an authority (RFC 5280 section 5.1).

internal import Crypto
internal import CryptoExtras
internal import FoundationEssentials

/// The certificate of an authority, as far as its signatures are concerned.
public struct AuthorityCertificate: Sendable {
    /// The algorithm and value of its public key: a SubjectPublicKeyInfo in DER.
    fileprivate let publicKey: [UInt8]

    /// Reads the first certificate of a PEM text; `nil` when there is none.
    public init?(pem text: String) {
        guard let block = PEMBlock.all(in: text).first(where: { $0.label == "CERTIFICATE" }) else { return nil }
        do {
            var certificate = try DERReader(block.der[...]).onlyElement(DERReader.sequence)
            var body = try certificate.next(DERReader.sequence).reader
            if body.nextTag == DERReader.explicit0 { _ = try body.next() }
            _ = try body.next(DERReader.integer)
            // Signature algorithm, issuer, validity, subject.
            for _ in 0..<4 { _ = try body.next(DERReader.sequence) }
            publicKey = Array(try body.nextWhole(DERReader.sequence))
        } catch {
            return nil
        }
    }
}

/// A list of revoked certificates, as far as its signature is concerned.
public struct RevocationList: Sendable {
    private let body: [UInt8]
    /// The identifier of the algorithm, dotted; absent when the list names two.
    private let algorithm: String?
    private let signature: [UInt8]

    /// Reads the first list of a PEM text; `nil` when there is none.
    public init?(pem text: String) {
        guard let block = PEMBlock.all(in: text).first(where: { $0.label == "X509 CRL" }) else { return nil }
        do {
            var list = try DERReader(block.der[...]).onlyElement(DERReader.sequence)
            body = Array(try list.nextWhole(DERReader.sequence))
            let named = Array(try list.nextWhole(DERReader.sequence))
            signature = try list.bits()
            var inside = try DERReader(body[...]).onlyElement(DERReader.sequence)
            if inside.nextTag == DERReader.integer { _ = try inside.next() }
            let repeated = Array(try inside.nextWhole(DERReader.sequence))
            var identifier = try DERReader(named[...]).onlyElement(DERReader.sequence)
            algorithm = named == repeated ? try identifier.objectIdentifier() : nil
        } catch {
            return nil
        }
    }

    /// Whether the authority's key made the signature: RSA (PKCS#1 or PSS), ECDSA or Ed25519. An algorithm that is not
    /// known here makes no valid signature.
    public func isSigned(by authority: AuthorityCertificate) -> Bool {
        guard let algorithm else { return false }
        let key = authority.publicKey
        switch algorithm {
        case "1.2.840.113549.1.1.5": return hasRSASignature(of: key, Insecure.SHA1.hash(data: body))
        case "1.2.840.113549.1.1.11": return hasRSASignature(of: key, SHA256.hash(data: body))
        case "1.2.840.113549.1.1.12": return hasRSASignature(of: key, SHA384.hash(data: body))
        case "1.2.840.113549.1.1.13": return hasRSASignature(of: key, SHA512.hash(data: body))
        case "1.2.840.113549.1.1.10":
            return hasRSASignature(of: key, SHA256.hash(data: body), .PSS)
                || hasRSASignature(of: key, SHA384.hash(data: body), .PSS)
                || hasRSASignature(of: key, SHA512.hash(data: body), .PSS)
        case "1.2.840.10045.4.3.2": return hasECDSASignature(of: key, SHA256.hash(data: body))
        case "1.2.840.10045.4.3.3": return hasECDSASignature(of: key, SHA384.hash(data: body))
        case "1.2.840.10045.4.3.4": return hasECDSASignature(of: key, SHA512.hash(data: body))
        case "1.3.101.112": return hasEd25519Signature(of: key)
        default: return false
        }
    }

    private func hasRSASignature(
        of key: [UInt8], _ digest: some Digest, _ padding: _RSA.Signing.Padding = .insecurePKCS1v1_5
    ) -> Bool {
        guard let key = try? _RSA.Signing.PublicKey(unsafeDERRepresentation: key) else { return false }
        return key.isValidSignature(
            _RSA.Signing.RSASignature(rawRepresentation: signature), for: digest, padding: padding)
    }

    private func hasECDSASignature(of key: [UInt8], _ digest: some Digest) -> Bool {
        if let key = try? P256.Signing.PublicKey(derRepresentation: key) {
            return (try? P256.Signing.ECDSASignature(derRepresentation: signature))
                .map { key.isValidSignature($0, for: digest) } ?? false
        }
        if let key = try? P384.Signing.PublicKey(derRepresentation: key) {
            return (try? P384.Signing.ECDSASignature(derRepresentation: signature))
                .map { key.isValidSignature($0, for: digest) } ?? false
        }
        guard let key = try? P521.Signing.PublicKey(derRepresentation: key),
            let signature = try? P521.Signing.ECDSASignature(derRepresentation: signature)
        else { return false }
        return key.isValidSignature(signature, for: digest)
    }

    private func hasEd25519Signature(of key: [UInt8]) -> Bool {
        guard var info = try? DERReader(key[...]).onlyElement(DERReader.sequence),
            (try? info.next(DERReader.sequence)) != nil, let point = try? info.bits(),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: point)
        else { return false }
        return key.isValidSignature(signature, for: body)
    }
}

extension DERReader {
    private static let bitString: UInt8 = 0x03

    /// What is inside of the one element that is left.
    fileprivate func onlyElement(_ tag: UInt8) throws(PKCS12Fault) -> DERReader {
        var reader = self
        let element = try reader.next(tag)
        guard reader.isAtEnd else { throw PKCS12Fault.malformed }
        return element.reader
    }

    /// A string of bits whose number is a multiple of eight.
    fileprivate mutating func bits() throws(PKCS12Fault) -> [UInt8] {
        let content = try next(Self.bitString).content
        guard content.first == 0 else { throw PKCS12Fault.malformed }
        return Array(content.dropFirst())
    }
}
