// The forms of login, and what is found in the catalog.

internal import JSON
internal import OctaviaClient
internal import TestSupport
internal import Testing

extension OctaviaClientTests {
    @Suite(.server)
    struct AuthenticationTests {
        /// Whether the configuration can list load balancers, and as whom.
        private func login(_ change: (inout CloudConfiguration) throws -> Void) async throws -> Token {
            var configuration = try #require(ServerProcess.current).configuration()
            try change(&configuration)
            return try await Cloud.with(configuration) { cloud in
                _ = try await cloud.loadBalancers.list().all()
                return try await cloud.token()
            }
        }

        @Test func everyFormOfLoginWorks() async throws {
            let server = try #require(ServerProcess.current)
            let first = try await login { _ in }
            #expect(first.user.name == "demo" && first.project?.name == "demo" && first.roles.contains("member"))
            let project = try #require(first.project?.id)
            let byID = try await login {
                $0.credentials = .password(
                    user: .id(first.user.id), password: Secret(ServerProcess.demoPassword),
                    scope: .project(.id(project)))
            }
            #expect(byID.user == first.user)
            let byNames = try await login {
                $0.credentials = .password(
                    user: .name("demo", domain: .name("Default")), password: Secret(ServerProcess.demoPassword),
                    scope: .project(.name("demo", domain: .name("Default"))))
            }
            #expect(byNames.project == first.project)
            let exchanged = try await login { $0.credentials = .token(first.value, scope: .project(.id(project))) }
            #expect(exchanged.value != first.value && exchanged.project == first.project)
            let asItIs = try await login { $0.credentials = .token(first.value, scope: .unscoped) }
            #expect(asItIs.value == first.value && asItIs.project == first.project)
            let answer = try server.demo().send(
                "POST", "/identity/v3/users/\(first.user.id)/application_credentials",
                ["application_credential": ["name": "ac", "secret": "s3cret"]])
            let credential = try #require(answer.json["application_credential"]?["id"]?.string, "\(answer.text)")
            for reference: ApplicationCredentialReference in [.id(credential), .name("ac", user: .id(first.user.id))] {
                let token = try await login {
                    $0.credentials = .applicationCredential(reference, secret: "s3cret")
                }
                #expect(token.project == first.project)
            }
            // No Keystone: a token and the endpoints.
            var configuration = try server.configuration()
            configuration.authURL = ""
            configuration.credentials = .endpoints(token: first.value)
            configuration.endpointOverrides = ["load-balancer": "\(server.url)/load-balancer/v2.0/"]
            try await Cloud.with(configuration) { cloud in
                _ = try await cloud.loadBalancers.list().all()
                #expect(await code { _ = try await cloud.network.networks.list().all() } == .noEndpoint)
            }
        }

        @Test func theURLOfKeystoneMayLackItsVersion() async throws {
            let url = try #require(ServerProcess.current).url
            for path in ["/identity", "/identity/", "/identity/v3", "/identity/v3/"] {
                #expect(try await login { $0.authURL = url + path }.user.name == "demo", "\(path)")
            }
            #expect(await code { _ = try await login { $0.authURL = url + "/nowhere/v3" } } == .invalidConfiguration)
        }

        @Test func theCatalogIsSearchedByRegionAndInterface() async throws {
            #expect(try await login { $0.interfaces = [.admin] }.user.name == "demo")
            #expect(try await login { $0.region = nil }.user.name == "demo")
            let own = try await login {
                $0.region = "Nowhere"
                $0.interfaces = []
                $0.serviceRegions["load-balancer"] = "RegionOne"
                $0.serviceInterfaces["load-balancer"] = [.internal, .public]
            }
            #expect(own.user.name == "demo")
            do {
                _ = try await login { $0.region = "Nowhere" }
                Issue.record("an unknown region was found")
            } catch let error as CloudError {
                #expect(error.code == .noEndpoint && error.message.contains("RegionOne"), "\(error)")
            }
        }

        @Test(
            .enabled("haproxy and openssl must be installed") {
                Files.program("haproxy") != nil && Files.program("openssl") != nil
            })
        func serversAndClientsShowCertificates() async throws {
            let server = try #require(ServerProcess.current)
            let folder = try TemporaryFolder("ottava-tls")
            defer { folder.remove() }
            let openssl = try #require(Files.program("openssl"))
            func run(_ line: String) async throws {
                let result = try await ChildProcess.run(openssl, line.split(separator: " ").map(String.init))
                try #require(result.status == 0, "\(line): \(result.errors)")
            }
            let path = folder.path
            try Files.write("subjectAltName=IP:127.0.0.1\n", to: folder.file("names"))
            try await run(
                "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout \(path)/ca.key -out \(path)/ca.pem"
            )
            for name in ["server", "client"] {
                try await run(
                    "req -newkey rsa:2048 -nodes -subj /CN=\(name) -keyout \(path)/\(name).key -out \(path)/\(name).csr"
                )
                try await run(
                    "x509 -req -in \(path)/\(name).csr -CA \(path)/ca.pem -CAkey \(path)/ca.key -CAcreateserial -days 2 "
                        + "-extfile \(path)/names -out \(path)/\(name).pem")
            }
            try Files.write(
                (Files.text("\(path)/server.pem") ?? "") + (Files.text("\(path)/server.key") ?? ""),
                to: "\(path)/both.pem")
            let (open, closed) = (Ports.free(), Ports.free())
            try Files.write(
                """
                defaults
                  mode http
                  timeout client 20s
                  timeout server 20s
                  timeout connect 5s
                frontend open
                  bind 127.0.0.1:\(open) ssl crt \(path)/both.pem
                  default_backend service
                frontend closed
                  bind 127.0.0.1:\(closed) ssl crt \(path)/both.pem ca-file \(path)/ca.pem verify required
                  default_backend service
                backend service
                  server s 127.0.0.1:\(server.port)

                """, to: "\(path)/proxy.cfg")
            let proxy = try ChildProcess(
                try #require(Files.program("haproxy")), ["-f", "\(path)/proxy.cfg", "-db"], output: "\(path)/out",
                errors: "\(path)/err")
            try await eventually("the proxy listens", within: .seconds(20)) {
                (try? TCPSocket.connect(to: "127.0.0.1", port: closed)) != nil
            }
            func attempt(_ port: Int, _ tls: TLSSettings) async -> CloudError.Code? {
                await code {
                    _ = try await login {
                        $0.authURL = "https://127.0.0.1:\(port)/identity/v3"
                        $0.endpointOverrides["load-balancer"] = "https://127.0.0.1:\(port)/load-balancer"
                        $0.tls = tls
                        $0.retries = .never
                    }
                }
            }
            let trusted = TLSSettings(authoritiesFile: "\(path)/ca.pem")
            #expect(await attempt(open, trusted) == nil)
            #expect(await attempt(open, TLSSettings(verifiesServer: false)) == nil)
            #expect(await attempt(open, TLSSettings()) == .cannotConnect)
            #expect(await attempt(closed, trusted) == .cannotConnect)
            let known = TLSSettings(
                authoritiesFile: "\(path)/ca.pem", certificateFile: "\(path)/client.pem", keyFile: "\(path)/client.key")
            #expect(await attempt(closed, known) == nil)
            await proxy.stop()
        }
    }
}
