// The parts of the Key Manager API v1 that load balancing needs.

internal import JSON
public import LoadBalancing

/// Secrets, which listeners refer to for their certificates.
public struct KeyManagerService: Sendable {
    let service: ServiceClient

    /// Stores a secret.
    ///
    /// - Parameters:
    ///   - name: What people call it.
    ///   - payload: The bytes, such as a PKCS#12 bundle.
    ///   - contentType: `application/octet-stream` or `text/plain`.
    /// - Returns: Its reference, which listeners take.
    public func store(
        name: String, payload: [UInt8], contentType: String = "application/octet-stream"
    ) async throws -> String {
        let isText = contentType.hasPrefix("text/plain")
        let body = JSONWriter.object { writer in
            writer.member("name", name)
            writer.member("payload_content_type", contentType)
            if isText {
                writer.member("payload", String(decoding: payload, as: UTF8.self))
            } else {
                writer.member("payload_content_encoding", "base64")
                writer.member("payload", Base64.encode(payload))
            }
        }
        let document = try await service.sendForDocument("POST", "secrets", body: body)
        return try AnswerReader(document, "the answer").text("secret_ref")
    }

    /// The secrets with a name.
    public func secrets(named name: String) async throws -> [SecretDescription] {
        let document = try await service.sendForDocument("GET", "secrets", query: [("name", name), ("limit", "100")])
        return try AnswerReader(document, "the answer").objects("secrets").map { try SecretDescription($0) }
    }

    /// What is known of a secret but its payload.
    public func secret(_ reference: String) async throws -> SecretDescription {
        let document = try await service.sendForDocument("GET", "secrets/\(try Self.id(of: reference))")
        return try SecretDescription(AnswerReader(document, "secret"))
    }

    /// The payload of a secret.
    public func payload(
        _ reference: String, contentType: String = "application/octet-stream"
    ) async throws -> [UInt8] {
        try await service.send("GET", "secrets/\(try Self.id(of: reference))/payload", accept: contentType).body
    }

    /// Deletes it.
    public func delete(_ reference: String) async throws {
        _ = try await service.send("DELETE", "secrets/\(try Self.id(of: reference))")
    }

    /// The id at the end of a reference, or the id itself.
    private static func id(of reference: String) throws(CloudError) -> ResourceID {
        guard let last = reference.split(separator: "/").last, let id = ResourceID(last) else {
            throw CloudError(.badRequest, "'\(reference)' is no reference to a secret: it must end in a UUID")
        }
        return id
    }
}

/// A secret without its payload.
public struct SecretDescription: Sendable, Hashable {
    /// The URL by which listeners refer to it.
    public var reference: String
    /// Its name; several may have the same.
    public var name: String
    /// The status in the words of the service.
    public var status: String?
    /// What the payloads are, by name.
    public var contentTypes: [String: String]
    /// When it was made.
    public var createdAt: Timestamp?

    init(_ answer: AnswerReader) throws(CloudError) {
        reference = try answer.text("secret_ref")
        name = try answer.textOrEmpty("name")
        status = try answer.textIfAny("status")
        contentTypes = try answer.stringsByName("content_types")
        createdAt = try answer.timeIfAny("created")
    }
}
