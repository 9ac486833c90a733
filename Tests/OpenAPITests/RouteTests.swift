// A test that the document and the service have the same routes.

internal import ControlPlane
internal import DatabaseTestSupport
internal import Foundation
internal import HTTPService
internal import Identity
internal import LoadBalancerAPI
internal import Networking
internal import Persistence
internal import ProviderDrivers
internal import Testing

@Suite("OpenAPI document and routes")
struct RouteTests {
    @Test("have the same operations")
    func sameOperations() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ottava-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let database = try TestDatabase.open(folder.appendingPathComponent("db").path)
        let service = LoadBalancingService(
            database: database, network: EmbeddedNetwork(database: database), drivers: DriverRegistry([]),
            settings: LoadBalancingSettings(), board: SettleBoard()
        ) { EmbeddedNetwork.wallClock() }
        let routes = LoadBalancerAPI(service: service, validator: NobodyValidator()).routes.routes
        #expect(OpenAPI.differences(from: routes) == [])
        try await database.close()
    }
}

/// Knows no token.
private struct NobodyValidator: TokenValidator {
    func subject(ofToken token: String) async throws -> AuthenticatedSubject? { nil }
}
