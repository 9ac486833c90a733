// Secrets: making, listing, showing and deleting them.

internal import HTTPService
internal import HTTPTypes
internal import JSON
internal import KeyManager
internal import LoadBalancing

extension RouteBuilder {
    mutating func addSecrets() {
        on(.post, "/v1/secrets") { manager, call in
            let draft = try SecretDraft(RequestBody(call.request, schema: "Secret"), payloadLimit: manager.payloadLimit)
            let secret = try await manager.write(as: call.access) { try $0.createSecret(draft) }
            let url = call.url(.secret, secret.id)
            return .json(.created) { $0.member("secret_ref", url) }.with("Location", url)
        }
        on(.get, "/v1/secrets") { manager, call in
            let query = try SecretQuery(call.request)
            let page = try await manager.read(as: call.access) { try $0.secrets(query) }
            return PageView(call: call, path: "secrets", range: query.range, page: page)
                .response { write($1, call, to: &$0) }
        }
        on(.get, "/v1/secrets/{id}") { manager, call in
            let id = try call.id(.secret)
            guard PayloadNegotiation.wantsJSON(call.request) else { return try await payload(of: id, manager, call) }
            let secret = try await manager.read(as: call.access) { try $0.secret(id) }
            return .json { write(secret, call, to: &$0) }
        }
        on(.delete, "/v1/secrets/{id}") { manager, call in
            let id = try call.id(.secret)
            let force = try forces(call)
            try await manager.write(as: call.access) { try $0.deleteSecret(id, keepingUsed: !force) }
            return .empty(.noContent)
        }
    }
}

/// Whether a secret goes even if it has consumers: the rule of versions before 1.2, and a wish since.
private func forces(_ call: Call) throws -> Bool {
    guard call.version.minor >= 2 else { return true }
    switch call.request.queryValue("force")?.lowercased() {
    case nil, "false", "0", "no", "off", "f", "n": return false
    case "true", "1", "yes", "on", "t", "y": return true
    default: throw KeyManagerFault(.invalid, "URI provided invalid query string parameters.")
    }
}

/// Writes the members of a secret.
func write(_ secret: Secret, _ call: Call, to writer: inout JSONWriter) {
    writer.member("created", secret.createdAt.iso8601)
    writer.member("updated", secret.updatedAt.iso8601)
    writer.member("status", "ACTIVE")
    writer.member("name", secret.name)
    writer.member("secret_type", secret.type.rawValue)
    writer.member("expiration", secret.expiration?.iso8601)
    writer.member("algorithm", secret.algorithm)
    writer.member("bit_length", secret.bitLength)
    writer.member("mode", secret.mode)
    writer.member("creator_id", secret.creatorID)
    if let type = secret.payloadType {
        writer.objectMember("content_types") { $0.member("default", type.rawValue) }
    }
    if call.version.minor >= 1 {
        writer.arrayMember("consumers", secret.consumers) { writer, consumer in
            writer.object { write(consumer, to: &$0) }
        }
    }
    writer.member("secret_ref", call.url(.secret, secret.id))
}

extension SecretDraft {
    /// Reads what `POST /v1/secrets` says.
    init(_ body: RequestBody, payloadLimit: Int) throws(KeyManagerFault) {
        self.init()
        name = try body.text("name", nullable: true)
        algorithm = try body.text("algorithm")
        mode = try body.text("mode")
        bitLength = try body.integer("bit_length", 1...32_767)
        type = try body.word("secret_type") ?? .opaque
        if let text = try body.text("expiration"), !text.isEmpty {
            guard let time = Timestamp(iso8601: text) else {
                throw body.fail("Invalid date for 'expiration'", "expiration")
            }
            expiration = time
        }
        payload = try Self.payload(body, limit: payloadLimit)
    }

    private static func payload(_ body: RequestBody, limit: Int) throws(KeyManagerFault) -> SecretPayload? {
        let contentType = try body.text("payload_content_type", nullable: true)
        let encoding = try body.text("payload_content_encoding")
        guard encoding == nil || encoding == "base64" else {
            throw body.fail("'\(encoding ?? "")' is not one of ['base64']", "payload_content_encoding")
        }
        guard let text = try body.text("payload", 0...Int.max) else {
            guard body.values["payload_content_type"] == nil else {
                throw body.fail("payload must be provided when payload_content_type is specified", "payload")
            }
            return nil
        }
        guard let contentType else {
            throw body.fail(
                "If 'payload' is supplied, 'payload_content_type' must also be supplied.", "payload_content_type")
        }
        guard let type = PayloadType(mediaType: contentType) else {
            let types = PayloadType.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw body.fail("payload_content_type is not one of [\(types)]", "payload_content_type")
        }
        guard (encoding == nil) == type.isText else {
            let supported = type.isText ? "None" : "['base64']"
            throw body.fail("payload_content_encoding is not one of \(supported)", "payload_content_encoding")
        }
        guard !text.isEmpty else { throw body.fail("If 'payload' specified, must be non empty", "payload") }
        guard text.utf8.count <= limit else { throw .payloadTooLarge(limit: limit) }
        if type.isText { return SecretPayload(Array(text.utf8), type: type) }
        guard let bytes = PayloadEncoding.bytes(base64: text), !bytes.isEmpty else {
            throw body.fail("Invalid payload for payload_content_encoding", "payload")
        }
        return SecretPayload(bytes, type: type)
    }
}

extension SecretQuery {
    /// Reads the query of `GET /v1/secrets`.
    init(_ request: APIRequest) throws(KeyManagerFault) {
        self.init()
        func value(_ name: String) -> String? { request.queryValue(name).flatMap { $0.isEmpty ? nil : $0 } }
        name = value("name")
        algorithm = value("alg")
        mode = value("mode")
        type = value("secret_type")
        // A number that is none, or not positive, is no filter.
        bitLength = value("bits").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        isACLOnly = value("acl_only")?.lowercased() == "true"
        range = PageRange(request)
        for field in TimeField.allCases {
            for part in value(field.rawValue)?.split(separator: ",", omittingEmptySubsequences: false) ?? [] {
                times.append(try Self.condition(field, part))
            }
        }
        for part in value("sort")?.split(separator: ",", omittingEmptySubsequences: false) ?? [] {
            sort.append(try Self.order(part))
        }
        guard times.count <= 16, Set(sort.map(\.key)).count == sort.count else { throw Self.malformed }
    }

    private static let malformed = KeyManagerFault(.invalid, "URI provided invalid query string parameters.")

    /// `lt:TIME`, `gte:TIME` or a bare time.
    private static func condition(_ field: TimeField, _ text: Substring) throws(KeyManagerFault) -> TimeCondition {
        let word = text.prefix { $0 != ":" }
        let comparison = Comparison(rawValue: String(word)).flatMap { $0 == .eq ? nil : $0 }
        let rest = comparison == nil ? text : text.dropFirst(word.count + 1)
        guard let time = Timestamp(iso8601: String(rest)) else { throw malformed }
        return TimeCondition(field, comparison ?? .eq, time)
    }

    /// `KEY` or `KEY:asc` or `KEY:desc`.
    private static func order(_ text: Substring) throws(KeyManagerFault) -> Order {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let key = parts.first.flatMap({ SortKey(rawValue: String($0)) }),
            parts.count == 1 || parts[1] == "asc" || parts[1] == "desc"
        else { throw malformed }
        return Order(key, isDescending: parts.last == "desc")
    }
}
