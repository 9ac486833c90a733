// What serves goes on serving when its secrets are deleted: the agent still has them.

import LoadBalancing

extension LoadBalancerPlan {
    /// The plan with the certificates that it lacks taken from an earlier one, where they came from the same references.
    ///
    /// What still cannot be served has its reason in ``ListenerTLSPlan/problem`` and ``PoolTLSPlan/problem``.
    func completed(from earlier: LoadBalancerPlan?) -> LoadBalancerPlan {
        var plan = self
        let kept = KeptMaterial(earlier)
        for index in plan.listeners.indices {
            guard var tls = plan.listeners[index].tls else { continue }
            if tls.problem != nil {
                tls.problem = nil
                tls.certificates = tls.certificates.map { kept.certificate($0) }
                tls.clientAuthority = kept.text(tls.clientAuthority, tls.clientAuthorityReference)
                tls.clientRevocationList = kept.text(tls.clientRevocationList, tls.clientRevocationListReference)
            }
            tls.problem = TLSObstacle.of(tls)
            plan.listeners[index].tls = tls
        }
        for index in plan.pools.indices {
            guard var tls = plan.pools[index].tls else { continue }
            if tls.problem != nil {
                tls.problem = nil
                tls.certificate = tls.certificate.map { kept.certificate($0) }
                tls.authority = kept.text(tls.authority, tls.authorityReference)
                tls.revocationList = kept.text(tls.revocationList, tls.revocationListReference)
            }
            tls.problem = TLSObstacle.of(tls)
            plan.pools[index].tls = tls
        }
        return plan
    }

    /// Why listeners are not served in TLS, or not with their pool.
    var tlsProblems: [ResourceID: String] {
        guard isEnabled else { return [:] }
        var result: [ResourceID: String] = [:]
        for listener in listeners where listener.isEnabled {
            var problems: [String] = []
            if let problem = listener.tls?.problem { problems.append(problem) }
            if let pool = listener.defaultPoolID.flatMap({ pool($0) }), pool.isEnabled, let problem = pool.tls?.problem
            {
                problems.append("Pool \(pool.id): \(problem)")
            }
            if !problems.isEmpty { result[listener.id] = problems.joined(separator: " ") }
        }
        return result
    }
}

/// The certificates of a plan by the references that they came from.
private struct KeptMaterial {
    private var certificates: [String: CertificateMaterial] = [:]
    private var texts: [String: String] = [:]

    init(_ plan: LoadBalancerPlan?) {
        for tls in plan?.listeners.compactMap(\.tls) ?? [] {
            for certificate in tls.certificates { keep(certificate) }
            keep(tls.clientAuthority, tls.clientAuthorityReference)
            keep(tls.clientRevocationList, tls.clientRevocationListReference)
        }
        for tls in plan?.pools.compactMap(\.tls) ?? [] {
            if let certificate = tls.certificate { keep(certificate) }
            keep(tls.authority, tls.authorityReference)
            keep(tls.revocationList, tls.revocationListReference)
        }
    }

    private mutating func keep(_ certificate: CertificateMaterial) {
        guard let reference = certificate.reference, !certificate.isMissing else { return }
        certificates[reference] = certificate
    }

    private mutating func keep(_ text: String?, _ reference: String?) {
        if let text, let reference { texts[reference] = text }
    }

    func certificate(_ wanted: CertificateMaterial) -> CertificateMaterial {
        guard wanted.isMissing, let reference = wanted.reference else { return wanted }
        return certificates[reference] ?? wanted
    }

    func text(_ wanted: String?, _ reference: String?) -> String? {
        wanted ?? reference.flatMap { texts[$0] }
    }
}
