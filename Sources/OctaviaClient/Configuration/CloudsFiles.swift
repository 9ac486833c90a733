// clouds.yaml, secure.yaml and clouds-public.yaml: where they are and what is in them.

internal import FoundationEssentials
internal import JSON
internal import Yams

/// The contents of the files that describe clouds. Scalars are kept as they are written: all are strings.
struct CloudsFiles: Sendable {
    /// The file that was found.
    var path: String?
    /// Name → keys, secure.yaml laid over clouds.yaml.
    var clouds: [String: [String: JSONValue]] = [:]
    /// The names in the order of the file.
    var names: [String] = []
    /// `public-clouds` of clouds-public.yaml.
    var profiles: [String: [String: JSONValue]] = [:]

    static func find(
        environment: [String: String], workingDirectory: String
    ) throws(CloudError) -> CloudsFiles {
        let folders = folders(environment: environment, workingDirectory: workingDirectory)
        var files = CloudsFiles()
        func first(_ name: String, override: String?) throws(CloudError) -> (path: String, content: JSONValue)? {
            var candidates = folders.flatMap { folder in
                ["yaml", "yml", "json"].map { "\(folder)/\(name).\($0)" }
            }
            if let override, let path = environment[override], !path.isEmpty { candidates.insert(path, at: 0) }
            for path in candidates {
                guard let data = FileManager.default.contents(atPath: path) else { continue }
                return (path, try read(data, path: path))
            }
            return nil
        }
        if let (path, content) = try first("clouds", override: "OS_CLIENT_CONFIG_FILE") {
            files.path = path
            files.clouds = try section("clouds", of: content, path: path)
            files.names = files.clouds.keys.sorted()
        }
        if let (path, content) = try first("secure", override: "OS_CLIENT_SECURE_FILE") {
            for (name, keys) in try section("clouds", of: content, path: path) {
                files.clouds[name] = merge(files.clouds[name] ?? [:], with: keys)
            }
            files.names = files.clouds.keys.sorted()
        }
        if let (path, content) = try first("clouds-public", override: nil) {
            files.profiles = try section("public-clouds", of: content, path: path)
        }
        return files
    }

    private static func folders(environment: [String: String], workingDirectory: String) -> [String] {
        var folders = [workingDirectory]
        let home = environment["HOME"] ?? FileManager.default.homeDirectoryForCurrentUser.path
        if let configuration = environment["XDG_CONFIG_HOME"], !configuration.isEmpty {
            folders.append("\(configuration)/openstack")
        }
        folders.append("\(home)/.config/openstack")
        let shared = environment["XDG_CONFIG_DIRS"].flatMap { $0.isEmpty ? nil : $0 } ?? "/etc/xdg"
        folders += shared.split(separator: ":").map { "\($0)/openstack" }
        folders.append("/etc/openstack")
        return folders
    }

    private static func read(_ data: Data, path: String) throws(CloudError) -> JSONValue {
        let text = String(decoding: data, as: UTF8.self)
        do {
            // JSON is YAML.
            guard let node = try Yams.compose(yaml: text) else { return .object([:]) }
            return value(of: node)
        } catch {
            throw CloudError(.invalidConfiguration, "\(path) is not YAML: \(error)", cause: error)
        }
    }

    private static func value(of node: Node) -> JSONValue {
        switch node {
        case .scalar(let scalar):
            let isNull = scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
            return isNull ? .null : .string(scalar.string)
        case .mapping(let mapping):
            var members: [String: JSONValue] = [:]
            for (key, member) in mapping {
                // A merge key (`<<: *common`) fills in what is not there.
                if key.string == "<<" {
                    let merged = value(of: member)
                    for part in merged.array ?? [merged] {
                        members.merge(part.object ?? [:]) { old, _ in old }
                    }
                } else if let name = key.string {
                    members[name] = value(of: member)
                }
            }
            return .object(members)
        case .sequence(let sequence): return .array(sequence.map(value(of:)))
        case .alias: return .null
        }
    }

    private static func section(
        _ name: String, of content: JSONValue, path: String
    ) throws(CloudError) -> [String: [String: JSONValue]] {
        guard case .object(let sections) = content else {
            throw CloudError(.invalidConfiguration, "\(path): a mapping with the key '\(name)' is expected")
        }
        var result: [String: [String: JSONValue]] = [:]
        guard let found = sections[name], !found.isNull else { return result }
        guard let clouds = found.object else {
            throw CloudError(.invalidConfiguration, "\(path): '\(name)' must be a mapping of names to clouds")
        }
        for (cloud, keys) in clouds {
            guard let keys = keys.object else {
                throw CloudError(.invalidConfiguration, "\(path): cloud '\(cloud)' must be a mapping")
            }
            result[cloud] = keys
        }
        return result
    }

    /// Lays one mapping over another; mappings inside are laid over each other too.
    static func merge(_ below: [String: JSONValue], with above: [String: JSONValue]) -> [String: JSONValue] {
        below.merging(above) { old, new in
            guard let old = old.object, let new = new.object else { return new }
            return .object(merge(old, with: new))
        }
    }
}
