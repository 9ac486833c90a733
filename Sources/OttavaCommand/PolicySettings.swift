// Settings that are more than a number or a word.

internal import ControlPlane
internal import FoundationEssentials
internal import LoadBalancing

/// The rules of access as settings give them.
enum PolicySettings {
    /// The rules of a role set, with those of a policy file over them.
    static func access(roles: AccessPolicy.Roles, file path: String?) throws -> AccessPolicy {
        guard let path, !path.isEmpty else { return AccessPolicy(roles: roles) }
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw ServerSettings.Problem(key: "policyFile", value: path, allowed: "a readable YAML file (\(error))")
        }
        do {
            return try AccessPolicy(roles: roles, file: PolicyFile(parsing: text))
        } catch {
            throw ServerSettings.Problem(key: "policyFile", value: path, allowed: "rules of oslo.policy (\(error))")
        }
    }
}

/// The settings of quotas for projects that were given none.
enum QuotaSettings {
    static let keys: [(kind: ResourceKind, key: String)] = [
        (.loadBalancer, "quotaLoadBalancer"), (.listener, "quotaListener"), (.pool, "quotaPool"),
        (.member, "quotaMember"), (.healthMonitor, "quotaHealthMonitor"), (.l7Policy, "quotaL7Policy"),
        (.l7Rule, "quotaL7Rule"),
    ]
}

/// Settings of what load balancers may have.
enum DeploymentRules {
    /// What is allowed of TLS.
    static func tls(prohibitedCiphers: [String], lowest: String?) throws -> TLSSettings {
        let settings = TLSSettings(
            prohibitedCiphers: Set(prohibitedCiphers), lowestVersion: lowest.flatMap { $0.isEmpty ? nil : $0 })
        if let version = settings.lowestVersion, !TLSSettings.versions.contains(version) {
            throw ServerSettings.Problem(
                key: "minimumTlsVersion", value: version, allowed: TLSSettings.versions.joined(separator: ", "))
        }
        guard !settings.defaultCiphers.isEmpty else {
            throw ServerSettings.Problem(
                key: "tlsCipherProhibitList", value: prohibitedCiphers.joined(separator: ":"),
                allowed: "a list that leaves one of the default ciphers")
        }
        return settings
    }

    /// The networks of a list.
    static func networks(_ key: String, _ texts: [String]) throws -> Set<ResourceID> {
        try Set(
            texts.map { text in
                guard let id = ResourceID(text) else {
                    throw ServerSettings.Problem(key: key, value: text, allowed: "ids of networks with commas between")
                }
                return id
            })
    }
}

/// A name under which the data plane that does nothing is offered.
struct NoOpProvider: Sendable, Hashable {
    var name: String
    var description: String

    static let standard = [
        NoOpProvider(name: "amphora", description: "The amphora provider without a data plane."),
        NoOpProvider(name: "octavia", description: "Another name of the amphora provider without a data plane."),
    ]

    /// The providers of the command line, else those of a setting (`name:description,…`), else the standard ones.
    static func list(_ options: [String], setting: String?) throws -> [NoOpProvider] {
        let texts =
            options.isEmpty ? setting?.split(separator: ",").map { $0.trimmingSpaces() } ?? [] : options
        guard !texts.isEmpty else { return standard }
        return try texts.map { text in
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let name = parts.first, (1...64).contains(name.unicodeScalars.count) else {
                throw ServerSettings.Problem(
                    key: "providers", value: text, allowed: "NAME or NAME:DESCRIPTION with 1 to 64 characters of name")
            }
            return NoOpProvider(
                name: name, description: parts.count > 1 ? parts[1] : "A provider without a data plane.")
        }
    }
}

extension Substring {
    func trimmingSpaces() -> String {
        var result = drop { $0 == " " }
        while result.last == " " { result.removeLast() }
        return String(result)
    }
}
