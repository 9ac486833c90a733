// What `ottava-kubernetes` can be told, and by whom.

internal import Configuration
internal import Foundation
internal import KubernetesClient
internal import KubernetesControllers
internal import Logging
internal import OctaviaClient
internal import SystemPackage

/// The settings of the controllers' process, checked.
struct ControllerSettings: Sendable {
    /// What the command line says; absent values are looked for in the environment, then in the file.
    struct Options: Sendable {
        var kubeconfig: String?
        var context: String?
        var cloud: String?
        var cloudConfig: String?
        var clusterName: String?
        var controllers: String?
        var members: String?
        var subnetID: String?
        var floatingNetworkID: String?
        var listen: String?
        var logLevel: String?
        var leaderElect: String?
    }

    /// A setting that cannot be used.
    struct Problem: Error, CustomStringConvertible {
        var key: String
        var value: String
        var allowed: String

        var description: String { "\(key): '\(value)' cannot be used; allowed is \(allowed)" }
    }

    /// The parts of the program.
    enum Controller: String, Sendable, CaseIterable {
        case service, ingress
    }

    var cluster: ClusterConfiguration
    var cloud: CloudConfiguration
    var controllers: Set<Controller>
    var loadBalancers: LoadBalancerSettings
    var ingress: IngressSettings
    var options: ServiceController.Options
    /// Absent: the UID of the namespace `kube-system`.
    var clusterID: String?
    /// Absent: no election, this process always works.
    var lease: ObjectKey?
    var election: LeaderElector.Settings
    var identity: String
    /// Where health and metrics are served; absent is nowhere.
    var listen: (host: String, port: Int)?
    var logLevel: Logger.Level
    /// What to say in the log at the start.
    var remarks: [String] = []

    static func load(
        configurationFile: String?, options: Options,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws -> ControllerSettings {
        let variables = EnvironmentVariablesProvider(environmentVariables: environment)
        var providers: [any ConfigProvider] = [variables.prefixKeys(with: "ottava.kubernetes")]
        if let configurationFile {
            do {
                providers.append(try await FileProvider<YAMLSnapshot>(filePath: FilePath(configurationFile)))
            } catch {
                throw Problem(key: "config", value: configurationFile, allowed: "a readable YAML file (\(error))")
            }
        }
        let reader = SettingsReader(reader: ConfigReader(providers: providers))

        let levelText = reader.text("logLevel", options.logLevel) ?? "info"
        guard let level = Logger.Level(rawValue: levelText) else {
            throw Problem(
                key: "logLevel", value: levelText,
                allowed: Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))
        }
        var controllers: Set<Controller> = []
        for word in reader.words("controllers", options.controllers) ?? Controller.allCases.map(\.rawValue) {
            guard let controller = Controller(rawValue: word) else {
                throw Problem(key: "controllers", value: word, allowed: "service and ingress, with a comma between")
            }
            controllers.insert(controller)
        }
        var remarks: [String] = []
        let (cloud, loadBalancers) = try Self.cloud(reader, options, environment, &remarks)
        var cluster = try ClusterConfiguration.load(
            kubeconfig: reader.text("kubeconfig", options.kubeconfig),
            context: reader.text("context", options.context), environment: environment)
        cluster.rateLimit = RateLimit(
            perSecond: Double(try reader.number("requestsPerSecond", in: 1...100_000) ?? 100),
            burst: try reader.number("requestsBurst", in: 1...100_000) ?? 200)

        let elects = try reader.flag("leaderElect", options.leaderElect) ?? true
        let namespace =
            reader.text("leaseNamespace")
            ?? (cluster.namespace == "default" ? "kube-system" : cluster.namespace)
        let lease = ObjectKey(namespace: namespace, name: reader.text("leaseName") ?? "ottava-kubernetes")
        let identity = "\(ProcessInfo.processInfo.hostName)_\(UUID().uuidString.lowercased())"
        return ControllerSettings(
            cluster: cluster, cloud: cloud, controllers: controllers, loadBalancers: loadBalancers,
            ingress: try ingress(reader), options: try controllerOptions(reader), clusterID: reader.text("clusterId"),
            lease: elects ? lease : nil, election: try election(reader), identity: identity,
            listen: try listen(reader, options), logLevel: level, remarks: remarks)
    }

    private static func cloud(
        _ reader: SettingsReader, _ options: Options, _ environment: [String: String], _ remarks: inout [String]
    ) throws -> (CloudConfiguration, LoadBalancerSettings) {
        var settings = LoadBalancerSettings()
        var cloud: CloudConfiguration?
        if let file = reader.text("cloudConfig", options.cloudConfig) {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw Problem(key: "cloudConfig", value: file, allowed: "a readable file")
            }
            let provider = try ProviderConfiguration(
                String(decoding: data, as: UTF8.self), file: file, settings: settings, environment: environment)
            settings = provider.loadBalancers
            cloud = provider.cloud
            remarks += provider.ignored.map { "\(file): \($0)" }
        }
        if let name = reader.text("cloud", options.cloud) {
            cloud = try CloudConfiguration.load(cloud: name, environment: environment)
        }
        let found = try cloud ?? CloudConfiguration.load(environment: environment)

