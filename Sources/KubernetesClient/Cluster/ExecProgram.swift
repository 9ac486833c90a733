// Programs that get credentials (client.authentication.k8s.io, `ExecCredential`).

internal import FoundationEssentials
internal import JSON
internal import Subprocess
internal import SystemPackage

/// Runs a credential plugin.
struct ExecProgram: Sendable {
    struct Result: Sendable {
        var token: ClusterToken?
        /// PEM of certificate and key.
        var certificate: ([UInt8], [UInt8])?
        /// How long they are good; absent: until refused.
        var life: Duration?
    }

    let plugin: ExecPlugin
    let configuration: ClusterConfiguration

    /// What the program is told (`KUBERNETES_EXEC_INFO`).
    private var information: String {
        var spec: [String: JSONValue] = ["interactive": false]
        if plugin.providesClusterInfo {
            var cluster: [String: JSONValue] = ["server": .string(configuration.server)]
            if !configuration.verifiesServer { cluster["insecure-skip-tls-verify"] = true }
            if let name = configuration.serverName { cluster["tls-server-name"] = .string(name) }
            switch configuration.authorities {
            case .inline(let bytes): cluster["certificate-authority-data"] = Base64Bytes(bytes).json
            case .file(let path):
                if let data = FileManager.default.contents(atPath: path) {
                    cluster["certificate-authority-data"] = Base64Bytes(Array(data)).json
                }
            case nil: break
            }
            spec["cluster"] = .object(cluster)
        }
        let document: JSONValue = [
            "apiVersion": .string(plugin.apiVersion), "kind": "ExecCredential", "spec": .object(spec),
        ]
        return String(decoding: JSONWriter.bytes(of: document), as: UTF8.self)
    }

    /// - Throws: ``KubernetesError/Code/invalidConfiguration`` with what the program said.
    func run() async throws -> Result {
        var variables: [Environment.Key: String] = ["KUBERNETES_EXEC_INFO": information]
        for (name, value) in plugin.environment { variables[.init(stringLiteral: name)] = value }
        let output: String
        do {
            let result = try await Subprocess.run(
                plugin.command.contains("/") ? .path(FilePath(plugin.command)) : .name(plugin.command),
                arguments: Arguments(plugin.arguments),
                environment: .inherit.updating(variables.mapValues { Optional($0) }),
                output: .string(limit: 1 << 20), error: .string(limit: 1 << 16))
            guard result.terminationStatus.isSuccess else {
                throw failure("ended with \(result.terminationStatus): \(result.standardError)")
            }
            output = result.standardOutput
        } catch let error as SubprocessError {
            throw failure("cannot be run: \(error). \(plugin.installHint)")
        }
        guard let document = try? JSONValue(parsing: output.utf8), let status = document["status"] else {
            throw failure("did not write an ExecCredential with a status")
        }
        guard document["apiVersion"]?.string == plugin.apiVersion else {
            throw failure("wrote apiVersion \(document["apiVersion"]?.string ?? "none"), not \(plugin.apiVersion)")
        }
        var result = Result()
        result.token = status["token"]?.string.map { ClusterToken($0) }
        if let chain = status["clientCertificateData"]?.string, let key = status["clientKeyData"]?.string {
            result.certificate = (Array(chain.utf8), Array(key.utf8))
        }
        guard result.token != nil || result.certificate != nil else {
            throw failure("gave neither a token nor a certificate")
        }
        if let text = status["expirationTimestamp"]?.string, let end = try? Date(text, strategy: .iso8601) {
            // Renewed a little early, so that no request is under way when it ends.
            result.life = max(.seconds(1), .seconds(end.timeIntervalSinceNow - 10))
        }
        return result
    }

    private func failure(_ text: String) -> KubernetesError {
        KubernetesError(.invalidConfiguration, "users.exec: \(plugin.command) \(text)")
    }
}
