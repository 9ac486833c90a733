// Which secrets a listener refers to.

internal import LoadBalancing
internal import OctaviaWire

/// The references of a request that must be looked up before it is accepted.
struct TLSReferences {
    var certificates: [String] = []
    var authority: String?
    var revocationList: String?

    var isEmpty: Bool { certificates.isEmpty && authority == nil && revocationList == nil }

    func findings(in store: any CertificateStore, projectID: String) async throws -> CertificateFindings {
        try await store.findings(
            certificates: certificates, authorities: [authority], revocationLists: [revocationList],
            projectID: projectID)
    }
}

extension ListenerCreate {
    var references: TLSReferences {
        TLSReferences(
            certificates: [defaultTLSContainerRef].compactMap { $0 } + sniContainerRefs,
            authority: clientCAContainerRef, revocationList: clientCRLContainerRef)
    }
}

extension ListenerUpdate {
    var references: TLSReferences {
        TLSReferences(
            certificates: [defaultTLSContainerRef.value(over: nil)].compactMap { $0 }
                + sniContainerRefs.value(over: []),
            authority: clientCAContainerRef.value(over: nil),
            revocationList: clientCRLContainerRef.value(over: nil))
    }
}

extension LoadBalancerCreate {
    /// What the request and everything in it refers to.
    func findings(in store: any CertificateStore, projectID: String) async throws -> CertificateFindings {
        let listeners = self.listeners.map(\.references)
        let policyPools = self.listeners.flatMap { $0.l7Policies.compactMap(\.redirectPool) }
        let pools = (self.pools + self.listeners.compactMap(\.defaultPool) + policyPools).map(\.tls)
        return try await store.findings(
            certificates: listeners.flatMap(\.certificates) + pools.compactMap(\.containerRef),
            authorities: listeners.map(\.authority) + pools.map(\.caContainerRef),
            revocationLists: listeners.map(\.revocationList) + pools.map(\.crlContainerRef), projectID: projectID)
    }
}
