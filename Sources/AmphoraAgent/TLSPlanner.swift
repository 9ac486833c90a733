// Turns the TLS settings of listeners and pools into HAProxy's. Pure.

import LoadBalancing

extension HAProxyConfiguration.FrontendTLS {
    /// How a listener speaks TLS; `nil` when it does not, or when something is missing (``TLSObstacle``).
    init?(_ listener: ListenerPlan) {
        guard let tls = listener.tls, TLSObstacle.of(tls) == nil, let first = tls.certificates.first,
            let offer = HAProxyConfiguration.TLSOffer(versions: tls.versions, ciphers: tls.ciphers)
        else { return nil }
        let name = listener.id.string
        var certificates: [HAProxyConfiguration.TLSFile] = []
        for material in tls.certificates.dropFirst() where material != first {
            let file = HAProxyConfiguration.TLSFile.named(byContent: PEMText.certificate(material))
            if !certificates.contains(file) { certificates.append(file) }
        }
        self.init(
            defaultCertificate: .init(kind: .certificate, name: "\(name).pem", text: PEMText.certificate(first)),
            certificates: certificates, versions: offer.versions, ciphers: offer.ciphers,
            alpnProtocols: tls.alpnProtocols ?? [],
            strictTransportSecurity: listener.strictTransportSecurity.map(Self.value), listName: "\(name).list")
        switch tls.clientAuthentication {
        case .none: verification = .none
        case .optional: verification = .optional
        case .mandatory: verification = .required
        }
        if verification != .none {
            authority = tls.clientAuthority.map {
                .init(kind: .authority, name: "\(name).ca.pem", text: PEMText.authorities($0))
            }
            revocationList = tls.clientRevocationList.map {
                .init(kind: .revocationList, name: "\(name).crl.pem", text: PEMText.revocationLists($0))
            }
        }
        // Header names are case-insensitive (RFC 9110, section 5.1).
        let wanted = Set(
            listener.insertHeaders.filter { $0.value.lowercased() == "true" }.map { $0.key.lowercased() })
        clientCertificateHeaders = HAProxyConfiguration.ClientCertificateHeader.allCases.filter {
            wanted.contains($0.rawValue.lowercased())
        }
    }

    /// The value of the header (RFC 6797, section 6.1).
    private static func value(of plan: StrictTransportSecurityPlan) -> String {
        "max-age=\(max(plan.maxAge, 0))" + (plan.includesSubdomains ? "; includeSubDomains" : "")
            + (plan.preload ? "; preload" : "")
    }
}

extension HAProxyConfiguration.ServerTLS {
    /// How members of a pool are spoken to; `nil` when not in TLS, or when something is missing (``TLSObstacle``).
    init?(_ pool: PoolPlan) {
        guard let tls = pool.tls, TLSObstacle.of(tls) == nil,
            // Towards members HAProxy knows no gap between two versions: the newer side of it is what remains.
            let offer = HAProxyConfiguration.TLSOffer(
                versions: tls.versions, ciphers: tls.ciphers, canHaveGaps: false)
        else { return nil }
        let name = "pool-\(pool.id)"
        self.init(
            certificate: tls.certificate.map {
                .init(kind: .certificate, name: "\(name).pem", text: PEMText.certificate($0))
            },
            authority: tls.authority.map {
                .init(kind: .authority, name: "\(name).ca.pem", text: PEMText.authorities($0))
            },
            revocationList: tls.revocationList.map {
                .init(kind: .revocationList, name: "\(name).crl.pem", text: PEMText.revocationLists($0))
            }, versions: offer.versions, ciphers: offer.ciphers,
            alpnProtocols: tls.alpnProtocols ?? [])
    }
}

/// Why a listener or a pool cannot speak TLS as its owner wants it, in a sentence for the owner.
enum TLSObstacle {
    static func of(_ tls: ListenerTLSPlan) -> String? {
        if let problem = tls.problem { return problem }
        if tls.certificates.isEmpty { return "The listener has no certificate." }
        let references = [
            tls.clientAuthority == nil ? tls.clientAuthorityReference : nil,
            tls.clientRevocationList == nil ? tls.clientRevocationListReference : nil,
        ]
        if let problem = missing(tls.certificates, references) { return problem }
        if tls.clientAuthentication != .none, tls.clientAuthority == nil {
            return "Client authentication needs certificates of authorities."
        }
        return ofOffer(tls.versions, tls.ciphers, tls.alpnProtocols)
    }

    static func of(_ tls: PoolTLSPlan) -> String? {
        if let problem = tls.problem { return problem }
        let references = [
            tls.authority == nil ? tls.authorityReference : nil,
            tls.revocationList == nil ? tls.revocationListReference : nil,
        ]
        return missing([tls.certificate].compactMap { $0 }, references)
            ?? ofOffer(tls.versions, tls.ciphers, tls.alpnProtocols)
    }

