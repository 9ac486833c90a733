// What a deployment allows of TLS.

internal import OctaviaWire

/// Ciphers and versions of TLS that listeners and pools may have.
public struct TLSSettings: Sendable, Hashable {
    /// Names of ciphers, as OpenSSL spells them, that nobody may ask for.
    public var prohibitedCiphers: Set<String>
    /// The lowest version that may be asked for; absent allows all. One of ``versions``.
    public var lowestVersion: String?

    public init(prohibitedCiphers: Set<String> = [], lowestVersion: String? = nil) {
        self.prohibitedCiphers = prohibitedCiphers
        self.lowestVersion = lowestVersion
    }

    /// The versions there are, oldest first.
    public static let versions = ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]

    /// The ciphers of those who chose none: the usual ones without those that are prohibited.
    public var defaultCiphers: String {
        Self.usualCiphers.filter { !prohibitedCiphers.contains($0) }.joined(separator: ":")
    }

    /// The versions of those who chose none: TLS 1.2 and 1.3 unless they are too low.
    public var defaultVersions: [String] { ["TLSv1.2", "TLSv1.3"].filter { !isTooLow($0) } }

    /// The application protocols of those who chose none.
    static let defaultALPNProtocols = ["h2", "http/1.1", "http/1.0"]

    private static let usualCiphers = [
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
        "DHE-RSA-AES128-GCM-SHA256", "DHE-RSA-AES256-GCM-SHA384", "DHE-RSA-CHACHA20-POLY1305",
    ]

    private func isTooLow(_ version: String) -> Bool {
        guard let lowestVersion, let lowest = Self.versions.firstIndex(of: lowestVersion),
            let index = Self.versions.firstIndex(of: version)
        else { return false }
        return index < lowest
    }

    /// Ends the call with 400 when a list of ciphers names one that is prohibited.
    func checkCiphers(_ list: String?) throws(OctaviaFault) {
        guard let list, !prohibitedCiphers.isEmpty else { return }
        let rejected = list.split(separator: ":").map(String.init).filter(prohibitedCiphers.contains)
        guard rejected.isEmpty else {
            throw .validation(
                "The following ciphers have been prohibited by an administrator: \(rejected.joined(separator: ", "))")
        }
    }

    /// A list of versions, if there is one, must have some, only known ones, and none that is too low.
    func checkVersions(_ list: [String]?) throws(OctaviaFault) {
        guard let list else { return }
        guard !list.isEmpty else {
            throw .validation(
                "Empty TLS version list. Either specify at least one TLS version or remove this parameter to use the default."
            )
        }
        let unknown = list.filter { !Self.versions.contains($0) }
        guard unknown.isEmpty else { throw .validation("Invalid TLS versions: \(unknown.joined(separator: ", "))") }
        let rejected = list.filter(isTooLow)
        guard rejected.isEmpty else {
            throw .validation(
                "Requested TLS versions are less than the minimum: \(rejected.joined(separator: ", ")) < \(lowestVersion ?? "")"
            )
        }
    }

    /// A list of application protocols, if there is one, must have some.
    static func checkALPN(_ list: [String]?) throws(OctaviaFault) {
        guard list?.isEmpty == true else { return }
        throw .validation(
            "Empty ALPN protocol list. Either specify at least one ALPN protocol or remove this parameter to use the default."
        )
    }
}
