// The tests of the client library: against a server that runs.

internal import Logging
internal import OctaviaClient
internal import TestSupport
internal import Testing

/// All suites that start a server, one after the other.
@Suite(.serialized, .timeLimit(.minutes(3)))
enum OctaviaClientTests {}

extension ServerProcess {
    /// The configuration of an account, as the server wrote it.
    func configuration(_ cloud: String = "ottava") throws -> CloudConfiguration {
        try CloudConfiguration.load(
            cloud: cloud, environment: ["OS_CLIENT_CONFIG_FILE": "\(dataDirectory)/clouds.yaml"],
            workingDirectory: folder.path)
    }
}

/// Gives a suite a server, which its tests find in ``ServerProcess/current``.
struct ServerTrait: SuiteTrait, TestTrait, TestScoping {
    var environment: [String: String] = [:]

    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await ServerProcess.with(environment: environment) { server in
            try await ServerProcess.$current.withValue(server) { try await body() }
        }
    }
}

extension Trait where Self == ServerTrait {
    /// A server for the suite.
    static var server: ServerTrait { ServerTrait() }
    /// A server without data plane.
    static var noOpServer: ServerTrait { ServerTrait(environment: ["OTTAVA_NO_OP": "true"]) }
}

/// Runs something as a user of the suite's server.
@discardableResult
func withCloud<Result>(
    _ account: String = "ottava", retries: RetryPolicy = RetryPolicy(),
    _ body: (Cloud) async throws -> Result
) async throws -> Result {
    var configuration = try #require(ServerProcess.current).configuration(account)
    configuration.retries = retries
    return try await Cloud.with(configuration, body)
}

/// The code of the error that something throws.
func code(of body: () async throws -> Void) async -> CloudError.Code? {
    do {
        try await body()
        return nil
    } catch let error as CloudError {
        return error.code
    } catch {
        return nil
    }
}
