// The real HAProxy, for tests.

import Glibc
import ProviderDrivers
import Testing

@testable import AmphoraAgent

enum HAProxyProgram {
    static let path = "/usr/sbin/haproxy"

    static let isInstalled: Bool = {
        let isInstalled = access(path, X_OK) == 0
        if !isInstalled { print("SKIPPED: tests that need HAProxy, because \(path) is missing") }
        return isInstalled
    }()

    /// Lets HAProxy read a configuration and returns what it has against it.
    static func objection(to configuration: HAProxyConfiguration) async throws -> String? {
        var template = Array("/tmp/ottava-check-XXXXXX".utf8CString)
        let folder = String(cString: try #require(mkdtemp(&template)))
        defer { SmallFile.removeFolder(folder) }
        let data = DataFolder(path: folder, credentials: nil)
        try data.create()
        try SmallFile.replace(data.file(DataPlaneFile.serverState), with: ServerStateTable.empty)
        try data.writeFrontendFiles(of: configuration)
        try SmallFile.replace(data.configurationFile, with: try configuration.rendered())
        do {
            try await HAProxyLauncher(program: path).check(
                configuration: data.configurationFile, in: data.runFolder)
            return nil
        } catch {
            return error.dataPlaneError.description
        }
    }
}
