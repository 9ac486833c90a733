// Saying that a process without the API is ready.

internal import ServiceLifecycle

/// Says so as one of the services: those start when signals are already listened to, so whoever reads the line may send
/// SIGTERM at once and sees the process end in order.
struct ReadyNotice: Service {
    func run() async throws {
        StandardStreams.output("ottava: ready\n")
        try await gracefulShutdown()
    }
}
