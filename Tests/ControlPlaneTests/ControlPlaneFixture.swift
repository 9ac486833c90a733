// A control plane on a real database and the embedded network, with a recording driver below.

import ControlPlane
import DatabaseTestSupport
import Foundation
import KeyManager
import LoadBalancing
import Logging
import Networking
import OctaviaWire
import Persistence
import ProviderDrivers

struct ControlPlaneFixture {
    let service: LoadBalancingService
    let database: any Database
    let network: EmbeddedNetwork
    let driver: RecordingDriver
    let board: SettleBoard
    let subnet: ResourceID
    let caller = Caller(userID: "u", projectID: "p", roles: ["member", "reader"])

    /// Runs a test against a control plane whose reconciler works meanwhile.
    static func run(
        settleWait: Duration = .seconds(10), isStrict: Bool = false, reconciler: ReconcilerSettings? = nil,
        tls: TLSSettings = TLSSettings(), vipNetworks: (ResourceID) -> VIPNetworkSettings = { _ in .init() },
        certificates: any CertificateStore = UncheckedCertificates(), driver unobserved: NoOpDriver? = nil,
        observation: ControlPlaneObservation = ControlPlaneObservation(),
        _ body: (ControlPlaneFixture) async throws -> Void
    ) async throws {
        let folder = NSTemporaryDirectory() + "ottava-control-plane-\(ResourceID.random())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let database = try TestDatabase.open(folder + "/test.db")
        try await database.migrate(
            EmbeddedNetwork.migrations + LoadBalancingSchema.migrations + EmbeddedKeyManager.migrations)
        let network = EmbeddedNetwork(database: database)
        try await network.bootstrap(projectID: "admin")
        let subnets = try await network.subnets(named: "private-subnet")
        let driver = RecordingDriver()
        let board = SettleBoard()
        let drivers = DriverRegistry([unobserved ?? driver])
        let subnet = try await network.subnet(subnets[0], as: .service)
        let fixture = ControlPlaneFixture(
            service: LoadBalancingService(
                database: database, network: network, drivers: drivers,
                settings: LoadBalancingSettings(
                    settleWait: settleWait, isStrictlyImmutable: isStrict, tls: tls,
                    vipNetworks: vipNetworks(subnet?.networkID ?? .random())),
                board: board, certificates: certificates, observation: observation, now: EmbeddedNetwork.wallClock),
            database: database, network: network, driver: driver, board: board, subnet: subnets[0])
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let worker = Reconciler(
            database: database, network: network, drivers: drivers, board: board, certificates: certificates,
            settings: reconciler ?? ReconcilerSettings(pollInterval: .milliseconds(20)), observation: observation,
            logger: logger,
            now: EmbeddedNetwork.wallClock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.run() }
            do {
                try await body(fixture)
            } catch {
                driver.release()
                group.cancelAll()
                throw error
            }
            driver.release()
            group.cancelAll()
        }
        try await database.close()
    }

    func create(_ change: (inout LoadBalancerCreate) -> Void = { _ in }) async throws -> LoadBalancerTree {
        var request = LoadBalancerCreate()
        request.vipSubnetID = subnet
        change(&request)
        return try await service.createLoadBalancer(request, caller)
    }

    func status(_ id: ResourceID) async throws -> ProvisioningStatus {
        try await tree(id).loadBalancer.core.provisioningStatus
    }

    /// Whether the load balancer is gone.
    func isGone(_ id: ResourceID) async throws -> Bool {
        do {
            _ = try await status(id)
            return false
        } catch let fault as OctaviaFault where fault.status == 404 {
            return true
        }
    }

    func vipPorts() async throws -> Int { try await network.ports(ownedBy: Port.loadBalancerOwner).count }

    func tree(_ id: ResourceID) async throws -> LoadBalancerTree {
        try await service.statusTree(id, caller)
    }

    /// Waits until a condition holds, at most ten seconds.
    func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if try await condition() { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }
}

extension EmbeddedNetwork {
    fileprivate func subnets(named name: String) async throws -> [ResourceID] {
        let networks = try await read(as: .service) { try $0.networks(Networking.ListQuery()).items }
        var result: [ResourceID] = []
        for network in networks {
            for subnet in try await subnets(ofNetwork: network.id, as: .service) where subnet.header.name == name {
                result.append(subnet.id)
            }
        }
        return result
    }
}
