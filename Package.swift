// swift-tools-version: 6.2
import PackageDescription

/// The same flags for every target: tests and benchmarks included.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
    .enableUpcomingFeature("ExistentialAny"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
    .enableUpcomingFeature("MemberImportVisibility"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
    .enableUpcomingFeature("InternalImportsByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0461-async-function-isolation.md
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// Layers from the bottom up: a target depends only on targets that stand above it here.
let package = Package(
    name: "ottava",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "ottava", targets: ["ottava"]),
        .executable(name: "ottava-kubernetes", targets: ["ottava-kubernetes"]),
        .executable(name: "terraform-provider-ottava", targets: ["terraform-provider-ottava"]),
        .library(name: "KubernetesClient", targets: ["KubernetesClient"]),
        .library(name: "OctaviaClient", targets: ["OctaviaClient"]),
        .library(name: "TerraformPlugin", targets: ["TerraformPlugin"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-certificates.git", from: "1.21.0"),
        .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-protobuf.git", from: "1.39.0", traits: []),
        .package(url: "https://github.com/apple/swift-system.git", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/grpc/grpc-swift-2.git", from: "2.4.0"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport.git", from: "2.9.0"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf.git", from: "2.4.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.2", traits: []),
    ],
    targets: [
        .target(name: "LoadBalancing"),
        .target(name: "JSON"),
        .target(
            name: "Observability",
            dependencies: [
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]),
        .target(name: "OctaviaWire", dependencies: ["JSON", "LoadBalancing"]),
        .target(
            name: "OctaviaClient",
            dependencies: [
                "JSON",
                "LoadBalancing",
                "OctaviaWire",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Yams", package: "Yams"),
            ]),
        .target(
            name: "OttavaClientCommand",
            dependencies: [
                "JSON",
                "OctaviaClient",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Yams", package: "Yams"),
            ]),
        .target(
            name: "Persistence",
            dependencies: [
                "JSON",
                "LoadBalancing",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(
            name: "PostgreSQLPersistence",
            dependencies: [
                "CPostgreSQL",
                "LoadBalancing",
                "Persistence",
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .target(
            name: "Identity",
            dependencies: [
                "LoadBalancing",
                "Persistence",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .target(name: "Networking", dependencies: ["LoadBalancing", "Persistence"]),
        .target(
            name: "KeyManager",
            dependencies: [
                "JSON",
                "LoadBalancing",
                "Persistence",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ]),
        .target(name: "ProviderDrivers", dependencies: ["LoadBalancing"]),
        .target(name: "CLinux"),
        .target(
            name: "PacketForwarding",
            dependencies: [
                "LoadBalancing",
                "ProviderDrivers",
                "CLinux",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]),
        .target(
            name: "AmphoraAgent",
            dependencies: [
                "LoadBalancing",
                "PacketForwarding",
                "ProviderDrivers",
                "CLinux",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]),
        .target(
            name: "ControlPlane",
            dependencies: [
                "KeyManager",
                "JSON",
                "LoadBalancing",
                "Observability",
                "OctaviaWire",
                "Persistence",
                "Identity",
                "Networking",
                "ProviderDrivers",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ]),
        .target(
            name: "HTTPService",
            dependencies: [
                "Identity",
                "JSON",
                "LoadBalancing",
                "Observability",
                "Persistence",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]),
        .target(
            name: "IdentityAPI",
            dependencies: [
                "HTTPService",
                "Identity",
                "JSON",
                "LoadBalancing",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]),
        .target(
            name: "NetworkAPI",
            dependencies: [
                "HTTPService",
                "Identity",
                "JSON",
                "LoadBalancing",
                "Networking",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]),
        .target(
            name: "KeyManagerAPI",
            dependencies: [
                "HTTPService",
                "Identity",
                "JSON",
                "KeyManager",
                "LoadBalancing",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]),
        .target(
            name: "LoadBalancerAPI",
            dependencies: [
                "ControlPlane",
                "HTTPService",
                "Identity",
                "JSON",
                "LoadBalancing",
                "Observability",
                "OctaviaWire",
                "ProviderDrivers",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]),
        .target(
            name: "OttavaCommand",
            dependencies: [
                "AmphoraAgent",
                "CLinux",
                "ControlPlane",
                "HTTPService",
                "Identity",
                "IdentityAPI",
                "JSON",
                "KeyManager",
                "KeyManagerAPI",
                "LoadBalancerAPI",
                "LoadBalancing",
                "Observability",
                "NetworkAPI",
                "Networking",
                "OttavaClientCommand",
                "PacketForwarding",
                "Persistence",
                "PostgreSQLPersistence",
                "ProviderDrivers",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        .executableTarget(
            name: "ottava",
            dependencies: [
                "OttavaClientCommand",
                "OttavaCommand",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        // Terraform: the plugin protocol, which knows nothing of load balancers, and the provider on top.
        .target(name: "MessagePack"),
        .target(
            name: "TerraformPluginProtocol",
            dependencies: [
                .product(name: "GRPCCore", package: "grpc-swift-2"),
                .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            exclude: ["Protocol"]),
        .target(
            name: "TerraformPlugin",
            dependencies: [
                "JSON",
                "MessagePack",
                "TerraformPluginProtocol",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRPCCore", package: "grpc-swift-2"),
                .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
                .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
                .product(name: "X509", package: "swift-certificates"),
            ]),
        .target(
            name: "TerraformProvider",
            dependencies: [
                "JSON",
                "LoadBalancing",
                "OctaviaClient",
                "OctaviaWire",
                "TerraformPlugin",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(
            name: "terraform-provider-ottava", dependencies: ["TerraformPlugin", "TerraformProvider"]),

        // Kubernetes: a client, which knows nothing of load balancers, and the controllers on top.
        .target(
            name: "KubernetesClient",
            dependencies: [
                "JSON",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Yams", package: "Yams"),
            ]),
        .target(
            name: "KubernetesControllers",
            dependencies: [
                "JSON",
                "KubernetesClient",
                "LoadBalancing",
                "Observability",
                "OctaviaClient",
                "OctaviaWire",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "Yams", package: "Yams"),
            ]),
        .executableTarget(
            name: "ottava-kubernetes",
            dependencies: [
                "KubernetesClient",
                "KubernetesControllers",
                "OctaviaClient",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),

        // Tests. Those of a layer need nothing but what the layer needs; `IntegrationTests` start the program itself.
        .target(name: "TestSupport", dependencies: ["JSON"], path: "Tests/TestSupport"),
        .target(
            name: "DatabaseTestSupport", dependencies: ["Persistence", "PostgreSQLPersistence", "TestSupport"],
            path: "Tests/DatabaseTestSupport"),
        .testTarget(name: "JSONTests", dependencies: ["JSON"]),
        .testTarget(name: "LoadBalancingTests", dependencies: ["LoadBalancing"]),
        .testTarget(name: "OctaviaWireTests", dependencies: ["JSON", "LoadBalancing", "OctaviaWire"]),
        .testTarget(
            name: "PersistenceTests",
            dependencies: [
                "DatabaseTestSupport",
                "LoadBalancing",
                "Persistence",
                "PostgreSQLPersistence",
                "TestSupport",
            ]),
        .testTarget(
            name: "IdentityTests",
            dependencies: [
                "DatabaseTestSupport",
                "HTTPService",
                "Identity",
                "IdentityAPI",
                "JSON",
                "LoadBalancing",
                "Persistence",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "NetworkingTests",
            dependencies: [
                "DatabaseTestSupport",
                "HTTPService",
                "Identity",
                "JSON",
                "LoadBalancing",
                "NetworkAPI",
                "Networking",
                "Persistence",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "OpenAPITests",
            dependencies: [
                "DatabaseTestSupport",
                "ControlPlane",
                "HTTPService",
                "Identity",
                "JSON",
                "LoadBalancerAPI",
                "LoadBalancing",
                "Networking",
                "OctaviaWire",
                "Persistence",
                "ProviderDrivers",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]),
        .testTarget(
            name: "KeyManagerTests",
            dependencies: [
                "DatabaseTestSupport",
                "HTTPService",
                "Identity",
                "JSON",
                "KeyManager",
                "KeyManagerAPI",
                "LoadBalancing",
                "Persistence",
                "TestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "PacketForwardingTests",
            dependencies: [
                "LoadBalancing",
                "PacketForwarding",
                "ProviderDrivers",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            exclude: ["Golden"]),
        .testTarget(
            name: "AmphoraAgentTests",
            dependencies: [
                "AmphoraAgent",
                "LoadBalancing",
                "PacketForwarding",
                "ProviderDrivers",
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["Golden"]),
        .testTarget(
            name: "ControlPlaneTests",
            dependencies: [
                "DatabaseTestSupport",
                "ControlPlane",
                "Identity",
                "JSON",
                "LoadBalancing",
                "Networking",
                "OctaviaWire",
                "Persistence",
                "ProviderDrivers",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .testTarget(
            name: "OctaviaClientTests",
            dependencies: ["JSON", "OctaviaClient", "TestSupport", .product(name: "Logging", package: "swift-log")]),
        .testTarget(
            name: "ClientCommandTests",
            dependencies: ["JSON", "OctaviaClient", "OttavaClientCommand", "TestSupport"]),
        .testTarget(name: "ObservabilityTests", dependencies: ["Observability"]),
        .testTarget(name: "MessagePackTests", dependencies: ["MessagePack"]),
        .testTarget(name: "TerraformPluginTests", dependencies: ["JSON", "MessagePack", "TerraformPlugin"]),
        .testTarget(
            name: "TerraformProviderTests",
            dependencies: ["JSON", "OctaviaClient", "TerraformPlugin", "TerraformProvider", "TestSupport"]),
        .testTarget(
            name: "KubernetesClientTests",
            dependencies: ["JSON", "KubernetesClient", "TestSupport", .product(name: "Logging", package: "swift-log")]),
        .testTarget(
            name: "KubernetesControllersTests",
            dependencies: [
                "JSON", "KubernetesClient", "KubernetesControllers", "OctaviaClient", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(name: "IntegrationTests", dependencies: ["JSON", "TestSupport"], exclude: ["Clients"]),
        .executableTarget(name: "ottava-torture", dependencies: ["JSON", "TestSupport"], path: "Tests/Torture"),
        .executableTarget(name: "ottava-benchmarks", dependencies: ["JSON", "TestSupport"], path: "Benchmarks"),
    ]
)

for target in package.targets where !["CLinux", "CPostgreSQL"].contains(target.name) {
    target.swiftSettings = settings
}
