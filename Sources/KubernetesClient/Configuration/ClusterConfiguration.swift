// Everything that is needed to reach a cluster.

/// Bytes that stand in the configuration, or in a file that is read again when it changes.
public enum ConfigurationData: Sendable, Hashable {
    case inline([UInt8])
    case file(String)
}

/// Where a cluster's API is and how to log in there.
public struct ClusterConfiguration: Sendable, Hashable {
    /// The URL of the API server, such as `https://10.0.0.1:6443`.
    public var server: String
    /// PEM of the authorities to trust; absent: the system's.
    public var authorities: ConfigurationData?
    /// False accepts any certificate. Anybody on the way can then read tokens.
    public var verifiesServer: Bool
    /// The name in the server's certificate, if it is not that of the URL.
    public var serverName: String?
    public var credentials: ClusterCredentials
    /// The namespace of what names none.
    public var namespace: String
    /// How long one request may take, answer included; watches go on.
    public var timeout: Duration
    public var rateLimit: RateLimit

    public init(
        server: String, authorities: ConfigurationData? = nil, verifiesServer: Bool = true, serverName: String? = nil,
        credentials: ClusterCredentials = .none, namespace: String = "default", timeout: Duration = .seconds(30),
        rateLimit: RateLimit = RateLimit()
    ) {
        self.server = server
        self.authorities = authorities
        self.verifiesServer = verifiesServer
        self.serverName = serverName
        self.credentials = credentials
        self.namespace = namespace
        self.timeout = timeout
        self.rateLimit = rateLimit
    }
}

/// Who logs in.
public enum ClusterCredentials: Sendable, Hashable {
    case none
    /// PEM of a certificate with those between it and its authority, and of its key.
    case certificate(ConfigurationData, key: ConfigurationData)
    case token(ClusterToken)
    /// A file with a token that others renew, as in pods. It is read again every minute and after a 401.
    case tokenFile(String)
    case password(user: String, password: ClusterToken)
    case exec(ExecPlugin)
}

/// A secret text, which does not appear in descriptions.
public struct ClusterToken: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    ExpressibleByStringLiteral
{
    public var value: String

    public init(_ value: String) {
        self.value = value
    }

    public init(stringLiteral value: String) {
        self.value = value
    }

    public var description: String { "(hidden)" }
    public var debugDescription: String { description }
}

/// A program that gets credentials (client.authentication.k8s.io, `ExecCredential`).
public struct ExecPlugin: Sendable, Hashable {
    /// In the PATH, or a path.
    public var command: String
    public var arguments: [String]
    /// Added to the environment of this process.
    public var environment: [String: String]
    /// `client.authentication.k8s.io/v1` or `/v1beta1`.
    public var apiVersion: String
    /// Whether the program is told about the cluster.
    public var providesClusterInfo: Bool
    /// What to say when the program is not there.
    public var installHint: String

    public init(
        command: String, arguments: [String] = [], environment: [String: String] = [:],
        apiVersion: String = "client.authentication.k8s.io/v1", providesClusterInfo: Bool = false,
        installHint: String = ""
    ) {
        self.command = command
        self.arguments = arguments
        self.environment = environment
        self.apiVersion = apiVersion
        self.providesClusterInfo = providesClusterInfo
        self.installHint = installHint
    }
}

/// How many requests this client sends at most; more wait for their turn.
public struct RateLimit: Sendable, Hashable {
    /// In the long run.
    public var perSecond: Double
    /// At once, after a pause.
    public var burst: Int

    public init(perSecond: Double = 100, burst: Int = 200) {
        self.perSecond = max(perSecond, 0.01)
        self.burst = max(burst, 1)
    }

    public static let unlimited = RateLimit(perSecond: 1e9, burst: 1_000_000_000)
}
