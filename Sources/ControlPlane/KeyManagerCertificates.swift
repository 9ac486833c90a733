// Certificates from a key manager.

public import KeyManager
internal import LoadBalancing

/// Looks references up in a key manager on behalf of the project that uses them.
public struct KeyManagerCertificates: CertificateStore {
    private let keyManager: any KeyManagerProvider

    public init(_ keyManager: any KeyManagerProvider) {
        self.keyManager = keyManager
    }

    public func certificate(of reference: String, projectID: String) async throws -> CertificateLookup {
        do {
            let bundle = try await keyManager.certificateBundle(ref: reference, projectID: projectID)
            guard let pem = bundle.pem else {
                return .unusable("the PKCS#12 archive is in an old encryption or form; OpenSSL 3 makes readable ones")
            }
            guard pem.passphrase == nil else {
                return .unusable(
                    "its private key is encrypted in a way that is not read here, or with another passphrase")
            }
            return .certificate(
                CertificateMaterial(
                    reference: reference, certificateChain: pem.certificate + pem.intermediates.joined(),
                    privateKey: pem.privateKey))
        } catch let fault as KeyManagerFault {
            guard fault.kind == .invalid, KeyReference(reference) != nil else { return .missing }
            return .unusable(Self.reason(fault))
        }
    }

    /// The fault as a part of a sentence.
    private static func reason(_ fault: KeyManagerFault) -> String {
        var reason = fault.message[...]
        let introduction = "The secret cannot be used as a certificate: "
        if reason.hasPrefix(introduction) { reason = reason.dropFirst(introduction.count) }
        while reason.hasSuffix(".") { reason.removeLast() }
        return String(reason)
    }

    public func text(of reference: String, projectID: String) async throws -> CertificateText {
        do {
            let bytes = try await keyManager.payload(ref: reference, projectID: projectID).bytes
            return .text(String(decoding: bytes, as: UTF8.self))
        } catch is KeyManagerFault {
            return .missing
        }
    }
}
