// Certificates of Secrets, kept in the key manager.

internal import KubernetesClient
internal import OctaviaClient
internal import Synchronization

/// Puts certificates where load balancers find them. What is stored never changes: a renewed certificate gets a new place,
/// and the old one is deleted when no listener refers to it any more.
final class CertificateStore: Sendable {
    private let cloud: Cloud
    /// Name → reference.
    private let known = Mutex<[String: String]>([:])
    /// What the name begins with → the reference that was used last.
    private let last = Mutex<[String: String]>([:])

    init(_ cloud: Cloud) {
        self.cloud = cloud
    }

    /// What all names of what is stored for a Secret begin with; longer names are cut.
    private static func prefix(_ secret: ObjectKey, owner: String, isGroup: Bool) -> String {
        String("\(owner)_\(isGroup ? "\(secret.namespace)_\(secret.name)" : secret.name)".prefix(238)) + "_"
    }

    /// The reference of a certificate; stores it if it is not there.
    ///
    /// - Parameter owner: The name of the load balancer, with which all names of its secrets begin.
    func reference(_ certificate: CertificateSecret, _ secret: ObjectKey, owner: String, isGroup: Bool) async throws
        -> String
    {
        let prefix = Self.prefix(secret, owner: owner, isGroup: isGroup)
        let name = prefix + certificate.fingerprint.prefix(16)
        let reference: String
        if let there = known.withLock({ $0[name] }) {
            reference = there
        } else if let there = try await stored(name) {
            reference = there
        } else {
            reference = try await cloud.keyManager.store(name: name, payload: try certificate.bundle.bytes())
        }
        known.withLock { $0[name] = reference }
        last.withLock { $0[prefix] = reference }
        return reference
    }

    private func stored(_ name: String) async throws -> String? {
        do {
            return try await cloud.keyManager.secrets(named: name).first { $0.status ?? "ACTIVE" == "ACTIVE" }?
                .reference
        } catch let error as CloudError where error.code == .noEndpoint {
            throw Problem.refusal(
                "the cloud has no key manager, so that load balancers cannot have certificates",
                reason: EventReason.ingressFailed)
        }
    }

    /// The reference that a Secret had when it was last of use: a mistake in it must not end what is being served.
    func lastReference(_ secret: ObjectKey, owner: String, isGroup: Bool) async throws -> String? {
        let prefix = Self.prefix(secret, owner: owner, isGroup: isGroup)
        if let reference = last.withLock({ $0[prefix] }) { return reference }
        for loadBalancer in try await cloud.loadBalancers.list(.name(owner)).all() {
            for try await listener in cloud.listeners.list(.loadBalancer(loadBalancer.id)) {
                for reference in listener.certificateReferences {
                    guard let there = try? await cloud.keyManager.secret(reference), there.name.hasPrefix(prefix) else {
                        continue
                    }
                    last.withLock { $0[prefix] = reference }
                    return reference
                }
            }
        }
        return nil
    }

    /// Deletes what was stored for a load balancer, of the given references.
    func delete(_ references: Set<String>, owner: String) async {
        for reference in references {
            guard let secret = try? await cloud.keyManager.secret(reference), secret.name.hasPrefix("\(owner)_") else {
                continue
            }
            known.withLock { known in _ = known.removeValue(forKey: secret.name) }
            last.withLock { last in last = last.filter { $0.value != reference } }
            // It can stay where it cannot be deleted.
            try? await cloud.keyManager.delete(reference)
        }
    }
}

extension OctaviaClient.Listener {
    /// The default one first.
    var certificateReferences: [String] { [defaultTLSContainerRef].compactMap { $0 } + sniContainerRefs }
}
