// Use cases of flavors and their profiles.

public import LoadBalancing
public import OctaviaWire
internal import Persistence
internal import ProviderDrivers

extension LoadBalancingService {
    // MARK: Profiles

    public func flavorProfiles(_ query: ListQuery, _ caller: Caller) async throws -> [FlavorProfileView] {
        try requireService(caller, .flavorProfileList)
        return try await catalogPage(FlavorProfile.self, query).map { FlavorProfileView($0) }
    }

    public func flavorProfile(_ id: ResourceID, _ caller: Caller) async throws -> FlavorProfileView {
        try requireService(caller, .flavorProfileShow)
        return FlavorProfileView(try await find(FlavorProfile.self, id.string, "Flavor Profile"))
    }

    /// Creates a profile whose data its provider understands.
    public func createFlavorProfile(_ request: ProfileCreate, _ caller: Caller) async throws -> FlavorProfileView {
        try requireService(caller, .flavorProfileCreate)
        try checkFlavorData(request.data, provider: request.providerName)
        let profile = FlavorProfile(
            id: .random(), name: request.name, providerName: request.providerName, data: request.data)
        let now = self.now()
        let idempotency = idempotentTransaction(caller)
        try await database.write { connection in
            try idempotency.begin(connection)
            try CatalogStore(connection).insert(profile, at: now)
            try idempotency.end(connection) { FlavorProfileView(profile).body() }
        }
        return FlavorProfileView(profile)
    }

    /// Changes a profile; while a flavor uses it only its name.
    public func updateFlavorProfile(
        _ id: ResourceID, _ request: ProfileUpdate, _ caller: Caller
    ) async throws -> FlavorProfileView {
        try requireService(caller, .flavorProfileUpdate)
        var profile = try await find(FlavorProfile.self, id.string, "Flavor Profile")
        request.name.apply(to: &profile.name)
        request.providerName.apply(to: &profile.providerName)
        request.data.apply(to: &profile.data)
        let touchesMeaning = request.providerName.isSet || request.data.isSet
        if touchesMeaning { try checkFlavorData(profile.data, provider: profile.providerName) }
        return try await database.write { [profile] connection in
            let catalog = CatalogStore(connection)
            if touchesMeaning { try Self.requireUnused(profile, catalog) }
            try catalog.update(profile)
            return FlavorProfileView(profile)
        }
    }

    public func deleteFlavorProfile(_ id: ResourceID, _ caller: Caller) async throws {
        try requireService(caller, .flavorProfileDelete)
        // The one fault that spells the kind in small letters.
        let profile = try await find(FlavorProfile.self, id.string, "Flavor profile")
        try await database.write { connection in
            let catalog = CatalogStore(connection)
            try Self.requireUnused(profile, catalog)
            try catalog.delete(profile)
        }
    }

    private static func requireUnused(_ profile: FlavorProfile, _ catalog: CatalogStore) throws {
        guard try !catalog.exists(Flavor.table, where: "flavor_profile_id", is: profile.key) else {
            throw OctaviaFault.inUse("Flavor profile", profile.key)
        }
    }

    private func checkFlavorData(_ text: String, provider: String) throws(OctaviaFault) {
        let data = try CapabilityRules.data(text, field: "flavor_data")
        let driver = try enabledDriver(provider)
        try CapabilityRules.check(data, driver.flavorCapabilities, provider: provider)
    }

    // MARK: Flavors

    public func flavors(_ query: ListQuery, _ caller: Caller) async throws -> [FlavorView] {
        try requireService(caller, .flavorList)
        return try await catalogPage(Flavor.self, query).map { FlavorView($0) }
    }

    public func flavor(_ id: ResourceID, _ caller: Caller) async throws -> FlavorView {
        try requireService(caller, .flavorShow)
        return FlavorView(try await find(Flavor.self, id.string, "Flavor"))
    }

    public func createFlavor(_ request: OfferCreate, _ caller: Caller) async throws -> FlavorView {
        try requireService(caller, .flavorCreate)
        let flavor = Flavor(
            id: .random(), name: request.name, description: request.description, isEnabled: request.isEnabled,
            profileID: request.profileID)
        let now = self.now()
        let idempotency = idempotentTransaction(caller)
        try await database.write { connection in
            try idempotency.begin(connection)
            let catalog = CatalogStore(connection)
            guard try catalog.find(FlavorProfile.self, flavor.profileID.string) != nil else {
                throw OctaviaFault.notFound("Flavor Profile", flavor.profileID)
            }
            try Self.requireUniqueName(flavor, catalog)
            try catalog.insert(flavor, at: now)
            try idempotency.end(connection) { FlavorView(flavor).body() }
        }
        return FlavorView(flavor)
    }

    public func updateFlavor(_ id: ResourceID, _ request: OfferUpdate, _ caller: Caller) async throws -> FlavorView {
        try requireService(caller, .flavorUpdate)
        var flavor = try await find(Flavor.self, id.string, "Flavor")
        request.name.apply(to: &flavor.name)
        request.description.apply(to: &flavor.description)
        request.isEnabled.apply(to: &flavor.isEnabled)
        return try await database.write { [flavor] connection in
            let catalog = CatalogStore(connection)
            if request.name.isSet { try Self.requireUniqueName(flavor, catalog) }
            try catalog.update(flavor)
            return FlavorView(flavor)
        }
    }

    /// Deletes a flavor that no load balancer has.
    public func deleteFlavor(_ id: ResourceID, _ caller: Caller) async throws {
        try requireService(caller, .flavorDelete)
        let flavor = try await find(Flavor.self, id.string, "Flavor")
        try await database.write { connection in
            let catalog = CatalogStore(connection)
            guard try !catalog.exists(LoadBalancer.table, where: "flavor_id", is: flavor.key) else {
                throw OctaviaFault.inUse("Flavor", flavor.key)
            }
            try catalog.delete(flavor)
        }
    }

    private static func requireUniqueName(_ flavor: Flavor, _ catalog: CatalogStore) throws {
        guard let other = try catalog.flavor(named: flavor.name), other.id != flavor.id else { return }
        throw OctaviaFault(409, "A flavor of \(flavor.name) already exists.")
    }

    // MARK: What all of the catalogue share

    /// Ends the call with 403 when the caller may not do this; there is no owner.
    func requireService(_ caller: Caller, _ action: PolicyAction) throws(OctaviaFault) {
        try settings.access.require(caller, action, projectID: caller.projectID)
    }

    func find<Record: CatalogRecord>(
        _ type: Record.Type, _ key: String, _ kind: String
    ) async throws -> Record {
        guard let record = try await database.read({ try CatalogStore($0).find(type, key) }) else {
            throw OctaviaFault.notFound(kind, key)
        }
        return record
    }
}

extension FlavorProfileView {
    fileprivate init(_ profile: FlavorProfile) {
        self.init(id: profile.id, name: profile.name, providerName: profile.providerName, data: profile.data)
    }
}

extension FlavorView {
    fileprivate init(_ flavor: Flavor) {
        self.init(
            id: flavor.id, name: flavor.name, description: flavor.description, isEnabled: flavor.isEnabled,
            profileID: flavor.profileID)
    }
}

extension OctaviaFault {
    /// Something refers to the object.
    static func inUse(_ kind: String, _ id: String) -> OctaviaFault {
        OctaviaFault(409, "\(kind) \(id) is in use and cannot be modified.")
    }
}
