// Serving a provider to Terraform: what a provider's program does from start to end.

internal import FoundationEssentials
internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
internal import JSON
public import Logging
internal import TerraformPluginProtocol

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A provider's program.
///
/// ```swift
/// await PluginServer.main(DiskProvider(), address: "registry.terraform.io/example/disk")
/// ```
public enum PluginServer {
    /// The largest request that is read: large states are one message.
    private static let largestRequest = 256 * 1024 * 1024

    /// Serves until Terraform ends it, then exits.
    ///
    /// With the argument `--debug` it serves whoever connects, without TLS, and prints what to set in the environment of
    /// Terraform so that it uses this process; Ctrl-C ends it.
    /// - Parameter address: The source of the provider, as configurations name it, with its host.
    public static func main(
        _ provider: some PluginProvider, address: String, logger: Logger = PluginLogHandler.logger("provider")
    ) async -> Never {
        do {
            if CommandLine.arguments.contains("--debug") {
                try await debug(provider, address: address, logger: logger)
            } else {
                try await serve(provider, logger: logger)
            }
            exit(0)
        } catch {
            StandardStream.write(Array("\(error)\n".utf8), to: 2)
            exit(1)
        }
    }

    private static func serve(_ provider: some PluginProvider, logger: Logger) async throws {
        let handshake = try Handshake(environment: ProcessInfo.processInfo.environment)
        // Ctrl-C reaches the whole group of processes; what is to be done about it, Terraform says (StopProvider).
        signal(SIGINT, SIG_IGN)
        let tls = try handshake.clientCertificate.map { try PluginTLS(trusting: $0) }
        let path = "\(handshake.socketFolder)/plugin\(UInt64.random(in: 0...UInt64.max))"
        defer { unlink(path) }
        let starter = getppid()
        try await run(provider, PluginListener(path: path, tls: tls?.context), logger) {
            StandardStream.write(
                Array(Handshake.answer(socket: path, certificate: tls?.certificate ?? "").utf8), to: 1)
            // A Terraform that was killed ends nothing.
            while getppid() == starter { try await Task.sleep(for: .seconds(1)) }
        }
    }

    private static func debug(_ provider: some PluginProvider, address: String, logger: Logger) async throws {
        let path = "/tmp/terraform-provider-\(getpid())"
        defer { unlink(path) }
        let socket: JSONValue = ["Network": "unix", "String": .string(path)]
        let plugin: JSONValue = [
            "Protocol": "grpc", "ProtocolVersion": 6, "Pid": .integer(Int64(getpid())), "Test": true, "Addr": socket,
        ]
        let text = String(decoding: JSONWriter.bytes(of: JSONValue.object([address: plugin])), as: UTF8.self)
        try await run(provider, PluginListener(path: path, tls: nil), logger) {
            StandardStream.write(Array("TF_REATTACH_PROVIDERS='\(text)'\n".utf8), to: 1)
            try await Task.sleep(for: .seconds(1_000_000_000))
        }
    }

    /// - Parameter announce: Is called when the socket is there; when it returns, the process is not needed any more.
    private static func run(
        _ provider: some PluginProvider, _ listener: PluginListener, _ logger: Logger,
        _ announce: @escaping @Sendable () async throws -> Void
    ) async throws {
        var config = HTTP2ServerTransport.Custom<PluginListener>.Config.defaults
        config.rpc.maxRequestPayloadSize = largestRequest
        let transport = HTTP2ServerTransport.Custom(listenerFactory: listener, config: config)
        let service = ProviderService(provider, logger: logger)
        let controller = ControllerService()
        let server = GRPCServer(transport: transport, services: [service, controller])
        controller.onShutdown { server.beginGracefulShutdown() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.serve() }
            group.addTask {
                guard await transport.listeningAddress != nil else { return }
                try await announce()
                service.operations.cancelAll()
            }
            // Whichever is first: the server was shut down, or nobody needs it.
            try await group.next()
            group.cancelAll()
        }
    }
}
