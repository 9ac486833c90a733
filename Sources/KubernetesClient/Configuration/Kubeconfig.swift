// Kubeconfig files: clusters, users, and contexts that bring them together.

internal import FoundationEssentials
internal import JSON
internal import Yams

extension ClusterConfiguration {
    /// Finds a cluster as Kubernetes' own programs do: the file that is given, else those that `KUBECONFIG` lists, else
    /// the pod that this process runs in, else `~/.kube/config`.
    ///
    /// - Parameters:
    ///   - kubeconfig: The path of a file; absent or empty searches.
    ///   - context: The name of a context; absent: the current one.
    ///   - environment: Absent: that of the process.
    /// - Throws: ``KubernetesError/Code/invalidConfiguration`` that names file and key.
    public static func load(
        kubeconfig: String? = nil, context: String? = nil, environment: [String: String]? = nil
    ) throws(KubernetesError) -> ClusterConfiguration {
        let environment = environment ?? ProcessInfo.processInfo.environment
        if let kubeconfig, !kubeconfig.isEmpty { return try Kubeconfig(paths: [kubeconfig]).configuration(context) }
        let listed = (environment["KUBECONFIG"] ?? "").split(separator: ":").map(String.init)
        if !listed.isEmpty {
            // Of a list some may be missing.
            let paths = listed.filter { FileManager.default.fileExists(atPath: $0) }
            return try Kubeconfig(paths: paths.isEmpty ? listed : paths).configuration(context)
        }
        if let pod = try inPod(environment: environment) { return pod }
        let home = environment["HOME"] ?? FileManager.default.homeDirectoryForCurrentUser.path
        return try Kubeconfig(paths: ["\(home)/.kube/config"]).configuration(context)
    }

    /// What every container of a pod finds ("Accessing the Kubernetes API from a Pod"); `nil` outside of pods.
    ///
    /// - Parameter folder: Where the service account's files are.
    public static func inPod(
        environment: [String: String]? = nil, folder: String = "/var/run/secrets/kubernetes.io/serviceaccount"
    ) throws(KubernetesError) -> ClusterConfiguration? {
        let environment = environment ?? ProcessInfo.processInfo.environment
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
        else { return nil }
        let token = "\(folder)/token"
        guard FileManager.default.fileExists(atPath: token) else {
            throw KubernetesError(.invalidConfiguration, "this pod has no token of a service account at \(token)")
        }
        var configuration = ClusterConfiguration(
            server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)", credentials: .tokenFile(token))
        let authorities = "\(folder)/ca.crt"
        if FileManager.default.fileExists(atPath: authorities) { configuration.authorities = .file(authorities) }
        if let data = FileManager.default.contents(atPath: "\(folder)/namespace") {
            let name = String(decoding: data, as: UTF8.self).filter { !$0.isWhitespace }
            if !name.isEmpty { configuration.namespace = name }
        }
        return configuration
    }
}

/// Files laid over each other: of entries with the same name the first counts.
private struct Kubeconfig {
    /// An entry, and the folder that its paths are relative to.
    struct Entry {
        var fields: [String: JSONValue]
        var file: String

        var folder: String { URL(filePath: file).deletingLastPathComponent().path() }
    }

    var files: String
    var currentContext = ""
    var clusters: [String: Entry] = [:]
    var users: [String: Entry] = [:]
    var contexts: [String: Entry] = [:]

    init(paths: [String]) throws(KubernetesError) {
        files = paths.joined(separator: ", ")
        for path in paths {
            guard let data = FileManager.default.contents(atPath: path) else {
                throw KubernetesError(.invalidConfiguration, "the kubeconfig \(path) cannot be read")
            }
            let document = try Self.read(String(decoding: data, as: UTF8.self), path)
            if currentContext.isEmpty { currentContext = document["current-context"]?.string ?? "" }
            clusters.merge(try Self.entries("clusters", "cluster", document, path)) { first, _ in first }
            users.merge(try Self.entries("users", "user", document, path)) { first, _ in first }
            contexts.merge(try Self.entries("contexts", "context", document, path)) { first, _ in first }
        }
    }

    private static func read(_ text: String, _ path: String) throws(KubernetesError) -> JSONValue {
        do {
            guard let node = try Yams.compose(yaml: text) else { return [:] }
            return value(node)
        } catch {
            throw KubernetesError(.invalidConfiguration, "\(path) is not YAML: \(error)", underlying: error)
        }
    }

    private static func value(_ node: Yams.Node) -> JSONValue {
        if let mapping = node.mapping {
            let members = mapping.compactMap { key, member in key.string.map { ($0, value(member)) } }
            return .object(Dictionary(members) { $1 })
        }
        if let sequence = node.sequence { return .array(sequence.map(value)) }
        if node.null != nil { return .null }
        // `true` is a truth value unless it is quoted; all else is text here.
        if node.scalar?.style == .plain, let truth = node.bool { return .bool(truth) }
        return .string(node.string ?? "")
    }

    private static func entries(
        _ list: String, _ field: String, _ document: JSONValue, _ path: String
    ) throws(KubernetesError) -> [String: Entry] {
        var entries: [String: Entry] = [:]
        for item in document[list]?.array ?? [] {
            guard let name = item["name"]?.string, let fields = item[field]?.object else {
                throw KubernetesError(
                    .invalidConfiguration, "\(path): each entry of '\(list)' needs 'name' and '\(field)'")
            }
            entries[name] = entries[name] ?? Entry(fields: fields, file: path)
        }
        return entries
    }

