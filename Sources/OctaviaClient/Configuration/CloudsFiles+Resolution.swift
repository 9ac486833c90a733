// From the keys of a cloud to a configuration, by the rules of openstacksdk.

internal import JSON

extension CloudsFiles {
    /// Variables that select or locate a cloud but do not describe one.
    private static let selectors: Set<String> = [
        "OS_CLOUD", "OS_REGION_NAME", "OS_CLIENT_CONFIG_FILE", "OS_CLIENT_SECURE_FILE", "OS_CLOUD_NAME",
    ]

    func resolve(
        cloud: String?, region: String?, overrides: [String: String] = [:], environment: [String: String]
    ) throws(CloudError) -> CloudConfiguration {
        let variables = Self.described(by: environment)
        let keys: [String: JSONValue]
        let name: String?
        // A URL is a cloud of its own, that of the service as well as that of the login.
        let hasURL = overrides["auth_url"] != nil || overrides["endpoint"] != nil
        let selected = hasURL ? nil : environment["OS_CLOUD"]
        if let wanted = cloud ?? selected.flatMap({ $0.isEmpty ? nil : $0 }) {
            guard let found = clouds[wanted] else { throw missing(wanted) }
            (keys, name) = (found, wanted)
        } else if let variables {
            (keys, name) = (variables, nil)
        } else if hasURL {
            (keys, name) = ([:], nil)
        } else if names.count == 1, let found = clouds[names[0]] {
            (keys, name) = (found, names[0])
        } else if names.isEmpty {
            throw CloudError(
                .invalidConfiguration,
                "no cloud is configured: set OS_CLOUD and have a clouds.yaml, or set OS_AUTH_URL, OS_USERNAME, …")
        } else {
            throw CloudError(
                .invalidConfiguration,
                "\(path ?? "clouds.yaml") has several clouds; name one (OS_CLOUD): \(names.joined(separator: ", "))")
        }
        var merged = Self.lay(overrides, over: try withProfile(keys, cloud: name))
        let regionName = try apply(region: region, to: &merged, cloud: name)
        return try CloudKeys(merged, cloud: name, region: regionName).configuration()
    }

    /// Keys that say the same thing in different ways.
    private static let alternatives: [Set<String>] = [
        ["user_id", "userid", "username", "user_name"],
        ["project_id", "tenant_id", "project_name", "tenant_name"],
        ["user_domain_id", "user_domain_name"], ["project_domain_id", "project_domain_name"],
        ["domain_id", "domain_name"], ["token", "auth_token"],
        ["application_credential_id", "application_credential_name"], ["interface", "endpoint_type"],
        ["insecure", "verify"],
    ]

    private static func lay(_ overrides: [String: String], over keys: [String: JSONValue]) -> [String: JSONValue] {
        guard !overrides.isEmpty else { return keys }
        let replaced = alternatives.filter { !$0.isDisjoint(with: overrides.keys) }.reduce(Set(overrides.keys)) {
            $0.union($1)
        }
        func rest(_ keys: [String: JSONValue]) -> [String: JSONValue] {
            keys.filter { !replaced.contains(String($0.key.map { $0 == "-" ? "_" : $0 })) }
        }
        var values = overrides.mapValues { JSONValue.string($0) }
        // Another kind of secret is another kind of login.
        if overrides["auth_type"] == nil {
            if overrides["application_credential_secret"] != nil {
                values["auth_type"] = "v3applicationcredential"
            } else if overrides["password"] != nil {
                values["auth_type"] = "password"
            } else if overrides["token"] != nil {
                values["auth_type"] = "token"
            }
        }
        var result = rest(keys).merging(values) { $1 }
        result["auth"] = .object(rest(keys["auth"]?.object ?? [:]).merging(values) { $1 })
        return result
    }

    private func missing(_ wanted: String) -> CloudError {
        guard let path else {
            return CloudError(
                .invalidConfiguration,
                "cloud '\(wanted)' is not known: there is no clouds.yaml here, in ~/.config/openstack or in /etc/openstack"
            )
        }
        return CloudError(
            .invalidConfiguration,
            "cloud '\(wanted)' is not in \(path), which has: \(names.joined(separator: ", "))")
    }

    /// The cloud that the environment describes, if it does.
    private static func described(by environment: [String: String]) -> [String: JSONValue]? {
        let relevant = environment.filter { name, value in
            name.hasPrefix("OS_") && !value.isEmpty && !selectors.contains(name)
                && !["OS_TEST", "OS_STD", "OS_LOG"].contains { name.hasPrefix($0) }
        }
        guard !relevant.isEmpty else { return nil }
        var keys: [String: JSONValue] = [:]
        for (name, value) in relevant { keys[name.dropFirst(3).lowercased()] = .string(value) }
        if let region = environment["OS_REGION_NAME"] { keys["region_name"] = .string(region) }
        return keys
    }

    /// How a fault calls a cloud.
    private static func title(_ cloud: String?) -> String { cloud.map { "cloud '\($0)'" } ?? "the environment" }

    /// Lays the keys over those of the profile that they name.
    private func withProfile(_ keys: [String: JSONValue], cloud: String?) throws(CloudError) -> [String: JSONValue] {
        guard let profile = (keys["profile"] ?? keys["cloud"])?.string, !profile.isEmpty else { return keys }
        guard var base = profiles[profile] ?? CloudProfiles.named[profile] else {
            // One that is not known adds nothing; what it leaves open is what is wrong.
            guard keys["auth"]?["auth_url"] == nil, keys["auth_url"] == nil else { return keys }
            let advice =
                profile.contains("://") ? "; put there what \(profile)/.well-known/openstack/api says" : ""
            throw CloudError(
                .invalidConfiguration,
                "\(Self.title(cloud)): profile '\(profile)' is not in clouds-public.yaml, nor known by name\(advice)")
        }
        // A region of the cloud's own is the only one.
        if keys["regions"] == nil, keys["region_name"] != nil { base["regions"] = nil }
        return Self.merge(base, with: keys)
    }

    /// Picks a region and lays its own keys over the cloud's.
    private func apply(
        region: String?, to keys: inout [String: JSONValue], cloud: String?
    ) throws(CloudError) -> String? {
        var known: [(name: String, values: [String: JSONValue])] = []
        if let regions = keys["regions"]?.array {
            for entry in regions {
                if let name = entry.string {
                    known.append((name, [:]))
                } else if let name = entry["name"]?.string {
                    known.append((name, entry["values"]?.object ?? [:]))
                } else {
                    throw CloudError(.invalidConfiguration, "\(Self.title(cloud)): each of 'regions' needs a name")
                }
            }
        } else if let names = keys["region_name"]?.array {
            known = names.compactMap(\.string).map { ($0, [:]) }
        } else if let name = keys["region_name"]?.string {
            known = name.split(separator: ",").map { (String($0), [:]) }
        }
        keys["regions"] = nil
        guard let first = known.first else { return region }
        guard let region else {
            keys = Self.merge(keys, with: first.values)
            return first.name
        }
        guard let match = known.first(where: { $0.name == region }) else {
            throw CloudError(
                .invalidConfiguration,
                "\(Self.title(cloud)) has no region '\(region)', but \(known.map(\.name).joined(separator: ", "))")
        }
        keys = Self.merge(keys, with: match.values)
        return region
    }
}
