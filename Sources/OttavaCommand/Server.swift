// The whole service in one process: what is made of what, and in which order it starts and ends.

internal import AmphoraAgent
internal import CLinux
internal import ControlPlane
internal import FoundationEssentials
internal import Glibc
internal import HTTPService
internal import Identity
internal import IdentityAPI
internal import KeyManager
internal import KeyManagerAPI
internal import LoadBalancerAPI
internal import LoadBalancing
internal import Logging
internal import NetworkAPI
internal import Networking
internal import Observability
internal import PacketForwarding
internal import Persistence
internal import PostgreSQLPersistence
internal import ProviderDrivers
internal import ServiceLifecycle
internal import Tracing
internal import UnixSignals

/// One process of the service, with all roles or some.
struct Server {
    let settings: ServerSettings

    /// Runs until SIGTERM or SIGINT. The data plane goes on afterwards, unless the server is ephemeral.
    ///
    /// - Throws: ``StartProblem`` when the server cannot start.
    func run() async throws {
        umask(0o077)
        // A client that goes away must not end the server.
        signal(SIGPIPE, SIG_IGN)
        // Blocks of 4 MiB and more go back to the system when they are freed. Each password that is hashed takes 16 MiB for
        // a moment; left to itself the allocator keeps such blocks once it has seen a few of them.
        _ = ottava_return_freed_blocks(4 << 20)
        let directory = try DataDirectory(settings.dataDirectory)
        defer { if settings.isEphemeral { directory.remove() } }
        let logger = makeLogger()
        let now: @Sendable () -> Timestamp = {
            Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        }
        let location = settings.database ?? .sqlite(path: directory.file("ottava.db"))

        // Without the worker's role it never starts, and only says what the provider can do.
        let agent = settings.noOpProviders == nil ? try makeAgent(directory, logger) : nil
        // Where nobody can stand by, an agent that cannot start is a reason not to start.
        if let agent, !location.isShared { try await start(agent) }
        let kernel = agent == nil ? nil : try await makeKernelDriver(directory, logger)
        let opened = try await openDatabase(location, logger)
        let exporter = settings.observation.traces.map { SpanExporter(destination: $0, logger: logger) }
        let observation = ServerObservation(
            settings: settings.observation, roles: settings.serverRoles,
            tracer: exporter.map { exporter in SpanTracer { exporter.add($0) } } ?? NoOpTracer())
        let database = observation.observed(opened)
        observation.watch(database, now: now)
        if let agent { observation.watch(agent, kernel) }
        let control = observation.controlPlane
        let network = EmbeddedNetwork(database: database, reserved: settings.network.reservedRanges)
        // A worker without a data plane needs no secrets, nor do those who only look after rows.
        let needsSecrets = settings.serverRoles.contains(.api) || agent != nil && settings.serverRoles.contains(.worker)
        let keyManager =
            needsSecrets
            ? try await whileDatabaseReturns(logger) { try await makeKeyManager(database, directory) } : nil
        let certificates: any CertificateStore =
            if agent != nil, let keyManager { KeyManagerCertificates(keyManager) } else { UncheckedCertificates() }
        let drivers = makeDrivers(agent, kernel)
        let board = SettleBoard()
        let statusGuardRail = GuardRail("operating-status", settings.guardRail)
        let removalGuardRail = GuardRail("removal", settings.guardRail)

        let workerState = settings.serverRoles.contains(.worker) ? WorkerState() : nil
        let root: @Sendable ([String]) -> RootService = { prefixes in
            RootService(
                prefixes: prefixes,
                health: ServerHealth(settings: settings.observation, database: database, now: now)
                    .checks(roles: settings.serverRoles, worker: workerState, agent: agent),
                metrics: observation.metricsPage)
        }
        if workerState != nil || settings.serverRoles.contains(.healthManager) { observation.watch(statusGuardRail) }
        if workerState != nil { observation.watch(removalGuardRail) }
        let healthManager: (HealthManager.Source) -> HealthManager = { source in
            HealthManager(
                database: database, source: source, guardRail: statusGuardRail, observation: control, logger: logger,
                now: now)
        }
        var services: [any Service] = []
        if let exporter { services.append(exporter) }
        if let (host, port) = settings.observation.statusAddress {
            services.append(
                HTTPServer(host: host, port: port, services: [], root: root([]), logger: logger) { port in
                    logger.notice("status pages are ready", metadata: ["url": "http://\(host):\(port)"])
                })
        }
        if location.isShared { services.append(AnnouncementRelay(database: database, board: board)) }
        if settings.serverRoles.contains(.housekeeping), !settings.serverRoles.contains(.worker) {
            services.append(
                Housekeeper(
                    database: database, network: network, drivers: DriverRegistry([]),
                    eventLifetime: Double(settings.eventDays) * 86_400,
                    expiredSecretLifetime: Double(settings.expiredSecretDays) * 86_400, observation: control,
                    logger: logger, now: now))
        }
        if settings.serverRoles.contains(.healthManager), workerState == nil {
            services.append(healthManager(.stored(StoredObservations(database: database, now: now))))
        }
        if let workerState {
            let observed = [agent as (any ProviderDriver)?, kernel].compactMap { $0 }
            if !location.isShared {
                // One process, so whoever held work before is gone.
                try await database.write { try WorkStore($0).releaseAllLeases() }
            }
            services.append(
                Worker(
                    database: database, shared: opened as? PostgreSQLDatabase, agent: agent, kernel: kernel,
                    reconciler: Reconciler(
                        database: database, network: network, drivers: drivers, board: board,
                        certificates: certificates,
                        holder: agent == nil ? ResourceID.random().string : try directory.nodeName(),
                        observation: control, logger: logger, now: now),
                    observers: observed.map { driver -> any Service in
                        if settings.serverRoles.contains(.healthManager) {
                            return healthManager(.driver(driver, others: observed.filter { $0.name != driver.name }))
                        }
                        // In case that there is no health manager.
                        let stored = StoredObservations(database: database, age: 5, now: now)
                        return ObservationForwarder(
                            database: database, driver: driver, fallback: healthManager(.stored(stored)),
                            observation: control, logger: logger, now: now)
                    },
                    housekeeper: Housekeeper(
                        database: database, network: network, drivers: drivers,
                        eventLifetime: Double(settings.eventDays) * 86_400,
                        expiredSecretLifetime: Double(settings.expiredSecretDays) * 86_400, guardRail: removalGuardRail,
                        observation: control, logger: logger, now: now),
                    state: workerState, logger: logger))
        }
        if settings.serverRoles.contains(.api), let keyManager {
            services.append(
                try await whileDatabaseReturns(logger) {
                    try await makeAPI(
                        database, network, drivers, board, directory, keyManager, certificates, observation, control,
                        root, logger, now)
                })
        } else {
            services.append(ReadyNotice())
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger))
        let failure: (any Error)?
        do {
            try await group.run()
            failure = nil
        } catch {
            failure = error
        }
        await agent?.shutdown(stopDataPlane: settings.isEphemeral)
        await kernel?.shutdown(stopDataPlane: settings.isEphemeral)
        try? await database.close()
        if let failure {
            if let problem = failure as? StartProblem { throw problem }
            throw StartProblem("cannot serve on \(settings.host):\(settings.port): \(failure)")
        }
        logger.info("stopped", metadata: ["data_plane": settings.isEphemeral ? "stopped" : "goes on"])
    }

    /// The role `api`: the first start makes users and networks.
    private func makeAPI(
        _ database: any Database, _ network: EmbeddedNetwork, _ drivers: DriverRegistry, _ board: SettleBoard,
        _ directory: DataDirectory, _ keyManager: EmbeddedKeyManager, _ certificates: any CertificateStore,
        _ observation: ServerObservation, _ control: ControlPlaneObservation,
        _ root: (_ prefixes: [String]) -> RootService, _ logger: Logger, _ now: @escaping @Sendable () -> Timestamp
    ) async throws -> HTTPServer {
        let identity = EmbeddedIdentity(
            database: database, options: .init(tokenLifetime: Double(settings.tokenLifetime)))
        let outcome = try await identity.bootstrap(
            adminPassword: settings.adminPassword, demoPassword: settings.demoPassword)
        if let project = outcome.adminProjectID { try await makeDefaultNetworks(network, project) }
        let files = ClientFiles(directory: directory, region: settings.region)
        let passwords = try files.remember(["admin": outcome.adminPassword, "demo": outcome.demoPassword])
        let service = LoadBalancingService(
            database: database, network: network, drivers: drivers, settings: settings.loadBalancing, board: board,
            certificates: certificates, observation: control, now: now)
        let apis: [any APIService] = [
            IdentityService(identity: identity, catalog: .init(region: settings.region, hasKeyManager: true)),
            FloatingIPObserver(
                inner: NetworkService(network: network, tokens: identity), network: network, loadBalancing: service),
            KeyManagerService(manager: keyManager, tokens: identity),
            LoadBalancerAPI(service: service, validator: identity),
        ]
        return HTTPServer(
            host: settings.host, port: settings.port, services: apis,
            root: root(apis.map(\.prefix)), limits: settings.observation.limits, observation: observation.http,
            logger: logger
        ) { port in
            await announce(port: port, files: files, passwords: passwords, directory: directory, logger)
        }
    }

    private func makeLogger() -> Logger {
        var logger = Logger(label: "ottava")
        logger.logLevel = settings.logLevel
        return logger
    }

    private var bridge: BridgeSettings? {
        if case .bridge(let bridge) = settings.network { bridge } else { nil }
    }

    private func makeDefaultNetworks(_ network: EmbeddedNetwork, _ project: String) async throws {
        do {
            try await network.bootstrap(projectID: project, defaults: settings.network.defaultNetworks)
        } catch let fault as NetworkFault {
            throw StartProblem(
                "the default networks cannot be changed to fit the setting 'network' and its subnets while load balancers "
                    + "use them: \(fault)")
        }
    }

    private func makeAgent(_ directory: DataDirectory, _ logger: Logger) throws -> AmphoraAgent {
        do {
            return try AmphoraAgent(
                configuration: .init(
                    dataDirectory: directory.file("amphora"), haproxyPath: settings.haproxyPath,
                    verifyInterval: .seconds(settings.verifySeconds),
                    threadCount: settings.haproxyThreads, accessLog: settings.accessLog, bridge: bridge,
                    nftPath: settings.nftPath, packetForwarding: settings.packetForwarding, logger: logger))
        } catch {
            throw StartProblem("\(error)")
        }
    }

    private func start(_ agent: AmphoraAgent) async throws(StartProblem) {
        do {
            try await agent.start()
        } catch {
            throw StartProblem(error.detail.isEmpty ? error.reason : "\(error.reason) (\(error.detail))")
        }
    }

    /// The kernel provider, where the node lets it work and is not told to leave nftables alone.
    private func makeKernelDriver(_ directory: DataDirectory, _ logger: Logger) async throws -> KernelDriver? {
        guard settings.packetForwarding != .userspace, await KernelDriver.isPossible(nftPath: settings.nftPath) else {
            logger.info("no kernel provider: it needs nft and root or CAP_NET_ADMIN")
            return nil
        }
        do {
            return try KernelDriver(
                configuration: .init(
                    dataDirectory: directory.file("kernel"), nftPath: settings.nftPath,
                    verifyInterval: .seconds(settings.verifySeconds),
                    keepsClientAddress: settings.kernelKeepsClientAddress, logger: logger))
        } catch {
            throw StartProblem("\(error)")
        }
    }

    /// The key manager, whose keys lie beside the database and never in it.
    private func makeKeyManager(
        _ database: any Database, _ directory: DataDirectory
    ) async throws -> EmbeddedKeyManager {
        do {
            let keys = try settings.isEphemeral ? .ephemeral() : KeyRing(path: directory.file("key-manager.key"))
            let keyManager = EmbeddedKeyManager(database: database, keys: keys)
            try await keyManager.verifyKeys()
            return keyManager
        } catch let fault as DatabaseFault {
            // Not the keys' fault, and perhaps over soon.
            throw fault
        } catch {
            throw StartProblem("cannot use the keys of the key manager: \(error)")
        }
    }

    /// The agent under its two names, or drivers that do nothing.
    private func makeDrivers(_ agent: AmphoraAgent?, _ kernel: KernelDriver?) -> DriverRegistry {
        if let agent {
            return DriverRegistry([agent] + (kernel.map { [$0] } ?? []), aliases: ["octavia": "amphora"])
        }
        return DriverRegistry(
            (settings.noOpProviders ?? []).map { NoOpDriver(name: $0.name, description: $0.description) })
    }

    /// Opens the database and brings its schema up to date.
    private func openDatabase(_ location: DatabaseLocation, _ logger: Logger) async throws -> any Database {
        do {
            let database = try location.open()
            try await whileDatabaseReturns(logger) { try await database.migrate(DatabaseLocation.migrations) }
            return database
        } catch {
            throw StartProblem("cannot open the database: \(error)")
        }
    }

    /// Does a step of the start, which may be repeated. A database that is away is waited for, for a while: after a start
    /// of the machine it may be slower than this process.
    private func whileDatabaseReturns<Result>(
        _ logger: Logger, _ body: () async throws -> Result
    ) async throws -> Result {
        let end = ContinuousClock.now + .seconds(30)
        while true {
            do {
                return try await body()
            } catch let fault as DatabaseFault {
                switch fault {
                case .unavailable(let reason), .uncertain(let reason):
                    guard ContinuousClock.now < end else { throw StartProblem("the database is away: \(reason)") }
                    logger.warning("waiting for the database", metadata: ["reason": "\(reason)"])
                    try await Task.sleep(for: .milliseconds(500))
                case .duplicate, .reference, .engine: throw StartProblem("cannot use the database: \(fault)")
                }
            }
        }
    }

    private func announce(
        port: Int, files: ClientFiles, passwords: [String: String], directory: DataDirectory, _ logger: Logger
    ) async {
        // Clients on this machine reach a server that listens everywhere by loopback.
        let host = ["0.0.0.0", "::"].contains(settings.host) ? "127.0.0.1" : settings.host
        let url = "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        do {
            try files.write(baseURL: url, passwords: passwords)
        } catch {
            logger.error("cannot write the files for clients", metadata: ["error": "\(error)"])
        }
        StandardStreams.output("ottava: ready on \(url)\n")
        logger.notice("ready", metadata: ["url": "\(url)", "data": "\(directory.path)"])
    }
}
