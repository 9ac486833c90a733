// The provider, as a built program, used by the real terraform against a server that runs.

internal import Foundation
internal import JSON
internal import TestSupport
internal import Testing

/// All suites of this target that use programs, one after the other.
@Suite(.serialized, .timeLimit(.minutes(10)))
enum TerraformProviderTests {}

/// Gives a suite a server, which its tests find in ``ServerProcess/current``.
struct ServerTrait: SuiteTrait, TestTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard Terraform.isThere else { return try await body() }
        try await ServerProcess.with { server in
            try await ServerProcess.$current.withValue(server) { try await body() }
        }
    }
}

extension Trait where Self == ServerTrait {
    static var server: ServerTrait { ServerTrait() }
}

extension Trait where Self == ConditionTrait {
    /// Skips a test, loudly, where there is no terraform.
    static var terraform: ConditionTrait {
        .enabled("SKIPPED: terraform is not on the PATH, nothing of the Terraform provider is tested") {
            if !Terraform.isThere { print("WARNING: terraform is not on the PATH: tests of the provider are SKIPPED") }
            return Terraform.isThere
        }
    }
}

/// A folder with a configuration, and terraform in it.
final class Terraform: Sendable {
    let folder: TemporaryFolder
    private let environment: [String: String?]

    static let isThere: Bool = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/terraform") }
    }()

    /// - Parameters:
    ///   - port: Where the API is.
    ///   - environment: More of the environment of terraform, and of the provider that it starts.
    init(port: Int, password: String = ServerProcess.demoPassword, environment: [String: String] = [:]) throws {
        folder = try TemporaryFolder("ottava-terraform")
        let program = "\(Files.packageRoot).build/debug"
        try Files.write(
            """
            provider_installation {
              dev_overrides { "ottava/ottava" = "\(program)" }
              direct {}
            }
            """, to: folder.file("rc"))
        var all: [String: String?] = [
            "TF_CLI_CONFIG_FILE": folder.file("rc"), "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1",
            "TF_DATA_DIR": folder.file("data"), "OS_CLOUD": nil,
            "OS_AUTH_URL": "http://127.0.0.1:\(port)/identity/v3", "OS_USERNAME": "demo", "OS_PASSWORD": password,
            "OS_PROJECT_NAME": "demo", "OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_DOMAIN_NAME": "Default",
        ]
        for (name, value) in environment { all[name] = value }
        self.environment = all
    }

    deinit { folder.remove() }

    static let header = """
        terraform {
          required_providers {
            ottava = { source = "ottava/ottava" }
          }
        }

        """

    func write(_ configuration: String) throws {
        try Files.write(Self.header + configuration, to: folder.file("main.tf"))
    }

    struct Result {
        var status: Int32
        var output: String
        var errors: String

        var text: String { output + errors }
    }

    @discardableResult
    func run(_ words: String..., within limit: Duration = .seconds(240)) async throws -> Result {
        let result = try await ChildProcess.run(
            "/usr/bin/env", ["terraform", "-chdir=\(folder.path)"] + words, environment: environment, within: limit)
        return Result(status: result.status, output: result.output, errors: result.errors)
    }

    /// Starts terraform, for tests that do something while it runs.
    func start(_ words: String...) throws -> ChildProcess {
        try ChildProcess(
            "/usr/bin/env", ["terraform", "-chdir=\(folder.path)"] + words, environment: environment,
            output: folder.file("out"), errors: folder.file("err"))
    }

    var written: String { (Files.text(folder.file("out")) ?? "") + (Files.text(folder.file("err")) ?? "") }

    /// Applies, and expects success.
    func apply() async throws {
        let result = try await run("apply", "-auto-approve", "-no-color", "-input=false")
        try #require(result.status == 0, "\(result.text)")
    }

    /// The changes of a plan: address → actions, such as `update`.
    func plan() async throws -> [String: [String]] {
        let result = try await run("plan", "-no-color", "-input=false", "-out=\(folder.file("plan"))")
        try #require(result.status == 0, "\(result.text)")
        let shown = try await run("show", "-json", folder.file("plan"))
        let document = try JSONValue(parsing: Array(shown.output.utf8))
        var changes: [String: [String]] = [:]
        for change in document["resource_changes"]?.array ?? [] {
            let actions = change["change"]?["actions"]?.array?.compactMap(\.string) ?? []
            if actions != ["no-op"], actions != ["read"] { changes[change["address"]?.string ?? ""] = actions }
        }
        return changes
    }

    /// The attributes of a resource in the state.
    func state(_ address: String) async throws -> JSONValue {
        let shown = try await run("show", "-json")
        let document = try JSONValue(parsing: Array(shown.output.utf8))
        let resources = document["values"]?["root_module"]?["resources"]?.array ?? []
        return resources.first { $0["address"]?.string == address }?["values"] ?? .null
    }
}

/// The id of the subnet for load balancers.
func subnetID() async throws -> String {
    let server = try #require(ServerProcess.current)
    let answer = try server.demo().send("GET", "/network/v2.0/subnets?name=private-subnet")
    return try #require(answer.json["subnets"]?[0]?["id"]?.string)
}
