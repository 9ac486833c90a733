// What `ottava serve` can be told, and by whom.

internal import AmphoraAgent
internal import Configuration
internal import ControlPlane
internal import LoadBalancing
internal import Logging
internal import PacketForwarding
internal import SystemPackage

/// The settings of a server, checked.
struct ServerSettings: Sendable {
    /// What the command line says; absent values are looked for in the environment, then in the file.
    struct Options: Sendable {
        var dataDirectory: String?
        var listen: String?
        var database: String?
        var logLevel: String?
        var isEphemeral: Bool
        var isNoOp = false
        var providers: [String] = []
        var network: String?
        var roles: [String] = []
        var logFormat: String?
        var statusListen: String?
    }

    /// A setting that cannot be used.
    struct Problem: Error, CustomStringConvertible {
        var key: String
        var value: String
        var allowed: String

        var description: String { "\(key): '\(value)' cannot be used; allowed is \(allowed)" }
    }

    /// An absolute path, or absent when a temporary directory is to be made.
    var dataDirectory: String?
    var host: String
    var port: Int
    /// Absent is the SQLite file `ottava.db` in the data directory.
    var database: DatabaseLocation?
    /// What this process does.
    var serverRoles: Set<ServerRole>
    var logLevel: Logger.Level
    var observation: ObservationSettings
    var isEphemeral: Bool
    var region: String
    var adminPassword: String?
    var demoPassword: String?
    /// The data plane that does nothing, under these names; absent is the real one.
    var noOpProviders: [NoOpProvider]?
    /// The haproxy program.
    var haproxyPath: String
    var haproxyThreads: Int
    /// Where requests to load balancers are logged; absent is nowhere.
    var accessLog: AccessLogTarget?
    /// How addresses become real.
    var network: NetworkMode
    /// The nft program.
    var nftPath: String
    /// How datagrams are forwarded; absent takes nftables where they can be used.
    var packetForwarding: PacketForwardingMethod?
    /// Whether members of the kernel provider see the addresses of clients.
    var kernelKeepsClientAddress: Bool
    var loadBalancing: LoadBalancingSettings
    /// Seconds for which a token is valid.
    var tokenLifetime: Int
    /// How often what runs is compared with what should, in seconds.
    var verifySeconds: Int
    /// How long timelines of load balancers are kept, in days.
    var eventDays: Int
    /// How long expired secrets of the key manager are kept, in days.
    var expiredSecretDays: Int
    /// When so many load balancers fail or go at a time that it is taken for a mistake.
    var guardRail: GuardRailSettings

