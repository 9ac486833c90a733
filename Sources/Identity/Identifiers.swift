// Random identifiers and secrets.

internal import LoadBalancing

/// Random values in the forms that Keystone gives them.
enum RandomValue {
    /// An identifier of a user, project, role or domain: 32 hexadecimal digits without dashes.
    static func identifier() -> String {
        ResourceID.random().string.filter { $0 != "-" }
    }

    /// Bytes of the system's cryptographic generator.
    static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// A secret that nobody can guess, as text: 86 characters for the 64 bytes of Keystone's generated secrets.
    static func secret(byteCount: Int) -> String { Base64URL.encode(bytes(byteCount)) }
}
