// Clouds that are described on the command line.

internal import JSON
internal import TestSupport
internal import Testing

extension ClientCommandTests {
    @Suite(.server)
    struct LoginTests {
        /// Runs the program where no file and no variable describes a cloud.
        private func run(_ words: [String]) async throws -> CommandResult {
            let folder = try TemporaryFolder("ottava-login")
            defer { folder.remove() }
            let result = try await ChildProcess.run(
                ServerProcess.program, words,
                environment: [
                    "OS_CLOUD": nil, "OS_CLIENT_CONFIG_FILE": nil, "OS_AUTH_URL": nil, "OS_USERNAME": nil,
                    "OS_PASSWORD": nil, "OS_PROJECT_NAME": nil, "HOME": folder.path, "OS_REGION_NAME": "",
                ])
            return CommandResult(status: result.status, output: result.output, errors: result.errors)
        }

        @Test func aCloudIsDescribedByOptions() async throws {
            let server = try #require(ServerProcess.current)
            let url = ["--os-auth-url", "\(server.url)/identity/v3"]
            let list = ["loadbalancer", "list", "-f", "json"]
            let password = [
                "--os-username", "demo", "--os-user-domain-name", "Default",
                "--os-password=\(ServerProcess.demoPassword)", "--os-project-name", "demo",
                "--os-project-domain-id", "default",
            ]
            // Behind the command, in front of it, and on both sides.
            for words in [list + url + password, url + password + list, url + list + password] {
                let result = try await run(words)
                #expect(result.status == 0 && result.json == [], "\(result)")
            }
            let token = try #require(try server.demo().token)
            let byToken = try await run(url + ["--os-token", token, "--os-project-name", "demo"] + list)
            #expect(byToken.status == 0 && byToken.json == [], "\(byToken)")
            // With neither identity nor catalog: the service's address and a token that it takes.
            let direct = ["--os-auth-type", "admin_token", "--os-endpoint", "\(server.url)/load-balancer"]
            let byAddress = try await run(direct + ["--os-token", token] + list)
            #expect(byAddress.status == 0 && byAddress.json == [], "\(byAddress)")

            let refused = try await run(url + list + password + ["--os-password", "wrong"])
            #expect(refused.status == 1 && refused.errors.contains("login was refused"), "\(refused)")
            for (words, reason) in [
                (url + list, "username or user_id is missing"),
                (list + password, "no cloud is configured"),
                (list + ["--insecure", "--verify"], "exclude each other"),
                (["--os-interface", "outside"] + list, "internal"),
                (["--os-nonsense", "x"] + list, "--os-nonsense"),
            ] {
                let result = try await run(words)
                #expect(result.status == 2 && result.errors.contains(reason), "\(words): \(result)")
                #expect(result.errors.split(separator: "\n").count == 1, "\(words): \(result)")
            }
        }
    }
}
