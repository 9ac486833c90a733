// What a flavor and an availability zone mean for a new load balancer.

internal import JSON
internal import LoadBalancing
internal import OctaviaWire
internal import Persistence
internal import ProviderDrivers

/// The provider of a new load balancer, and what its flavor and availability zone say.
struct ChosenOffers: Sendable {
    var provider: String
    var flavor: Flavor?
    var zone: AvailabilityZone?
    var flavorData: [String: JSONValue] = [:]
    var zoneData: [String: JSONValue] = [:]

    /// Whether the VIP's port is a virtual function of a network card.
    var wantsDirectInterface: Bool { flavorData["sriov_vip"]?.bool == true }

    /// Whether ports of members may be virtual functions of a network card.
    var allowsDirectMembers: Bool { flavorData["allow_member_sriov"]?.bool == true }

    /// The only networks on which the availability zone allows VIPs, if it has an opinion.
    var zoneNetworks: Set<ResourceID>? {
        guard let allowed = zoneData["valid_vip_networks"]?.array, !allowed.isEmpty else { return nil }
        return Set(allowed.compactMap { $0.string.flatMap { ResourceID($0) } })
    }

    /// Ends the call when the flavor or the zone went away meanwhile.
    func requireCurrent(_ catalog: CatalogStore) throws {
        if let flavor, try catalog.find(Flavor.self, flavor.key) == nil { throw Self.invalidFlavor }
        if let zone, try catalog.find(AvailabilityZone.self, zone.key) == nil { throw Self.invalidZone }
    }

    static let invalidFlavor = OctaviaFault.validation("Invalid flavor_id.")
    static let invalidZone = OctaviaFault.validation("Invalid availability zone.")
}

extension LoadBalancingService {
    /// Looks up the flavor and the availability zone of a request and settles the provider.
    func offers(for request: LoadBalancerCreate) async throws -> ChosenOffers {
        guard request.flavorID != nil || request.availabilityZone != nil else {
            let provider = request.provider ?? settings.defaultProvider
            _ = try enabledDriver(provider)
            return ChosenOffers(provider: provider)
        }
        let (flavor, profile, zone, zoneProfile) = try await database.read { connection in
            let catalog = CatalogStore(connection)
            let flavor = try request.flavorID.flatMap { try catalog.find(Flavor.self, $0.string) }
            let profile = try flavor.flatMap { try catalog.find(FlavorProfile.self, $0.profileID.string) }
            let zone = try request.availabilityZone.flatMap { try catalog.find(AvailabilityZone.self, $0) }
            let zoneProfile = try zone.flatMap {
                try catalog.find(AvailabilityZoneProfile.self, $0.profileID.string)
            }
            return (flavor, profile, zone, zoneProfile)
        }
        if let id = request.flavorID {
            guard let flavor, profile != nil else { throw ChosenOffers.invalidFlavor }
            guard flavor.isEnabled else { throw OctaviaFault.disabled("flavor", id) }
        }
        if let provider = request.provider, let flavor, let profile, profile.providerName != provider {
            throw OctaviaFault(
                400, "Flavor '\(flavor.id)' is not compatible with provider '\(provider)'")
        }
        if let name = request.availabilityZone {
            guard let zone, zoneProfile != nil else { throw ChosenOffers.invalidZone }
            guard zone.isEnabled else { throw OctaviaFault.disabled("availability_zone", name) }
        }
        let provider = request.provider ?? profile?.providerName ?? settings.defaultProvider
        let driver = try enabledDriver(provider)
        var offers = ChosenOffers(provider: provider, flavor: flavor, zone: zone)
        if let profile {
            offers.flavorData = try CapabilityRules.data(profile.data, field: "flavor_data")
            try CapabilityRules.check(offers.flavorData, driver.flavorCapabilities, provider: provider)
        }
        if let zoneProfile {
            offers.zoneData = try CapabilityRules.data(zoneProfile.data, field: "availability_zone_data")
            guard let known = driver.availabilityZoneCapabilities else {
                throw OctaviaFault.unsupportedAction(provider, "availability zones")
            }
            try CapabilityRules.check(offers.zoneData, known, provider: provider)
        }
        return offers
    }

    /// The driver of a provider that clients may name.
    func enabledDriver(_ provider: String) throws(OctaviaFault) -> any ProviderDriver {
        guard let driver = drivers[provider] else {
            throw OctaviaFault(400, "Provider '\(provider)' is not enabled.")
        }
        return driver
    }
}

/// What profiles may say.
enum CapabilityRules {
    /// The object that a profile's text holds.
    static func data(_ text: String, field: String) throws(OctaviaFault) -> [String: JSONValue] {
        guard let value = try? JSONValue(parsing: Array(text.utf8)), case .object(let members) = value else {
            throw .invalidOption(value: text, option: field)
        }
        return members
    }

    /// Ends the call with 501 when a provider does not know a key or takes other values.
    static func check(
        _ data: [String: JSONValue], _ known: [ProviderCapability], provider: String
    ) throws(OctaviaFault) {
        for (key, value) in data.sorted(by: { $0.key < $1.key }) {
            guard let capability = known.first(where: { $0.name == key }) else {
                throw .unsupportedOption(provider, "Additional properties are not allowed ('\(key)' was unexpected)")
            }
            guard capability.type.takes(value) else {
                let text = String(decoding: JSONWriter.bytes(of: value), as: UTF8.self)
                throw .unsupportedOption(provider, "\(text) is not a valid value of '\(key)'")
            }
        }
    }
}

extension ProviderCapability.ValueType {
    fileprivate func takes(_ value: JSONValue) -> Bool {
        switch self {
        case .string: value.string != nil
        case .choice(let words): value.string.map(words.contains) ?? false
        case .bool: value.bool != nil
        case .identifier: value.string.map { ResourceID($0) != nil } ?? false
        case .identifiers:
            value.array.map { $0.allSatisfy { $0.string.map { ResourceID($0) != nil } ?? false } } ?? false
        }
    }
}

extension CatalogStore {
    /// What the profile of a flavor says; empty when there is no such flavor.
    func flavorData(_ id: ResourceID) throws -> [String: JSONValue] {
        guard let flavor = try find(Flavor.self, id.string),
            let profile = try find(FlavorProfile.self, flavor.profileID.string)
        else { return [:] }
        return (try? JSONValue(parsing: Array(profile.data.utf8)))?.object ?? [:]
    }
}

extension LoadBalancerCreate {
    /// How many resources of each kind it makes whose number is limited; policies and rules in it are not counted.
    var resourceCounts: [(ResourceKind, Int)] {
        let policyPools = listeners.flatMap { $0.l7Policies.compactMap(\.redirectPool) }
        let pools = (self.pools + listeners.compactMap(\.defaultPool) + policyPools).filter { !$0.isReference }
        return [
            (.loadBalancer, 1), (.pool, pools.count), (.listener, listeners.count),
            (.healthMonitor, pools.filter { $0.healthMonitor != nil }.count),
            (.member, pools.reduce(0) { $0 + $1.members.count }),
        ]
    }
}

extension OctaviaFault {
    /// An administrator switched the thing off.
    static func disabled(_ option: String, _ value: some CustomStringConvertible) -> OctaviaFault {
        OctaviaFault(400, "The selected \(option) is not allowed in this deployment: \(value)")
    }

    /// The provider cannot do what the call is for.
    static func unsupportedAction(_ provider: String, _ action: String) -> OctaviaFault {
        OctaviaFault(501, "Provider '\(provider)' does not support a requested action: \(action)")
    }
}
