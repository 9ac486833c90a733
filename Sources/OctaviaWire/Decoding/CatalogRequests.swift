// Bodies of POST and PUT of flavors, availability zones and their profiles.

internal import JSON
public import LoadBalancing

/// `POST /flavorprofiles` or `POST /availabilityzoneprofiles`.
public struct ProfileCreate: Sendable, Equatable {
    public var name: String
    public var providerName: String
    /// Text that holds a JSON object.
    public var data: String
}

/// `PUT /flavorprofiles/{id}` or `PUT /availabilityzoneprofiles/{id}`.
public struct ProfileUpdate: Sendable, Equatable {
    public var name = Change<String>.keep
    public var providerName = Change<String>.keep
    public var data = Change<String>.keep

    public init() {}
}

/// `POST /flavors` or `POST /availabilityzones`.
public struct OfferCreate: Sendable, Equatable {
    public var name: String
    public var description: String
    public var isEnabled: Bool
    public var profileID: ResourceID
}

/// `PUT /flavors/{id}` or `PUT /availabilityzones/{name}`.
public struct OfferUpdate: Sendable, Equatable {
    /// Flavors only.
    public var name = Change<String>.keep
    public var description = Change<String>.keep
    public var isEnabled = Change<Bool>.keep

    public init() {}
}

/// Which of the two kinds of offers a body is about.
public enum OfferKind: Sendable, Hashable {
    case flavor
    case availabilityZone

    /// The key of a profile's data.
    public var dataField: String { self == .flavor ? "flavor_data" : "availability_zone_data" }

    /// The key under which an offer names its profile.
    public var profileField: String { self == .flavor ? "flavor_profile_id" : "availability_zone_profile_id" }

    var envelope: RequestEnvelope { self == .flavor ? .flavor : .availabilityZone }
    var profileEnvelope: RequestEnvelope { self == .flavor ? .flavorProfile : .availabilityZoneProfile }
}

extension ProfileCreate {
    /// Decodes the body. Whether a provider understands the data is the control plane's to check.
    public init(body: [UInt8], _ kind: OfferKind) throws(OctaviaFault) {
        let reader = try kind.profileEnvelope.fields(of: body, known: ["name", "provider_name", kind.dataField])
        name = try reader.required("name", .text(max: 255))
        providerName = try reader.required("provider_name", .text(max: 255))
        data = try reader.required(kind.dataField, .profileData)
    }
}

extension ProfileUpdate {
    /// Decodes the body; nothing can be unset.
    public init(body: [UInt8], _ kind: OfferKind) throws(OctaviaFault) {
        let reader = try kind.profileEnvelope.fields(of: body, known: ["name", "provider_name", kind.dataField])
        self.init()
        name = try reader.change("name", .text(max: 255))
        providerName = try reader.change("provider_name", .text(max: 255))
        data = try reader.change(kind.dataField, .profileData)
    }
}

extension OfferCreate {
    /// Decodes the body.
    public init(body: [UInt8], _ kind: OfferKind) throws(OctaviaFault) {
        let reader = try kind.envelope.fields(of: body, known: ["name", "description", "enabled", kind.profileField])
        name = try reader.required("name", .text(max: 255))
        description = try reader.text("description")
        isEnabled = try reader.value("enabled", .bool, default: true)
        profileID = try reader.required(kind.profileField, .uuid)
    }
}

extension OfferUpdate {
    /// Decodes the body. The name of an availability zone identifies it and cannot be changed.
    public init(body: [UInt8], _ kind: OfferKind) throws(OctaviaFault) {
        let known: Set<String> =
            kind == .flavor ? ["name", "description", "enabled"] : ["description", "enabled"]
        let reader = try kind.envelope.fields(of: body, known: known)
        self.init()
        name = try reader.change("name", .text(max: 255))
        description = try reader.textChange("description")
        isEnabled = try reader.change("enabled", .bool)
    }
}

extension FieldType where Value == String {
    /// The data of a profile: text whose content is looked at later.
    fileprivate static var profileData: Self { text(max: 4096) }
}
