// Where listeners and pools get their certificates from.

internal import FoundationEssentials
internal import KeyManager
public import LoadBalancing
internal import OctaviaWire

/// Looks up what references to certificates stand for.
public protocol CertificateStore: Sendable {
    /// The certificate behind a reference, with its key, as it is given to a project.
    func certificate(of reference: String, projectID: String) async throws -> CertificateLookup

    /// The text of the secret behind a reference, such as the PEM of an authority.
    func text(of reference: String, projectID: String) async throws -> CertificateText
}

/// What a store says of a certificate with its key.
public enum CertificateLookup: Sendable, Hashable {
    case certificate(CertificateMaterial)
    /// It cannot be had.
    case missing
    /// It can be had and is no certificate with a key; why, in a part of a sentence.
    case unusable(String)
    /// The store does not look: it is taken as good.
    case unchecked
}

/// What a store says of a secret that is text.
public enum CertificateText: Sendable, Hashable {
    case text(String)
    /// It cannot be had.
    case missing
    /// The store does not look: it is taken as good.
    case unchecked
}

/// Where no key manager is: nothing can be had.
public struct NoCertificates: CertificateStore {
    public init() {}

    public func certificate(of reference: String, projectID: String) async throws -> CertificateLookup { .missing }

    public func text(of reference: String, projectID: String) async throws -> CertificateText { .missing }
}

/// Takes every reference as good: for dry runs.
public struct UncheckedCertificates: CertificateStore {
    public init() {}

    public func certificate(of reference: String, projectID: String) async throws -> CertificateLookup { .unchecked }

    public func text(of reference: String, projectID: String) async throws -> CertificateText { .unchecked }
}

/// References to the authority of certificates and to its list of those that it revoked.
struct TrustReferences: Sendable, Hashable {
    var authority: String?
    var revocationList: String?
}

/// What was found out about the references of one request, before the transaction that needs to know it.
struct CertificateFindings: Sendable, Hashable {
    /// References to certificates that cannot be had.
    var missing: Set<String> = []
    /// References whose text is not what it should be, and what is wrong.
    var unusable: [String: String] = [:]
    /// Lists that their authority has not signed.
    var foreign: Set<TrustReferences> = []
    /// References to certificates that cannot serve, and why, in a part of a sentence.
    var flaws: [String: String] = [:]

    static let none = CertificateFindings()

    /// Ends the call with 400 when one of the certificates cannot be had.
    func requireAll(_ references: [String]) throws(OctaviaFault) {
        let list = references.filter(missing.contains)
        guard list.isEmpty else {
            throw OctaviaFault(
                400, "Could not retrieve certificate: [\(list.map { "'\($0)'" }.joined(separator: ", "))]")
        }
    }

    /// Ends the call with 400 when one of the certificates of a field cannot serve.
    func requireServing(_ references: [String?], field: String) throws(OctaviaFault) {
        for reference in references {
            guard let reference, let reason = flaws[reference] else { continue }
            throw .validation("\(field): the certificate \(reference) cannot be used: \(reason).")
        }
    }

    /// Ends the call with 400 when an authority or a revocation list is not one, or when they do not belong together.
    func requireUsable(_ trust: TrustReferences) throws(OctaviaFault) {
        let references = [trust.authority, trust.revocationList].compactMap { $0 }
        try requireAll(references)
        for reference in references {
            if let reason = unusable[reference] { throw .validation(reason) }
        }
        guard !foreign.contains(trust) else {
            throw .validation("The CRL specified is not valid for client certificate authority reference supplied.")
        }
    }
}

extension CertificateStore {
    /// Looks up references; those that are empty cost nothing.
    ///
    /// - Parameters:
    ///   - certificates: References to certificates with keys.
    ///   - trust: References to authorities and their lists of revoked certificates.
    ///   - now: When the certificates must be valid.
    func findings(
        certificates: [String], trust: [TrustReferences], projectID: String,
        at now: Timestamp = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    ) async throws -> CertificateFindings {
        var findings = CertificateFindings()
        for reference in Set(certificates) {
            switch try await certificate(of: reference, projectID: projectID) {
            case .missing: findings.missing.insert(reference)
            case .unusable(let reason): findings.flaws[reference] = reason
            case .certificate(let material):
                findings.flaws[reference] = CertificateInspection.flaw(in: material, at: now)
            case .unchecked: continue
            }
        }
        var authorities: [String: AuthorityCertificate] = [:]
        for reference in Set(trust.compactMap(\.authority)) {
            switch try await text(of: reference, projectID: projectID) {
            case .missing: findings.missing.insert(reference)
            case .text(let text):
                authorities[reference] = AuthorityCertificate(pem: text)
                if authorities[reference] == nil || !CertificateInspection.areAuthorities(text) {
                    findings.unusable[reference] = Self.noAuthority(reference)
                }
            case .unchecked: continue
            }
        }
        var lists: [String: RevocationList] = [:]
        for reference in Set(trust.compactMap(\.revocationList)) {
            switch try await text(of: reference, projectID: projectID) {
            case .missing: findings.missing.insert(reference)
            case .text(let text):
                lists[reference] = RevocationList(pem: text)
                if lists[reference] == nil { findings.unusable[reference] = Self.noRevocationList(reference) }
            case .unchecked: continue
            }
        }
        for pair in trust {
            guard let authority = pair.authority.flatMap({ authorities[$0] }),
                let list = pair.revocationList.flatMap({ lists[$0] })
            else { continue }
            if !list.isSigned(by: authority) { findings.foreign.insert(pair) }
        }
        return findings
    }

    private static func noAuthority(_ reference: String) -> String {
        "The client authentication CA certificate is invalid. It must be a valid x509 PEM format certificate. Error: There is none in \(reference)."
    }

    private static func noRevocationList(_ reference: String) -> String {
        "The client authentication certificate revocation list is invalid. It must be a valid x509 PEM format certificate revocation list. Error: There is none in \(reference)."
    }
}
