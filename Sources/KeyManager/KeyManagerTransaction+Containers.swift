// Containers.

public import LoadBalancing
internal import Persistence

extension KeyManagerTransaction {
    private static let columns = "id, project_id, creator_id, name, created_at, updated_at, type"

    private static func container(_ row: borrowing DatabaseRow) -> SecretContainer {
        SecretContainer(
            id: row.resourceID(0), projectID: row.text(1), creatorID: row.text(2), name: row.optionalText(3),
            kind: row.word(6, default: .generic), references: [], consumers: [], createdAt: row.timestamp(4),
            updatedAt: row.timestamp(5))
    }

    private func addChildren(to containers: inout [SecretContainer]) throws {
        let ids = containers.map(\.id)
        let references = try children(
            "name, secret_id", from: "key_manager_container_secret", parent: "container_id", order: "position", of: ids
        ) { SecretContainer.Reference(name: $0.optionalText(1), secretID: $0.resourceID(2)) }
        let consumers = try children(
            "name, url", from: "key_manager_container_consumer", parent: "container_id",
            order: "created_at, name, url", of: ids
        ) { ContainerConsumer(name: $0.text(1), url: $0.text(2)) }
        for index in containers.indices {
            containers[index].references = references[containers[index].id] ?? []
            containers[index].consumers = consumers[containers[index].id] ?? []
        }
    }

    /// Makes a container of secrets of the caller's project.
    public func createContainer(_ draft: ContainerDraft) throws -> SecretContainer {
        let project = try project(for: .create, .container)
        try draft.validate()
        for reference in draft.references {
            guard try isOfProject(project, reference.secretID) else {
                throw KeyManagerFault(
                    .notFound, "Secret provided for '\(reference.name ?? "None")' doesn't exist.")
            }
        }
        let id = ResourceID.random()
        try connection.insert(
            into: "key_manager_container",
            [
                ("id", id), ("project_id", project), ("creator_id", access.userID ?? ""), ("name", draft.name),
                ("created_at", now), ("updated_at", now), ("type", draft.kind.rawValue),
            ])
        for (position, reference) in draft.references.enumerated() {
            try insert(reference, at: position, of: id)
        }
        changes.add(.stored, .container, id)
        return try container(id)
    }

    private func insert(_ reference: SecretContainer.Reference, at position: Int, of id: ResourceID) throws {
        try connection.insert(
            into: "key_manager_container_secret",
            [
                ("container_id", id), ("name", reference.name), ("secret_id", reference.secretID),
                ("position", position),
            ])
    }

    private func isOfProject(_ project: String, _ secret: ResourceID) throws -> Bool {
        try connection.exists(
            """
            SELECT 1 FROM key_manager_secret WHERE id = ? AND project_id = ?
            AND (expiration IS NULL OR expiration > ?)
            """, [secret, project, now])
    }

    /// The container with its references and consumers.
    public func container(_ id: ResourceID) throws -> SecretContainer {
        try require(.read, on: .container, id)
        return try loadContainer(id)
    }

    /// The container, for callers whose right has been checked.
    func loadContainer(_ id: ResourceID) throws -> SecretContainer {
        var found = try connection.query(
            "SELECT \(Self.columns) FROM key_manager_container WHERE id = ?", [id], Self.container)
        try addChildren(to: &found)
        guard let container = found.first else { throw KeyManagerFault.notFound(.container) }
        return container
    }

    /// The containers of the caller's project in the order of their creation.
    public func containers(
        name: String? = nil, type: String? = nil, _ range: PageRange = PageRange()
    ) throws -> KeyManagerPage<SecretContainer> {
        var conditions = ["project_id = ?"]
        var arguments: [any DatabaseValueConvertible] = [try project(for: .list, .container)]
        for (column, text) in [("name", name), ("type", type)] {
            guard let text else { continue }
            conditions.append("\(column) = ?")
            arguments.append(text)
        }
        var page = try page(
            Self.columns, from: "key_manager_container", where: conditions, arguments, order: "created_at, id", range,
            Self.container)
        try addChildren(to: &page.items)
        return page
    }

    /// Deletes a container; its secrets stay.
    public func deleteContainer(_ id: ResourceID) throws {
        try require(.delete, on: .container, id)
        try connection.execute("DELETE FROM key_manager_acl WHERE resource_id = ?", [id])
        try connection.execute("DELETE FROM key_manager_container WHERE id = ?", [id])
        changes.add(.deleted, .container, id)
    }

    // MARK: Contents

    /// Puts a secret into a generic container.
    public func addReference(_ reference: SecretContainer.Reference, to id: ResourceID) throws {
        let container = try changeable(id)
        guard let project = access.projectID, try isOfProject(project, reference.secretID) else {
            throw KeyManagerFault(.notFound, "Secret provided doesn't exist.")
        }
        guard !container.references.contains(reference) else {
            throw KeyManagerFault(
                .conflict,
                "Conflict. A secret with that name and ID is already stored in this container. The same secret can"
                    + " exist in a container as long as the name is unique.")
        }
        guard container.references.count < ContainerDraft.maximumReferences else {
            throw KeyManagerFault(
                .invalid, "A container has at most \(ContainerDraft.maximumReferences) references.")
        }
        let last = try connection.first(
            "SELECT MAX(position) FROM key_manager_container_secret WHERE container_id = ?", [id]
        ) { $0.optionalInt(0) }
        try insert(reference, at: ((last ?? nil) ?? -1) + 1, of: id)
        try touch(.container, id)
    }

    /// Takes a secret out of a generic container.
    public func removeReference(_ reference: SecretContainer.Reference, from id: ResourceID) throws {
        guard try changeable(id).references.contains(reference) else {
            throw KeyManagerFault(.notFound, "Secret provided is not in the container")
        }
        let condition = reference.name == nil ? "name IS NULL" : "name = ?"
        try connection.execute(
            "DELETE FROM key_manager_container_secret WHERE container_id = ? AND secret_id = ? AND \(condition)",
            [id, reference.secretID] + (reference.name.map { [$0] } ?? []))
        try touch(.container, id)
    }

    private func changeable(_ id: ResourceID) throws -> SecretContainer {
        try require(.changeContents, on: .container, id)
        let container = try loadContainer(id)
        guard container.kind == .generic else {
            throw KeyManagerFault(.invalid, "Only 'generic' containers can be modified.")
        }
        return container
    }
}
