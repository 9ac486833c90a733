// Tokens as clients hold them: claims and a signature over them.

internal import Crypto

/// The text form of tokens: base64url of key id, claims and HMAC-SHA256 over both.
///
/// Nothing is stored when a token is issued, so logins write nothing and any server process with the same database
/// accepts the tokens of the others.
enum SignedToken {
    static let keyIDLength = 8
    private static let signatureLength = SHA256.byteCount
    /// Longer texts are no tokens of ours and are not looked at.
    private static let maximumLength = 1024

    /// Signs claims.
    static func encode(_ payload: TokenPayload, with key: SigningKey) -> String {
        let signed = key.idBytes + payload.bytes
        let signature = HMAC<SHA256>.authenticationCode(for: signed, using: key.secret)
        return Base64URL.encode(signed + Array(signature))
    }

    /// A token whose signature has not been checked yet.
    struct Unverified {
        let keyID: String
        fileprivate let signed: ArraySlice<UInt8>
        fileprivate let signature: ArraySlice<UInt8>

        /// Takes a text apart; `nil` when it can't be a token.
        init?(_ text: String) {
            guard text.utf8.count <= SignedToken.maximumLength, let bytes = Base64URL.decode(text),
                bytes.count > SignedToken.keyIDLength + SignedToken.signatureLength
            else { return nil }
            keyID = Base64URL.encode(bytes.prefix(SignedToken.keyIDLength))
            signed = bytes.dropLast(SignedToken.signatureLength)
            signature = bytes.suffix(SignedToken.signatureLength)
        }

        /// The claims, if the key made the signature.
        func verified(with key: SigningKey) -> TokenPayload? {
            let isAuthentic = HMAC<SHA256>.isValidAuthenticationCode(
                Array(signature), authenticating: Array(signed), using: key.secret)
            guard isAuthentic else { return nil }
            return TokenPayload(bytes: signed.dropFirst(SignedToken.keyIDLength))
        }
    }
}
