// From references to certificates to the certificates themselves.

extension ListenerTLSPlan {
    /// What a listener that ends TLS does; `nil` for others.
    init?(_ listener: Listener, _ material: TLSMaterial) {
        guard listener.endsTLS else { return nil }
        let tls = listener.tls
        var missing: [String] = []
        let references = [tls.defaultContainerRef].compactMap { $0 } + tls.sniContainerRefs
        let certificates = references.map { material.certificate($0, missing: &missing) }
        let authority = tls.clientCAContainerRef.flatMap { material.text($0, missing: &missing) }
        let revocationList = tls.clientCRLContainerRef.flatMap { material.text($0, missing: &missing) }
        self.init(
            certificates: certificates, clientAuthentication: tls.clientAuthentication, clientAuthority: authority,
            clientAuthorityReference: tls.clientCAContainerRef, clientRevocationList: revocationList,
            clientRevocationListReference: tls.clientCRLContainerRef, ciphers: tls.ciphers, versions: tls.versions,
            alpnProtocols: tls.alpnProtocols, problem: TLSMaterial.problem(missing))
    }
}

extension PoolTLSPlan {
    /// How members are spoken to; `nil` when that is not in TLS.
    init?(_ tls: PoolTLS, _ material: TLSMaterial) {
        guard tls.isEnabled else { return nil }
        var missing: [String] = []
        let certificate = tls.containerRef.map { material.certificate($0, missing: &missing) }
        let authority = tls.caContainerRef.flatMap { material.text($0, missing: &missing) }
        let revocationList = tls.crlContainerRef.flatMap { material.text($0, missing: &missing) }
        self.init(
            certificate: certificate, authority: authority, authorityReference: tls.caContainerRef,
            revocationList: revocationList, revocationListReference: tls.crlContainerRef, ciphers: tls.ciphers,
            versions: tls.versions, alpnProtocols: tls.alpnProtocols, problem: TLSMaterial.problem(missing))
    }
}

extension StrictTransportSecurityPlan {
    /// The header of a listener; `nil` for none.
    init?(_ listener: Listener) {
        guard listener.listenerProtocol == .terminatedHTTPS, let maxAge = listener.hstsMaxAge else { return nil }
        self.init(
            maxAge: maxAge, includesSubdomains: listener.hstsIncludeSubdomains, preload: listener.hstsPreload)
    }
}

extension TLSMaterial {
    fileprivate func certificate(_ reference: String, missing: inout [String]) -> CertificateMaterial {
        if var certificate = certificates[reference] {
            certificate.reference = reference
            return certificate
        }
        missing.append(reference)
        return .missing(reference)
    }

    fileprivate func text(_ reference: String, missing: inout [String]) -> String? {
        if let text = texts[reference] { return text }
        missing.append(reference)
        return nil
    }

    /// The sentence for the owner; `nil` when nothing is missing.
    public static func problem(_ missing: [String]) -> String? {
        missing.isEmpty ? nil : "These secrets cannot be had any more: \(missing.joined(separator: ", "))."
    }
}
