// Flavors, availability zones and their profiles as values and rows.

public import LoadBalancing

/// What a flavor asks of a provider.
public struct FlavorProfile: CatalogRecord {
    public static let table = "flavor_profile"
    public static let columns = ["id", "name", "provider_name", "flavor_data", "created_at"]

    public var id: ResourceID
    public var name: String
    public var providerName: String
    /// JSON, as the administrator wrote it.
    public var data: String

    public init(id: ResourceID, name: String, providerName: String, data: String) {
        self.id = id
        self.name = name
        self.providerName = providerName
        self.data = data
    }

    public init(row: borrowing DatabaseRow) {
        self.init(id: row.resourceID(0), name: row.text(1), providerName: row.text(2), data: row.text(3))
    }

    public var key: String { id.string }
    public var values: [any DatabaseValueConvertible] { [id, name, providerName, data] }
}

/// A choice for the owners of load balancers.
public struct Flavor: CatalogRecord {
    public static let table = "flavor"
    public static let columns = ["id", "name", "description", "enabled", "flavor_profile_id", "created_at"]

    public var id: ResourceID
    /// Unique.
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

    public init(row: borrowing DatabaseRow) {
        self.init(
            id: row.resourceID(0), name: row.text(1), description: row.text(2), isEnabled: row.bool(3),
            profileID: row.resourceID(4))
    }

    public var key: String { id.string }
    public var values: [any DatabaseValueConvertible] { [id, name, description, isEnabled, profileID] }
}

/// What an availability zone asks of a provider.
public struct AvailabilityZoneProfile: CatalogRecord {
    public static let table = "availability_zone_profile"
    public static let columns = ["id", "name", "provider_name", "availability_zone_data", "created_at"]

    public var id: ResourceID
    public var name: String
    public var providerName: String
    /// JSON, as the administrator wrote it.
    public var data: String

    public init(id: ResourceID, name: String, providerName: String, data: String) {
        self.id = id
        self.name = name
        self.providerName = providerName
        self.data = data
    }

    public init(row: borrowing DatabaseRow) {
        self.init(id: row.resourceID(0), name: row.text(1), providerName: row.text(2), data: row.text(3))
    }

    public var key: String { id.string }
    public var values: [any DatabaseValueConvertible] { [id, name, providerName, data] }
}

/// A place where load balancers can be.
public struct AvailabilityZone: CatalogRecord {
    public static let table = "availability_zone"
    public static let columns = ["name", "description", "enabled", "availability_zone_profile_id", "created_at"]

    /// Identifies it.
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

    public init(row: borrowing DatabaseRow) {
        self.init(name: row.text(0), description: row.text(1), isEnabled: row.bool(2), profileID: row.resourceID(3))
    }

    public var key: String { name }
    public var values: [any DatabaseValueConvertible] { [name, description, isEnabled, profileID] }
}
