// The real terraform, with a provider that the package has built.

internal import Foundation
public import JSON

/// A folder with a configuration, and terraform in it.
public final class Terraform: Sendable {
    public let folder: TemporaryFolder
    private let environment: [String: String?]

    public static let isThere: Bool = Files.program("terraform") != nil

    /// - Parameters:
    ///   - folder: Where everything lies; removed in the end.
    ///   - provider: The folder with the provider's program.
    ///   - environment: What is different in the environment of terraform, and of the provider that it starts.
    public init(_ folder: TemporaryFolder, provider: String, environment: [String: String?]) throws {
        self.folder = folder
        try Files.write(
            """
            provider_installation {
              dev_overrides { "ottava/ottava" = "\(provider)" }
              direct {}
            }
            """, to: folder.file("rc"))
        var all: [String: String?] = [
            "TF_CLI_CONFIG_FILE": folder.file("rc"), "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1",
            "TF_DATA_DIR": folder.file("data"), "OS_CLOUD": nil,
        ]
        for (name, value) in environment { all[name] = value }
        self.environment = all
    }

    deinit { folder.remove() }

    public static let header = """
        terraform {
          required_providers {
            ottava = { source = "ottava/ottava" }
          }
        }

        """

    public func write(_ configuration: String) throws {
        try Files.write(Self.header + configuration, to: folder.file("main.tf"))
    }

    public struct Result {
        public var status: Int32
        public var output: String
        public var errors: String

        public var text: String { output + errors }
    }

    @discardableResult
    public func run(_ words: String..., within limit: Duration = .seconds(240)) async throws -> Result {
        try await run(words, within: limit)
    }

    public func run(_ words: [String], within limit: Duration = .seconds(240)) async throws -> Result {
        let result = try await ChildProcess.run(
            "/usr/bin/env", ["terraform", "-chdir=\(folder.path)"] + words, environment: environment, within: limit)
        return Result(status: result.status, output: result.output, errors: result.errors)
    }

    /// Starts terraform, for tests that do something while it runs.
    public func start(_ words: String...) throws -> ChildProcess {
        try ChildProcess(
            "/usr/bin/env", ["terraform", "-chdir=\(folder.path)"] + words, environment: environment,
            output: folder.file("out"), errors: folder.file("err"))
    }

    public var written: String { (Files.text(folder.file("out")) ?? "") + (Files.text(folder.file("err")) ?? "") }

    /// Applies, and expects success.
    public func apply() async throws {
        let result = try await run("apply", "-auto-approve", "-no-color", "-input=false")
        guard result.status == 0 else { throw CannotStart(description: result.text) }
    }

    /// The changes of a plan: address → actions, such as `update`.
    public func plan() async throws -> [String: [String]] {
        let result = try await run("plan", "-no-color", "-input=false", "-out=\(folder.file("plan"))")
        guard result.status == 0 else { throw CannotStart(description: result.text) }
        let shown = try await run("show", "-json", folder.file("plan"))
        let document = try JSONValue(parsing: Array(shown.output.utf8))
        var changes: [String: [String]] = [:]
        for change in document["resource_changes"]?.array ?? [] {
            let actions = change["change"]?["actions"]?.array?.compactMap(\.string) ?? []
            if actions != ["no-op"], actions != ["read"] { changes[change["address"]?.string ?? ""] = actions }
        }
        return changes
    }

    /// The resources and data sources in the state: address → attributes.
    public func resources() async throws -> [String: JSONValue] {
        let shown = try await run("show", "-json")
        let document = try JSONValue(parsing: Array(shown.output.utf8))
        var result: [String: JSONValue] = [:]
        for resource in document["values"]?["root_module"]?["resources"]?.array ?? [] {
            result[resource["address"]?.string ?? ""] = resource["values"]
        }
        return result
    }

    /// The attributes of a resource in the state.
    public func state(_ address: String) async throws -> JSONValue { try await resources()[address] ?? .null }
}
