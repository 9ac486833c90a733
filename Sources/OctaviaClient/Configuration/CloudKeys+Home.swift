// Paths that begin in the user's home.

internal import FoundationEssentials

extension CloudKeys {
    /// Replaces `~` at the start of a path.
    static func expandedHome(_ path: String) -> String {
        guard path == "~" || path.hasPrefix("~/") else { return path }
        return FileManager.default.homeDirectoryForCurrentUser.path + path.dropFirst()
    }
}