    func configuration(_ name: String?) throws(KubernetesError) -> ClusterConfiguration {
        let name = name.flatMap { $0.isEmpty ? nil : $0 } ?? currentContext
        guard !name.isEmpty else {
            throw KubernetesError(.invalidConfiguration, "\(files): there is no current-context; name a context")
        }
        guard let context = contexts[name] else {
            throw KubernetesError(
                .invalidConfiguration,
                "\(files): there is no context '\(name)', but \(contexts.keys.sorted().joined(separator: ", "))")
        }
        guard let clusterName = context.fields["cluster"]?.string, let cluster = clusters[clusterName] else {
            throw KubernetesError(
                .invalidConfiguration,
                "\(files): context '\(name)' names cluster '\(context.fields["cluster"]?.string ?? "")', which is missing"
            )
        }
        guard let server = cluster.fields["server"]?.string, !server.isEmpty else {
            throw KubernetesError(.invalidConfiguration, "\(cluster.file): cluster '\(clusterName)' has no 'server'")
        }
        if let proxy = cluster.fields["proxy-url"]?.string, !proxy.isEmpty {
            throw KubernetesError(
                .invalidConfiguration, "\(cluster.file): cluster '\(clusterName)': proxy-url is not supported")
        }
        var configuration = ClusterConfiguration(server: server)
        configuration.authorities = try data("certificate-authority", cluster)
        configuration.verifiesServer = cluster.fields["insecure-skip-tls-verify"]?.bool != true
        configuration.serverName = cluster.fields["tls-server-name"]?.string
        if let namespace = context.fields["namespace"]?.string, !namespace.isEmpty {
            configuration.namespace = namespace
        }
        if let userName = context.fields["user"]?.string, !userName.isEmpty {
            guard let user = users[userName] else {
                throw KubernetesError(
                    .invalidConfiguration, "\(files): context '\(name)' names user '\(userName)', who is missing")
            }
            configuration.credentials = try credentials(user, userName)
        }
        return configuration
    }

    private func credentials(_ user: Entry, _ name: String) throws(KubernetesError) -> ClusterCredentials {
        let fields = user.fields
        if let exec = fields["exec"]?.object { return .exec(try plugin(exec, user, name)) }
        if let provider = fields["auth-provider"]?["name"]?.string {
            throw KubernetesError(
                .invalidConfiguration,
                "\(user.file): user '\(name)': auth-provider '\(provider)' is not supported, as in Kubernetes since 1.26; "
                    + "use an exec plugin")
        }
        if let chain = try data("client-certificate", user) {
            guard let key = try data("client-key", user) else {
                throw KubernetesError(
                    .invalidConfiguration, "\(user.file): user '\(name)' has client-certificate but no client-key")
            }
            return .certificate(chain, key: key)
        }
        if let file = fields["tokenFile"]?.string, !file.isEmpty { return .tokenFile(absolute(file, user)) }
        if let token = fields["token"]?.string, !token.isEmpty { return .token(ClusterToken(token)) }
        if let user = fields["username"]?.string, !user.isEmpty {
            return .password(user: user, password: ClusterToken(fields["password"]?.string ?? ""))
        }
        return .none
    }

    private func plugin(
        _ exec: [String: JSONValue], _ user: Entry, _ name: String
    ) throws(KubernetesError) -> ExecPlugin {
        guard let command = exec["command"]?.string, !command.isEmpty else {
            throw KubernetesError(.invalidConfiguration, "\(user.file): user '\(name)': exec has no 'command'")
        }
        let version = exec["apiVersion"]?.string ?? ""
        let versions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]
        guard versions.contains(version) else {
            throw KubernetesError(
                .invalidConfiguration,
                "\(user.file): user '\(name)': exec.apiVersion '\(version)' must be one of "
                    + versions.joined(separator: ", "))
        }
        if exec["interactiveMode"]?.string == "Always" {
            throw KubernetesError(
                .invalidConfiguration,
                "\(user.file): user '\(name)': exec.interactiveMode 'Always' needs a terminal; it must be Never or "
                    + "IfAvailable")
        }
        var variables: [String: String] = [:]
        for variable in exec["env"]?.array ?? [] {
            if let name = variable["name"]?.string { variables[name] = variable["value"]?.string ?? "" }
        }
        return ExecPlugin(
            command: command.contains("/") ? absolute(command, user) : command,
            arguments: (exec["args"]?.array ?? []).compactMap(\.string), environment: variables, apiVersion: version,
            providesClusterInfo: exec["provideClusterInfo"]?.bool ?? false,
            installHint: exec["installHint"]?.string ?? "")
    }

    /// A field that holds a path, or base64 under its name with `-data`.
    private func data(_ field: String, _ entry: Entry) throws(KubernetesError) -> ConfigurationData? {
        if let text = entry.fields["\(field)-data"]?.string, !text.isEmpty {
            guard let bytes = try? Base64Bytes(json: .string(text), path: field) else {
                throw KubernetesError(.invalidConfiguration, "\(entry.file): \(field)-data is not base64")
            }
            return .inline(bytes.bytes)
        }
        guard let path = entry.fields[field]?.string, !path.isEmpty else { return nil }
        return .file(absolute(path, entry))
    }

    private func absolute(_ path: String, _ entry: Entry) -> String {
        path.hasPrefix("/") ? path : "\(entry.folder)\(path)"
    }
}
