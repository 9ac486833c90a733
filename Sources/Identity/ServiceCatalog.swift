// Where clients find the services.

internal import Crypto

/// The services of one server (Identity API v3 reference, "Service catalog and endpoints"), built for the address by
/// which a client reached it, so that it also holds behind proxies and tunnels.
public struct ServiceCatalog: Sendable, Hashable {
    /// What can be chosen.
    public struct Options: Sendable, Hashable {
        /// The one region.
        public var region: String
        /// Whether the key manager is served.
        public var hasKeyManager: Bool

        public init(region: String = "RegionOne", hasKeyManager: Bool = false) {
            self.region = region
            self.hasKeyManager = hasKeyManager
        }
    }

    /// A service with its endpoints.
    public struct Service: Sendable, Hashable {
        /// 32 hexadecimal digits, always the same for one type.
        public var id: String
        /// Such as `load-balancer`; clients look for exactly this.
        public var type: String
        public var name: String
        public var endpoints: [Endpoint]
    }

    /// An address of a service.
    public struct Endpoint: Sendable, Hashable {
        /// 32 hexadecimal digits, always the same for one type and interface.
        public var id: String
        /// `public`, `internal` or `admin`.
        public var interface: String
        public var region: String
        public var url: String
    }

    public var region: String
    public var services: [Service]

    /// - Parameter baseURL: scheme and authority without a slash at the end, such as `http://127.0.0.1:9876`.
    public init(baseURL: String, options: Options = Options()) {
        // The load balancer and the network have no version in their URL because gophercloud appends it; compute has one
        // so that gophercloud asks no version document, which nobody serves.
        var kinds = [
            ("identity", "keystone", "/identity/v3"), ("network", "neutron", "/network"),
            ("load-balancer", "octavia", "/load-balancer"), ("compute", "nova", "/compute/v2.1"),
        ]
        if options.hasKeyManager { kinds.append(("key-manager", "barbican", "/key-manager")) }
        region = options.region
        services = kinds.map { type, name, path in
            Service(
                id: Self.identifier(type), type: type, name: name,
                endpoints: ["public", "internal", "admin"].map { interface in
                    Endpoint(
                        id: Self.identifier("\(type)/\(interface)"), interface: interface, region: options.region,
                        url: baseURL + path)
                })
        }
    }

    private static func identifier(_ text: String) -> String {
        SHA256.hash(data: Array("ottava catalog \(text)".utf8)).prefix(16)
            .map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
