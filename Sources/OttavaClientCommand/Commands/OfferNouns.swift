// `ottava loadbalancer flavor`, `flavorprofile`, `availabilityzone` and `availabilityzoneprofile`.

internal import ArgumentParser
internal import OctaviaClient

enum FlavorNoun: UpdatableNoun {
    typealias Resource = Flavor
    typealias Parent = NoParent

    static let term = "flavor"
    static let listColumns = ["id", "name", "flavor_profile_id", "enabled"]
    static let showColumns = ["id", "name", "flavor_profile_id", "enabled", "description"]

    static func collection(_ cloud: Cloud, _ parent: ResourceID) -> ResourceCollection<Flavor> { cloud.flavors }

    struct Filters: FilterOptions {
        @Option var name: String?
        @Flag(help: "Only those that are switched on.") var enable = false
        @Flag(help: "Only those that are switched off.") var disable = false
        @Option(help: "The profile: name or id.") var flavorprofile: String?

        func filters(_ cloud: Cloud) async throws -> [Filter] {
            var result: [Filter] = []
            if let name { result.append(.name(name)) }
            if enable != disable { result.append(.field("enabled", equals: enable)) }
            if let flavorprofile {
                let id = try await cloud.flavorProfiles.find(flavorprofile).id
                result.append(.field("flavor_profile_id", equals: id))
            }
            return result
        }
    }

    struct CreateOptions: CreationOptions {
        @Option var name: String
        @Option(help: "The profile: name or id.") var flavorprofile: String
        @Option var description: String?
        @OptionGroup var state: EnableOptions

        func creation(_ cloud: Cloud) async throws -> OfferCreate {
            let profile = try await cloud.flavorProfiles.find(flavorprofile).id
            return OfferCreate(
                name: name, description: description ?? "", isEnabled: state.value ?? true, profile: profile)
        }
    }

    struct SetOptions: UpdateOptions {
        @Option var name: String?
        @Option var description: String?
        @OptionGroup var state: EnableOptions

        func apply(to update: inout OfferUpdate, of current: Flavor, _ cloud: Cloud) async throws {
            update.name = .given(name)
            update.description = .given(description)
            update.isEnabled = .given(state.value)
        }
    }

    struct UnsetOptions: UpdateOptions {
        @Flag var description = false

        func apply(to update: inout OfferUpdate, of current: Flavor, _ cloud: Cloud) async throws {
            if description { update.description = .set("") }
        }
    }
}

enum FlavorProfileNoun: UpdatableNoun {
    typealias Resource = FlavorProfile
    typealias Parent = NoParent

    static let term = "flavor profile"
    static let listColumns = ["id", "name", "provider_name"]
    static let showColumns = ["id", "name", "provider_name", "flavor_data"]

    static func collection(_ cloud: Cloud, _ parent: ResourceID) -> ResourceCollection<FlavorProfile> {
        cloud.flavorProfiles
    }

    struct Filters: FilterOptions {
        @Option var name: String?
        @Option var provider: String?

        func filters(_ cloud: Cloud) async throws -> [Filter] {
            (name.map { [.name($0)] } ?? []) + (provider.map { [.field("provider_name", equals: $0)] } ?? [])
        }
    }

    struct CreateOptions: CreationOptions {
        @Option var name: String
        @Option var provider: String
        @Option(help: "A JSON object.") var flavorData: String

        func creation(_ cloud: Cloud) async throws -> ProfileCreate {
            ProfileCreate(name: name, provider: provider, data: flavorData)
        }
    }

    struct SetOptions: UpdateOptions {
        @Option var name: String?
        @Option var provider: String?
        @Option(help: "A JSON object.") var flavorData: String?

        func apply(to update: inout ProfileUpdate, of current: FlavorProfile, _ cloud: Cloud) async throws {
            update.name = .given(name)
            update.providerName = .given(provider)
            update.data = .given(flavorData)
        }
    }

    /// Nothing of a profile can be unset.
    typealias UnsetOptions = SetOptions
}

