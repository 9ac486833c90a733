// How long the texts of identity resources may be.

/// Checks of texts that clients give, with the limits of Keystone's schemas.
enum FieldLimits {
    /// Characters in the name of a project or domain.
    static let shortName = 64
    /// Characters in any other name.
    static let name = 255
    /// Bytes in a description.
    static let description = 65_536
    /// Bytes in a password or secret.
    static let password = 4096

    /// Checks a name: 1 to `limit` characters, not only white space.
    static func check(name: String, limit: Int, field: String = "name") throws {
        guard name.unicodeScalars.count <= limit, name.contains(where: { !$0.isWhitespace }) else {
            throw IdentityFault.invalid(
                field, value: name, allowed: "it must have 1 to \(limit) characters that are not all white space")
        }
    }

    /// Checks a free text.
    static func check(description: String?, field: String = "description") throws {
        guard let description, description.utf8.count > Self.description else { return }
        throw IdentityFault.invalid(
            field, value: description, allowed: "it must not be longer than \(Self.description) bytes")
    }

    /// Checks a password or secret; the message does not repeat it.
    static func check(password: String, field: String = "password") throws {
        guard !password.isEmpty, password.utf8.count <= Self.password else {
            throw IdentityFault.badRequest(
                "Invalid input for field '\(field)': it must have 1 to \(Self.password) bytes.")
        }
    }

    /// Checks the tags of a project.
    static func check(tags: [String]) throws {
        guard tags.count <= 80 else {
            throw IdentityFault.invalid("tags", value: "\(tags.count) tags", allowed: "there may be 80 at most")
        }
        for tag in tags {
            let isSound = (1...255).contains(tag.unicodeScalars.count) && !tag.contains("/") && !tag.contains(",")
            guard isSound else {
                throw IdentityFault.invalid(
                    "tags", value: tag, allowed: "a tag has 1 to 255 characters without '/' and ','")
            }
        }
    }
}
