// `ottava serve`.

internal import ArgumentParser
internal import Logging
internal import Observability

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the service: API, control plane and data plane in one process.",
        discussion: """
            The first start makes everything that is needed: the database, users admin and demo, a network for \
            addresses of load balancers, and DIR/clouds.yaml and DIR/openrc with which clients find it.

            Settings come from the options here, then from the environment (OTTAVA_LISTEN, OTTAVA_DATA_DIR, …), then \
            from the configuration file. OTTAVA_ADMIN_PASSWORD and OTTAVA_DEMO_PASSWORD set the passwords of the two \
            users; without them the first start makes random ones.
            """)

    @Option(help: ArgumentHelp("The configuration file, in YAML.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Where everything that lasts is kept. Default: ./ottava-data", valueName: "dir"))
    var dataDir: String?

    @Option(help: ArgumentHelp("Where the API listens. Default: 127.0.0.1:9876", valueName: "host:port"))
    var listen: String?

    @Option(
        help: ArgumentHelp(
            "The database: sqlite:FILE or postgresql://USER@HOST/NAME. Default: sqlite:DIR/ottava.db",
            valueName: "url"))
    var database: String?

    @Option(
        help: ArgumentHelp(
            "With PostgreSQL: what this process does, api, worker, health-manager or housekeeping; repeatable. "
                + "Default: everything", valueName: "role"))
    var role: [String] = []

    @Option(
        help: ArgumentHelp("trace, debug, info, notice, warning, error or critical. Default: info", valueName: "level"))
    var logLevel: String?

    @Option(help: ArgumentHelp("text, json or logfmt. Default: text", valueName: "format"))
    var logFormat: String?

    @Option(
        help: ArgumentHelp(
            "Where /healthcheck and /metrics are answered beside the API, or without one.", valueName: "host:port"))
    var statusListen: String?

    @Option(
        help: ArgumentHelp(
            """
            How addresses become real: loopback (127.77.0.0/16, on this machine only) or bridge (a network namespace for \
            each load balancer; needs root). Default: loopback
            """, valueName: "mode"))
    var network: String?

    @Flag(
        help: """
            Move no packets: every change succeeds at once, and networks and secrets that requests name are not \
            looked up. For dry runs and for suites that judge the API.
            """)
    var noOp = false

    @Option(
        help: ArgumentHelp(
            "With --no-op: a provider to offer; repeatable, the first is the default. Default: amphora and octavia",
            valueName: "name[:description]"))
    var provider: [String] = []

    @Flag(help: "Use a temporary directory, and leave no process and no file behind at the end.")
    var ephemeral = false

    func run() async throws {
        let settings: ServerSettings
        do {
            settings = try await ServerSettings.load(
                configurationFile: config,
                options: ServerSettings.Options(
                    dataDirectory: dataDir, listen: listen, database: database, logLevel: logLevel,
                    isEphemeral: ephemeral, isNoOp: noOp, providers: provider, network: network, roles: role,
                    logFormat: logFormat, statusListen: statusListen))
        } catch {
            throw ValidationError("\(error)")
        }
        let format = settings.observation.logFormat
        LoggingSystem.bootstrap({ label, _ in format.handler(label: label) }, metadataProvider: LogContext.provider)
        do {
            try await Server(settings: settings).run()
        } catch let problem as StartProblem {
            StandardStreams.error("ottava: \(problem)\n")
            throw ExitCode(1)
        }
    }
}
