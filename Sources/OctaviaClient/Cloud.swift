// A cloud: the entrance of the library.

public import LoadBalancing
public import Logging

/// A cloud with its load balancers.
///
/// ```swift
/// try await Cloud.with(.load(cloud: "ottava")) { cloud in
///     for try await loadBalancer in cloud.loadBalancers.list() { print(loadBalancer.name) }
/// }
/// ```
/// Nothing is sent before the first call. One value serves any number of tasks: they share connections and the token,
/// which is renewed when it ends.
public struct Cloud: Sendable {
    let core: CloudCore

    public var configuration: CloudConfiguration { core.configuration }

    /// A cloud whose connections close when the last copy of the value goes, or by ``shutdown()``.
    ///
    /// - Parameter logger: Gets a line for each answer at level debug, headers and bodies without secrets at level trace.
    /// - Throws: ``CloudError/Code/invalidConfiguration``, such as for a certificate that cannot be read.
    public init(
        _ configuration: CloudConfiguration,
        logger: Logger = Logger(label: "OctaviaClient") { _ in SwiftLogNoOpLogHandler() }
    ) throws(CloudError) {
        let log = RequestLog(logger)
        let transport = try HTTPTransport(tls: configuration.tls, timeout: configuration.timeout, log: log)
        core = CloudCore(
            configuration: configuration, transport: transport,
            keeper: TokenKeeper(keystone: Keystone(transport: transport, configuration: configuration), log: log),
            log: log)
    }

    /// Runs something with a cloud, and closes its connections at the end.
    public static func with<Result>(
        _ configuration: CloudConfiguration,
        logger: Logger = Logger(label: "OctaviaClient") { _ in SwiftLogNoOpLogHandler() },
        _ body: (Cloud) async throws -> Result
    ) async throws -> Result {
        let cloud = try Cloud(configuration, logger: logger)
        do {
            let result = try await body(cloud)
            await cloud.shutdown()
            return result
        } catch {
            await cloud.shutdown()
            throw error
        }
    }

    /// Closes all connections. Calls under way fail, later ones too.
    public func shutdown() async { await core.transport.shutdown() }

    // MARK: Identity

    /// The token of all calls; logs in if that has not been done.
    public func token() async throws -> Token { try await core.keeper.token() }

    /// Ends the token. The next call logs in anew.
    public func logOut() async throws { try await core.keeper.logOut() }

    // MARK: Load balancing

    private var loadBalancing: ServiceClient { ServiceClient(core: core, type: .loadBalancer) }

    private func collection<Resource>(_ path: String) -> ResourceCollection<Resource> {
        ResourceCollection(service: loadBalancing, path: path)
    }

    public var loadBalancers: ResourceCollection<LoadBalancer> { collection("lbaas/loadbalancers") }
    public var listeners: ResourceCollection<Listener> { collection("lbaas/listeners") }
    public var pools: ResourceCollection<Pool> { collection("lbaas/pools") }
    public var healthMonitors: ResourceCollection<HealthMonitor> { collection("lbaas/healthmonitors") }
    public var l7Policies: ResourceCollection<L7Policy> { collection("lbaas/l7policies") }
    public var quotas: ResourceCollection<Quota> { collection("lbaas/quotas") }
    public var flavors: ResourceCollection<Flavor> { collection("lbaas/flavors") }
    public var flavorProfiles: ResourceCollection<FlavorProfile> { collection("lbaas/flavorprofiles") }
    public var availabilityZones: ResourceCollection<AvailabilityZone> { collection("lbaas/availabilityzones") }
    public var availabilityZoneProfiles: ResourceCollection<AvailabilityZoneProfile> {
        collection("lbaas/availabilityzoneprofiles")
    }
    public var providers: ResourceCollection<Provider> { collection("lbaas/providers") }
    public var amphorae: ResourceCollection<Amphora> { collection("octavia/amphorae") }

    /// The members of a pool.
    public func members(of pool: ResourceID) -> ResourceCollection<Member> {
        collection("lbaas/pools/\(pool)/members")
    }

    /// The rules of an L7 policy.
    public func l7Rules(of policy: ResourceID) -> ResourceCollection<L7Rule> {
        collection("lbaas/l7policies/\(policy)/rules")
    }

    /// The versions of the load balancing API that the service has, oldest first.
    public func apiVersions() async throws -> [APIVersion] {
        let document = try await loadBalancing.sendForDocument("GET", "", isVersioned: false)
        return try AnswerReader(document, "the list of versions").objects("versions")
            .compactMap { try APIVersion($0.text("id")) }.sorted()
    }

    // MARK: Network and key manager

    public var network: NetworkService { NetworkService(service: ServiceClient(core: core, type: .network)) }
    public var keyManager: KeyManagerService {
        KeyManagerService(service: ServiceClient(core: core, type: .keyManager))
    }
}

/// A version of the load balancing API, such as 2.26.
public struct APIVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    public var major: Int
    public var minor: Int

    public init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Reads `v2.26`; `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.drop { $0 == "v" }.split(separator: ".").map { Int($0) }
        guard (1...2).contains(parts.count), let major = parts[0], let minor = parts.count == 2 ? parts[1] : 0 else {
            return nil
        }
        self.init(major, minor)
    }

    public var description: String { "v\(major).\(minor)" }

    public static func < (left: APIVersion, right: APIVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}
