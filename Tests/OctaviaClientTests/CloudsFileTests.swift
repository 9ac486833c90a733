// Descriptions of clouds, and what openstacksdk makes of the same ones.

internal import JSON
internal import OctaviaClient
internal import TestSupport
internal import Testing

struct CloudsFileTests {
    /// A folder with files in which a cloud is looked for; nothing of this machine's user counts.
    private func load(
        _ files: [String: String], cloud: String? = nil, region: String? = nil, variables: [String: String] = [:]
    ) throws -> CloudConfiguration {
        let folder = try TemporaryFolder("ottava-clouds")
        defer { folder.remove() }
        try Self.write(files, to: folder)
        var environment = variables.mapValues { $0.replacing("FOLDER", with: folder.path) }
        environment["HOME"] = folder.file("nobody")
        return try CloudConfiguration.load(
            cloud: cloud, region: region, environment: environment, workingDirectory: folder.path)
    }

    /// Writes files; the folder stands for `FOLDER` in them.
    private static func write(_ files: [String: String], to folder: TemporaryFolder) throws {
        for (name, text) in files {
            let path = folder.file(name)
            try Files.makeFolder(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]))
            try Files.write(text, to: path)
        }
    }

    private func message(_ body: () throws -> CloudConfiguration) -> String {
        do {
            let configuration = try body()
            return "no error, but \(configuration)"
        } catch {
            return "\(error)"
        }
    }

    private static let simple = """
        clouds:
          one:
            auth: {auth_url: https://example.com:5000, username: u, password: p, project_name: p1}
            region_name: R1
          two:
            auth: {auth_url: https://example.com:5000/v3, application_credential_id: a, application_credential_secret: s}
            auth_type: v3applicationcredential
        """

    @Test func whatIsMissingOrWrongIsNamed() {
        #expect(message { try load([:]) }.contains("no cloud is configured"))
        #expect(message { try load([:], cloud: "x") }.contains("cloud 'x' is not known"))
        let files = ["clouds.yaml": Self.simple]
        #expect(message { try load(files) }.contains("one, two"))
        #expect(message { try load(files, cloud: "three") }.contains("has: one, two"))
        #expect(message { try load(files, cloud: "one", region: "R2") }.contains("has no region 'R2', but R1"))
        #expect(message { try load(["clouds.yaml": "clouds: [1"]) }.contains("is not YAML"))
        #expect(message { try load(["clouds.yaml": "- a"]) }.contains("mapping"))
        for (keys, reason) in [
            ("auth: {username: u, password: p}", "auth_url is missing"),
            ("auth: {auth_url: example.com, username: u, password: p}", "no http or https URL"),
            ("auth: {auth_url: http://h, password: p}", "username or user_id is missing"),
            ("auth: {auth_url: http://h, username: u}", "password is missing"),
            ("auth: {auth_url: http://h, username: u, password: p}\n    interface: outside", "interface 'outside'"),
            ("auth: {auth_url: http://h, username: u, password: p}\n    verify: maybe", "verify 'maybe'"),
            ("auth: {auth_url: http://h}\n    auth_type: v3oidcpassword", "auth_type 'v3oidcpassword'"),
            ("auth: {auth_url: http://h, username: u, password: p}\n    profile: nowhere", "profile 'nowhere'"),
            ("auth: {auth_url: http://h, username: u, password: p}\n    key: k.pem", "key needs cert"),
            ("auth: {auth_url: http://h, username: u, password: p}\n    api_timeout: soon", "api_timeout 'soon'"),
        ] {
            let text = message { try load(["clouds.yaml": "clouds:\n  c:\n    \(keys)\n"]) }
            #expect(text.contains(reason) && !text.contains("\n"), "\(text)")
        }
    }

    @Test func certificatesThatCannotBeReadAreNamed() throws {
        var configuration = try load(["clouds.yaml": Self.simple], cloud: "one")
        configuration.tls.authoritiesFile = "/nowhere/ca.pem"
        #expect(throws: CloudError.self) { try Cloud(configuration) }
        configuration.tls = TLSSettings(certificateFile: "/dev/null")
        #expect(throws: CloudError.self) { try Cloud(configuration) }
    }

    // MARK: The same by openstacksdk

    private struct Variant {
        var name: String
        var files: [String: String] = [:]
        var cloud: String?
        var region: String?
        var variables: [String: String] = [:]
    }

    private static func cloud(_ keys: String) -> [String: String] { ["clouds.yaml": "clouds:\n  c:\n\(keys)"] }

    private static let variants: [Variant] = [
        Variant(name: "simple", files: ["clouds.yaml": simple], cloud: "one"),
        Variant(name: "application credential", files: ["clouds.yaml": simple], cloud: "two"),
        Variant(name: "by OS_CLOUD", files: ["clouds.yaml": simple], variables: ["OS_CLOUD": "two"]),
        Variant(name: "yml", files: ["clouds.yml": simple], cloud: "one"),
        Variant(
            name: "json",
            files: [
                "clouds.json":
                    #"{"clouds":{"j":{"auth":{"auth_url":"http://h/v3","username":"u","password":"p"},"verify":false}}}"#
            ]),
        Variant(name: "yaml before json", files: ["clouds.yaml": simple, "clouds.json": "{}"], cloud: "one"),
        Variant(
            name: "secure",
            files: [
                "clouds.yaml": "clouds:\n  c:\n    auth: {auth_url: http://h/v3, username: u, project_id: abc}\n",
                "secure.yaml": "clouds:\n  c:\n    auth: {password: hidden}\n    cacert: /tmp/ca.pem\n",
            ]),
        Variant(
            name: "profile",
            files: [
                "clouds.yaml": "clouds:\n  c:\n    profile: vendor\n    auth: {username: u, password: p}\n",
                "clouds-public.yaml": """
                public-clouds:
                  vendor:
                    auth: {auth_url: http://vendor/v3, user_domain_id: d1}
                    region_name: V1
                    interface: internal
                """,
            ]),
        Variant(
            name: "profile by the key cloud",
            files: [
                "clouds.yaml": "clouds:\n  c:\n    cloud: vendor\n    auth: {username: u, password: p}\n",
                "clouds-public.yaml": "public-clouds:\n  vendor:\n    auth: {auth_url: http://vendor/v3}\n",
            ]),
        Variant(
            name: "regions",
            files: cloud(
                """
                    auth: {auth_url: http://h/v3, username: u, password: p, project_name: x}
                    regions:
                    - name: A
                      values: {interface: internal, auth: {auth_url: http://a/v3}}
                    - B
                """)),
        Variant(
            name: "another region",
            files: cloud(
                """
                    auth: {auth_url: "http://{region_name}.h/v3", username: u, password: p}
                    regions:
                    - A
                    - name: B
                      values: {interface: admin}
                """), region: "B"),
        Variant(
            name: "old names",
            files: cloud(
                """
                    auth: {auth-url: http://h/v3, username: u, password: p, tenant-name: t, user-domain-name: D}
                    endpoint_type: internalURL
                    auth_plugin: password
                    compute_timeout: 17
                """)),
        Variant(
            name: "one domain for both",
            files: cloud(
                "    auth: {auth_url: http://h/v3, username: u, password: p, project_name: t, domain_name: D}\n")),
        Variant(
            name: "domain scope",
            files: cloud("    auth: {auth_url: http://h/v3, user_id: u, password: p, domain_id: D}\n")),
        Variant(
            name: "system scope",
            files: cloud("    auth: {auth_url: http://h/v3, user_id: u, password: p, system_scope: all}\n")),
        Variant(
            name: "trust",
            files: cloud("    auth: {auth_url: http://h/v3, user_id: u, password: p, trust_id: T}\n")),
        Variant(
            name: "token",
            files: cloud("    auth_type: token\n    auth: {auth_url: http://h/v3, token: T, project_id: x}\n")),
        Variant(
            name: "names of domains",
            files: cloud(
                "    auth: {auth_url: http://h/v3, username: u, password: p, project_name: t, user_domain_name: A, "
                    + "project_domain_name: B}\n")),
        Variant(
            name: "TLS and overrides",
            files: cloud(
                """
                    auth: {auth_url: https://h/v3, username: u, password: p, project_id: x}
                    cacert: /tmp/ca.pem
                    cert: /tmp/c.pem
                    key: /tmp/k.pem
                    load_balancer_endpoint_override: https://lb/load-balancer
                    network_endpoint_override: https://net
                    api_timeout: 5
                """)),
        Variant(
            name: "insecure",
            files: cloud(
                "    auth: {auth_url: https://h/v3, username: u, password: p, project_id: x}\n    insecure: true\n")),
        Variant(
            name: "verify off",
            files: cloud(
                "    auth: {auth_url: https://h/v3, username: u, password: p, project_id: x}\n    verify: no\n")),
        Variant(
            name: "anchors",
            files: [
                "clouds.yaml": """
                clouds:
                  a:
                    auth: &auth {auth_url: https://h/v3, username: u, password: p, project_id: x}
                  c:
                    auth: {<<: *auth, project_id: y}
                """
            ], cloud: "c"),
        Variant(
            name: "environment",
            variables: [
                "OS_AUTH_URL": "http://h/v3", "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_PROJECT_NAME": "x",
                "OS_USER_DOMAIN_ID": "default", "OS_PROJECT_DOMAIN_ID": "default", "OS_REGION_NAME": "R",
                "OS_INTERFACE": "internal", "OS_CACERT": "/tmp/ca.pem",
            ]),
        Variant(
            name: "environment before a file with one cloud",
            files: cloud("    auth: {auth_url: https://h/v3, username: other, password: p}\n"),
            variables: ["OS_AUTH_URL": "http://h/v3", "OS_USERNAME": "u", "OS_PASSWORD": "p"]),
        Variant(
            name: "OS_CLOUD before the environment", files: ["clouds.yaml": simple],
            variables: ["OS_CLOUD": "one", "OS_USERNAME": "other", "OS_AUTH_URL": "http://other"]),
        Variant(
            name: "environment with an application credential",
            variables: [
                "OS_AUTH_TYPE": "v3applicationcredential", "OS_AUTH_URL": "http://h/v3",
                "OS_APPLICATION_CREDENTIAL_ID": "a", "OS_APPLICATION_CREDENTIAL_SECRET": "s",
            ]),
    ]

    private static func named(_ user: String) -> String {
        "clouds:\n  c:\n    auth: {auth_url: http://h/v3, username: \(user), password: p, project_id: x}\n"
    }

    /// Where files are looked for, and in which order.
    private static let places: [Variant] = [
        Variant(name: "the user's folder", files: ["nobody/.config/openstack/clouds.yaml": named("home")]),
        Variant(
            name: "the working folder before the user's",
            files: ["clouds.yaml": named("here"), "nobody/.config/openstack/clouds.yaml": named("home")]),
        Variant(
            name: "XDG_CONFIG_HOME",
            files: [
                "xdg/openstack/clouds.yaml": named("xdg"), "nobody/.config/openstack/clouds.yaml": named("home"),
            ], variables: ["XDG_CONFIG_HOME": "FOLDER/xdg"]),
        Variant(
            name: "OS_CLIENT_CONFIG_FILE", files: ["clouds.yaml": named("here"), "other.yaml": named("other")],
            variables: ["OS_CLIENT_CONFIG_FILE": "FOLDER/other.yaml"]),
        Variant(
            name: "OS_CLIENT_CONFIG_FILE that is not there", files: ["clouds.yaml": named("here")],
            variables: ["OS_CLIENT_CONFIG_FILE": "FOLDER/other.yaml"]),
        Variant(
            name: "OS_CLIENT_SECURE_FILE",
            files: [
                "clouds.yaml": "clouds:\n  c:\n    auth: {auth_url: http://h/v3, username: u, project_id: abc}\n",
                "hidden.yaml": "clouds:\n  c:\n    auth: {password: hidden}\n",
            ], variables: ["OS_CLIENT_SECURE_FILE": "FOLDER/hidden.yaml"]),
        Variant(
            name: "secure.yaml from another place",
            files: [
                "clouds.yaml": "clouds:\n  c:\n    auth: {auth_url: http://h/v3, username: u, project_id: abc}\n",
                "nobody/.config/openstack/secure.yaml": "clouds:\n  c:\n    auth: {password: hidden, username: v}\n",
            ]),
        Variant(
            name: "a profile, a region and secrets together",
            files: [
                "clouds.yaml": "clouds:\n  c:\n    profile: vendor\n    auth: {username: u, project_name: x}\n",
                "secure.yaml": "clouds:\n  c:\n    auth: {password: hidden}\n",
                "clouds-public.yaml": """
                public-clouds:
                  vendor:
                    auth: {auth_url: "http://{region_name}.vendor/v3", project_domain_name: D, user_domain_name: D}
                    regions: [A, B]
                """,
            ], region: "B"),
    ]

    /// Keys of the login and of the connection.
    private static let settings: [Variant] = [
        Variant(
            name: "v3password",
            files: cloud(
                "    auth_type: v3password\n    auth: {auth_url: http://h/v3, username: u, password: p, "
                    + "project_id: x}\n")),
        Variant(
            name: "v3token",
            files: cloud("    auth_type: v3token\n    auth: {auth_url: http://h/v3, token: T, project_id: x}\n")),
        Variant(
            name: "verify off beside an authority",
            files: cloud(
                "    auth: {auth_url: https://h/v3, username: u, password: p, project_id: x}\n    verify: false\n"
                    + "    cacert: /tmp/ca.pem\n")),
        Variant(
            name: "a certificate with its key in one file",
            files: cloud(
                "    auth: {auth_url: https://h/v3, username: u, password: p, project_id: x}\n    cert: /tmp/c.pem\n")),
        Variant(
            name: "several interfaces",
            files: cloud(
                "    auth: {auth_url: https://h/v3, username: u, password: p, project_id: x}\n"
                    + "    interface: [internal, public]\n")),
        Variant(
            name: "the default domain",
            files: cloud(
                "    auth: {auth_url: http://h/v3, username: u, password: p, project_name: t, default_domain_id: D}\n")),
        Variant(
            name: "numbers as names",
            files: cloud("    auth: {auth_url: http://h/v3, username: 12, password: 0123, project_name: 7}\n")),
        Variant(
            name: "system scope by the environment",
            variables: [
                "OS_AUTH_URL": "http://h/v3", "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_SYSTEM_SCOPE": "all",
                "OS_USER_DOMAIN_NAME": "D",
            ]),
        Variant(
            name: "a trust by the environment",
            variables: [
                "OS_AUTH_URL": "http://h/v3", "OS_USER_ID": "u", "OS_PASSWORD": "p", "OS_TRUST_ID": "T",
            ]),
        Variant(
            name: "a token by the environment",
            variables: [
                "OS_AUTH_TYPE": "token", "OS_AUTH_URL": "http://h/v3", "OS_TOKEN": "T", "OS_PROJECT_ID": "x",
            ]),
        Variant(
            name: "old names by the environment",
            variables: [
                "OS_AUTH_URL": "http://h/v3", "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_TENANT_NAME": "t",
                "OS_ENDPOINT_TYPE": "internalURL",
            ]),
        Variant(
            name: "an endpoint by the environment",
            variables: [
                "OS_AUTH_URL": "http://h/v3", "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_PROJECT_ID": "x",
                "OS_LOAD_BALANCER_ENDPOINT_OVERRIDE": "http://lb/load-balancer",
            ]),
    ]

    @Test(
        .enabled("openstacksdk must be installable", { await PythonClients.install() }), .timeLimit(.minutes(5)))
    func openstacksdkResolvesTheSame() async throws {
        let program = """
            import json, os, sys
            import openstack.config
            result = {}
            c = openstack.config.OpenStackConfig().get_one(
                cloud=sys.argv[1] or None, **({"region_name": sys.argv[2]} if sys.argv[2] else {}))
            a = c.config["auth"]
            result = {k: a[k] for k in sorted(a) if a[k]}
            result["auth_type"] = c.config["auth_type"]
            result["region"] = c.region_name
            result["interface"] = c.get_interface("load-balancer").replace("URL", "")
            verify, cert = c.get_requests_verify_args()
            result["verify"], result["cert"] = verify, list(cert) if isinstance(cert, tuple) else cert
            for s in ("load-balancer", "network"):
                result[s] = c.get_endpoint(s)
            result["timeout"] = c.config.get("api_timeout")
            print(json.dumps(result))
            """
        // Their file is the same for all; each has a folder of its own, in which Python starts.
        for variant in Self.variants + Self.places + Self.settings {
            let folder = try TemporaryFolder("ottava-clouds")
            defer { folder.remove() }
            try Self.write(variant.files, to: folder)
            var environment: [String: String?] = ["HOME": folder.file("nobody"), "PYTHONWARNINGS": "ignore"]
            for name in ["OS_CLOUD", "OS_CLIENT_CONFIG_FILE", "OS_AUTH_URL", "OS_USERNAME", "OS_PASSWORD"] {
                environment[name] = .some(nil)
            }
            for (name, value) in variant.variables {
                environment[name] = value.replacing("FOLDER", with: folder.path)
            }
            let script = "cd '\(folder.path)' && exec \"$0\" -c \"$1\" \"$2\" \"$3\""
            let result = try await ChildProcess.run(
                "/bin/sh",
                ["-c", script, PythonClients.python, program, variant.cloud ?? "", variant.region ?? ""],
                environment: environment)
            let expected = try #require(
                result.output.split(separator: "\n").last.flatMap { try? JSONValue(parsing: Array($0.utf8)) },
                "\(variant.name): \(result.errors)")
            let ours = try load(
                variant.files, cloud: variant.cloud, region: variant.region, variables: variant.variables)
            compare(ours, expected, variant.name)
        }
    }

    private func compare(_ ours: CloudConfiguration, _ theirs: JSONValue, _ name: String) {
        let comment = Comment(rawValue: "\(name): \(ours) and \(theirs)")
        #expect(ours.authURL == theirs["auth_url"]?.string, comment)
        #expect(ours.region ?? "" == theirs["region"]?.string ?? "", comment)
        #expect(ours.interfaces.first?.rawValue == theirs["interface"]?.string, comment)
        switch theirs["verify"] {
        case .bool(let verifies):
            #expect(ours.tls.verifiesServer == verifies && !(verifies && ours.tls.authoritiesFile != nil), comment)
        case .string(let file): #expect(ours.tls.verifiesServer && ours.tls.authoritiesFile == file, comment)
        default: Issue.record(comment)
        }
        let certificate = theirs["cert"]?.array?.compactMap(\.string) ?? []
        #expect([ours.tls.certificateFile, ours.tls.keyFile].compactMap { $0 } == certificate, comment)
        for service in ["load-balancer", "network"] {
            #expect(ours.endpointOverrides[service] == theirs[service]?.string, comment)
        }
        if let timeout = theirs["timeout"], !timeout.isNull {
            let seconds = timeout.integer ?? timeout.string.flatMap { Int64($0) } ?? 0
            #expect(ours.timeout == .seconds(seconds), comment)
        }
        var login = Self.login(ours.credentials)
        let theirLogin = Self.login(theirs)
        // A project without a domain of its own is in the user's here, as Gophercloud has it; Keystone would refuse it.
        for name in ["project_domain_id", "project_domain_name"]
        where theirLogin["project_domain_id"] == nil && theirLogin["project_domain_name"] == nil { login[name] = nil }
        #expect(login == theirLogin, comment)
    }

    /// What is sent to Keystone, in one form for both.
    private static func login(_ credentials: Credentials) -> [String: String] {
        var result: [String: String] = [:]
        func put(_ domain: DomainReference, _ prefix: String) {
            switch domain {
            case .id("default"): break
            case .id(let id): result["\(prefix)_domain_id"] = id
            case .name(let name): result["\(prefix)_domain_name"] = name
            }
        }
        func put(_ scope: TokenScope) {
            switch scope {
            case .project(.id(let id)): result["project_id"] = id
            case .project(.name(let name, let domain)):
                result["project_name"] = name
                put(domain, "project")
            case .domain(.id(let id)): result["domain_id"] = id
            case .domain(.name(let name)): result["domain_name"] = name
            case .system: result["system_scope"] = "all"
            case .trust(let id): result["trust_id"] = id
            case .unscoped: break
            }
        }
        switch credentials {
        case .password(let user, let password, let scope):
            result["password"] = password.revealed
            switch user {
            case .id(let id): result["user_id"] = id
            case .name(let name, let domain):
                result["username"] = name
                put(domain, "user")
            }
            put(scope)
        case .token(let token, let scope):
            result["token"] = token.revealed
            put(scope)
        case .applicationCredential(.id(let id), let secret):
            result["application_credential_id"] = id
            result["application_credential_secret"] = secret.revealed
        default: result["other"] = "\(credentials)"
        }
        return result
    }

    private static func login(_ theirs: JSONValue) -> [String: String] {
        let names = [
            "username", "user_id", "password", "token", "application_credential_id", "application_credential_secret",
            "project_id", "project_name", "domain_id", "domain_name", "system_scope", "trust_id", "user_domain_id",
            "user_domain_name", "project_domain_id", "project_domain_name",
        ]
        var result: [String: String] = [:]
        for name in names { result[name] = theirs[name]?.string }
        // Absent is the domain `default` for Keystone's own sake.
        for name in ["user_domain_id", "project_domain_id"] where result[name] == "default" { result[name] = nil }
        if result["user_id"] != nil || result["username"] == nil {
            result["user_domain_id"] = nil
            result["user_domain_name"] = nil
        }
        if result["project_name"] == nil {
            result["project_domain_id"] = nil
            result["project_domain_name"] = nil
        }
        return result
    }
}