    static func load(configurationFile: String?, options: Options) async throws -> ServerSettings {
        var providers: [any ConfigProvider] = [EnvironmentVariablesProvider().prefixKeys(with: "ottava")]
        if let configurationFile {
            do {
                providers.append(try await FileProvider<YAMLSnapshot>(filePath: FilePath(configurationFile)))
            } catch {
                throw Problem(key: "config", value: configurationFile, allowed: "a readable YAML file (\(error))")
            }
        }
        let reader = ConfigReader(providers: providers)
        func text(_ key: String, _ option: String? = nil) -> String? {
            option ?? reader.string(forKey: ConfigKey(key))
        }
        func number(_ key: String, default fallback: Int, in range: ClosedRange<Int>) throws -> Int {
            guard
                let value = reader.string(forKey: ConfigKey(key)) ?? reader.int(forKey: ConfigKey(key)).map(String.init)
            else { return fallback }
            guard let number = Int(value), range.contains(number) else {
                throw Problem(
                    key: key, value: value, allowed: "a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }

        let listen = text("listen", options.listen) ?? "127.0.0.1:9876"
        guard let (host, port) = hostAndPort(listen) else {
            throw Problem(key: "listen", value: listen, allowed: "HOST:PORT with a port from 0 to 65535")
        }
        let levelText = text("logLevel", options.logLevel) ?? "info"
        guard let level = Logger.Level(rawValue: levelText) else {
            throw Problem(
                key: "logLevel", value: levelText,
                allowed: Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))
        }
        var database: DatabaseLocation?
        if let url = text("database", options.database) {
            database = DatabaseLocation(url)
            guard database != nil else {
                throw Problem(key: "database", value: url, allowed: DatabaseLocation.allowed)
            }
        }
        let roleNames =
            options.roles.isEmpty ? text("serverRoles")?.split(separator: ",").map(String.init) ?? [] : options.roles
        let serverRoles = try ServerRole.list(roleNames)
        guard database?.isShared ?? false || serverRoles.count == ServerRole.allCases.count else {
            throw Problem(
                key: "role", value: roleNames.joined(separator: ","),
                allowed: "all roles, unless the database is PostgreSQL")
        }
        let rolesText = text("roles") ?? AccessPolicy.Roles.keystoneDefault.rawValue
        guard let roles = AccessPolicy.Roles(rawValue: rolesText) else {
            throw Problem(key: "roles", value: rolesText, allowed: "keystone_default_roles or advanced")
        }
        func flag(_ key: String) throws -> Bool {
            let word = text(key) ?? "false"
            guard let value = Bool(word) else { throw Problem(key: key, value: word, allowed: "true or false") }
            return value
        }
        let isStrict = try flag("strictImmutability")
        let forwardingText = text("packetForwarding") ?? "auto"
        let packetForwarding = PacketForwardingMethod(rawValue: forwardingText)
        guard packetForwarding != nil || forwardingText == "auto" else {
            throw Problem(
                key: "packetForwarding", value: forwardingText, allowed: "auto, nftables or userspace")
        }
        let isNoOp = options.isNoOp ? true : try flag("noOp")
        var noOpProviders: [NoOpProvider]?
        if isNoOp {
            noOpProviders = try NoOpProvider.list(options.providers, setting: text("providers"))
        } else if !options.providers.isEmpty {
            throw Problem(key: "provider", value: options.providers[0], allowed: "together with --no-op")
        }
        let access = try PolicySettings.access(roles: roles, file: text("policyFile"))
        var quotas: [ResourceKind: Int] = [:]
        for (kind, key) in QuotaSettings.keys { quotas[kind] = try number(key, default: -1, in: -1...2_000_000_000) }
        func words(_ key: String, separator: Character) -> [String] {
            (text(key) ?? "").split(separator: separator).map { $0.trimmingSpaces() }
        }
        let tls = try DeploymentRules.tls(
            prohibitedCiphers: words("tlsCipherProhibitList", separator: ":"), lowest: text("minimumTlsVersion"))
        let vipNetworks = try VIPNetworkSettings(
            allowed: DeploymentRules.networks("validVipNetworks", words("validVipNetworks", separator: ",")),
            denied: DeploymentRules.networks("denylistVipNetworks", words("denylistVipNetworks", separator: ",")))
        var accessLog: AccessLogTarget?
        if let word = text("accessLog"), !word.isEmpty {
            accessLog = AccessLogTarget(word)
            guard accessLog != nil else {
                throw Problem(key: "accessLog", value: word, allowed: "an absolute path of a file, or ADDRESS:PORT")
            }
        }
        let observation = try ObservationSettings(
            text: { key in
                let key = ConfigKey(key)
                return reader.string(forKey: key) ?? reader.int(forKey: key).map(String.init)
                    ?? reader.bool(forKey: key).map { "\($0)" }
            },
            logFormat: options.logFormat, statusListen: options.statusListen)
        let settle = try number("settleMilliseconds", default: 1000, in: 0...10_000)
        return ServerSettings(
            dataDirectory: options.isEphemeral ? nil : text("dataDir", options.dataDirectory) ?? "ottava-data",
            host: host, port: port, database: database, serverRoles: serverRoles, logLevel: level,
            observation: observation, isEphemeral: options.isEphemeral,
            region: text("region") ?? "RegionOne", adminPassword: text("adminPassword"),
            demoPassword: text("demoPassword"), noOpProviders: noOpProviders,
            haproxyPath: text("haproxy") ?? Programs.find("haproxy"),
            haproxyThreads: try number("haproxyThreads", default: 2, in: 1...64), accessLog: accessLog,
            network: try NetworkSettingsReader(text: { text($0) }).mode(options.network),
            nftPath: text("nft") ?? Programs.find("nft"), packetForwarding: packetForwarding,
            kernelKeepsClientAddress: try flag("kernelKeepsClientAddress"),
            loadBalancing: LoadBalancingSettings(
                settleWait: .milliseconds(settle), isStrictlyImmutable: isStrict,
                defaultProvider: noOpProviders?.first?.name ?? "amphora", access: access, defaultQuotas: quotas,
                checksNetwork: !isNoOp, managementAddress: text("managementAddress") ?? "127.0.0.1",
                tls: tls, vipNetworks: vipNetworks),
            tokenLifetime: try number("tokenLifetime", default: 3600, in: 60...31_536_000),
            verifySeconds: try number("verifySeconds", default: 5, in: 1...3600),
            eventDays: try number("eventDays", default: 30, in: 1...3650),
            expiredSecretDays: try number("expiredSecretDays", default: 90, in: 1...36_500),
            guardRail: GuardRailSettings(
                minimum: try number("guardRailMinimum", default: 5, in: 0...1_000_000),
                share: Double(try number("guardRailPercent", default: 10, in: 0...100)) / 100))
    }

    /// Splits `HOST:PORT`; an IPv6 host stands in brackets.
    static func hostAndPort(_ text: String) -> (String, Int)? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        return host.isEmpty ? nil : (String(host), port)
    }
}
