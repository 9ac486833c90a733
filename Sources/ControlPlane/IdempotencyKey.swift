// A client's name for a request that it may repeat.

internal import Crypto
internal import Persistence

/// What makes a request the same as an earlier one (IETF draft "The Idempotency-Key HTTP Header Field").
public struct IdempotencyKey: Sendable, Hashable {
    /// How long the first answer is kept, in seconds.
    public static let lifetime: Double = 24 * 3600

    /// Stands for project, user, route and the client's key.
    let digest: String
    /// Stands for the body.
    let bodyDigest: String

    /// - Parameters:
    ///   - text: The client's key.
    ///   - route: The path of the request in its canonical spelling.
    public init(_ text: String, route: [String], projectID: String?, userID: String, body: [UInt8]) {
        var hash = SHA256()
        for part in [projectID ?? "", userID] + route + [text] {
            // Lengths keep the parts apart.
            hash.update(data: Array("\(part.utf8.count):".utf8))
            hash.update(data: Array(part.utf8))
        }
        digest = Self.hexadecimal(hash.finalize())
        bodyDigest = Self.hexadecimal(SHA256.hash(data: body))
    }

    private static func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in digest {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
