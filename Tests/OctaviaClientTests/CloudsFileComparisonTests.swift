// The same description of a cloud for openstacksdk and for the library.

internal import JSON
internal import OctaviaClient
internal import TestSupport
internal import Testing

@Suite(.enabled("openstacksdk must be installable") { await PythonClients.install() })
struct CloudsFileComparisonTests {
    @Test(.timeLimit(.minutes(5)))
    func openstacksdkResolvesTheSame() async throws {
        let accepted =
            CloudsFileVariant.basics + CloudsFileVariant.places + CloudsFileVariant.settings
            + CloudsFileVariant.services + CloudsFileVariant.profiles
        let refused = CloudsFileVariant.refused
        let answers = try await Self.openstacksdk(accepted + refused)
        for (variant, answer) in zip(accepted, answers) {
            guard let expected = answer["cloud"] else {
                Issue.record("openstacksdk refuses '\(variant.name)': \(answer["refusal"] ?? .null)")
                continue
            }
            do {
                compare(try variant.load(), expected, variant.name)
            } catch {
                Issue.record("\(variant.name): \(error), where openstacksdk has \(expected)")
            }
        }
        for (variant, answer) in zip(refused, answers.suffix(refused.count)) {
            #expect(answer["refusal"] != nil, "\(variant.name): \(answer)")
            #expect(throws: CloudError.self, "\(variant.name)") { try variant.load() }
        }
    }

    /// What openstacksdk makes of each; the modules are read once, and each has a process of its own.
    private static let program = """
        import importlib, json, os, sys
        import openstack.config
        from openstack.config import loader

        def described(variant):
            os.chdir(variant["folder"])
            for name in [it for it in os.environ if it.startswith(("OS_", "XDG_"))]:
                del os.environ[name]
            os.environ.update(variant["variables"])
            # Where files are looked for is settled when the module is read.
            importlib.reload(loader)
            try:
                options = {"region_name": variant["region"]} if variant["region"] else {}
                c = loader.OpenStackConfig().get_one(cloud=variant["cloud"] or None, **options)
            except Exception as error:
                return {"refusal": f"{type(error).__name__}: {error}"}
            auth = c.config["auth"]
            result = {name: str(auth[name]) for name in sorted(auth) if auth[name]}
            result["auth_type"] = c.config["auth_type"]
            verify, cert = c.get_requests_verify_args()
            result["verify"], result["cert"] = verify, list(cert) if isinstance(cert, tuple) else [cert] if cert else []
            for service in ("load-balancer", "network"):
                interfaces = c.get_interface(service)
                interfaces = interfaces if isinstance(interfaces, list) else [interfaces]
                result[service] = {
                    "endpoint": c.get_endpoint(service), "region": c.get_region_name(service),
                    "interfaces": [it.replace("URL", "") for it in interfaces]}
            result["timeout"] = c.config.get("api_timeout")
            return {"cloud": result}

        for variant in json.load(sys.stdin):
            sys.stdout.flush()
            if child := os.fork():
                os.waitpid(child, 0)
            else:
                print(json.dumps(described(variant)), flush=True)
                os._exit(0)
        """

    private static func openstacksdk(_ variants: [CloudsFileVariant]) async throws -> [JSONValue] {
        let root = try TemporaryFolder("ottava-clouds")
        defer { root.remove() }
        var questions: [JSONValue] = []
        for (number, variant) in variants.enumerated() {
            let folder = root.file("\(number)")
            try Files.makeFolder(folder)
            try variant.write(to: folder)
            questions.append([
                "folder": .string(folder), "cloud": variant.cloud.map { .string($0) } ?? .null,
                "region": variant.region.map { .string($0) } ?? .null,
                "variables": .object(variant.environment(in: folder).mapValues { .string($0) }),
            ])
        }
        let result = try await ChildProcess.run(
            PythonClients.python, ["-c", program], environment: ["PYTHONWARNINGS": "ignore"],
            input: String(decoding: JSONWriter.bytes(of: JSONValue.array(questions)), as: UTF8.self),
            within: .seconds(240))
        let answers = result.output.split(separator: "\n").compactMap { try? JSONValue(parsing: Array($0.utf8)) }
        try #require(answers.count == variants.count, "\(result.errors)\n\(result.output)")
        return answers
    }

    private func compare(_ ours: CloudConfiguration, _ theirs: JSONValue, _ name: String) {
        let comment = Comment(rawValue: "\(name): \(ours) and \(theirs)")
        #expect(ours.authURL == theirs["auth_url"]?.string, comment)
        switch theirs["verify"] {
        case .bool(let verifies):
            #expect(ours.tls.verifiesServer == verifies && !(verifies && ours.tls.authoritiesFile != nil), comment)
        case .string(let file): #expect(ours.tls.verifiesServer && ours.tls.authoritiesFile == file, comment)
        default: Issue.record(comment)
        }
        let certificate = theirs["cert"]?.array?.compactMap(\.string) ?? []
        #expect([ours.tls.certificateFile, ours.tls.keyFile].compactMap { $0 } == certificate, comment)
        for service in ["load-balancer", "network"] {
            let their = theirs[service]
            #expect(ours.endpointOverrides[service] == their?["endpoint"]?.string, comment)
            #expect(ours.serviceRegions[service] ?? ours.region ?? "" == their?["region"]?.string ?? "", comment)
            let interfaces = ours.serviceInterfaces[service] ?? ours.interfaces
            #expect(interfaces.map(\.rawValue) == their?["interfaces"]?.array?.compactMap(\.string), comment)
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
        case .applicationCredential(let reference, let secret):
            result["application_credential_secret"] = secret.revealed
            switch reference {
            case .id(let id): result["application_credential_id"] = id
            case .name(let name, .id(let user)):
                result["application_credential_name"] = name
                result["user_id"] = user
            default: result["other"] = "\(reference)"
            }
        default: result["other"] = "\(credentials)"
        }
        return result
    }

    private static func login(_ theirs: JSONValue) -> [String: String] {
        let names = [
            "username", "user_id", "password", "token", "application_credential_id", "application_credential_name",
            "application_credential_secret", "project_id", "project_name", "domain_id", "domain_name", "system_scope",
            "trust_id", "user_domain_id",
            "user_domain_name", "project_domain_id", "project_domain_name",
        ]
        var result: [String: String] = [:]
        for name in names { result[name] = theirs[name]?.string }
        // What keystoneauth makes of it when it logs in.
        for prefix in ["user", "project"] where result["\(prefix)_domain_name"] == nil {
            result["\(prefix)_domain_id"] = result["\(prefix)_domain_id"] ?? theirs["default_domain_id"]?.string
        }
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
