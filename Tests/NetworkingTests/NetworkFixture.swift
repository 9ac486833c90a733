// What the tests of the network service share.

import DatabaseTestSupport
import FoundationEssentials
import LoadBalancing
import Networking
import Persistence
import Testing

/// An embedded network on a temporary SQLite file.
struct NetworkFixture {
    let database: any Database
    let service: EmbeddedNetwork
    let admin = NetworkAccess(projectID: "admin", isAdmin: true)
    let alice = NetworkAccess(projectID: "alice")
    let bob = NetworkAccess(projectID: "bob")

    /// Runs a test on a fresh database and removes it afterwards.
    static func run(_ body: (NetworkFixture) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("network-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let database = try TestDatabase.open(directory.appendingPathComponent("test.db").path)
        try await database.migrate(EmbeddedNetwork.migrations)
        try await body(NetworkFixture(database: database, service: EmbeddedNetwork(database: database)))
        try await database.close()
    }

    /// Changes ports as load balancing does, in a transaction of its own.
    func ports<Result: Sendable>(
        _ body: @escaping @Sendable (any PortTransaction) throws -> Result
    ) async throws -> Result {
        try await database.write { [service] in try body(service.ports(within: $0)) }
    }

    func network(_ access: NetworkAccess, shared: Bool? = nil, external: Bool? = nil) async throws -> Network {
        try await service.write(as: access) { transaction in
            var attributes = NetworkAttributes()
            attributes.name = "net"
            attributes.isShared = shared
            attributes.isExternal = external
            return try transaction.createNetwork(attributes)
        }
    }

    func subnet(
        _ access: NetworkAccess, _ network: ResourceID, _ cidr: String, gateway: Setting<IPAddress> = .unset,
        pools: [AddressRange]? = nil
    ) async throws -> Subnet {
        let range = try #require(IPNetwork(cidr))
        return try await service.write(as: access) { transaction in
            var attributes = SubnetAttributes()
            attributes.networkID = network
            attributes.cidr = range
            attributes.gateway = gateway
            attributes.allocationPools = pools
            return try transaction.createSubnet(attributes)
        }
    }

    func port(
        _ access: NetworkAccess, _ network: ResourceID, _ addresses: [FixedAddressRequest]? = nil
    ) async throws -> Port {
        try await service.write(as: access) { transaction in
            var attributes = PortAttributes()
            attributes.networkID = network
            attributes.fixedAddresses = addresses
            return try transaction.createPort(attributes)
        }
    }

    func delete(_ access: NetworkAccess, port: ResourceID) async throws {
        try await service.write(as: access) { try $0.deletePort(port) }
    }
}

/// The type of the fault that the block throws.
func faultType(_ body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch let fault as NetworkFault {
        return fault.type
    } catch {
        return "\(error)"
    }
}

func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }
