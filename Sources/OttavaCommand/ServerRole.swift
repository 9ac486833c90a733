// What a process of the service does.

/// A part of the service; a process has one or several, and any number of processes share a PostgreSQL database.
enum ServerRole: String, CaseIterable, Sendable {
    /// Answers requests.
    case api
    /// Carries out changes with the data plane of this machine, and records what it observes there.
    case worker
    /// Records what the data plane observes. Its observations are at hand only where the worker is.
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
        guard roles != [.healthManager] else {
            throw ServerSettings.Problem(
                key: "role", value: "health-manager",
                allowed: "together with worker: only there is something to observe")
        }
        return roles
    }
}
