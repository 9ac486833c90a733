// The use cases of the load-balancer API, and what they stand on.

public import LoadBalancing
public import Networking
public import OctaviaWire
public import Persistence
public import ProviderDrivers

/// How the use cases behave where deployments differ.
public struct LoadBalancingSettings: Sendable, Hashable {
    /// How long an answer may wait for the work that the request caused.
    public var settleWait: Duration
    /// True refuses changes with 409 while earlier ones are under way, as the original does; false queues them.
    public var isStrictlyImmutable: Bool
    /// The provider of load balancers whose creator names none.
    public var defaultProvider: String
    public var access: AccessPolicy
    /// The quotas of projects that have none of their own; -1 is no limit, as for kinds that are not mentioned.
    public var defaultQuotas: [ResourceKind: Int]
    /// False takes every network, subnet, port, policy and security group as given and makes addresses up.
    public var checksNetwork: Bool
    /// Where the control plane reaches the node that serves the load balancers.
    public var managementAddress: String
    public var tls: TLSSettings
    public var vipNetworks: VIPNetworkSettings

    public init(
        settleWait: Duration = .seconds(1), isStrictlyImmutable: Bool = false,
        defaultProvider: String = "amphora", access: AccessPolicy = AccessPolicy(),
        defaultQuotas: [ResourceKind: Int] = [:], checksNetwork: Bool = true, managementAddress: String = "127.0.0.1",
        tls: TLSSettings = TLSSettings(), vipNetworks: VIPNetworkSettings = VIPNetworkSettings()
    ) {
        self.settleWait = settleWait
        self.isStrictlyImmutable = isStrictlyImmutable
        self.defaultProvider = defaultProvider
        self.access = access
        self.defaultQuotas = defaultQuotas
        self.checksNetwork = checksNetwork
        self.managementAddress = managementAddress
        self.tls = tls
        self.vipNetworks = vipNetworks
    }
}

/// The use cases of the load-balancer API.
///
/// Each call checks the caller's rights, validates, and changes the tree and the table of work in one transaction; the
/// data plane follows by the reconciler. All calls throw ``OctaviaFault`` for what is wrong with the request.
public struct LoadBalancingService: Sendable {
    let database: any Database
    let network: any NetworkProvider
    let drivers: DriverRegistry
    let settings: LoadBalancingSettings
    let board: SettleBoard
    let certificates: any CertificateStore
    let observation: ControlPlaneObservation
    let idempotentRequests = IdempotentRequests()
    let now: @Sendable () -> Timestamp

    public init(
        database: any Database, network: any NetworkProvider, drivers: DriverRegistry,
        settings: LoadBalancingSettings, board: SettleBoard, certificates: any CertificateStore = NoCertificates(),
        observation: ControlPlaneObservation = ControlPlaneObservation(),
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.database = database
        self.network = network
        self.drivers = drivers
        self.settings = settings
        self.board = board
        self.certificates = certificates
        self.observation = observation
        self.now = now
    }

    /// The providers that load balancers can have, by name.
    public func providers(_ caller: Caller) throws(OctaviaFault) -> [(name: String, description: String)] {
        try settings.access.require(caller, .providerList, projectID: caller.projectID)
        return drivers.all
    }
}

/// The provider drivers by the names that clients use.
public struct DriverRegistry: Sendable {
    private let drivers: [String: any ProviderDriver]

    /// Drivers under their own names, and further names for some of them.
    public init(_ drivers: [any ProviderDriver], aliases: [String: String] = [:]) {
        var byName = Dictionary(drivers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for (alias, name) in aliases { byName[alias] = byName[name] }
        self.drivers = byName
    }

    /// The driver with that name.
    public subscript(name: String) -> (any ProviderDriver)? { drivers[name] }

    /// What the provider of a load balancer can do.
    func features(of provider: String) -> ProviderFeatures { drivers[provider]?.features ?? .amphora }

    /// Names and descriptions, by name.
    var all: [(name: String, description: String)] {
        drivers.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) }
    }

    /// Each driver once.
    var distinct: [any ProviderDriver] {
        drivers.filter { $0.key == $0.value.name }.sorted { $0.key < $1.key }.map(\.value)
    }
}
