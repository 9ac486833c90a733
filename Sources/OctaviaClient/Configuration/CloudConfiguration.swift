// Everything that is needed to reach a cloud.

internal import FoundationEssentials

/// Where a cloud is and how to log in there.
///
/// Write it down in code, or have it found as the OpenStack clients do, with ``load(cloud:region:environment:workingDirectory:)``.
public struct CloudConfiguration: Sendable, Hashable {
    /// Its name in clouds.yaml.
    public var name: String?
    /// The URL of Keystone, with or without `/v3`.
    public var authURL: String
    /// Who logs in, and for what.
    public var credentials: Credentials
    /// Absent takes the first endpoint of the catalog.
    public var region: String?
    /// Which of a service's endpoints to use; the first that the catalog has.
    public var interfaces: [EndpointInterface]
    /// Service type → the interfaces of its endpoint, where they are not ``interfaces``.
    public var serviceInterfaces: [String: [EndpointInterface]] = [:]
    /// Service type → the region of its endpoint, where it is not ``region``.
    public var serviceRegions: [String: String] = [:]
    /// Service type, such as `load-balancer`, → a URL that is used instead of the catalog's.
    public var endpointOverrides: [String: String]
    /// Which certificates are trusted, and with which the program shows who it is.
    public var tls: TLSSettings
    /// How long one request may take, answer included.
    public var timeout: Duration
    /// What is tried again, and how often.
    public var retries: RetryPolicy

    /// Makes one; parameters that are not given have their usual values.
    public init(
        name: String? = nil, authURL: String, credentials: Credentials, region: String? = nil,
        interfaces: [EndpointInterface] = [.public], endpointOverrides: [String: String] = [:],
        tls: TLSSettings = TLSSettings(), timeout: Duration = .seconds(60), retries: RetryPolicy = RetryPolicy()
    ) {
        self.name = name
        self.authURL = authURL
        self.credentials = credentials
        self.region = region
        self.interfaces = interfaces
        self.endpointOverrides = endpointOverrides
        self.tls = tls
        self.timeout = timeout
        self.retries = retries
    }

    /// Finds a cloud as openstacksdk does.
    ///
    /// The cloud is the one named, or `OS_CLOUD`, or what `OS_AUTH_URL`, `OS_USERNAME` and so on describe, or the only
    /// one in the file. The file is `OS_CLIENT_CONFIG_FILE`, or the first `clouds.yaml` (`.yml`, `.json`) in the working
    /// directory, `~/.config/openstack` and `/etc/openstack`; `secure.yaml` from the same places is laid over it.
    ///
    /// - Parameters:
    ///   - cloud: Its name in clouds.yaml. Absent: as above.
    ///   - region: One of the cloud's regions. Absent: its first.
    ///   - overrides: Keys of a cloud, such as `auth_url`, `username` or `interface`, that count more than what is found.
    ///     Who logs in, and for what, is overridden as a whole: a user's id takes the place of a name.
    ///   - environment: Absent: that of the process.
    ///   - workingDirectory: Absent: that of the process.
    /// - Throws: ``CloudError`` with code ``CloudError/Code/invalidConfiguration`` that names file and key.
    public static func load(
        cloud: String? = nil, region: String? = nil, overrides: [String: String] = [:],
        environment: [String: String]? = nil, workingDirectory: String? = nil
    ) throws(CloudError) -> CloudConfiguration {
        let environment = environment ?? ProcessInfo.processInfo.environment
        let files = try CloudsFiles.find(
            environment: environment,
            workingDirectory: workingDirectory ?? FileManager.default.currentDirectoryPath)
        return try files.resolve(cloud: cloud, region: region, overrides: overrides, environment: environment)
    }
}

/// Who an endpoint is for.
public enum EndpointInterface: String, Sendable, Hashable, CaseIterable {
    case `public`, `internal`, admin
}
