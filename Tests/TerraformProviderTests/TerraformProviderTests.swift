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
    var environment: [String: String] = [:]

    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard Terraform.isThere else { return try await body() }
        try await ServerProcess.with(environment: environment) { server in
            try await ServerProcess.$current.withValue(server) { try await body() }
        }
    }
}

extension Trait where Self == ServerTrait {
    static var server: ServerTrait { ServerTrait() }

    /// A server that refuses what comes while a load balancer is being changed (409), as the original does.
    static var strictServer: ServerTrait {
        ServerTrait(environment: ["OTTAVA_STRICT_IMMUTABILITY": "true", "OTTAVA_SETTLE_MILLISECONDS": "0"])
    }
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

extension Terraform {
    /// - Parameter environment: More of the environment of terraform, and of the provider that it starts.
    convenience init(port: Int, password: String = ServerProcess.demoPassword, environment: [String: String] = [:])
        throws
    {
        var all: [String: String?] = [
            "OS_AUTH_URL": "http://127.0.0.1:\(port)/identity/v3", "OS_USERNAME": "demo", "OS_PASSWORD": password,
            "OS_PROJECT_NAME": "demo", "OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_DOMAIN_NAME": "Default",
        ]
        for (name, value) in environment { all[name] = value }
        try self.init(
            TemporaryFolder("ottava-terraform"), provider: "\(Files.packageRoot).build/debug", environment: all)
    }

    /// Takes over an example, with values for its variables.
    ///
    /// - Parameter variables: Name → value as in a configuration.
    func copyExample(_ name: String, _ variables: [String: String]) throws {
        let source = "\(Files.packageRoot)examples/terraform/\(name)"
        for file in Files.below(source) where file.hasSuffix(".tf") {
            try Files.write(#require(Files.text("\(source)/\(file)")), to: folder.file(file))
        }
        let lines = variables.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)\n" }
        try Files.write(lines.joined(), to: folder.file("terraform.tfvars"))
    }
}

/// The id of the subnet for load balancers.
func subnetID() async throws -> String {
    let server = try #require(ServerProcess.current)
    let answer = try server.demo().send("GET", "/network/v2.0/subnets?name=private-subnet")
    return try #require(answer.json["subnets"]?[0]?["id"]?.string)
}
