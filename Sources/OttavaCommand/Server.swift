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
internal import PacketForwarding
internal import Persistence
internal import ProviderDrivers
internal import ServiceLifecycle
internal import UnixSignals

/// One server with all roles.
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

        let agent = settings.noOpProviders == nil ? try await startAgent(directory, logger) : nil
        let kernel = agent == nil ? nil : try await startKernelDriver(directory, logger)
        let database = try await openDatabase(directory)
        let identity = EmbeddedIdentity(
            database: database, options: .init(tokenLifetime: Double(settings.tokenLifetime)))
        let network = EmbeddedNetwork(database: database, reserved: settings.network.reservedRanges)
        let outcome = try await identity.bootstrap(
            adminPassword: settings.adminPassword, demoPassword: settings.demoPassword)
        if let project = outcome.adminProjectID { try await makeDefaultNetworks(network, project) }
        let files = ClientFiles(directory: directory, region: settings.region)
        let passwords = try files.remember(["admin": outcome.adminPassword, "demo": outcome.demoPassword])
        try await database.write { connection in
            // One process, so whoever held work before is gone; and what runs is compared with what should.
            try WorkStore(connection).releaseAllLeases()
            try WorkStore(connection).repeatAll(at: now())
        }

        let keyManager = try await makeKeyManager(database, directory)

        let drivers = makeDrivers(agent, kernel)
        let board = SettleBoard()
        let certificates: any CertificateStore =
            agent == nil ? UncheckedCertificates() : KeyManagerCertificates(keyManager)
        let service = LoadBalancingService(
            database: database, network: network, drivers: drivers, settings: settings.loadBalancing, board: board,
            certificates: certificates, now: now)
        let apis: [any APIService] = [
            IdentityService(identity: identity, catalog: .init(region: settings.region, hasKeyManager: true)),
            FloatingIPObserver(
                inner: NetworkService(network: network, tokens: identity), network: network, loadBalancing: service),
            KeyManagerService(manager: keyManager, tokens: identity),
            LoadBalancerAPI(service: service, validator: identity),
        ]
        let httpServer = HTTPServer(
            host: settings.host, port: settings.port, services: apis,
            root: RootService(prefixes: apis.map(\.prefix)) {
                do {
                    _ = try await database.read { try $0.exists("SELECT 1") }
                    return nil
                } catch {
                    return "The database does not answer."
                }
            }, logger: logger
        ) { port in
            await announce(port: port, files: files, passwords: passwords, directory: directory, logger)
        }
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(
                service: Housekeeper(
                    database: database, network: network, drivers: drivers, logger: logger, now: now)),
            .init(
                service: Reconciler(
                    database: database, network: network, drivers: drivers, board: board, certificates: certificates,
                    logger: logger, now: now)),
            .init(service: httpServer),
        ]
        for driver in [agent as (any ProviderDriver)?, kernel].compactMap({ $0 }) {
            services.insert(
                .init(service: HealthManager(database: database, driver: driver, logger: logger, now: now)), at: 1)
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
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
            throw StartProblem("cannot serve on \(settings.host):\(settings.port): \(failure)")
        }
        logger.info("stopped", metadata: ["data_plane": settings.isEphemeral ? "stopped" : "goes on"])
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
                    threadCount: settings.haproxyThreads, accessLog: settings.accessLog, bridge: bridge,
                    nftPath: settings.nftPath, packetForwarding: settings.packetForwarding, logger: logger))
        } catch {
            throw StartProblem("\(error)")
        }
    }

    private func startAgent(_ directory: DataDirectory, _ logger: Logger) async throws -> AmphoraAgent {
        let agent = try makeAgent(directory, logger)
        do {
            try await agent.start()
        } catch {
            throw StartProblem(error.detail.isEmpty ? error.reason : "\(error.reason) (\(error.detail))")
        }
        return agent
    }

    /// The kernel provider, where the node lets it work and is not told to leave nftables alone.
    private func startKernelDriver(_ directory: DataDirectory, _ logger: Logger) async throws -> KernelDriver? {
        guard settings.packetForwarding != .userspace, await KernelDriver.isPossible(nftPath: settings.nftPath) else {
            logger.info("no kernel provider: it needs nft and root or CAP_NET_ADMIN")
            return nil
        }
        do {
            let driver = try KernelDriver(
                configuration: .init(
                    dataDirectory: directory.file("kernel"), nftPath: settings.nftPath,
                    keepsClientAddress: settings.kernelKeepsClientAddress, logger: logger))
            try await driver.start()
            return driver
        } catch {
            throw StartProblem(error.detail.isEmpty ? error.reason : "\(error.reason) (\(error.detail))")
        }
    }

    /// The key manager, whose keys lie beside the database and never in it.
    private func makeKeyManager(
        _ database: SQLiteDatabase, _ directory: DataDirectory
    ) async throws -> EmbeddedKeyManager {
        do {
            let keys = try settings.isEphemeral ? .ephemeral() : KeyRing(path: directory.file("key-manager.key"))
            let keyManager = EmbeddedKeyManager(database: database, keys: keys)
            try await keyManager.verifyKeys()
            return keyManager
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

    private func openDatabase(_ directory: DataDirectory) async throws -> SQLiteDatabase {
        do {
            let database = try SQLiteDatabase(path: settings.databasePath ?? directory.file("ottava.db"))
            try await database.migrate(
                EmbeddedIdentity.migrations + EmbeddedNetwork.migrations + EmbeddedKeyManager.migrations
                    + LoadBalancingSchema.migrations)
            return database
        } catch {
            throw StartProblem("cannot open the database: \(error)")
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
