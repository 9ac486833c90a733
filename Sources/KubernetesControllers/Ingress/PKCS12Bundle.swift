// Writing PKCS#12 (RFC 7292), the form of certificates that key managers hand to load balancers.

internal import Crypto
internal import SwiftASN1

/// A private key with its certificate and the chain above it.
struct PKCS12Bundle: Sendable {
    /// PKCS#8 in DER.
    var privateKey: [UInt8]
    /// The key's own first, in DER.
    var certificates: [[UInt8]]

    private static let contextZero = ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific)
    private static let data: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 7, 1]
    private static let keyBag: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 12, 10, 1, 1]
    private static let certificateBag: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 12, 10, 1, 3]
    private static let x509Certificate: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 9, 22, 1]
    private static let localKeyID: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 9, 21]
    private static let sha256: ASN1ObjectIdentifier = [2, 16, 840, 1, 101, 3, 4, 2, 1]

    /// The archive, without encryption and with a checksum of the empty password: who may read it is the key manager's to
    /// say. The salt comes from the content, so that the same content gives the same bytes.
    func bytes() throws -> [UInt8] {
        var contents = DER.Serializer()
        let keyID = Array(Insecure.SHA1.hash(data: certificates.first ?? []))
        try contents.appendConstructedNode(identifier: .sequence) { safes in
            try Self.append(safe: try keyContents(keyID), to: &safes)
            try Self.append(safe: try certificateContents(keyID), to: &safes)
        }
        let authenticated = contents.serializedBytes
        let salt = Array(Array(SHA256.hash(data: authenticated)).prefix(16))
        let rounds = 2048
        let key = Self.checksumKey(salt: salt, rounds: rounds)
        let checksum = Array(HMAC<SHA256>.authenticationCode(for: authenticated, using: SymmetricKey(data: key)))

        var archive = DER.Serializer()
        try archive.appendConstructedNode(identifier: .sequence) { archive in
            try archive.serialize(3)
            try Self.append(safe: authenticated, to: &archive)
            try archive.appendConstructedNode(identifier: .sequence) { mac in
                try mac.appendConstructedNode(identifier: .sequence) { digest in
                    try digest.appendConstructedNode(identifier: .sequence) { algorithm in
                        try algorithm.serialize(Self.sha256)
                        try algorithm.serialize(ASN1Null())
                    }
                    try digest.serialize(ASN1OctetString(contentBytes: checksum[...]))
                }
                try mac.serialize(ASN1OctetString(contentBytes: salt[...]))
                try mac.serialize(rounds)
            }
        }
        return archive.serializedBytes
    }

    /// A ContentInfo of kind data.
    private static func append(safe bytes: [UInt8], to serializer: inout DER.Serializer) throws {
        try serializer.appendConstructedNode(identifier: .sequence) { info in
            try info.serialize(data)
            try info.serialize(
                ASN1OctetString(contentBytes: bytes[...]), explicitlyTaggedWithIdentifier: contextZero)
        }
    }

    private func keyContents(_ keyID: [UInt8]) throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.appendConstructedNode(identifier: .sequence) { bags in
            try bags.appendConstructedNode(identifier: .sequence) { bag in
                try bag.serialize(Self.keyBag)
                bag.appendConstructedNode(identifier: Self.contextZero) { $0.serializeRawBytes(privateKey) }
                try Self.append(keyID: keyID, to: &bag)
            }
        }
        return serializer.serializedBytes
    }

    private func certificateContents(_ keyID: [UInt8]) throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.appendConstructedNode(identifier: .sequence) { bags in
            for (index, certificate) in certificates.enumerated() {
                try bags.appendConstructedNode(identifier: .sequence) { bag in
                    try bag.serialize(Self.certificateBag)
                    try bag.appendConstructedNode(identifier: Self.contextZero) { value in
                        try value.appendConstructedNode(identifier: .sequence) { value in
                            try value.serialize(Self.x509Certificate)
                            try value.serialize(
                                ASN1OctetString(contentBytes: certificate[...]),
                                explicitlyTaggedWithIdentifier: Self.contextZero)
                        }
                    }
                    if index == 0 { try Self.append(keyID: keyID, to: &bag) }
                }
            }
        }
        return serializer.serializedBytes
    }

    private static func append(keyID: [UInt8], to bag: inout DER.Serializer) throws {
        try bag.appendConstructedNode(identifier: .set) { attributes in
            try attributes.appendConstructedNode(identifier: .sequence) { attribute in
                try attribute.serialize(localKeyID)
                try attribute.appendConstructedNode(identifier: .set) { values in
                    try values.serialize(ASN1OctetString(contentBytes: keyID[...]))
                }
            }
        }
    }

    /// The derivation of appendix B.2 for a checksum's key, with SHA-256, whose output is just as long as the key.
    private static func checksumKey(salt: [UInt8], rounds: Int) -> [UInt8] {
        let block = 64
        func filled(_ bytes: [UInt8]) -> [UInt8] { (0..<block).map { bytes[$0 % bytes.count] } }
        // The empty password as a BMPString with its two zeros at the end.
        var digest = Array(SHA256.hash(data: [UInt8](repeating: 3, count: block) + filled(salt) + filled([0, 0])))
        for _ in 1..<rounds { digest = Array(SHA256.hash(data: digest)) }
        return digest
    }
}
