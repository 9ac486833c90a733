// Flavors, availability zones and their profiles.

public import LoadBalancing

/// A kind of load balancer that users can choose.
public struct Flavor: CloudResource, Identifiable {
    public static let key = "flavor"
    public static let collectionKey = "flavors"

    public var id: ResourceID
    public var name: String
    public var description: String
    public var isEnabled: Bool
    public var profileID: ResourceID

    public var reference: String { id.string }

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
    public static let term = "flavor profile"

    public var id: ResourceID
    public var name: String
    public var provider: String
    /// Text that holds a JSON object.
    public var data: String

    public var reference: String { id.string }

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
    public static let term = "availability zone"
    /// The marker of a page is an id, which zones do not have.
    public static let hasPages = false

    public var name: String
    public var description: String
    public var isEnabled: Bool
    public var profileID: ResourceID

    public var id: String { name }
    public var reference: String { name }

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
    public static let term = "availability zone profile"

    public var id: ResourceID
    public var name: String
    public var provider: String
    /// Text that holds a JSON object.
    public var data: String

    public var reference: String { id.string }

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
    public static let hasPages = false

    public var name: String
    public var description: String

    public var id: String { name }
    public var reference: String { name }

    public init(_ answer: AnswerReader) throws(CloudError) {
        name = try answer.text("name")
        description = try answer.textOrEmpty("description")
    }
}

/// Something that a provider can be told by a profile.
public struct Capability: Sendable, Hashable {
    public var name: String
    public var description: String

    init(_ answer: AnswerReader) throws(CloudError) {
        name = try answer.text("name")
        description = try answer.textOrEmpty("description")
    }
}
