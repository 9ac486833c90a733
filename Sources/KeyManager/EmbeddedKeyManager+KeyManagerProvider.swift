// The embedded key manager as load balancing sees it.

internal import LoadBalancing

extension EmbeddedKeyManager: KeyManagerProvider {
    public func certificateBundle(_ text: String, as access: KeyManagerAccess) async throws -> CertificateBundle {
        let reference = try Self.reference(text)
        return try await read(as: access) { transaction in
            let material: CertificateBundle.Material
            switch reference.resource {
            case .secret: material = try .init(payload: transaction.payload(of: reference.id).bytes)
            case .container: material = try transaction.certificateMaterial(ofContainer: reference.id)
            }
            return CertificateBundle(
                reference: reference, material: material, marker: try transaction.marker(reference))
        }
    }

    public func payload(_ text: String, as access: KeyManagerAccess) async throws -> SecretPayload {
        let reference = try Self.reference(text)
        guard reference.resource == .secret else {
            throw KeyManagerFault(.invalid, "'\(text.prefix(255))' is not a reference to a secret.")
        }
        return try await read(as: access) { try $0.payload(of: reference.id) }
    }

    public func marker(_ text: String, as access: KeyManagerAccess) async throws -> String {
        let reference = try Self.reference(text)
        return try await read(as: access) { try $0.marker(reference) }
    }

    public func changes() -> AsyncStream<KeyManagerChange> { board.listen() }

    private static func reference(_ text: String) throws -> KeyReference {
        guard let reference = KeyReference(text) else {
            throw KeyManagerFault(
                .invalid, "'\(text.prefix(255))' is not a reference to a secret or a container: …/secrets/ID expected.")
        }
        return reference
    }
}

extension KeyManagerTransaction {
    /// The certificate of a container: read with the right to the container and to each of its secrets.
    fileprivate func certificateMaterial(ofContainer id: ResourceID) throws -> CertificateBundle.Material {
        let container = try container(id)
        guard container.kind == .certificate else {
            throw KeyManagerFault(
                .invalid, "The container \(id) is of type \(container.kind.rawValue), not certificate.")
        }
        func blocks(_ name: String) throws -> [PEMBlock]? {
            try text(name, of: container).map { PEMBlock.all(in: $0) }
        }
        let key = (try blocks("private_key") ?? []).filter { $0.label.hasSuffix("PRIVATE KEY") }
        let certificates = try (blocks("certificate") ?? []) + (blocks("intermediates") ?? [])
        var passphrase = try text("private_key_passphrase", of: container)
        while passphrase?.last?.isNewline == true { passphrase?.removeLast() }
        return .pem(
            try CertificateBundle.PEMMaterial(
                blocks: certificates.filter { $0.label == "CERTIFICATE" } + key, passphrase: passphrase))
    }

    private func text(_ name: String, of container: SecretContainer) throws -> String? {
        guard let secret = container.references.first(where: { $0.name == name })?.secretID else { return nil }
        return String(decoding: try payload(of: secret).bytes, as: UTF8.self)
    }

    /// Identifiers and times of change of all that is behind a reference.
    fileprivate func marker(_ reference: KeyReference) throws -> String {
        guard reference.resource == .container else {
            let secret = try secret(reference.id)
            return "\(secret.id)@\(secret.updatedAt.microseconds)"
        }
        let container = try container(reference.id)
        var parts = ["\(container.id)@\(container.updatedAt.microseconds)"]
        for item in container.references where try exists(.secret, item.secretID) {
            let secret = try secret(item.secretID)
            parts.append("\(item.name ?? "")=\(secret.id)@\(secret.updatedAt.microseconds)")
        }
        return parts.joined(separator: ",")
    }
}
