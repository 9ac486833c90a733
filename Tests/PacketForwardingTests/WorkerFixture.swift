// A worker under test, with a folder of its own.

import Foundation
import Glibc
import LoadBalancing
import Logging
import NIOPosix
import ProviderDrivers
import Synchronization
import Testing

@testable import PacketForwarding

/// Makes workers of one load balancer.
struct WorkerFixture: Sendable {
    let place: NetworkPlace
    let folder: String
    let services: PacketServices

    static func logger() -> Logger {
        var logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        if getenv("OTTAVA_TEST_LOG") != nil {
            logger = Logger(label: "test", factory: { StreamLogHandler.standardError(label: $0) })
            logger.logLevel = .debug
        }
        return logger
    }

    func worker(policy: ForwardingPolicy = .amphora) -> PacketWorker {
        PacketWorker(
            loadBalancer: id(1), policy: policy, services: services, place: place, file: "\(folder)/packets.json",
            logger: Self.logger()
        ) {}
    }

    /// Runs a test in a new namespace, or on the host.
    static func run(
        _ method: PacketForwardingMethod = .nftables, inNamespace: Bool = true,
        _ body: (WorkerFixture) async throws -> Void
    ) async throws {
        let namespaces = Namespaces()
        defer { namespaces.removeAll() }
        let place = inNamespace ? try namespaces.make("one") : .host
        var template = Array("/tmp/ottava-packets-XXXXXX".utf8CString)
        let folder = String(cString: try #require(mkdtemp(&template)))
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        let services = try await PacketServices(
            folder: folder, nftPath: "/usr/sbin/nft", threads: threads, logger: logger()
        ).settled(method)
        do {
            try await body(WorkerFixture(place: place, folder: folder, services: services))
        } catch {
            await services.stop()
            try await threads.shutdownGracefully()
            throw error
        }
        await services.stop()
        try await threads.shutdownGracefully()
    }
}
