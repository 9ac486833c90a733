// The pages for kubelets and Prometheus.

internal import HTTPTypes
internal import Hummingbird
internal import Logging

/// Serves `/healthz`, `/readyz` and `/metrics`.
struct HealthServer: Sendable {
    var host: String
    /// 0 takes any that is free.
    var port: Int
    var logger: Logger
    var isReady: @Sendable () -> Bool
    var metrics: @Sendable () async -> String

    /// Serves until the task is cancelled.
    func run() async throws {
        let router = Router()
        router.get("/healthz") { _, _ in "ok\n" }
        router.get("/readyz") { _, _ in
            let isReady = isReady()
            return Response(
                status: isReady ? .ok : .serviceUnavailable, headers: [.contentType: "text/plain; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: isReady ? "ok\n" : "not synced\n")))
        }
        router.get("/metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: await metrics())))
        }
        let application = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
            onServerRunning: { channel in
                logger.info("listening", metadata: ["address": "\(channel.localAddress.map { "\($0)" } ?? host)"])
            }, logger: logger)
        try await application.run()
    }
}
