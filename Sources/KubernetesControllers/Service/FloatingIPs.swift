// Floating IPs of load balancers.

internal import OctaviaClient

/// What is wanted of the floating IP of a load balancer.
struct FloatingIPWishes: Sendable, Hashable {
    var settings: AddressSettings
    var requestedAddress: String?
    /// Marks what may be deleted again.
    var description: String
    var keeps: Bool
}

/// Makes floating IPs lead to load balancers, and away from them.
struct FloatingIPs {
    let cloud: Cloud
    let catalog: NetworkCatalog

    /// Part of the description of what controllers made.
    static let mark = "Floating IP for Kubernetes"

    private func attached(to port: ResourceID) async throws -> [FloatingIP] {
        try await cloud.network.floatingIPs.list(.field("port_id", equals: port)).all()
    }

    /// The floating network, if there is one.
    func network(_ settings: AddressSettings) async throws -> ResourceID? {
        if let id = settings.floatingNetworkID { return id }
        return try await catalog.externalNetwork()
    }

    /// Makes a floating IP lead to a port.
    ///
    /// - Returns: Its address.
    func ensure(_ wishes: FloatingIPWishes, network: ResourceID, port: ResourceID) async throws -> String {
        let there = try await attached(to: port)
        if let first = there.first {
            guard let wish = wishes.requestedAddress, wish != first.address else { return first.address }
            try await release(first, keeps: wishes.keeps)
        }
        if let wish = wishes.requestedAddress {
            let found = try await cloud.network.floatingIPs.list(.field("floating_ip_address", equals: wish)).all()
            if let existing = found.first {
                if existing.portID == port { return existing.address }
                guard existing.portID == nil else {
                    throw Problem.refusal(
                        "the floating IP \(wish) is in use at port \(existing.portID?.string ?? ""); free it or ask for another"
                    )
                }
                return try await cloud.network.floatingIPs.attach(existing.id, to: port).address
            }
        }
        return try await make(wishes, network: network, port: port)
    }

    private func make(_ wishes: FloatingIPWishes, network: ResourceID, port: ResourceID) async throws -> String {
        var failure: (any Error)?
        for subnet in try await subnets(wishes.settings, network) {
            do {
                return try await cloud.network.floatingIPs.create(
                    FloatingIPCreate(
                        networkID: network, subnetID: subnet, portID: port, address: wishes.requestedAddress,
                        description: wishes.description)
                ).address
            } catch let error as CloudError where [.conflict, .badRequest, .quotaExceeded].contains(error.code) {
                // The next subnet may have free addresses.
                failure = error
            }
        }
        throw failure ?? Problem.refusal("no subnet of the floating network \(network) is what the settings ask for")
    }

    /// The subnets to try; one that is absent leaves the choice to the network service.
    private func subnets(_ settings: AddressSettings, _ network: ResourceID) async throws -> [ResourceID?] {
        if let id = settings.floatingSubnetID { return [id] }
        guard settings.floatingSubnet != nil || settings.floatingSubnetTags != nil else { return [nil] }
        var filters: [Filter] = [.field("network_id", equals: network)]
        if let tags = settings.floatingSubnetTags { filters.append(Self.filter(tags)) }
        let pattern = try settings.floatingSubnet.map { try SubnetPattern($0) }
        return try await cloud.network.subnets.list(filters).all()
            .filter { subnet in pattern.map { $0.matches(subnet.name) } ?? true }.map(\.id)
    }

    /// Tags with commas between them: one of them; after `&` all of them; after `!` the opposite.
    static func filter(_ tags: String) -> Filter {
        var text = Substring(tags.trimmingSpaces())
        let isNegated = text.first == "!"
        if isNegated { text.removeFirst() }
        let isAll = text.first == "&"
        if isAll { text.removeFirst() }
        let name = (isNegated ? "not-" : "") + (isAll ? "tags" : "tags-any")
        return .field(name, equals: text.commaSeparated.joined(separator: ","))
    }

    /// Takes floating IPs away from a port: deleted if controllers made them, else only detached.
    func remove(from port: ResourceID, keeps: Bool) async throws {
        for address in try await attached(to: port) { try await release(address, keeps: keeps) }
    }

    private func release(_ address: FloatingIP, keeps: Bool) async throws {
        do {
            if !keeps, address.description.contains(Self.mark) {
                try await cloud.network.floatingIPs.delete(address.id)
            } else {
                try await cloud.network.floatingIPs.detach(address.id)
            }
        } catch let error as CloudError where error.code == .notFound {
            // Somebody else was faster.
        }
    }
}

/// A choice of subnets by name.
struct SubnetPattern {
    private let isNegated: Bool
    private let expression: Regex<AnyRegexOutput>?
    private let wildcard: [Character]

    /// - Parameter text: A name with `*` and `?`, or `~` and a regular expression; `!` in front negates.
    /// - Throws: ``Problem`` for an expression that is none.
    init(_ text: String) throws(Problem) {
        var rest = Substring(text)
        isNegated = rest.first == "!"
        if isNegated { rest.removeFirst() }
        wildcard = Array(rest)
        guard rest.first == "~" else {
            expression = nil
            return
        }
        do {
            expression = try Regex(String(rest.dropFirst()))
        } catch {
            throw .refusal("floating-subnet '\(text)' is no regular expression: \(error)")
        }
    }

    func matches(_ name: String) -> Bool {
        let isMatch =
            if let expression { name.firstMatch(of: expression) != nil } else {
                Self.matches(wildcard[...], Array(name)[...])
            }
        return isMatch != isNegated
    }

    private static func matches(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        if first == "*" {
            return (name.startIndex...name.endIndex).contains { matches(pattern.dropFirst(), name[$0...]) }
        }
        guard let character = name.first, first == "?" || first == character else { return false }
        return matches(pattern.dropFirst(), name.dropFirst())
    }
}
