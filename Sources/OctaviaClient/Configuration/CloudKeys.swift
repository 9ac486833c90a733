// The keys of one cloud, with their old names and their defaults.

internal import JSON

/// Reads a configuration from the keys of one cloud: those under `auth` and those beside it.
struct CloudKeys {
    private let cloud: String
    private let region: String?
    private let keys: [String: JSONValue]
    private let auth: [String: JSONValue]

    init(_ keys: [String: JSONValue], cloud: String?, region: String?) {
        self.cloud = cloud.map { "cloud '\($0)'" } ?? "the environment"
        self.name = cloud
        self.region = region
        let normal = Self.withUnderscores(keys)
        self.keys = normal
        self.auth = Self.withUnderscores(normal["auth"]?.object ?? [:])
    }

    private let name: String?

    private static func withUnderscores(_ keys: [String: JSONValue]) -> [String: JSONValue] {
        Dictionary(
            keys.map { (String($0.key.map { $0 == "-" ? "_" : $0 }), $0.value) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The text of a key beside `auth`.
    private func top(_ name: String) -> String? {
        keys[name]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The text of a key of the login: under `auth`, else beside it.
    private func login(_ name: String) -> String? {
        auth[name]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? top(name)
    }

    /// The text of a key of the login that has older names: the last name counts most, and what stands beside `auth`
    /// counts more than what is in it.
    private func renamed(_ names: String...) -> String? {
        var result: String?
        for name in names {
            if let text = auth[name]?.string, !text.isEmpty { result = text }
            if let text = top(name) { result = text }
        }
        return result
    }

    private func failure(_ reason: String) -> CloudError {
        CloudError(.invalidConfiguration, "\(cloud): \(reason)")
    }

    func configuration() throws(CloudError) -> CloudConfiguration {
        let credentials = try credentials()
        let authURL = expanded(login("auth_url") ?? "")
        var configuration = CloudConfiguration(
            name: name, authURL: authURL, credentials: credentials, region: region,
            interfaces: try interfaces("interface", "endpoint_type") ?? [.public],
            endpointOverrides: endpointOverrides(), tls: try tls())
        for type in ServiceType.allCases {
            for prefix in type.keyPrefixes.reversed() {
                if let own = try interfaces("\(prefix)_interface", "\(prefix)_endpoint_type") {
                    configuration.serviceInterfaces[type.rawValue] = own
                }
                if let own = top("\(prefix)_region_name") { configuration.serviceRegions[type.rawValue] = own }
            }
        }
        if case .endpoints = credentials {
            if let endpoint = login("endpoint") {
                for type in ServiceType.allCases where configuration.endpointOverrides[type.rawValue] == nil {
                    configuration.endpointOverrides[type.rawValue] = endpoint
                }
            }
        } else if authURL.isEmpty {
            throw failure("auth_url is missing")
        } else if !URLText(authURL).isComplete {
            throw failure("auth_url '\(authURL)' is no http or https URL")
        }
        if let text = timeoutText {
            guard let seconds = Double(text), seconds > 0, seconds <= 86_400 else {
                throw failure("api_timeout '\(text)' must be a number of seconds above 0")
            }
            configuration.timeout = .milliseconds(Int64(seconds * 1000))
        }
        return configuration
    }

    /// `{region_name}` and the like in a URL.
    private func expanded(_ text: String) -> String {
        var text = text
        for (key, value) in keys.merging(["region_name": .string(region ?? "")], uniquingKeysWith: { $1 }) {
            if let value = value.string { text = text.replacing("{\(key)}", with: value) }
        }
        return text
    }

    private var timeoutText: String? {
        let services = keys.keys.filter { $0.hasSuffix("timeout") && $0 != "timeout" && $0 != "api_timeout" }
        return services.sorted().first.flatMap(top) ?? top("api_timeout")
    }

    // MARK: Login

    private func credentials() throws(CloudError) -> Credentials {
        let token = renamed("auth_token", "token")
        let type = top("auth_type") ?? top("auth_plugin") ?? impliedType(hasToken: token != nil)
        switch type {
        case "password", "v3password", "v2password":
            guard let user = try user(for: type) else { throw failure("username or user_id is missing") }
            guard let password = login("password") else { throw failure("password is missing") }
            return .password(user: user, password: Secret(password), scope: try scope())
        case "token", "v3token", "v2token":
            guard let token else { throw failure("token is missing") }
            return .token(Secret(token), scope: try scope())
        case "v3applicationcredential":
            guard let secret = login("application_credential_secret") else {
                throw failure("application_credential_secret is missing")
            }
            if let id = login("application_credential_id") {
                return .applicationCredential(.id(id), secret: Secret(secret))
            }
            guard let name = login("application_credential_name") else {
                throw failure("application_credential_id or application_credential_name is missing")
            }
            guard let user = try user(for: type) else {
                throw failure("an application credential's name needs username or user_id")
            }
            return .applicationCredential(.name(name, user: user), secret: Secret(secret))
        case "none", "noauth", "None": return .endpoints(token: nil)
        case "admin_token", "token_endpoint":
            guard let token else { throw failure("token is missing") }
            return .endpoints(token: Secret(token))
        default:
            throw failure(
                "auth_type '\(type)' is not one of password, token, v3applicationcredential, none, admin_token")
        }
    }

    private func impliedType(hasToken: Bool) -> String {
        if login("application_credential_secret") != nil { return "v3applicationcredential" }
        return hasToken && login("password") == nil ? "token" : "password"
    }

    /// Whether the login is for a project: then `domain_id` and `domain_name` are the domain of user and project.
    private var hasProject: Bool {
        renamed("tenant_id", "project_id") != nil || renamed("tenant_name", "project_name") != nil
    }

    private func domain(_ prefix: String) -> DomainReference? {
        if let given = givenDomain(prefix) { return given }
        if let id = login("default_domain_id") ?? login("default_domain") { return .id(id) }
        return login("default_domain_name").map { .name($0) }
    }

    private func givenDomain(_ prefix: String) -> DomainReference? {
        if let id = renamed("\(prefix)_domain_id") { return .id(id) }
        if let name = renamed("\(prefix)_domain_name") { return .name(name) }
        if hasProject {
            if let id = renamed("domain_id") { return .id(id) }
            if let name = renamed("domain_name") { return .name(name) }
        }
        return nil
    }

    private func user(for type: String) throws(CloudError) -> UserReference? {
        if let id = login("user_id") ?? login("userid") { return .id(id) }
        guard let name = login("username") ?? login("user_name") else { return nil }
        // Who says which version of the API he means has to say all that it needs, as keystoneauth has it.
        if type.hasPrefix("v3"), givenDomain("user") == nil {
            throw failure("auth_type \(type) with a username needs user_domain_id or user_domain_name")
        }
        return .name(name, domain: domain("user") ?? .default)
    }

    private func scope() throws(CloudError) -> TokenScope {
        if let trust = login("trust_id") { return .trust(trust) }
        if let system = login("system_scope") {
            guard system == "all" || system == "true" else { throw failure("system_scope '\(system)' must be 'all'") }
            return .system
        }
        if let id = renamed("tenant_id", "project_id") { return .project(.id(id)) }
        if let name = renamed("tenant_name", "project_name") {
            return .project(.name(name, domain: domain("project") ?? domain("user") ?? .default))
        }
        if let id = renamed("domain_id") { return .domain(.id(id)) }
        return renamed("domain_name").map { .domain(.name($0)) } ?? .unscoped
    }

    // MARK: Endpoints and TLS

    /// The interfaces that a key names, or the older one; `nil` when there is neither.
    private func interfaces(_ name: String, _ olderName: String) throws(CloudError) -> [EndpointInterface]? {
        let value = keys[name] ?? keys[olderName]
        let texts = value?.array?.compactMap(\.string) ?? value?.string.map { [$0] } ?? []
        var result: [EndpointInterface] = []
        for text in texts where !text.isEmpty {
            guard let interface = EndpointInterface(rawValue: text.replacing("URL", with: "")) else {
                throw failure("\(name) '\(text)' is not one of public, internal, admin")
            }
            result.append(interface)
        }
        return result.isEmpty ? nil : result
    }

    private func endpointOverrides() -> [String: String] {
        var overrides: [String: String] = [:]
        for type in ServiceType.allCases {
            for name in type.keyPrefixes {
                if let url = top("\(name)_endpoint_override") ?? top("\(name)_endpoint") {
                    overrides[type.rawValue] = expanded(url)
                    break
                }
            }
        }
        return overrides
    }

    private func tls() throws(CloudError) -> TLSSettings {
        var settings = TLSSettings()
        settings.verifiesServer =
            try flag("insecure", unless: false) ? false : flag("verify", unless: true)
        settings.authoritiesFile = top("cacert").map(Self.expandedHome)
        settings.certificateFile = top("cert").map(Self.expandedHome)
        settings.keyFile = top("key").map(Self.expandedHome)
        if settings.keyFile != nil, settings.certificateFile == nil { throw failure("key needs cert") }
        return settings
    }

    private func flag(_ name: String, unless standard: Bool) throws(CloudError) -> Bool {
        guard let text = top(name) else { return standard }
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw failure("\(name) '\(text)' must be true or false")
        }
    }
}
