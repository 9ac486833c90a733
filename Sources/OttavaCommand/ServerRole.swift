// What a process of the service does.

/// A part of the service; a process has one or several, and any number of processes share a PostgreSQL database.
enum ServerRole: String, CaseIterable, Sendable {
    /// Answers requests.
    case api
    /// Carries out changes with the data plane of this machine, and records what it observes there.
    case worker
    /// Judges what the data plane observes: here, or in the process of the worker, by way of the database.
    case healthManager = "health-manager"
    /// Puts right what crashes leave behind.
    case housekeeping

    /// Reads a list; empty is all.
    static func list(_ names: [String]) throws(ServerSettings.Problem) -> Set<ServerRole> {
        guard !names.isEmpty else { return Set(allCases) }
        var roles: Set<ServerRole> = []
        for name in names {
            guard let role = ServerRole(rawValue: name) else {
                throw ServerSettings.Problem(
                    key: "role", value: name, allowed: allCases.map(\.rawValue).joined(separator: ", "))
            }
            roles.insert(role)
        }
        return roles
    }
}
