// Puts right what a crash at the wrong moment can leave behind.

public import LoadBalancing
public import Logging
public import Networking
public import Persistence
internal import ProviderDrivers
public import ServiceLifecycle

/// Looks for things that belong to no load balancer, at the start and every few minutes.
public struct Housekeeper: Service {
    let database: any Database
    let network: any NetworkProvider
    let drivers: DriverRegistry
    let interval: Duration
    let observation: ControlPlaneObservation
    let logger: Logger
    let now: @Sendable () -> Timestamp

    public init(
        database: any Database, network: any NetworkProvider, drivers: DriverRegistry,
        interval: Duration = .seconds(300),
        observation: ControlPlaneObservation = ControlPlaneObservation(), logger: Logger,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.database = database
        self.network = network
        self.drivers = drivers
        self.interval = interval
        self.observation = observation
        self.logger = logger
        self.now = now
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await removeUnknownLoadBalancers()
                    try await removeOrphanedPorts()
                } catch {
                    logger.error("housekeeping failed", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// Takes down what serves for load balancers that do not exist.
    func removeUnknownLoadBalancers() async throws {
        for driver in drivers.distinct {
            for id in await driver.knownLoadBalancers() {
                let exists = try await database.read { try TreeStore($0).find(LoadBalancer.self, id) != nil }
                guard !exists else { continue }
                logger.warning(
                    "the data plane serves an unknown load balancer; removing it", metadata: ["loadbalancer": "\(id)"])
                try await driver.remove(id)
                observation.repaired("loadbalancer")
            }
        }
    }

    /// Removes VIP ports whose load balancer was never written or is gone.
    ///
    /// A port younger than a minute may belong to a request that is under way.
    func removeOrphanedPorts() async throws {
        let youngest = now().advanced(bySeconds: -60)
        for port in try await network.ports(ownedBy: Port.loadBalancerOwner) where port.header.createdAt < youngest {
            guard port.deviceID.hasPrefix("lb-"), let id = ResourceID(port.deviceID.dropFirst(3)) else { continue }
            let exists = try await database.read { try TreeStore($0).find(LoadBalancer.self, id) != nil }
            guard !exists else { continue }
            logger.warning("a VIP port belongs to no load balancer", metadata: ["port": "\(port.id)"])
            do {
                let isOwn = port.header.name == "octavia-lb-\(id)"
                try await database.write { [network] in
                    try network.ports(within: $0).giveBack(port.id, isOwn: isOwn)
                }
                observation.repaired("port")
            } catch let fault as NetworkFault {
                // Another process's housekeeper was faster, or the port has come into use.
                logger.notice("a VIP port stays", metadata: ["port": "\(port.id)", "reason": "\(fault.message)"])
            }
        }
    }
}
