// Who uses secrets and containers.

public import LoadBalancing
internal import Persistence

extension KeyManagerTransaction {
    /// How many consumers a secret or container may have.
    static let maximumConsumers = 10_000

    private static let notFound = KeyManagerFault(.notFound, "Consumer not found.")
    private static let notOwner = KeyManagerFault(
        .forbidden, "Not Allowed. Sorry, only the creator of a consumer can delete it.")

    /// The project that a new consumer belongs to.
    private var consumerProject: String { access.projectID ?? "" }

    private func requireRoom(in table: String, _ column: String, _ id: ResourceID) throws {
        let count = try connection.first("SELECT COUNT(*) FROM \(table) WHERE \(column) = ?", [id]) { $0.int(0) } ?? 0
        guard count < Self.maximumConsumers else {
            throw KeyManagerFault(.forbidden, "Creation not allowed because a quota has been reached")
        }
    }

    /// Whether the caller may remove a consumer: its project's, or the resource's.
    private func mayRemove(consumerOf project: String, of resource: KeyResource, _ id: ResourceID) throws -> Bool {
        guard case .user = access else { return true }
        if project == access.projectID { return true }
        return try connection.exists(
            "SELECT 1 FROM \(resource.table) WHERE id = ? AND project_id = ?", [id, access.projectID])
    }

    // MARK: Containers

    /// The consumers of a container.
    public func consumers(
        ofContainer id: ResourceID, _ range: PageRange = PageRange()
    ) throws -> KeyManagerPage<(consumer: ContainerConsumer, createdAt: Timestamp)> {
        try require(.useConsumers, on: .container, id)
        return try page(
            "name, url, created_at", from: "key_manager_container_consumer", where: ["container_id = ?"], [id],
            order: "created_at, name, url", range
        ) { (ContainerConsumer(name: $0.text(0), url: $0.text(1)), $0.timestamp(2)) }
    }

    /// Adds a consumer, unless it is there already; gives the container.
    public func addConsumer(_ consumer: ContainerConsumer, toContainer id: ResourceID) throws -> SecretContainer {
        try require(.useConsumers, on: .container, id)
        try requireRoom(in: "key_manager_container_consumer", "container_id", id)
        try connection.execute(
            """
            INSERT INTO key_manager_container_consumer (container_id, name, url, project_id, created_at)
            VALUES (?, ?, ?, ?, ?) ON CONFLICT (container_id, name, url) DO NOTHING
            """, [id, consumer.name, consumer.url, consumerProject, now])
        return try loadContainer(id)
    }

    /// Removes a consumer; gives the container.
    public func removeConsumer(_ consumer: ContainerConsumer, fromContainer id: ResourceID) throws -> SecretContainer {
        try require(.useConsumers, on: .container, id)
        let condition = "container_id = ? AND name = ? AND url = ?"
        let arguments: [any DatabaseValueConvertible] = [id, consumer.name, consumer.url]
        let project = try connection.first(
            "SELECT project_id FROM key_manager_container_consumer WHERE \(condition)", arguments
        ) { $0.text(0) }
        guard let project else { throw Self.notFound }
        guard try mayRemove(consumerOf: project, of: .container, id) else { throw Self.notOwner }
        try connection.execute("DELETE FROM key_manager_container_consumer WHERE \(condition)", arguments)
        return try loadContainer(id)
    }

    // MARK: Secrets

    /// The consumers of a secret.
    public func consumers(
        ofSecret id: ResourceID, _ range: PageRange = PageRange()
    ) throws -> KeyManagerPage<(consumer: SecretConsumer, createdAt: Timestamp)> {
        try require(.useConsumers, on: .secret, id)
        return try page(
            "service, resource_type, resource_id, created_at", from: "key_manager_secret_consumer",
            where: ["secret_id = ?"], [id], order: "created_at, service, resource_type, resource_id", range
        ) {
            (
                SecretConsumer(service: $0.text(0), resourceType: $0.text(1), resourceID: $0.text(2)),
                $0.timestamp(3)
            )
        }
    }

    /// Adds a consumer, unless it is there already; gives the secret.
    public func addConsumer(_ consumer: SecretConsumer, toSecret id: ResourceID) throws -> Secret {
        try require(.useConsumers, on: .secret, id)
        try requireRoom(in: "key_manager_secret_consumer", "secret_id", id)
        try connection.execute(
            """
            INSERT INTO key_manager_secret_consumer
                (secret_id, service, resource_type, resource_id, project_id, created_at)
            VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (secret_id, service, resource_type, resource_id) DO NOTHING
            """, [id, consumer.service, consumer.resourceType, consumer.resourceID, consumerProject, now])
        return try secret(id)
    }

    /// Removes a consumer; gives the secret.
    public func removeConsumer(_ consumer: SecretConsumer, fromSecret id: ResourceID) throws -> Secret {
        try require(.useConsumers, on: .secret, id)
        let condition = "secret_id = ? AND service = ? AND resource_type = ? AND resource_id = ?"
        let arguments: [any DatabaseValueConvertible] = [
            id, consumer.service, consumer.resourceType, consumer.resourceID,
        ]
        let project = try connection.first(
            "SELECT project_id FROM key_manager_secret_consumer WHERE \(condition)", arguments
        ) { $0.text(0) }
        guard let project else { throw Self.notFound }
        guard try mayRemove(consumerOf: project, of: .secret, id) else { throw Self.notOwner }
        try connection.execute("DELETE FROM key_manager_secret_consumer WHERE \(condition)", arguments)
        return try secret(id)
    }
}
