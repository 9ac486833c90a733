// Attributes that several of the resources `openstack_lb_*_v2` have.

internal import LoadBalancing
internal import TerraformPlugin

extension Attribute {
    static let id = Attribute.string("id", .computed, "Its id.")
    static let region = Attribute.string(
        "region", .optionalComputed, "The region; that of the provider if absent.", requiresReplacement: true
    ).stayingAbsent
    static let tenantID = Attribute.string(
        "tenant_id", .optionalComputed, "The project that it belongs to; that of the login if absent.",
        requiresReplacement: true)
    static let objectName = Attribute.string("name", .optional, "Its name.", rules: [.length(0...255)])
    static let objectDescription = Attribute.string(
        "description", .optional, "What it is for.", rules: [.length(0...255)])
    static let adminStateUp = Attribute.bool(
        "admin_state_up", .optional, "Whether it is switched on.", default: true)
    static let tags = Attribute.collection(
        "tags", of: .set(.string), .optional, "Its tags.", rules: [.each(.length(1...255))])

    /// The id of another object.
    static func reference(
        _ name: String, _ usage: Usage, _ description: String, requiresReplacement: Bool = false
    ) -> Attribute {
        .string(
            name, usage, description, requiresReplacement: requiresReplacement, rules: [.idOrNothing])
    }

    static func word(
        _ name: String, _ usage: Usage, _ description: String, requiresReplacement: Bool = false, _ allowed: [String]
    ) -> Attribute {
        .string(name, usage, description, requiresReplacement: requiresReplacement, rules: [.oneOf(allowed)])
    }

    static func words(_ name: String, _ description: String, _ allowed: [String]) -> Attribute {
        .collection(
            name, of: .set(.string), .optionalComputed, description, rules: [.each(.oneOf(allowed))])
    }
}

extension Rule {
    static let idOrNothing = Rule.text("an id (UUID)") { $0.isEmpty || ResourceID($0) != nil }
    static let port = Rule.range(1...65_535)
    static let ipAddress = Rule.text("an IPv4 or IPv6 address") { IPAddress($0) != nil }
    static let weight = Rule.range(0...256)
}

extension NestedBlock {
    static let usualTimeouts = NestedBlock.timeouts(create: "10m", update: "10m", delete: "10m")
}

/// Words that attributes of several resources may have.
enum AllowedWords {
    static let alpn = ["http/1.0", "http/1.1", "h2"]
    static let tlsVersions = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]
}
