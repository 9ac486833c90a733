// The commands of HAProxy's runtime API that make a change, with the answers that mean success.

/// One command and what HAProxy says when it has worked.
struct RuntimeCommand: Hashable, Sendable {
    var text: String
    /// The beginning of the answer; empty when HAProxy says nothing.
    var expectedAnswer = ""

    /// Whether the answer means that the command has worked.
    func hasWorked(_ answer: String) -> Bool {
        expectedAnswer.isEmpty ? answer.isEmpty : answer.hasPrefix(expectedAnswer)
    }
}

extension RuntimeChange {
    /// The commands, in order, except for ``replacePatterns(file:patterns:)``, which needs a version number that HAProxy
    /// gives first, and for ``certificate(_:)``, whose commands carry texts. Every part of a command is a UUID, a number,
    /// an address or a keyword.
    var commands: [RuntimeCommand] {
        switch self {
        case .addServer(let server, let backend, let check, let tls):
            let name = "\(backend)/\(server.name)"
            var commands = [
                RuntimeCommand(
                    text: "add server \(name) \(Self.parameters(of: server, check: check, tls: tls))",
                    expectedAnswer: "New server registered")
            ]
            // A new server is in maintenance and its checks are off.
            if check != nil { commands.append(RuntimeCommand(text: "enable health \(name)")) }
            if !server.isDisabled { commands.append(RuntimeCommand(text: "enable server \(name)")) }
            return commands
        case .removeServer(let server, let backend):
            // It is deleted when its connections are gone: LoadBalancerRunner+Removals.
            return [RuntimeCommand(text: "disable server \(backend)/\(server)")]
        case .setWeight(let weight, let server, let backend):
            return [RuntimeCommand(text: "set server \(backend)/\(server) weight \(weight)")]
        case .setEnabled(let isEnabled, let server, let backend):
            return [RuntimeCommand(text: "\(isEnabled ? "enable" : "disable") server \(backend)/\(server)")]
        case .replacePatterns, .certificate:
            return []
        }
    }

    /// The same settings as the `server` line of the file has.
    private static func parameters(
        of server: HAProxyConfiguration.Server, check: HAProxyConfiguration.HealthCheck?,
        tls: HAProxyConfiguration.ServerTLS?
    ) -> String {
        var words = ["\(server.endpoint)", "id", "\(server.number)", "weight", "\(server.weight)"]
        if server.isBackup { words.append("backup") }
        switch server.proxyProtocol {
        case .none: break
        case .version1: words.append("send-proxy")
        case .version2: words.append("send-proxy-v2")
        }
        words += (tls?.arguments ?? []).map(\.text)
        if let check {
            words += ["check", "inter", "\(check.interval)s", "rise", "\(check.rise)", "fall", "\(check.fall)"]
            words += check.tlsArguments(in: tls).map(\.text)
            if let checkAddress = server.checkAddress { words += ["addr", checkAddress] }
            if let checkPort = server.checkPort { words += ["port", "\(checkPort)"] }
        }
        return words.joined(separator: " ")
    }

    /// Starts the replacement of a list; the answer holds the version number.
    static func preparePatterns(_ file: String) -> RuntimeCommand {
        RuntimeCommand(text: "prepare acl ../\(file)", expectedAnswer: "New version created: ")
    }

    /// Fills the new version of a list and puts it in place of the old one.
    static func fillPatterns(_ file: String, version: Int, patterns: [String]) -> [RuntimeCommand] {
        patterns.map { RuntimeCommand(text: "add acl @\(version) ../\(file) \(escaped($0))") }
            + [RuntimeCommand(text: "commit acl @\(version) ../\(file)")]
    }

    /// A value as one word of a command: a backslash takes the meaning from what follows it (management guide,
    /// section 9.3). Values have no line ends; those are refused where configurations are made.
    static func escaped(_ value: String) -> String {
        var result = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\", " ", "\t", ";", "<", "#", "\"", "'": result += "\\"
            default: break
            }
            result.unicodeScalars.append(character)
        }
        return result
    }
}
