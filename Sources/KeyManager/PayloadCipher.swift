// Encryption of payloads at rest.

internal import Crypto
internal import FoundationEssentials
internal import LoadBalancing

/// A payload as the database keeps it.
struct SealedPayload: Sendable, Hashable {
    /// The key-encryption key.
    var keyID: String
    /// The payload's own key, encrypted: nonce, ciphertext, tag.
    var wrappedKey: [UInt8]
    /// Nonce, ciphertext, tag.
    var ciphertext: [UInt8]
}

/// AES-256-GCM (NIST SP 800-38D) with a key for each payload, which a key of the ring encrypts in turn.
///
/// The secret's id is authenticated with both, so that a row's bytes are worthless in another row. Rotating a ring
/// rewrites the wrapped keys only.
struct PayloadCipher: Sendable {
    let ring: KeyRing

    func seal(_ payload: [UInt8], of id: ResourceID) throws -> SealedPayload {
        let key = SymmetricKey(size: .bits256)
        return SealedPayload(
            keyID: ring.current.id,
            wrappedKey: try Self.seal(key.withUnsafeBytes { Array($0) }, key: ring.current.secret, Self.wrapping(id)),
            ciphertext: try Self.seal(payload, key: key, Self.content(id)))
    }

    /// - Throws: ``KeyRingFault``.
    func open(_ sealed: SealedPayload, of id: ResourceID) throws -> [UInt8] {
        let outer = try ring.key(sealed.keyID)
        guard let key = Self.open(sealed.wrappedKey, key: outer, Self.wrapping(id)),
            let payload = Self.open(sealed.ciphertext, key: SymmetricKey(data: key), Self.content(id))
        else { throw KeyRingFault.tampered(secretID: id.string) }
        return payload
    }

    /// The same payload under the ring's current key.
    func rewrap(_ sealed: SealedPayload, of id: ResourceID) throws -> SealedPayload {
        guard let key = Self.open(sealed.wrappedKey, key: try ring.key(sealed.keyID), Self.wrapping(id)) else {
            throw KeyRingFault.tampered(secretID: id.string)
        }
        return SealedPayload(
            keyID: ring.current.id, wrappedKey: try Self.seal(key, key: ring.current.secret, Self.wrapping(id)),
            ciphertext: sealed.ciphertext)
    }

    private static func wrapping(_ id: ResourceID) -> [UInt8] { Array("ottava/secret-key/\(id)".utf8) }
    private static func content(_ id: ResourceID) -> [UInt8] { Array("ottava/secret/\(id)".utf8) }

    private static func seal(_ plaintext: [UInt8], key: SymmetricKey, _ context: [UInt8]) throws -> [UInt8] {
        let box = try AES.GCM.seal(plaintext, using: key, authenticating: context)
        return Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    private static func open(_ bytes: [UInt8], key: SymmetricKey, _ context: [UInt8]) -> [UInt8]? {
        guard let box = try? AES.GCM.SealedBox(combined: bytes),
            let plaintext = try? AES.GCM.open(box, using: key, authenticating: context)
        else { return nil }
        return Array(plaintext)
    }
}
