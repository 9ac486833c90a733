// What load balancing needs of any key manager.

/// A key manager: the embedded one, or a remote Barbican.
///
/// All requirements throw ``KeyManagerFault`` for what is wrong with the request: `notFound`, `forbidden`, or `invalid`
/// for a reference or contents that are not what they should be.
public protocol KeyManagerProvider: Sendable {
    /// The certificate behind a reference to a secret or to a certificate container.
    func certificateBundle(_ reference: String, as access: KeyManagerAccess) async throws -> CertificateBundle

    /// The payload of a secret, such as the PEM of an authority or a revocation list.
    func payload(_ reference: String, as access: KeyManagerAccess) async throws -> SecretPayload

    /// A text that differs whenever what is behind the reference may differ: cheap enough to ask for often.
    func marker(_ reference: String, as access: KeyManagerAccess) async throws -> String

    /// Changes from now on, in the order of their commits.
    ///
    /// A hint, not a log: changes by other processes are missing, and a listener that lags loses the oldest ones. So ask
    /// for markers from time to time, too. The stream ends when its reader's task is cancelled.
    func changes() -> AsyncStream<KeyManagerChange>
}

extension KeyManagerProvider {
    /// The certificate behind a reference, on behalf of the project that a load balancer belongs to.
    public func certificateBundle(ref: String, projectID: String) async throws -> CertificateBundle {
        try await certificateBundle(ref, as: .project(projectID))
    }

    /// The payload of a secret, on behalf of the project that a load balancer belongs to.
    public func payload(ref: String, projectID: String) async throws -> SecretPayload {
        try await payload(ref, as: .project(projectID))
    }
}