enum AvailabilityZoneNoun: UpdatableNoun {
    typealias Resource = AvailabilityZone
    typealias Parent = NoParent

    static let term = "availability zone"
    static let listColumns = ["name", "availability_zone_profile_id", "enabled"]
    static let showColumns = ["name", "availability_zone_profile_id", "enabled", "description"]

    static func collection(_ cloud: Cloud, _ parent: ResourceID) -> ResourceCollection<AvailabilityZone> {
        cloud.availabilityZones
    }

    struct Filters: FilterOptions {
        @Option var name: String?
        @Flag(help: "Only those that are switched on.") var enable = false
        @Flag(help: "Only those that are switched off.") var disable = false
        @Option(help: "The profile: name or id.") var availabilityzoneprofile: String?

        func filters(_ cloud: Cloud) async throws -> [Filter] {
            var result: [Filter] = []
            if let name { result.append(.name(name)) }
            if enable != disable { result.append(.field("enabled", equals: enable)) }
            if let availabilityzoneprofile {
                let id = try await cloud.availabilityZoneProfiles.find(availabilityzoneprofile).id
                result.append(.field("availability_zone_profile_id", equals: id))
            }
            return result
        }
    }

    struct CreateOptions: CreationOptions {
        @Option var name: String
        @Option(help: "The profile: name or id.") var availabilityzoneprofile: String
        @Option var description: String?
        @OptionGroup var state: EnableOptions

        func creation(_ cloud: Cloud) async throws -> OfferCreate {
            let profile = try await cloud.availabilityZoneProfiles.find(availabilityzoneprofile).id
            return OfferCreate(
                name: name, description: description ?? "", isEnabled: state.value ?? true, profile: profile)
        }
    }

    struct SetOptions: UpdateOptions {

        @Option var description: String?
        @OptionGroup var state: EnableOptions

        func apply(to update: inout OfferUpdate, of current: AvailabilityZone, _ cloud: Cloud) async throws {

            update.description = .given(description)
            update.isEnabled = .given(state.value)
        }
    }

    struct UnsetOptions: UpdateOptions {
        @Flag var description = false

        func apply(to update: inout OfferUpdate, of current: AvailabilityZone, _ cloud: Cloud) async throws {
            if description { update.description = .set("") }
        }
    }
}

enum AvailabilityZoneProfileNoun: UpdatableNoun {
    typealias Resource = AvailabilityZoneProfile
    typealias Parent = NoParent

    static let term = "availability zone profile"
    static let listColumns = ["id", "name", "provider_name"]
    static let showColumns = ["id", "name", "provider_name", "availability_zone_data"]

    static func collection(_ cloud: Cloud, _ parent: ResourceID) -> ResourceCollection<AvailabilityZoneProfile> {
        cloud.availabilityZoneProfiles
    }

    struct Filters: FilterOptions {
        @Option var name: String?
        @Option var provider: String?

        func filters(_ cloud: Cloud) async throws -> [Filter] {
            (name.map { [.name($0)] } ?? []) + (provider.map { [.field("provider_name", equals: $0)] } ?? [])
        }
    }

    struct CreateOptions: CreationOptions {
        @Option var name: String
        @Option var provider: String
        @Option(help: "A JSON object.") var availabilityZoneData: String

        func creation(_ cloud: Cloud) async throws -> ProfileCreate {
            ProfileCreate(name: name, provider: provider, data: availabilityZoneData)
        }
    }

    struct SetOptions: UpdateOptions {
        @Option var name: String?
        @Option var provider: String?
        @Option(help: "A JSON object.") var availabilityZoneData: String?

        func apply(to update: inout ProfileUpdate, of current: AvailabilityZoneProfile, _ cloud: Cloud) async throws {
            update.name = .given(name)
            update.providerName = .given(provider)
            update.data = .given(availabilityZoneData)
        }
    }

    /// Nothing of a profile can be unset.
    typealias UnsetOptions = SetOptions
}
