// PKCS#12 (RFC 7292).

internal import Crypto
internal import CryptoExtras

/// Why an archive cannot be read.
enum PKCS12Fault: Error, Sendable, Hashable {
    /// It is no archive, or the password is wrong.
    case malformed
    /// It is in a form or an encryption that is not read here.
    case unsupported
}

/// A PKCS#12 archive: keys and certificates.
///
/// Read are DER archives without encryption or with PBES2 (RFC 8018) and AES-CBC, which OpenSSL 3 makes. The archive's
/// own checksum is not looked at: the database's encryption guards it already.
struct PKCS12Archive: Sendable {
    /// PKCS#8 in DER.
    private(set) var privateKey: [UInt8]?
    private var keyID: [UInt8]?
    private var certificates: [(der: [UInt8], keyID: [UInt8]?)] = []
    private let password: String

    /// How many rounds of key derivation an archive may ask for: a second of work or less.
    private static let maximumRounds = 2_000_000

    /// - Throws: ``PKCS12Fault``.
    init(_ bytes: [UInt8], password: String = "") throws {
        self.password = password
        var outer = DERReader(bytes[...])
        var archive = try outer.next(DERReader.sequence).reader
        guard try archive.number() == 3 else { throw PKCS12Fault.malformed }
        var content = try archive.next(DERReader.sequence).reader
        switch try content.objectIdentifier() {
        case "1.2.840.113549.1.7.1": break
        // Signed instead of authenticated by password.
        default: throw PKCS12Fault.unsupported
        }
        var wrapper = try content.next(DERReader.explicit0).reader
        var octets = try wrapper.next(DERReader.octets).reader
        var safes = try octets.next(DERReader.sequence).reader
        while !safes.isAtEnd { try read(safe: safes.next(DERReader.sequence).reader) }
    }

    /// The certificate that belongs to the key; without a hint in the archive the first one.
    var certificate: [UInt8]? { ownIndex.map { certificates[$0].der } }

    /// The other certificates in their order.
    var otherCertificates: [[UInt8]] {
        certificates.indices.filter { $0 != ownIndex }.map { certificates[$0].der }
    }

    private var ownIndex: Int? {
        certificates.firstIndex { $0.keyID != nil && $0.keyID == keyID } ?? certificates.indices.first
    }

    // MARK: Structure

    private mutating func read(safe: DERReader) throws {
        var safe = safe
        switch try safe.objectIdentifier() {
        case "1.2.840.113549.1.7.1":
            var wrapper = try safe.next(DERReader.explicit0).reader
            try read(contents: Array(wrapper.next(DERReader.octets).content))
        case "1.2.840.113549.1.7.6":
            var wrapper = try safe.next(DERReader.explicit0).reader
            var encrypted = try wrapper.next(DERReader.sequence).reader
            _ = try encrypted.number()
            var info = try encrypted.next(DERReader.sequence).reader
            _ = try info.objectIdentifier()
            let algorithm = try info.next(DERReader.sequence).reader
            let element = try info.next()
            guard element.tag == DERReader.implicit0 else { throw PKCS12Fault.unsupported }
            try read(contents: Self.decrypt(element.content, algorithm, password))
        default: throw PKCS12Fault.unsupported
        }
    }

    private mutating func read(contents: [UInt8]) throws {
        var outer = DERReader(contents[...])
        var bags = try outer.next(DERReader.sequence).reader
        while !bags.isAtEnd {
            var bag = try bags.next(DERReader.sequence).reader
            let kind = try bag.objectIdentifier()
            let value = try bag.next(DERReader.explicit0).content
            let keyID = bag.isAtEnd ? nil : try Self.localKeyID(bag.next(DERReader.set).reader)
            switch kind {
            case "1.2.840.113549.1.12.10.1.1" where privateKey == nil:
                (privateKey, self.keyID) = (Array(value), keyID)
            case "1.2.840.113549.1.12.10.1.2" where privateKey == nil:
                privateKey = try Self.privateKey(encrypted: Array(value), password: password)
                self.keyID = keyID
            case "1.2.840.113549.1.12.10.1.3":
                var inner = DERReader(value)
                var certificate = try inner.next(DERReader.sequence).reader
                guard try certificate.objectIdentifier() == "1.2.840.113549.1.9.22.1" else { continue }
                var wrapper = try certificate.next(DERReader.explicit0).reader
                certificates.append((Array(try wrapper.next(DERReader.octets).content), keyID))
            default: continue
            }
        }
    }

