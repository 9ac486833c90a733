// The network service that Ottava brings with it.

internal import FoundationEssentials
public import LoadBalancing
public import Persistence

/// A subset of Neutron over a database: networks, subnets, ports, floating IPs, security groups and QoS policies.
///
/// It keeps the books; making the addresses real is the data plane's work. All use cases are methods of
/// ``NetworkTransaction``, so that several of them can be one transaction.
public struct EmbeddedNetwork: Sendable {
    private let database: any Database
    private let now: @Sendable () -> Timestamp

    /// Stands on a database in which ``migrations`` have run.
    public init(database: any Database, now: @escaping @Sendable () -> Timestamp = Self.wallClock) {
        self.database = database
        self.now = now
    }

    /// The time of the machine.
    @Sendable public static func wallClock() -> Timestamp {
        Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }

    /// Runs a block that only reads.
    ///
    /// - Throws: ``NetworkFault`` for what is wrong with the request.
    public func read<Result: Sendable>(
        as access: NetworkAccess, _ body: @escaping @Sendable (NetworkTransaction) throws -> Result
    ) async throws -> Result {
        let now = now()
        return try await database.read { connection in
            try body(NetworkTransaction(connection: connection, access: access, now: now))
        }
    }

    /// Runs a block whose changes are committed together when it returns and undone when it throws.
    ///
    /// - Throws: ``NetworkFault`` for what is wrong with the request.
    public func write<Result: Sendable>(
        as access: NetworkAccess, _ body: @escaping @Sendable (NetworkTransaction) throws -> Result
    ) async throws -> Result {
        let now = now()
        do {
            return try await database.write { connection in
                try body(NetworkTransaction(connection: connection, access: access, now: now))
            }
        } catch DatabaseFault.duplicate {
            throw NetworkFault.conflict("Conflict", "Another object with the same unique values exists.")
        } catch DatabaseFault.reference {
            throw NetworkFault.conflict("Conflict", "The object is in use, or one that it refers to is gone.")
        }
    }

    /// Makes the default networks, unless networks of these names exist already.
    ///
    /// - `private`, shared, with `private-subnet` 127.77.0.0/16: where virtual addresses come from.
    /// - `public`, external, with `public-subnet` 127.78.0.0/16: where floating IPs come from.
    ///
    /// All of 127.0.0.0/8 is local on Linux, so these addresses answer without privileges. Running it again changes
    /// nothing.
    public func bootstrap(projectID: String) async throws {
        try await write(as: NetworkAccess(projectID: projectID, isAdmin: true)) { transaction in
            try transaction.bootstrap(network: "private", second: 77, isExternal: false)
            try transaction.bootstrap(network: "public", second: 78, isExternal: true)
            try transaction.ensureDefaultSecurityGroup(ofProject: projectID)
        }
    }
}

extension NetworkTransaction {
    fileprivate func bootstrap(network name: String, second: UInt128, isExternal: Bool) throws {
        var query = ListQuery()
        query.filters = [.init("name", [name]), .init("project_id", [access.projectID ?? ""])]
        query.limit = 1
        let network: Network
        if let existing = try networks(query).items.first {
            network = existing
        } else {
            var attributes = NetworkAttributes()
            attributes.name = name
            attributes.isShared = !isExternal
            attributes.isExternal = isExternal
            network = try createNetwork(attributes)
        }
        guard network.subnetIDs.isEmpty else { return }
        let base: UInt128 = 127 << 24 | second << 16
        func address(_ low: UInt128) -> IPAddress { IPAddress(family: .ipv4, value: base | low) }
        var attributes = SubnetAttributes()
        attributes.networkID = network.id
        attributes.name = "\(name)-subnet"
        attributes.cidr = IPNetwork(address: address(0), prefixLength: 16)
        attributes.gateway = .null
        attributes.enableDHCP = false
        attributes.allocationPools = [AddressRange(first: address(10), last: address(0xFFFE))]
        _ = try createSubnet(attributes)
    }
}
