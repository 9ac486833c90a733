// Flavors, availability zones and their profiles as the API shows them.

public import JSON
public import LoadBalancing

/// A flavor.
public struct FlavorView: ResourceView, Hashable {
    public static let key = "flavor"
    public static let collectionKey = "flavors"

    public var id: ResourceID
    public var name: String
    public var description: String
    public var isEnabled: Bool
    public var profileID: ResourceID

    public init(id: ResourceID, name: String, description: String, isEnabled: Bool, profileID: ResourceID) {
        self.id = id
        self.name = name
        self.description = description
        self.isEnabled = isEnabled
        self.profileID = profileID
    }

    public func write(to writer: inout JSONWriter, fields: FieldSelection) {
        writer.object { writer in
            writer.field("id", id, in: fields)
            writer.field("name", name, in: fields)
            writer.field("description", description, in: fields)
            writer.field("enabled", isEnabled, in: fields)
            writer.field("flavor_profile_id", profileID, in: fields)
        }
    }
}

/// What a flavor stands for.
public struct FlavorProfileView: ResourceView, Hashable {
    public static let key = "flavorprofile"
    public static let collectionKey = "flavorprofiles"
    /// Singular, unlike elsewhere.
    public static let linksKey = "flavorprofile_links"

    public var id: ResourceID
    public var name: String
    public var providerName: String
    public var data: String

    public init(id: ResourceID, name: String, providerName: String, data: String) {
        self.id = id
        self.name = name
        self.providerName = providerName
        self.data = data
    }

    public func write(to writer: inout JSONWriter, fields: FieldSelection) {
        writer.object { writer in
            writer.field("id", id, in: fields)
            writer.field("name", name, in: fields)
            writer.field("provider_name", providerName, in: fields)
            writer.field("flavor_data", data, in: fields)
        }
    }
}

/// An availability zone.
public struct AvailabilityZoneView: ResourceView, Hashable {
    public static let key = "availability_zone"
    public static let collectionKey = "availability_zones"

    public var name: String
    public var description: String
    public var isEnabled: Bool
    public var profileID: ResourceID

    public init(name: String, description: String, isEnabled: Bool, profileID: ResourceID) {
        self.name = name
        self.description = description
        self.isEnabled = isEnabled
        self.profileID = profileID
    }

    public func write(to writer: inout JSONWriter, fields: FieldSelection) {
        writer.object { writer in
            writer.field("name", name, in: fields)
            writer.field("description", description, in: fields)
            writer.field("enabled", isEnabled, in: fields)
            writer.field("availability_zone_profile_id", profileID, in: fields)
        }
    }
}

/// What an availability zone stands for.
public struct AvailabilityZoneProfileView: ResourceView, Hashable {
    public static let key = "availability_zone_profile"
    public static let collectionKey = "availability_zone_profiles"
    /// Singular, unlike elsewhere.
    public static let linksKey = "availability_zone_profile_links"

    public var id: ResourceID
    public var name: String
    public var providerName: String
    public var data: String

    public init(id: ResourceID, name: String, providerName: String, data: String) {
        self.id = id
        self.name = name
        self.providerName = providerName
        self.data = data
    }

    public func write(to writer: inout JSONWriter, fields: FieldSelection) {
        writer.object { writer in
            writer.field("id", id, in: fields)
            writer.field("name", name, in: fields)
            writer.field("provider_name", providerName, in: fields)
            writer.field("availability_zone_data", data, in: fields)
        }
    }
}

/// What a provider can be told by flavors or availability zones: a list without links.
public struct CapabilityListView: Sendable {
    /// One key.
    public struct Capability: Sendable, Hashable {
        public var name: String
        public var description: String

        public init(name: String, description: String) {
            self.name = name
            self.description = description
        }
    }

    /// `flavor_capabilities` or `availability_zone_capabilities`.
    public var key: String
    public var capabilities: [Capability]

    public init(key: String, _ capabilities: [Capability]) {
        self.key = key
        self.capabilities = capabilities
    }

    /// The body with the selected fields.
    public func body(fields: FieldSelection = .all) -> [UInt8] {
        JSONWriter.object { writer in
            writer.arrayMember(key, capabilities) { writer, capability in
                writer.object { writer in
                    writer.field("name", capability.name, in: fields)
                    writer.field("description", capability.description, in: fields)
                }
            }
        }
    }
}
