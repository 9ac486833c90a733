// The command line, as a built program against a server that runs.

internal import JSON
internal import TestSupport
internal import Testing

/// All suites of this target, one after the other.
@Suite(.serialized, .timeLimit(.minutes(4)))
enum ClientCommandTests {}

/// Gives a suite a server, which its tests find in ``ServerProcess/current``.
struct ServerTrait: SuiteTrait, TestTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await ServerProcess.with { server in
            try await ServerProcess.$current.withValue(server) { try await body() }
        }
    }
}

extension Trait where Self == ServerTrait {
    static var server: ServerTrait { ServerTrait() }
}

/// What the program said.
struct CommandResult {
    var status: Int32
    var output: String
    var errors: String

    /// The JSON document that it wrote.
    var json: JSONValue { (try? JSONValue(parsing: Array(output.utf8))) ?? .null }
}

/// Runs the program with words separated by spaces.
func ottava(_ line: String, cloud: String = "ottava", more: [String] = []) async throws -> CommandResult {
    let server = try #require(ServerProcess.current)
    let words = line.split(separator: " ").map(String.init) + more
    let result = try await ChildProcess.run(
        ServerProcess.program, words, environment: PythonClients.environment(of: server, cloud: cloud))
    return CommandResult(status: result.status, output: result.output, errors: result.errors)
}

/// Runs the program and expects success.
func succeed(_ line: String, cloud: String = "ottava") async throws -> CommandResult {
    let result = try await ottava(line, cloud: cloud)
    try #require(result.status == 0, "\(line): \(result.status) \(result.errors)")
    return result
}
