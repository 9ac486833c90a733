// Use cases of availability zones and their profiles.

public import LoadBalancing
public import OctaviaWire
internal import Persistence
internal import ProviderDrivers

extension LoadBalancingService {
    // MARK: Profiles

    public func availabilityZoneProfiles(
        _ query: ListQuery, _ caller: Caller
    ) async throws -> [AvailabilityZoneProfileView] {
        try requireService(caller, .availabilityZoneProfileList)
        return try await catalogPage(AvailabilityZoneProfile.self, query).map { AvailabilityZoneProfileView($0) }
    }

    public func availabilityZoneProfile(
        _ id: ResourceID, _ caller: Caller
    ) async throws -> AvailabilityZoneProfileView {
        try requireService(caller, .availabilityZoneProfileShow)
        return AvailabilityZoneProfileView(try await find(AvailabilityZoneProfile.self, id.string, Self.profileKind))
    }

    /// Creates a profile whose data its provider understands.
    public func createAvailabilityZoneProfile(
        _ request: ProfileCreate, _ caller: Caller
    ) async throws -> AvailabilityZoneProfileView {
        try requireService(caller, .availabilityZoneProfileCreate)
        try checkZoneData(request.data, provider: request.providerName)
        let profile = AvailabilityZoneProfile(
            id: .random(), name: request.name, providerName: request.providerName, data: request.data)
        let now = self.now()
        let idempotency = idempotentTransaction(caller)
        try await database.write { connection in
            try idempotency.begin(connection)
            try CatalogStore(connection).insert(profile, at: now)
            try idempotency.end(connection) { AvailabilityZoneProfileView(profile).body() }
        }
        return AvailabilityZoneProfileView(profile)
    }

    /// Changes a profile; while an availability zone uses it only its name.
    public func updateAvailabilityZoneProfile(
        _ id: ResourceID, _ request: ProfileUpdate, _ caller: Caller
    ) async throws -> AvailabilityZoneProfileView {
        try requireService(caller, .availabilityZoneProfileUpdate)
        var profile = try await find(AvailabilityZoneProfile.self, id.string, Self.profileKind)
        request.name.apply(to: &profile.name)
        request.providerName.apply(to: &profile.providerName)
        request.data.apply(to: &profile.data)
        let touchesMeaning = request.providerName.isSet || request.data.isSet
        if touchesMeaning { try checkZoneData(profile.data, provider: profile.providerName) }
        return try await database.write { [profile] connection in
            let catalog = CatalogStore(connection)
            if touchesMeaning { try Self.requireUnused(profile, catalog) }
            try catalog.update(profile)
            return AvailabilityZoneProfileView(profile)
        }
    }

    public func deleteAvailabilityZoneProfile(_ id: ResourceID, _ caller: Caller) async throws {
        try requireService(caller, .availabilityZoneProfileDelete)
        let profile = try await find(AvailabilityZoneProfile.self, id.string, Self.profileKind)
        try await database.write { connection in
            let catalog = CatalogStore(connection)
            try Self.requireUnused(profile, catalog)
            try catalog.delete(profile)
        }
    }

    private static let profileKind = "Availability Zone Profile"

    private static func requireUnused(_ profile: AvailabilityZoneProfile, _ catalog: CatalogStore) throws {
        guard try !catalog.exists(AvailabilityZone.table, where: "availability_zone_profile_id", is: profile.key)
        else { throw OctaviaFault.inUse(profileKind, profile.key) }
    }

    private func checkZoneData(_ text: String, provider: String) throws(OctaviaFault) {
        let data = try CapabilityRules.data(text, field: "availability_zone_data")
        let driver = try enabledDriver(provider)
        guard let known = driver.availabilityZoneCapabilities else {
            throw .unsupportedAction(provider, "availability zones")
        }
        try CapabilityRules.check(data, known, provider: provider)
    }

    // MARK: Availability zones

    public func availabilityZones(_ query: ListQuery, _ caller: Caller) async throws -> [AvailabilityZoneView] {
        try requireService(caller, .availabilityZoneList)
        return try await catalogPage(AvailabilityZone.self, query).map { AvailabilityZoneView($0) }
    }

    public func availabilityZone(_ name: String, _ caller: Caller) async throws -> AvailabilityZoneView {
        try requireService(caller, .availabilityZoneShow)
        return AvailabilityZoneView(try await find(AvailabilityZone.self, name, "Availability Zone"))
    }

    public func createAvailabilityZone(_ request: OfferCreate, _ caller: Caller) async throws -> AvailabilityZoneView {
        try requireService(caller, .availabilityZoneCreate)
        let zone = AvailabilityZone(
            name: request.name, description: request.description, isEnabled: request.isEnabled,
            profileID: request.profileID)
        let now = self.now()
        let idempotency = idempotentTransaction(caller)
        try await database.write { connection in
            try idempotency.begin(connection)
            let catalog = CatalogStore(connection)
            guard try catalog.find(AvailabilityZoneProfile.self, zone.profileID.string) != nil else {
                throw OctaviaFault.notFound(Self.profileKind, zone.profileID)
            }
            guard try catalog.find(AvailabilityZone.self, zone.name) == nil else {
                throw OctaviaFault(409, "A availability zone of \(zone.name) already exists.")
            }
            try catalog.insert(zone, at: now)
            try idempotency.end(connection) { AvailabilityZoneView(zone).body() }
        }
        return AvailabilityZoneView(zone)
    }

    public func updateAvailabilityZone(
        _ name: String, _ request: OfferUpdate, _ caller: Caller
    ) async throws -> AvailabilityZoneView {
        try requireService(caller, .availabilityZoneUpdate)
        var zone = try await find(AvailabilityZone.self, name, "Availability Zone")
        request.description.apply(to: &zone.description)
        request.isEnabled.apply(to: &zone.isEnabled)
        return try await database.write { [zone] connection in
            try CatalogStore(connection).update(zone)
            return AvailabilityZoneView(zone)
        }
    }

    /// Deletes an availability zone that no load balancer is in.
    public func deleteAvailabilityZone(_ name: String, _ caller: Caller) async throws {
        try requireService(caller, .availabilityZoneDelete)
        let zone = try await find(AvailabilityZone.self, name, "Availability Zone")
        try await database.write { connection in
            let catalog = CatalogStore(connection)
            guard try !catalog.exists(LoadBalancer.table, where: "availability_zone", is: zone.key) else {
                throw OctaviaFault.inUse("Availability Zone", zone.key)
            }
            try catalog.delete(zone)
        }
    }
}

extension AvailabilityZoneProfileView {
    fileprivate init(_ profile: AvailabilityZoneProfile) {
        self.init(id: profile.id, name: profile.name, providerName: profile.providerName, data: profile.data)
    }
}

extension AvailabilityZoneView {
    fileprivate init(_ zone: AvailabilityZone) {
        self.init(
            name: zone.name, description: zone.description, isEnabled: zone.isEnabled, profileID: zone.profileID)
    }
}
