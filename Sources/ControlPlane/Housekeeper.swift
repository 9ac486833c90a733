// Puts right what a crash at the wrong moment can leave behind.

internal import KeyManager
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
    let eventLifetime: Double
    let expiredSecretLifetime: Double
    /// What keeps a database that has lost many load balancers from taking them down; its state is for whoever shows it.
    public let guardRail: GuardRail
    let logger: Logger
    let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - eventLifetime: How long timelines are kept, in seconds.
    ///   - expiredSecretLifetime: How long secrets of the key manager are kept after they have expired, in seconds. It
    ///     should be long: a clock that is wrong for a while must not cost secrets.
    public init(
        database: any Database, network: any NetworkProvider, drivers: DriverRegistry,
        interval: Duration = .seconds(300), eventLifetime: Double = 30 * 24 * 3600,
        expiredSecretLifetime: Double = 90 * 24 * 3600,
        guardRail: GuardRail = GuardRail("removal"),
        observation: ControlPlaneObservation = ControlPlaneObservation(), logger: Logger,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.database = database
        self.network = network
        self.drivers = drivers
        self.interval = interval
        self.observation = observation
        self.eventLifetime = eventLifetime
        self.expiredSecretLifetime = expiredSecretLifetime
        self.guardRail = guardRail
        self.logger = logger
        self.now = now
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await removeUnknownLoadBalancers()
                    try await removeOrphanedPorts()
                    try await forget()
                    try await mendTimes()
                } catch {
                    logger.error("housekeeping failed", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// Removes events, answers and expired secrets that have been kept long enough.
    func forget() async throws {
        let now = self.now()
        let oldestEvent = now.advanced(bySeconds: -eventLifetime)
        let oldestAnswer = now.advanced(bySeconds: -IdempotencyKey.lifetime)
        try await database.write { connection in
            try EventStore(connection).prune(before: oldestEvent)
            try IdempotentAnswerStore(connection).prune(before: oldestAnswer)
        }
        let count = try await EmbeddedKeyManager.purgeSecrets(
            expiredBefore: now.advanced(bySeconds: -expiredSecretLifetime), in: database)
        guard count > 0 else { return }
        observation.purged(secrets: count)
        logger.notice("deleted secrets that expired long ago", metadata: ["count": "\(count)"])
    }

    /// Has work not wait for a time that a clock once showed and then was set back.
    func mendTimes() async throws {
        let now = self.now()
        try await database.write { try WorkStore($0).bringForward(at: now) }
    }

    /// Takes down what serves for load balancers that do not exist; but not for many at a time: then it is the database
    /// that is wrong, such as one that was restored from an old backup.
    func removeUnknownLoadBalancers() async throws {
        var unknown: [(driver: any ProviderDriver, ids: [ResourceID])] = []
        var population = 0
        for driver in drivers.distinct {
            let known = await driver.knownLoadBalancers()
            population += known.count
            unknown.append(
                (
                    driver,
                    try await database.read { connection in
                        let store = TreeStore(connection)
                        return try known.filter { try store.find(LoadBalancer.self, $0) == nil }
                    }
                ))
        }
        let all = Set(unknown.flatMap(\.ids))
        let answer = guardRail.askForAll(all, among: population, at: now())
        guard answer == .allowed else {
            if answer == .held(isFirst: true) {
                logger.error(
                    "the data plane serves very many load balancers that the database does not know; they go on. If they shall go, raise guardRailPercent and start again",
                    metadata: ["unknown": "\(all.count)", "known": "\(population)"])
            }
            return
        }
        for (driver, ids) in unknown {
            for id in ids {
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
