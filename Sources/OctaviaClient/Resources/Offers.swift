// Flavors, availability zones and their profiles.

public import LoadBalancing

/// A kind of load balancer that users can choose.
public struct Flavor: CloudResource, Identifiable {
    public static let key = "flavor"
    public static let collectionKey = "flavors"

    /// What identifies it.
    public var id: ResourceID
    public var name: String
    /// Free text.
    public var description: String
    /// Whether it is switched on.
    public var isEnabled: Bool
    /// What it tells the provider.
    public var profileID: ResourceID

    /// What identifies it in paths.
    public var reference: String { id.string }

    /// Reads it from an answer.
    public init(_ answer: AnswerReader) throws(CloudError) {
        id = try answer.id()
        name = try answer.textOrEmpty("name")
        description = try answer.textOrEmpty("description")
        isEnabled = try answer.flag("enabled", ifAbsent: true)
        profileID = try answer.id("flavor_profile_id")
    }
}

/// What a flavor stands for; for operators.
public struct FlavorProfile: CloudResource, Identifiable {
    public static let key = "flavorprofile"
    public static let collectionKey = "flavorprofiles"
    /// What messages call it.
    public static let term = "flavor profile"

    /// What identifies it.
    public var id: ResourceID
    /// Its name; several may have the same.
    public var name: String
    /// What serves it.
    public var provider: String
    /// Text that holds a JSON object.
    public var data: String

    /// What identifies it in paths.
    public var reference: String { id.string }

    /// Reads it from an answer.
    public init(_ answer: AnswerReader) throws(CloudError) {
        id = try answer.id()
        name = try answer.textOrEmpty("name")
        provider = try answer.text("provider_name")
        data = try answer.text("flavor_data")
    }
}

/// A place for load balancers that users can choose; its name identifies it.
public struct AvailabilityZone: CloudResource, Identifiable {
    public static let key = "availability_zone"
    public static let collectionKey = "availability_zones"
    /// What messages call it.
    public static let term = "availability zone"
    /// The marker of a page is an id, which zones do not have.
    public static let hasPages = false

    /// Its name, which no other has.
    public var name: String
    /// Free text.
    public var description: String
    /// Whether it is switched on.
    public var isEnabled: Bool
    /// What it tells the provider.
    public var profileID: ResourceID

    /// What identifies it.
    public var id: String { name }
    /// What identifies it in paths.
    public var reference: String { name }

    /// Reads it from an answer.
    public init(_ answer: AnswerReader) throws(CloudError) {
        name = try answer.text("name")
        description = try answer.textOrEmpty("description")
        isEnabled = try answer.flag("enabled", ifAbsent: true)
        profileID = try answer.id("availability_zone_profile_id")
    }
}

/// What an availability zone stands for; for operators.
public struct AvailabilityZoneProfile: CloudResource, Identifiable {
    public static let key = "availability_zone_profile"
    public static let collectionKey = "availability_zone_profiles"
    /// What messages call it.
    public static let term = "availability zone profile"

    /// What identifies it.
    public var id: ResourceID
    /// Its name; several may have the same.
    public var name: String
    /// What serves it.
    public var provider: String
    /// Text that holds a JSON object.
    public var data: String

    /// What identifies it in paths.
    public var reference: String { id.string }

    /// Reads it from an answer.
    public init(_ answer: AnswerReader) throws(CloudError) {
        id = try answer.id()
        name = try answer.textOrEmpty("name")
        provider = try answer.text("provider_name")
        data = try answer.text("availability_zone_data")
    }
}

/// An implementation of load balancing.
public struct Provider: CloudResource, Identifiable {
    public static let key = "provider"
    public static let collectionKey = "providers"
    /// Whether lists can be read page by page.
    public static let hasPages = false

    /// Its name, which no other has.
    public var name: String
    /// Free text.
    public var description: String

    /// What identifies it.
    public var id: String { name }
    /// What identifies it in paths.
    public var reference: String { name }

    /// Reads it from an answer.
    public init(_ answer: AnswerReader) throws(CloudError) {
        name = try answer.text("name")
        description = try answer.textOrEmpty("description")
    }
}

/// Something that a provider can be told by a profile.
public struct Capability: Sendable, Hashable {
    /// The key in a profile.
    public var name: String
    /// What it does.
    public var description: String

    init(_ answer: AnswerReader) throws(CloudError) {
        name = try answer.text("name")
        description = try answer.textOrEmpty("description")
    }
}
