// A cloud: the entrance of the library.

internal import JSON
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

    /// What the cloud was opened with.
    public var configuration: CloudConfiguration { core.configuration }

    /// A cloud whose connections close when the last copy of the value goes, or by ``shutdown()``.
    ///
    /// - Parameters:
    ///   - configuration: Where the cloud is, and who logs in.
    ///   - tokens: Where tokens of earlier programs are; absent logs in anew.
    ///   - logger: Gets a line for each answer at level debug, headers and bodies without secrets at level trace.
    /// - Throws: ``CloudError/Code/invalidConfiguration``, such as for a certificate that cannot be read.
    public init(
        _ configuration: CloudConfiguration, tokens: (any TokenCache)? = nil,
        logger: Logger = Logger(label: "OctaviaClient") { _ in SwiftLogNoOpLogHandler() }
    ) throws(CloudError) {
        let log = RequestLog(logger)
        let transport = try HTTPTransport(tls: configuration.tls, timeout: configuration.timeout, log: log)
        core = CloudCore(
            configuration: configuration, transport: transport,
            keeper: TokenKeeper(
                keystone: Keystone(transport: transport, configuration: configuration), cache: tokens, log: log),
            log: log)
    }

    /// Runs something with a cloud, and closes its connections at the end.
    public static func with<Result>(
        _ configuration: CloudConfiguration, tokens: (any TokenCache)? = nil,
        logger: Logger = Logger(label: "OctaviaClient") { _ in SwiftLogNoOpLogHandler() },
        _ body: (Cloud) async throws -> Result
    ) async throws -> Result {
        let cloud = try Cloud(configuration, tokens: tokens, logger: logger)
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

    /// The id of the project with a name or an id.
    ///
    /// Only operators may look projects up: what nothing is found for, or may not be looked for, is taken for an id.
    ///
    /// - Throws: ``CloudError/Code/ambiguous`` when projects of several domains have the name.
    public func projectID(_ nameOrID: String) async throws -> String {
        if nameOrID.count == 32, nameOrID.allSatisfy(\.isHexDigit) { return nameOrID }
        if let own = try await token().project, own.name == nameOrID { return own.id }
        do {
            let identity = ServiceClient(core: core, type: .identity)
            let document = try await identity.sendForDocument("GET", "projects", query: [("name", nameOrID)])
            let found = document["projects"]?.array?.compactMap { $0["id"]?.string } ?? []
            if found.count > 1 {
                throw CloudError(
                    .ambiguous,
                    "\(found.count) projects are called '\(nameOrID)'; give an id: \(found.joined(separator: ", "))")
            }
            return found.first ?? nameOrID
        } catch let error as CloudError where [.forbidden, .noEndpoint, .notFound].contains(error.code) {
            return nameOrID
        }
    }

    /// Ends the token. The next call logs in anew.
    public func logOut() async throws { try await core.keeper.logOut() }

    // MARK: Load balancing

    private var loadBalancing: ServiceClient { ServiceClient(core: core, type: .loadBalancer) }

    private func collection<Resource>(_ path: String) -> ResourceCollection<Resource> {
        ResourceCollection(service: loadBalancing, path: path)
    }

    /// Load balancers.
    public var loadBalancers: ResourceCollection<LoadBalancer> { collection("lbaas/loadbalancers") }
    /// Listeners, of all load balancers.
    public var listeners: ResourceCollection<Listener> { collection("lbaas/listeners") }
    /// Pools, of all load balancers.
    public var pools: ResourceCollection<Pool> { collection("lbaas/pools") }
    /// Health monitors, of all pools.
    public var healthMonitors: ResourceCollection<HealthMonitor> { collection("lbaas/healthmonitors") }
    /// L7 policies, of all listeners.
    public var l7Policies: ResourceCollection<L7Policy> { collection("lbaas/l7policies") }
    /// How many objects projects may have.
    public var quotas: ResourceCollection<Quota> { collection("lbaas/quotas") }
    /// Flavors, which users choose from.
    public var flavors: ResourceCollection<Flavor> { collection("lbaas/flavors") }
    /// What flavors tell a provider; for operators.
    public var flavorProfiles: ResourceCollection<FlavorProfile> { collection("lbaas/flavorprofiles") }
    /// Availability zones, which users choose from.
    public var availabilityZones: ResourceCollection<AvailabilityZone> { collection("lbaas/availabilityzones") }
    /// What availability zones tell a provider; for operators.
    public var availabilityZoneProfiles: ResourceCollection<AvailabilityZoneProfile> {
        collection("lbaas/availabilityzoneprofiles")
    }
    /// What can serve load balancers.
    public var providers: ResourceCollection<Provider> { collection("lbaas/providers") }
    /// What serves load balancers; for operators.
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

    /// The parts of the network API that load balancing needs.
    public var network: NetworkService { NetworkService(service: ServiceClient(core: core, type: .network)) }
    /// The parts of the key manager API that load balancing needs.
    public var keyManager: KeyManagerService {
        KeyManagerService(service: ServiceClient(core: core, type: .keyManager))
    }
}

/// A version of the load balancing API, such as 2.26.
public struct APIVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The number before the point.
    public var major: Int
    /// The number after the point.
    public var minor: Int

    /// Makes one; parameters that are not given have their usual values.
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