        settings.clusterName = reader.text("clusterName", options.clusterName) ?? settings.clusterName
        if let kind = reader.text("members", options.members) {
            guard let memberKind = LoadBalancerSettings.MemberKind(rawValue: kind) else {
                throw Problem(
                    key: "members", value: kind,
                    allowed: LoadBalancerSettings.MemberKind.allCases.map(\.rawValue).joined(separator: " or "))
            }
            settings.memberKind = memberKind
        }
        func id(_ key: String, _ option: String?) throws -> ResourceID? {
            guard let text = reader.text(key, option) else { return nil }
            guard let id = ResourceID(text) else { throw Problem(key: key, value: text, allowed: "a UUID") }
            return id
        }
        settings.addresses.subnetID = try id("subnetId", options.subnetID) ?? settings.addresses.subnetID
        settings.addresses.memberSubnetID = try id("memberSubnetId", nil) ?? settings.addresses.memberSubnetID
        settings.addresses.floatingNetworkID =
            try id("floatingNetworkId", options.floatingNetworkID) ?? settings.addresses.floatingNetworkID
        if let isInternal = try reader.flag("internal") { settings.isInternal = isInternal }
        if let creates = try reader.flag("createMonitor") { settings.createsHealthMonitors = creates }
        if let classes = reader.words("loadBalancerClasses") { settings.loadBalancerClasses = Set(classes) }
        if let serves = try reader.flag("servesServicesWithoutClass") { settings.servesServicesWithoutClass = serves }
        return (found, settings)
    }

    private static func ingress(_ reader: SettingsReader) throws -> IngressSettings {
        var ingress = IngressSettings()
        if let classes = reader.words("ingressClasses") { ingress.classes = Set(classes) }
        if let name = reader.text("ingressController") { ingress.controllerName = name }
        if let port = try reader.number("ingressHttpPort", in: 1...65535) { ingress.httpPort = port }
        if let port = try reader.number("ingressHttpsPort", in: 1...65535) { ingress.httpsPort = port }
        if let redirects = try reader.flag("redirectToHttps") { ingress.redirectsToHTTPS = redirects }
        return ingress
    }

    private static func controllerOptions(_ reader: SettingsReader) throws -> ServiceController.Options {
        var options = ServiceController.Options()
        if let workers = try reader.number("workers", in: 1...1000) { options.workers = workers }
        if let interval = try reader.duration("driftInterval", from: .seconds(1)) { options.driftInterval = interval }
        if let interval = try reader.duration("orphanInterval", from: .seconds(1)) {
            options.orphanInterval = interval
        }
        return options
    }

    private static func election(_ reader: SettingsReader) throws -> LeaderElector.Settings {
        var election = LeaderElector.Settings()
        if let duration = try reader.duration("leaseDuration", from: .seconds(1)) { election.leaseDuration = duration }
        if let deadline = try reader.duration("renewDeadline", from: .milliseconds(500)) {
            election.renewDeadline = deadline
        }
        if let period = try reader.duration("retryPeriod", from: .milliseconds(100)) { election.retryPeriod = period }
        guard election.retryPeriod < election.renewDeadline, election.renewDeadline < election.leaseDuration else {
            throw Problem(
                key: "leaseDuration", value: "\(election.leaseDuration)",
                allowed: "a duration above renewDeadline, which is above retryPeriod")
        }
        return election
    }

    private static func listen(_ reader: SettingsReader, _ options: Options) throws -> (host: String, port: Int)? {
        let text = reader.text("listen", options.listen) ?? "0.0.0.0:9877"
        if text == "off" { return nil }
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port)
        else { throw Problem(key: "listen", value: text, allowed: "HOST:PORT with a port from 0 to 65535, or off") }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        return (host.isEmpty ? "0.0.0.0" : String(host), port)
    }
}

/// Typed values of keys, from the environment and the file.
private struct SettingsReader {
    let reader: ConfigReader

    /// Empty is absent.
    func text(_ key: String, _ option: String? = nil) -> String? {
        let name = ConfigKey(key)
        let value =
            option ?? reader.string(forKey: name) ?? reader.int(forKey: name).map { "\($0)" }
            ?? reader.bool(forKey: name).map { "\($0)" }
        return value.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Words with commas between them, or a list in the file.
    func words(_ key: String, _ option: String? = nil) -> [String]? {
        if option == nil, let list = reader.stringArray(forKey: ConfigKey(key)), list.count > 1 { return list }
        guard let text = text(key, option) ?? reader.stringArray(forKey: ConfigKey(key))?.first else { return nil }
        return text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    func number(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = text(key) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw ControllerSettings.Problem(
                key: key, value: text, allowed: "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func flag(_ key: String, _ option: String? = nil) throws -> Bool? {
        guard let text = text(key, option) else { return nil }
        guard let flag = Bool(text) else {
            throw ControllerSettings.Problem(key: key, value: text, allowed: "true or false")
        }
        return flag
    }

    func duration(_ key: String, from least: Duration) throws -> Duration? {
        guard let text = text(key) else { return nil }
        guard let duration = DurationText.read(text) ?? Int(text).map({ .seconds($0) }), duration >= least,
            duration <= .seconds(86_400)
        else {
            throw ControllerSettings.Problem(
                key: key, value: text, allowed: "a duration such as 90s or 10m, from \(least) to a day")
        }
        return duration
    }
}
