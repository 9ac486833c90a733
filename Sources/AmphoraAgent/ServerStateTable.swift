// The file that carries members' check results over a reload (management guide, `show servers state`). Pure.

/// Turns the output of `show servers state` into what the next process may believe.
enum ServerStateTable {
    /// What a process reads when nothing is known: the version of the format alone.
    static let empty = "1\n"

    /// Keeps the lines whose result still holds in the next configuration, and only the result.
    ///
    /// HAProxy would also take over the state of administration and the weight, which may be the very things that the
    /// reload changes; they are set to what the configuration says. A result holds only for a server that is checked in
    /// the same way, at the same address, as before.
    static func carriedOver(
        _ text: String, from running: HAProxyConfiguration, to wanted: HAProxyConfiguration
    ) -> String {
        let old = servers(of: running)
        let new = servers(of: wanted)
        var result = empty
        for line in text.split(separator: "\n") {
            if line.hasPrefix("# ") {
                result += line + "\n"
                continue
            }
            var fields = line.split(separator: " ").map(String.init)
            guard fields.count > Column.weight.upperBound, let before = old["\(fields[1])/\(fields[3])"],
                let after = new["\(fields[1])/\(fields[3])"], before.check == after.check,
                before.tls == after.tls,
                before.server.endpoint == after.server.endpoint,
                before.server.checkAddress == after.server.checkAddress,
                before.server.checkPort == after.server.checkPort, !before.server.isDisabled,
                !after.server.isDisabled
            else { continue }
            fields[Column.administration] = "0"
            for column in Column.weight { fields[column] = "\(after.server.weight)" }
            result += fields.joined(separator: " ") + "\n"
        }
        return result
    }

    /// Positions in a line of version 1 of the format.
    private enum Column {
        static let administration = 6
        /// The weight in effect and the initial one.
        static let weight = 7...8
    }

    /// A server and how it is checked.
    private struct CheckedServer {
        var server: HAProxyConfiguration.Server
        var check: HAProxyConfiguration.HealthCheck
        var tls: HAProxyConfiguration.ServerTLS?
    }

    /// The servers that HAProxy checks itself, by `backend/server`.
    private static func servers(
        of configuration: HAProxyConfiguration
    ) -> [String: CheckedServer] {
        var result: [String: CheckedServer] = [:]
        for backend in configuration.backends {
            guard let check = backend.check else { continue }
            for server in backend.servers {
                result["\(backend.name)/\(server.name)"] = CheckedServer(server: server, check: check, tls: backend.tls)
            }
        }
        return result
    }

    /// What the running process knows of its servers: `backend/server` → state of administration and weight.
    static func administration(in text: String) -> [String: (flags: Int, weight: Int)] {
        var result: [String: (flags: Int, weight: Int)] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let fields = line.split(separator: " ")
            guard fields.count > Column.weight.upperBound, let flags = Int(fields[Column.administration]),
                let weight = Int(fields[Column.weight.lowerBound])
            else { continue }
            result["\(fields[1])/\(fields[3])"] = (flags, weight)
        }
        return result
    }
}
