// Where listeners and pools get their certificates from.

internal import OctaviaWire

/// Looks up what references to certificates stand for.
public protocol CertificateStore: Sendable {
    /// Whether the certificate behind a reference, with its key, can be had on behalf of a project.
    func canRetrieve(_ reference: String, projectID: String) async throws -> Bool

    /// The text of the secret behind a reference, such as the PEM of an authority.
    func text(of reference: String, projectID: String) async throws -> CertificateText
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

    public func canRetrieve(_ reference: String, projectID: String) async throws -> Bool { false }

    public func text(of reference: String, projectID: String) async throws -> CertificateText { .missing }
}

/// Takes every reference as good: for dry runs.
public struct UncheckedCertificates: CertificateStore {
    public init() {}

    public func canRetrieve(_ reference: String, projectID: String) async throws -> Bool { true }

    public func text(of reference: String, projectID: String) async throws -> CertificateText { .unchecked }
}

/// What was found out about the references of one request, before the transaction that needs to know it.
struct CertificateFindings: Sendable, Hashable {
    /// References to certificates that cannot be had.
    var missing: Set<String> = []
    /// References whose text is not what it should be, and what is wrong.
    var unusable: [String: String] = [:]

    static let none = CertificateFindings()

    /// Ends the call with 400 when one of the certificates cannot be had.
    func requireAll(_ references: [String]) throws(OctaviaFault) {
        let list = references.filter(missing.contains)
        guard list.isEmpty else {
            throw OctaviaFault(
                400, "Could not retrieve certificate: [\(list.map { "'\($0)'" }.joined(separator: ", "))]")
        }
    }

    /// Ends the call with 400 when an authority or a revocation list is not one.
    func requireUsable(_ reference: String?) throws(OctaviaFault) {
        guard let reference else { return }
        try requireAll([reference])
        if let reason = unusable[reference] { throw .validation(reason) }
    }
}

extension CertificateStore {
    /// Looks up references; those that are empty cost nothing.
    ///
    /// - Parameters:
    ///   - certificates: References to certificates with keys.
    ///   - authorities: References to certificates of authorities.
    ///   - revocationLists: References to lists of revoked certificates.
    func findings(
        certificates: [String], authorities: [String?] = [], revocationLists: [String?] = [], projectID: String
    ) async throws -> CertificateFindings {
        var findings = CertificateFindings()
        for reference in Set(certificates) where try await !canRetrieve(reference, projectID: projectID) {
            findings.missing.insert(reference)
        }
        let texts =
            authorities.compactMap { $0 }.map { ($0, "CERTIFICATE", "X.509 certificate") }
            + revocationLists.compactMap { $0 }.map { ($0, "X509 CRL", "certificate revocation list") }
        for (reference, label, kind) in texts {
            switch try await text(of: reference, projectID: projectID) {
            case .missing: findings.missing.insert(reference)
            case .text(let text) where !PEMSyntax.hasBlock(label, in: text):
                findings.unusable[reference] = "The secret \(reference) is not a PEM encoded \(kind)."
            case .text, .unchecked: continue
            }
        }
        return findings
    }
}

/// The outside of PEM text (RFC 7468).
enum PEMSyntax {
    /// Whether the text has a block with that label whose content is the Base64 of a DER sequence.
    static func hasBlock(_ label: String, in text: String) -> Bool {
        guard let begin = text.firstRange(of: "-----BEGIN \(label)-----"),
            let end = text[begin.upperBound...].firstRange(of: "-----END \(label)-----")
        else { return false }
        let body = text[begin.upperBound..<end.lowerBound].utf8.filter { ![0x0A, 0x0D, 0x20, 0x09].contains($0) }
        let isBase64 = body.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "+/=".utf8.contains(byte)
        }
        // A DER sequence begins with 0x30, which is `M` and one of a few letters.
        return isBase64 && body.count >= 4 && body.count % 4 == 0 && body.first == UInt8(ascii: "M")
    }
}
