// Fetches the certificates behind the references of a tree, for its driver.

internal import KeyManager
internal import LoadBalancing
internal import Logging

extension Reconciler {
    /// What stands behind the references of a tree. What cannot be had is left out: the driver goes on with what it has.
    func material(of tree: LoadBalancerTree, _ logger: Logger) async throws -> TLSMaterial {
        var bundles: Set<String> = []
        var texts: Set<String> = []
        for listener in tree.listeners
        where listener.endsTLS && !listener.core.isBeingDeleted {
            bundles.formUnion([listener.tls.defaultContainerRef].compactMap { $0 } + listener.tls.sniContainerRefs)
            texts.formUnion(
                [listener.tls.clientCAContainerRef, listener.tls.clientCRLContainerRef].compactMap { $0 })
        }
        for pool in tree.pools where pool.tls.isEnabled && !pool.core.isBeingDeleted {
            bundles.formUnion([pool.tls.containerRef].compactMap { $0 })
            texts.formUnion([pool.tls.caContainerRef, pool.tls.crlContainerRef].compactMap { $0 })
        }
        let projectID = tree.loadBalancer.core.projectID
        var material = TLSMaterial()
        for reference in bundles.sorted() {
            let found = try await readable(reference, logger) {
                try await certificates.certificate(of: reference, projectID: projectID)
            }
            if case .certificate(let certificate) = found { material.certificates[reference] = certificate }
        }
        for reference in texts.sorted() {
            let found = try await readable(reference, logger) {
                try await certificates.text(of: reference, projectID: projectID)
            }
            if case .text(let text) = found { material.texts[reference] = text }
        }
        return material
    }

    /// A secret whose encryption key is lost is as good as none.
    private func readable<Result>(
        _ reference: String, _ logger: Logger, _ look: () async throws -> Result
    ) async throws -> Result? {
        do {
            return try await look()
        } catch let fault as KeyRingFault {
            logger.error("a secret cannot be decrypted", metadata: ["secret": "\(reference)", "error": "\(fault)"])
            return nil
        }
    }
}