    private static func missing(_ certificates: [CertificateMaterial], _ references: [String?]) -> String? {
        let certificates = certificates.filter(\.isMissing).map { $0.reference ?? "" }
        return TLSMaterial.problem(certificates + references.compactMap { $0 })
    }

    private static func ofOffer(_ versions: [String]?, _ ciphers: String?, _ protocols: [String]?) -> String? {
        if let ciphers, !ciphers.utf8.allSatisfy(isCipherCharacter) {
            return "tls_ciphers holds characters that no cipher list has."
        }
        for name in protocols ?? [] where !["h2", "http/1.1", "http/1.0"].contains(name) {
            return "alpn_protocols: the amphora provider does not offer \(name.prefix(255))."
        }
        guard HAProxyConfiguration.TLSOffer(versions: versions, ciphers: ciphers) == nil else { return nil }
        let list = (versions ?? []).joined(separator: ", ")
        return ciphers == nil || HAProxyConfiguration.TLSOffer(versions: versions, ciphers: nil) == nil
            ? "tls_versions: OpenSSL speaks none of \(list)."
            : "tls_ciphers holds nothing for the versions in tls_versions: \(list)."
    }

    private static func isCipherCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-+!:@=_.".utf8.contains(byte)
        }
    }
}

extension HAProxyConfiguration {
    /// Versions and ciphers that fit each other.
    struct TLSOffer: Hashable, Sendable {
        var versions: TLSVersions
        var ciphers: TLSCiphers

        /// - Parameters:
        ///   - names: The API's names of versions; absent is TLS 1.2 and 1.3.
        ///   - list: Ciphers of all versions, joined by colons.
        ///   - canHaveGaps: Whether versions between two others can be left out.
        /// - Returns: `nil` when no connection could come about.
        init?(versions names: [String]?, ciphers list: String?, canHaveGaps: Bool = true) {
            var wanted = TLSVersion.allCases.filter { (names ?? ["TLSv1.2", "TLSv1.3"]).contains($0.name) }
            ciphers = TLSCiphers()
            if let list {
                let parts = list.split(separator: ":")
                let suites = parts.filter { $0.hasPrefix("TLS_") }
                let others = parts.filter { !$0.hasPrefix("TLS_") }
                if !suites.isEmpty { ciphers.suites = suites.joined(separator: ":") }
                if !others.isEmpty { ciphers.list = others.joined(separator: ":") }
                // Without a cipher of its own, an older version would get OpenSSL's.
                if others.isEmpty, !suites.isEmpty { wanted.removeAll { $0 != .tls13 } }
            }
            if !canHaveGaps {
                while let lowest = wanted.first, let highest = wanted.last,
                    highest.rawValue - lowest.rawValue >= wanted.count
                { wanted.removeFirst() }
            }
            guard let lowest = wanted.first, let highest = wanted.last else { return nil }
            versions = TLSVersions(
                lowest: lowest, highest: highest,
                excluded: TLSVersion.allCases.filter {
                    (lowest.rawValue...highest.rawValue).contains($0.rawValue) && !wanted.contains($0)
                })
            // OpenSSL 3 speaks them on its lowest security level only.
            if lowest.rawValue < TLSVersion.tls12.rawValue, ciphers.list?.contains("@SECLEVEL") != true {
                ciphers.list = (ciphers.list ?? "DEFAULT") + ":@SECLEVEL=0"
            }
        }
    }
}

/// PEM (RFC 7468) reduced to its blocks.
enum PEMText {
    /// Certificate, chain and key in one, in HAProxy's order.
    static func certificate(_ material: CertificateMaterial) -> String {
        blocks(of: material.certificateChain) { $0 == "CERTIFICATE" }
            + blocks(of: material.privateKey) { $0.hasSuffix("PRIVATE KEY") }
    }

    static func authorities(_ text: String) -> String { blocks(of: text) { $0 == "CERTIFICATE" } }

    static func revocationLists(_ text: String) -> String { blocks(of: text) { $0 == "X509 CRL" } }

    /// The blocks with such a label, without anything before, between and after them, and without blank lines.
    private static func blocks(of text: String, where isWanted: (Substring) -> Bool) -> String {
        var result = ""
        var block: String?
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.filter { $0 != " " && $0 != "\t" || line.hasPrefix("-----") }
            if line.hasPrefix("-----BEGIN "), line.hasSuffix("-----") {
                let label = line.dropFirst(11).dropLast(5)
                block = isWanted(label) ? line + "\n" : nil
            } else if line.hasPrefix("-----END "), let open = block {
                result += open + line + "\n"
                block = nil
            } else if block != nil, !line.isEmpty {
                block? += line + "\n"
            }
        }
        return result
    }
}
