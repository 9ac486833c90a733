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
    /// Ranges that the node makes real: only administrators may make subnets that overlap with them.
    private let reserved: [IPNetwork]

    /// Stands on a database in which ``migrations`` have run.
    ///
    /// - Parameter reserved: Ranges in which only administrators may make subnets: those whose addresses are real, so that
    ///   no two networks give the same one away.
    public init(
        database: any Database, reserved: [IPNetwork] = [],
        now: @escaping @Sendable () -> Timestamp = Self.wallClock
    ) {
        self.database = database
        self.reserved = reserved
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
            try body(NetworkTransaction(connection: connection, access: access, reserved: reserved, now: now))
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
                try body(NetworkTransaction(connection: connection, access: access, reserved: reserved, now: now))
            }
        } catch {
            throw Self.translated(error)
        }
    }

    /// The use cases within a transaction that somebody else has begun.
    func transaction(_ connection: any DatabaseConnection, as access: NetworkAccess) -> NetworkTransaction {
        NetworkTransaction(connection: connection, access: access, reserved: reserved, now: now())
    }

    /// Says what broken rules of the database mean.
    static func translatingFaults<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            throw translated(error)
        }
    }

    private static func translated(_ error: any Error) -> any Error {
        switch error {
        case DatabaseFault.duplicate:
            NetworkFault.conflict("Conflict", "Another object with the same unique values exists.")
        case DatabaseFault.reference:
            NetworkFault.conflict("Conflict", "The object is in use, or one that it refers to is gone.")
        default: error
        }
    }
}
