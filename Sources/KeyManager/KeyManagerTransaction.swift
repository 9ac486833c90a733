// One unit of work of the key manager.

public import LoadBalancing
internal import Persistence

/// The use cases of the key manager inside one database transaction, for one caller.
///
/// Must not leave the block that it is given to. What does not exist is "not found"; what the caller must not touch is
/// "forbidden", as Barbican has it.
public struct KeyManagerTransaction {
    let connection: any DatabaseConnection
    public let access: KeyManagerAccess
    let now: Timestamp
    let cipher: PayloadCipher
    let payloadLimit: Int
    let changes = ChangeList()

    init(
        connection: any DatabaseConnection, access: KeyManagerAccess, now: Timestamp, cipher: PayloadCipher,
        payloadLimit: Int
    ) {
        self.connection = connection
        self.access = access
        self.now = now
        self.cipher = cipher
        self.payloadLimit = payloadLimit
    }

    // MARK: Rights

    /// The caller's project, for what has no owner yet.
    func project(for action: KeyManagerAction, _ resource: KeyResource) throws -> String {
        guard access.allows(action), let project = access.projectID else {
            throw KeyManagerFault.forbidden(action, resource)
        }
        return project
    }

    /// Refuses what does not exist and what the caller must not do.
    func require(_ action: KeyManagerAction, on resource: KeyResource, _ id: ResourceID) throws {
        guard let ownership = try ownership(of: resource, id) else { throw KeyManagerFault.notFound(resource) }
        guard access.allows(action, ownership) else { throw KeyManagerFault.forbidden(action, resource) }
    }

    private func ownership(of resource: KeyResource, _ id: ResourceID) throws -> Ownership? {
        let living = resource == .secret ? " AND (r.expiration IS NULL OR r.expiration > ?)" : ""
        let arguments: [any DatabaseValueConvertible] = resource == .secret ? [id, now] : [id]
        let found = try connection.first(
            """
            SELECT r.project_id, r.creator_id, a.project_access FROM \(resource.table) r
            LEFT JOIN key_manager_acl a ON a.resource_id = r.id WHERE r.id = ?\(living)
            """, arguments
        ) { row in
            Ownership(
                resource: resource, projectID: row.text(0), creatorID: row.text(1),
                isPrivate: row.optionalInteger(2) == 0, namesCaller: false)
        }
        guard var found, let user = access.userID else { return found }
        found.namesCaller = try connection.exists(
            "SELECT 1 FROM key_manager_acl_user WHERE resource_id = ? AND user_id = ?", [id, user])
        return found
    }

    /// Whether the resource exists for anybody.
    public func exists(_ resource: KeyResource, _ id: ResourceID) throws -> Bool {
        try ownership(of: resource, id) != nil
    }

    /// Marks a resource as changed.
    func touch(_ resource: KeyResource, _ id: ResourceID) throws {
        try connection.update(resource.table, [("updated_at", now)], where: "id", is: id)
        changes.add(.changed, resource, id)
    }

    // MARK: Lists

    /// Reads one page of rows and counts all of them.
    func page<Element: Sendable>(
        _ columns: String, from table: String, where conditions: [String], _ arguments: [any DatabaseValueConvertible],
        order: String, _ range: PageRange, _ transform: (borrowing DatabaseRow) throws -> Element
    ) throws -> KeyManagerPage<Element> {
        let clause = " WHERE " + conditions.joined(separator: " AND ")
        let total = try connection.first("SELECT COUNT(*) FROM \(table)\(clause)", arguments) { $0.int(0) } ?? 0
        let items = try connection.query(
            "SELECT \(columns) FROM \(table)\(clause) ORDER BY \(order) LIMIT ? OFFSET ?",
            arguments + [range.limit, range.offset], transform)
        return KeyManagerPage(items: items, total: total)
    }

    /// Rows of a child table for many parents. The parent's id is at 0.
    func children<Element>(
        _ columns: String, from table: String, parent: String, order: String, of parents: [ResourceID],
        _ transform: (borrowing DatabaseRow) throws -> Element
    ) throws -> [ResourceID: [Element]] {
        guard !parents.isEmpty else { return [:] }
        let marks = Array(repeating: "?", count: parents.count).joined(separator: ", ")
        let rows = try connection.query(
            "SELECT \(parent), \(columns) FROM \(table) WHERE \(parent) IN (\(marks)) ORDER BY \(order)", parents
        ) { row in (parent: row.resourceID(0), element: try transform(row)) }
        return Dictionary(grouping: rows, by: \.parent).mapValues { $0.map(\.element) }
    }
}

/// Which part of a list is wanted.
public struct PageRange: Sendable, Hashable {
    /// How many elements a page has at most, unless the request says less.
    public static let maximum = 100
    /// How many elements a page has without a wish.
    public static let standard = 10

    public let offset: Int
    public let limit: Int

    /// Takes the nearest values that are allowed: an offset from 0, a limit from 1 to ``maximum``.
    public init(offset: Int = 0, limit: Int = Self.standard) {
        self.offset = max(0, offset)
        self.limit = min(max(1, limit), Self.maximum)
    }
}

/// One page of a list, and how many elements the whole list has.
public struct KeyManagerPage<Element: Sendable>: Sendable {
    public var items: [Element]
    public var total: Int
}
