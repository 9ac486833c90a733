// Secrets.

public import LoadBalancing
internal import Persistence

extension KeyManagerTransaction {
    private static let columns = """
        id, project_id, creator_id, name, created_at, updated_at, secret_type, algorithm, bit_length, mode, expiration,
        payload_type
        """

    private static func secret(_ row: borrowing DatabaseRow) -> Secret {
        Secret(
            id: row.resourceID(0), projectID: row.text(1), creatorID: row.text(2), name: row.optionalText(3),
            type: row.word(6, default: .opaque), algorithm: row.optionalText(7), bitLength: row.optionalInt(8),
            mode: row.optionalText(9), expiration: row.optionalTimestamp(10),
            payloadType: row.optionalText(11).flatMap(PayloadType.init(rawValue:)), consumers: [],
            createdAt: row.timestamp(4), updatedAt: row.timestamp(5))
    }

    private func addConsumers(to secrets: inout [Secret]) throws {
        let consumers = try children(
            "service, resource_type, resource_id", from: "key_manager_secret_consumer", parent: "secret_id",
            order: "created_at, service, resource_type, resource_id", of: secrets.map(\.id)
        ) { row in
            SecretConsumer(service: row.text(1), resourceType: row.text(2), resourceID: row.text(3))
        }
        for index in secrets.indices { secrets[index].consumers = consumers[secrets[index].id] ?? [] }
    }

    /// Makes a secret, with its payload or without.
    public func createSecret(_ draft: SecretDraft) throws -> Secret {
        let project = try project(for: .create, .secret)
        if let expiration = draft.expiration, expiration <= now {
            throw KeyManagerFault.invalid(
                schema: "Secret", "'expiration' is before current time", property: "expiration")
        }
        let id = ResourceID.random()
        try connection.insert(
            into: "key_manager_secret",
            [
                ("id", id), ("project_id", project), ("creator_id", access.userID ?? ""), ("name", draft.name),
                ("created_at", now), ("updated_at", now), ("secret_type", draft.type.rawValue),
                ("algorithm", draft.algorithm), ("bit_length", draft.bitLength), ("mode", draft.mode),
                ("expiration", draft.expiration), ("payload_type", draft.payload?.type.rawValue),
            ])
        if let payload = draft.payload { try insert(payload, of: id) }
        changes.add(.stored, .secret, id)
        return try secret(id)
    }

    /// The secret without its payload.
    public func secret(_ id: ResourceID) throws -> Secret {
        try require(.read, on: .secret, id)
        return try load(id)
    }

    private func load(_ id: ResourceID) throws -> Secret {
        var found = try connection.query(
            "SELECT \(Self.columns) FROM key_manager_secret WHERE id = ?", [id], Self.secret)
        try addConsumers(to: &found)
        guard let secret = found.first else { throw KeyManagerFault.notFound(.secret) }
        return secret
    }

    /// The secrets of the caller's project, or those of any project that name the caller.
    public func secrets(_ query: SecretQuery) throws -> KeyManagerPage<Secret> {
        let project = try project(for: .list, .secret)
        var (conditions, arguments) = query.filters
        conditions.append("(expiration IS NULL OR expiration > ?)")
        arguments.append(now)
        if query.isACLOnly, let user = access.userID {
            conditions.append("id IN (SELECT resource_id FROM key_manager_acl_user WHERE user_id = ?)")
            arguments.append(user)
        } else {
            conditions.append("project_id = ?")
            arguments.append(project)
        }
        var page = try page(
            Self.columns, from: "key_manager_secret", where: conditions, arguments, order: query.order, query.range,
            Self.secret)
        try addConsumers(to: &page.items)
        return page
    }

    /// Deletes a secret with all that belongs to it. References in containers stay and lead nowhere.
    ///
    /// - Parameter keepingUsed: whether a secret with consumers is refused.
    public func deleteSecret(_ id: ResourceID, keepingUsed: Bool = false) throws {
        try require(.delete, on: .secret, id)
        if keepingUsed,
            try connection.exists("SELECT 1 FROM key_manager_secret_consumer WHERE secret_id = ?", [id])
        {
            throw KeyManagerFault(.invalid, "Secret cannot be deleted as it has consumers.")
        }
        try connection.execute("DELETE FROM key_manager_acl WHERE resource_id = ?", [id])
        try connection.execute("DELETE FROM key_manager_secret WHERE id = ?", [id])
        changes.add(.deleted, .secret, id)
    }

    // MARK: Payload

    /// The payload in the clear.
    public func payload(of id: ResourceID) throws -> SecretPayload {
        try require(.decrypt, on: .secret, id)
        let sealed = try connection.first(
            """
            SELECT p.key_id, p.wrapped_key, p.ciphertext, s.payload_type FROM key_manager_payload p
            JOIN key_manager_secret s ON s.id = p.secret_id WHERE p.secret_id = ?
            """, [id]
        ) { row in
            (
                payload: SealedPayload(
                    keyID: row.text(0), wrappedKey: row.optionalBlob(1) ?? [], ciphertext: row.optionalBlob(2) ?? []),
                type: row.word(3, default: PayloadType.octetStream)
            )
        }
        guard let sealed else {
            throw KeyManagerFault(.notFound, "Not Found. Sorry but your secret has no payload.")
        }
        return SecretPayload(try cipher.open(sealed.payload, of: id), type: sealed.type)
    }

    /// Gives a secret the payload that it was made without.
    public func storePayload(_ payload: SecretPayload, of id: ResourceID) throws {
        try require(.storePayload, on: .secret, id)
        guard !(try connection.exists("SELECT 1 FROM key_manager_payload WHERE secret_id = ?", [id])) else {
            throw KeyManagerFault(.conflict, "Secret already has data, cannot modify it.")
        }
        try insert(payload, of: id)
        try connection.update(
            "key_manager_secret", [("payload_type", payload.type.rawValue), ("updated_at", now)], where: "id", is: id)
        changes.add(.stored, .secret, id)
    }

    private func insert(_ payload: SecretPayload, of id: ResourceID) throws {
        guard !payload.bytes.isEmpty else { throw KeyManagerFault(.invalid, "No data supplied to process.") }
        guard payload.bytes.count <= payloadLimit else { throw KeyManagerFault.payloadTooLarge(limit: payloadLimit) }
        guard !payload.type.isText || String(validating: payload.bytes, as: UTF8.self) != nil else {
            throw KeyManagerFault(.invalid, "Unable to decode request data: the text is not UTF-8.")
        }
        let sealed = try cipher.seal(payload.bytes, of: id)
        try connection.insert(
            into: "key_manager_payload",
            [
                ("secret_id", id), ("key_id", sealed.keyID), ("wrapped_key", DatabaseValue.blob(sealed.wrappedKey)),
                ("ciphertext", DatabaseValue.blob(sealed.ciphertext)),
            ])
    }
}
