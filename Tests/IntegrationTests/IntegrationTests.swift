// The tests that start the program: one after the other, since they share the machine's addresses and its time.

internal import TestSupport
internal import Testing

/// All suites of this target.
@Suite(.serialized, .timeLimit(.minutes(5)))
enum IntegrationTests {}

/// Gives a suite a server, which its tests find in ``ServerProcess/current``.
struct ServerTrait: SuiteTrait, TestTrait, TestScoping {
    var environment: [String: String] = [:]

    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await ServerProcess.with(environment: environment) { server in
            try await ServerProcess.$current.withValue(server) { try await body() }
            // Nothing that a test did may have ended or blocked the server.
            let status = try await server.terminate()
            guard status == 0 else { throw CannotStart(description: "the server ended with \(status)") }
        }
    }
}

extension Trait where Self == ServerTrait {
    /// A server for the suite.
    static var server: ServerTrait { ServerTrait() }
}

/// The server of the suite.
func currentServer() throws -> ServerProcess { try #require(ServerProcess.current) }
