// The files of certificates, which HAProxy reads when it starts, before it becomes another user.

import ProviderDrivers

extension DataPlaneFile {
    /// The folder of certificates, keys, authorities, revocation lists, and of the lists of certificates.
    static let certificateDirectory = "tls"
}

extension DataFolder {
    /// Every file of certificates with its text.
    static func certificateFiles(of configuration: HAProxyConfiguration) -> [String: String] {
        var texts = configuration.tlsFiles.mapValues(\.text)
        for tls in configuration.frontends.compactMap(\.tls) { texts[tls.listName] = tls.listText }
        return texts
    }

    func certificateFile(_ name: String) -> String { "\(file(DataPlaneFile.certificateDirectory))/\(name)" }

    /// Writes them, readable for the agent's user alone, and removes all others.
    func writeCertificates(of configuration: HAProxyConfiguration) throws(DataPlaneError) {
        let wanted = Self.certificateFiles(of: configuration)
        let folder = file(DataPlaneFile.certificateDirectory)
        if !wanted.isEmpty { try SmallFile.makeFolder(folder) }
        for (name, text) in wanted where SmallFile.read(certificateFile(name)) != text {
            try SmallFile.replace(certificateFile(name), with: text)
        }
        for name in SmallFile.entries(of: folder) where wanted[name] == nil {
            SmallFile.remove(certificateFile(name))
        }
    }

    /// Whether the files are those of a configuration.
    func hasCertificates(of configuration: HAProxyConfiguration) -> Bool {
        Self.certificateFiles(of: configuration).allSatisfy { SmallFile.read(certificateFile($0)) == $1 }
    }

    /// Removes all of them.
    func removeCertificates() {
        SmallFile.removeFolder(file(DataPlaneFile.certificateDirectory))
    }
}
