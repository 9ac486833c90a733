// Payloads: reading them, and giving them to secrets that were made without.

internal import FoundationEssentials
internal import HTTPService
internal import HTTPTypes
internal import KeyManager
internal import LoadBalancing

extension RouteBuilder {
    mutating func addPayloads() {
        on(.get, "/v1/secrets/{id}/payload") { manager, call in
            try await payload(of: call.id(.secret), manager, call)
        }
        on(.put, "/v1/secrets/{id}") { manager, call in
            let id = try call.id(.secret)
            let payload = try PayloadEncoding.payload(of: call.request, limit: manager.payloadLimit)
            try await manager.write(as: call.access) { try $0.storePayload(payload, of: id) }
            return .empty(.noContent)
        }
    }
}

/// Answers with the payload in a type that the client takes.
func payload(of id: ResourceID, _ manager: EmbeddedKeyManager, _ call: Call) async throws -> APIResponse {
    let payload = try await manager.read(as: call.access) { try $0.payload(of: id) }
    let type = try PayloadNegotiation.mediaType(for: payload, call.request)
    return APIResponse(status: .ok, headers: [.contentType: type, .cacheControl: "no-store"], body: payload.bytes)
        .with("X-Content-Type-Options", "nosniff")
}

/// Which form of a secret a client wants.
enum PayloadNegotiation {
    /// The media ranges of the header `Accept`, in order and without weights.
    private static func ranges(_ request: APIRequest) -> [String] {
        (request.header("Accept") ?? "").lowercased().split(separator: ",").compactMap { range in
            range.split(separator: ";").first.map { TextTrimming.trimmed(String($0)) }
        }
    }

    /// Whether `GET /v1/secrets/{id}` is about the secret, not (as in old clients) about its payload.
    static func wantsJSON(_ request: APIRequest) -> Bool {
        let ranges = ranges(request)
        return ranges.isEmpty || ranges.contains("application/json") || ranges.contains("*/*")
    }

    /// The type to answer with.
    ///
    /// - Throws: ``KeyManagerFault`` when the client takes no type that the payload has.
    static func mediaType(for payload: SecretPayload, _ request: APIRequest) throws(KeyManagerFault) -> String {
        let ranges = ranges(request)
        guard !ranges.isEmpty else { return PayloadType.octetStream.rawValue }
        for range in ranges {
            switch range {
            case "*/*": return text(payload.type)
            case "application/*": return (payload.type.isText ? .octetStream : payload.type).rawValue
            case PayloadType.octetStream.rawValue, PayloadType.pkcs8.rawValue: return range
            case PayloadType.plainText.rawValue, "text/*":
                if String(validating: payload.bytes, as: UTF8.self) != nil { return text(.plainText) }
            default: continue
            }
        }
        throw KeyManagerFault(.notAcceptable, "Secret payload retrieval issue seen - Wrong payload content-type.")
    }

    private static func text(_ type: PayloadType) -> String {
        type.isText ? "\(type.rawValue); charset=utf-8" : type.rawValue
    }
}

/// How payloads travel to the server.
enum PayloadEncoding {
    /// Decodes Base64 with line breaks and other foreign characters between.
    static func bytes(base64 text: String) -> [UInt8]? {
        Data(base64Encoded: text, options: .ignoreUnknownCharacters).map { Array($0) }
    }

    /// The payload that the body of a PUT is.
    static func payload(of request: APIRequest, limit: Int) throws(KeyManagerFault) -> SecretPayload {
        guard let type = request.header("Content-Type").flatMap({ PayloadType(mediaType: $0) }), type != .pkcs8 else {
            throw KeyManagerFault(
                .unsupportedMediaType,
                "Unexpected content type. Expected content types are: ['application/octet-stream', 'text/plain']")
        }
        guard !request.body.isEmpty else { throw KeyManagerFault(.invalid, "No data supplied to process.") }
        guard request.body.count <= limit else { throw .payloadTooLarge(limit: limit) }
        switch request.header("Content-Encoding")?.lowercased() {
        case nil, "", "identity": return SecretPayload(request.body, type: type)
        case "binary" where !type.isText: return SecretPayload(request.body, type: type)
        case "base64" where !type.isText:
            guard let bytes = bytes(base64: String(decoding: request.body, as: UTF8.self)), !bytes.isEmpty else {
                throw KeyManagerFault(.invalid, "Problem decoding payload: it is not Base64.")
            }
            return SecretPayload(bytes, type: type)
        case .some(let other):
            throw KeyManagerFault(
                .invalid, "A Content-Encoding of '\(other.prefix(64))' is not supported for \(type.rawValue).")
        }
    }
}
