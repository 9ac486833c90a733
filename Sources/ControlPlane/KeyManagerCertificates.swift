// Certificates from a key manager.

public import KeyManager

/// Looks references up in a key manager on behalf of the project that uses them.
public struct KeyManagerCertificates: CertificateStore {
    private let keyManager: any KeyManagerProvider

    public init(_ keyManager: any KeyManagerProvider) {
        self.keyManager = keyManager
    }

    public func canRetrieve(_ reference: String, projectID: String) async throws -> Bool {
        do {
            _ = try await keyManager.certificateBundle(ref: reference, projectID: projectID)
            return true
        } catch is KeyManagerFault {
            return false
        }
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
