// The examples and the documentation: what stands there is true, and works.

internal import Foundation
internal import JSON
internal import TestSupport
internal import Testing

extension TerraformProviderTests {
    @Suite(.terraform, .server)
    struct ExamplesTests {
        static let program = "\(Files.packageRoot).build/debug/terraform-provider-ottava"

        /// The pages in `docs/terraform` are those that the program writes (`make terraform-documentation`).
        @Test func thePagesAreThoseOfTheSchemas() async throws {
            let folder = try TemporaryFolder("ottava-documentation")
            defer { folder.remove() }
            let examples = "\(Files.packageRoot)examples/terraform/reference"
            let result = try await ChildProcess.run(Self.program, ["--documentation", folder.path, examples])
            try #require(result.status == 0, "\(result.errors)")
            let pages = "\(Files.packageRoot)docs/terraform"
            #expect(Files.below(pages) == Files.below(folder.path))
            for page in Files.below(folder.path) where page.hasSuffix(".md") {
                #expect(
                    Files.text("\(pages)/\(page)") == Files.text(folder.file(page)),
                    "\(page) is not what the schemas say: run make terraform-documentation")
                // Each page has an example.
                #expect(Files.text(folder.file(page))?.contains("```terraform\n") == true, "\(page) has no example")
            }
        }

        @Test(arguments: [
            (
                "web",
                [
                    "certificate": #""http://127.0.0.1/v1/secrets/5e2f1b1c-55c9-4c0f-9d3c-1c5b3c7a2f10""#,
                    "web_servers": #"["127.0.0.2", "127.0.0.3"]"#, "api_servers": #"["127.0.0.4"]"#,
                ]
            ),
            ("kubernetes-api", ["masters": #"{ m1 = "127.0.0.2" }"#, "workers": #"{ w1 = "127.0.0.5" }"#]),
            ("kubernetes-api-openstack", ["masters": #"{ m1 = "127.0.0.2" }"#, "workers": #"{ w1 = "127.0.0.5" }"#]),
            ("dns", ["name_servers": #"{ a = "127.0.0.2", b = "127.0.0.3" }"#]),
            ("blue-green", ["servers": #"{ blue = ["127.0.0.2"], green = ["127.0.0.3"] }"#]),
        ])
        func examplesCanBePlanned(_ example: String, _ variables: [String: String]) async throws {
            let server = try #require(ServerProcess.current)
            let terraform = try Terraform(port: server.port)
            let all = variables.merging(["subnet_id": "\"\(try await subnetID())\""]) { $1 }
            try terraform.copyExample(example, all)
            let changes = try await terraform.plan()
            #expect(!changes.isEmpty && changes.values.allSatisfy { $0 == ["create"] }, "\(changes)")
        }

        /// Both ways of the same load balancer, from the installed provider: `terraform init` needs no network.
        @Test func theInstalledProviderIsFound() async throws {
            let server = try #require(ServerProcess.current)
            let mirror = try TemporaryFolder("ottava-mirror")
            defer { mirror.remove() }
            let script = "\(Files.packageRoot)scripts/install-terraform-provider"
            let installed = try await ChildProcess.run(script, [Self.program, mirror.path])
            try #require(installed.status == 0, "\(installed.errors)")
            let terraform = try Terraform(port: server.port)
            try Files.write(
                """
                provider_installation {
                  filesystem_mirror { path = "\(mirror.path)" }
                }
                """, to: terraform.folder.file("rc"))
            try terraform.copyExample(
                "dns", ["subnet_id": "\"\(try await subnetID())\"", "name_servers": #"{ a = "127.0.0.2" }"#])
            let begun = try await terraform.run("init", "-no-color", "-input=false")
            #expect(begun.status == 0, "\(begun.text)")
            #expect(try await terraform.run("validate", "-no-color").status == 0)
            #expect(try await terraform.plan() == ["ottava_load_balancer.dns": ["create"]])
        }
    }
}
