// Which secrets listeners and pools refer to.

internal import LoadBalancing
internal import OctaviaWire

/// The references of a request that must be looked up before it is accepted.
struct TLSReferences {
    var certificates: [String] = []
    var trust = TrustReferences()

    var isEmpty: Bool { certificates.isEmpty && trust == TrustReferences() }

    func findings(in store: any CertificateStore, projectID: String) async throws -> CertificateFindings {
        try await store.findings(certificates: certificates, trust: [trust], projectID: projectID)
    }
}

extension ListenerTLS {
    var trust: TrustReferences {
        TrustReferences(authority: clientCAContainerRef, revocationList: clientCRLContainerRef)
    }
}

extension PoolTLS {
    var trust: TrustReferences { TrustReferences(authority: caContainerRef, revocationList: crlContainerRef) }
}

extension ListenerCreate {
    var references: TLSReferences {
        TLSReferences(
            certificates: [defaultTLSContainerRef].compactMap { $0 } + sniContainerRefs,
            trust: TrustReferences(authority: clientCAContainerRef, revocationList: clientCRLContainerRef))
    }
}

extension ListenerUpdate {
    /// What the request brings, and what it makes of an authority and a list that are there.
    func references(over listener: Listener?) -> TLSReferences {
        var references = TLSReferences(
            certificates: [defaultTLSContainerRef.value(over: nil)].compactMap { $0 }
                + sniContainerRefs.value(over: []))
        if clientCAContainerRef.isSet || clientCRLContainerRef.isSet {
            references.trust = TrustReferences(
                authority: clientCAContainerRef.value(over: listener?.tls.clientCAContainerRef),
                revocationList: clientCRLContainerRef.value(over: listener?.tls.clientCRLContainerRef))
        }
        return references
    }
}

extension PoolTLS {
    var references: TLSReferences {
        TLSReferences(certificates: [containerRef].compactMap { $0 }, trust: trust)
    }
}

extension PoolUpdate {
    /// What the request brings, and what it makes of an authority and a list that are there.
    func references(over pool: Pool?) -> TLSReferences {
        var references = TLSReferences(certificates: [tlsContainerRef.value(over: nil)].compactMap { $0 })
        if caTLSContainerRef.isSet || crlContainerRef.isSet {
            references.trust = TrustReferences(
                authority: caTLSContainerRef.value(over: pool?.tls.caContainerRef),
                revocationList: crlContainerRef.value(over: pool?.tls.crlContainerRef))
        }
        return references
    }
}

extension LoadBalancerCreate {
    /// What the request and everything in it refers to.
    func findings(in store: any CertificateStore, projectID: String) async throws -> CertificateFindings {
        let policyPools = listeners.flatMap { $0.l7Policies.compactMap(\.redirectPool) }
        let pools = self.pools + listeners.compactMap(\.defaultPool) + policyPools
        let references = listeners.map(\.references) + pools.map(\.tls.references)
        return try await store.findings(
            certificates: references.flatMap(\.certificates), trust: references.map(\.trust), projectID: projectID)
    }
}
