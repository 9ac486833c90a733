// Versions of TLS and application protocols (API reference, "TLS versions", "ALPN").

internal import OctaviaWire

/// Rules of lists that come with TLS.
enum TLSRules {
    /// Oldest first.
    static let versions = ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]

    /// A list of versions, if there is one, must have some and only known ones.
    static func checkVersions(_ list: [String]?) throws(OctaviaFault) {
        guard let list else { return }
        guard !list.isEmpty else {
            throw .validation(
                "Empty TLS version list. Either specify at least one TLS version or remove this parameter to use the default."
            )
        }
        let unknown = list.filter { !versions.contains($0) }
        guard unknown.isEmpty else { throw .validation("Invalid TLS versions: \(unknown.joined(separator: ", "))") }
    }

    /// A list of application protocols, if there is one, must have some.
    static func checkALPN(_ list: [String]?) throws(OctaviaFault) {
        guard list?.isEmpty == true else { return }
        throw .validation(
            "Empty ALPN protocol list. Either specify at least one ALPN protocol or remove this parameter to use the default."
        )
    }
}