    private static func localKeyID(_ attributes: DERReader) throws -> [UInt8]? {
        var attributes = attributes
        while !attributes.isAtEnd {
            var attribute = try attributes.next(DERReader.sequence).reader
            guard try attribute.objectIdentifier() == "1.2.840.113549.1.9.21" else { continue }
            var values = try attribute.next(DERReader.set).reader
            return Array(try values.next(DERReader.octets).content)
        }
        return nil
    }

    // MARK: Encryption

    /// Decrypts an EncryptedPrivateKeyInfo (RFC 5958 section 3); gives PKCS#8 in DER.
    static func privateKey(encrypted bytes: [UInt8], password: String) throws -> [UInt8] {
        var outer = DERReader(bytes[...])
        var info = try outer.next(DERReader.sequence).reader
        let algorithm = try info.next(DERReader.sequence).reader
        let key = try decrypt(info.next(DERReader.octets).content, algorithm, password)
        guard key.first == DERReader.sequence else { throw PKCS12Fault.malformed }
        return key
    }

    private static func decrypt(
        _ ciphertext: ArraySlice<UInt8>, _ algorithm: DERReader, _ password: String
    ) throws -> [UInt8] {
        var algorithm = algorithm
        guard try algorithm.objectIdentifier() == "1.2.840.113549.1.5.13" else { throw PKCS12Fault.unsupported }
        var parameters = try algorithm.next(DERReader.sequence).reader
        var derivation = try parameters.next(DERReader.sequence).reader
        var scheme = try parameters.next(DERReader.sequence).reader

        guard try derivation.objectIdentifier() == "1.2.840.113549.1.5.12" else { throw PKCS12Fault.unsupported }
        var derivationParameters = try derivation.next(DERReader.sequence).reader
        let salt = try derivationParameters.next(DERReader.octets).content
        let rounds = try derivationParameters.number()
        if derivationParameters.nextTag == DERReader.integer { _ = try derivationParameters.number() }
        var function = KDF.Insecure.PBKDF2.HashFunction.insecureSHA1
        if !derivationParameters.isAtEnd {
            var reader = try derivationParameters.next(DERReader.sequence).reader
            switch try reader.objectIdentifier() {
            case "1.2.840.113549.2.7": function = .insecureSHA1
            case "1.2.840.113549.2.8": function = .insecureSHA224
            case "1.2.840.113549.2.9": function = .sha256
            case "1.2.840.113549.2.10": function = .sha384
            case "1.2.840.113549.2.11": function = .sha512
            default: throw PKCS12Fault.unsupported
            }
        }

        let keyLength: Int
        switch try scheme.objectIdentifier() {
        case "2.16.840.1.101.3.4.1.2": keyLength = 16
        case "2.16.840.1.101.3.4.1.22": keyLength = 24
        case "2.16.840.1.101.3.4.1.42": keyLength = 32
        default: throw PKCS12Fault.unsupported
        }
        let vector = try scheme.next(DERReader.octets).content
        guard (1...maximumRounds).contains(rounds) else { throw PKCS12Fault.unsupported }
        do {
            let key = try KDF.Insecure.PBKDF2.deriveKey(
                from: Array(password.utf8), salt: Array(salt), using: function, outputByteCount: keyLength,
                unsafeUncheckedRounds: rounds)
            return Array(try AES._CBC.decrypt(Array(ciphertext), using: key, iv: AES._CBC.IV(ivBytes: Array(vector))))
        } catch {
            throw PKCS12Fault.malformed
        }
    }
}
