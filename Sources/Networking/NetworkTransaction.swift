// One unit of work of the network service.

public import LoadBalancing
internal import Persistence

/// The time of a transaction, one microsecond later at each look, so that the order of creation is kept.
private final class TransactionClock {
    private var time: Timestamp

    init(_ time: Timestamp) {
        self.time = time
    }

    func next() -> Timestamp {
        defer { time.microseconds += 1 }
        return time
    }
}

/// The use cases of the network service inside one database transaction, for one caller.
///
/// Must not leave the block that it is given to.
public struct NetworkTransaction {
    let connection: any DatabaseConnection
    public private(set) var access: NetworkAccess
    /// Ranges in which only administrators may make subnets.
    let reserved: [IPNetwork]
    private let clock: TransactionClock

    init(connection: any DatabaseConnection, access: NetworkAccess, reserved: [IPNetwork], now: Timestamp) {
        self.connection = connection
        self.access = access
        self.reserved = reserved
        clock = TransactionClock(now)
    }

    /// The same transaction with the rights of the service.
    var asService: NetworkTransaction {
        var copy = self
        copy.access = .service
        return copy
    }

    // MARK: Reading

    /// The columns that ``header(_:tags:)`` reads, in its order.
    static let headerColumns = "id, project_id, name, description, revision_number, created_at, updated_at"

    /// Reads the first seven columns.
    static func header(_ row: borrowing DatabaseRow) -> NetworkObjectHeader {
        NetworkObjectHeader(
            id: row.resourceID(0), projectID: row.text(1), name: row.text(2), description: row.text(3), tags: [],
            revision: row.integer(4), createdAt: row.timestamp(5), updatedAt: row.timestamp(6))
    }

    /// What the caller may see.
    func visible(_ resource: NetworkResource) -> Selection {
        var selection = Selection()
        guard !access.isAdmin else { return selection }
        let project = access.projectID ?? ""
        let mine = project.isEmpty ? "1 = 0" : "project_id = ?"
        let arguments: [any DatabaseValueConvertible] = project.isEmpty ? [] : [project]
        switch resource {
        case .network:
            selection.require("(\(mine) OR shared = 1 OR external = 1)", arguments)
        case .subnet:
            selection.require(
                """
                (\(mine) OR network_id IN
                    (SELECT id FROM network_network WHERE \(mine) OR shared = 1 OR external = 1))
                """, arguments + arguments)
        case .port:
            selection.require(
                "(\(mine) OR network_id IN (SELECT id FROM network_network WHERE \(mine)))", arguments + arguments)
        case .qosPolicy:
            selection.require("(\(mine) OR shared = 1)", arguments)
        case .floatingIP, .securityGroup, .securityGroupRule:
            selection.require(mine, arguments)
        }
        return selection
    }

    /// Reads the rows that the caller may see and that the query asks for.
    func select<Element: Sendable>(
        _ resource: NetworkResource, _ columns: String, _ query: ListQuery,
        _ transform: (borrowing DatabaseRow) throws -> Element
    ) throws -> NetworkPage<Element> {
        var selection = visible(resource)
        try selection.apply(query, to: resource)
        let order = try Order(query.sort, resource)
        if let marker = query.marker { try order.start(after: marker, resource, &selection, connection) }
        var sql = "SELECT \(columns) FROM \(resource.table)\(selection.clause) ORDER BY \(order.clause)"
        var arguments = selection.arguments
        if let limit = query.limit {
            sql += " LIMIT ?"
            // One more than asked for tells whether there is another page.
            arguments.append(Int64(limit) + 1)
        }
        var items = try connection.query(sql, arguments, transform)
        let hasMore = query.limit.map { items.count > $0 } ?? false
        if hasMore { items.removeLast() }
        return NetworkPage(items: items, hasMore: hasMore)
    }

    /// Whether an object exists that the caller may see.
    public func exists(_ resource: NetworkResource, _ id: ResourceID) throws -> Bool {
        try owner(resource, id) != nil
    }

    /// The project of an object that the caller may see.
    func owner(_ resource: NetworkResource, _ id: ResourceID) throws -> String? {
        var selection = visible(resource)
        selection.require("id = ?", [id])
        return try connection.first(
            "SELECT project_id FROM \(resource.table)\(selection.clause)", selection.arguments
        ) { $0.text(0) }
    }

    /// Refuses what the caller does not own as if it did not exist, as Neutron does.
    func requireOwned(_ resource: NetworkResource, _ id: ResourceID) throws {
        guard let owner = try owner(resource, id), access.owns(owner) else {
            throw NetworkFault.notFound(resource, id)
        }
    }

    /// Rows of a child table for many parents, in chunks that every engine can bind. The transform finds the columns
    /// from position 1; the parent's id is at 0.
    func children<Element>(
        _ columns: String, from table: String, parent: String, order: String, of parents: [ResourceID],
        _ transform: (borrowing DatabaseRow) throws -> Element
    ) throws -> [ResourceID: [Element]] {
        var result: [ResourceID: [Element]] = [:]
        var rest = parents[...]
        while !rest.isEmpty {
            let marks = Selection.marks(for: Array(rest.prefix(500)))
            rest = rest.dropFirst(500)
            let sql = "SELECT \(parent), \(columns) FROM \(table) WHERE \(parent) IN (\(marks.text)) ORDER BY \(order)"
            let rows = try connection.query(sql, marks.arguments) { row in
                (parent: row.resourceID(0), element: try transform(row))
            }
            for row in rows { result[row.parent, default: []].append(row.element) }
        }
        return result
    }

    /// The tags of many objects, sorted.
    func tags(of ids: [ResourceID]) throws -> [ResourceID: [String]] {
        try children("tag", from: "network_tag", parent: "resource_id", order: "tag", of: ids) { $0.text(1) }
    }

    // MARK: Writing

    /// The owner of a new object: the caller's project, or another one that an administrator names.
    func owner(ofNew resource: NetworkResource, _ requested: String?) throws -> String {
        if let requested, requested != access.projectID {
            guard access.isAdmin else {
                throw NetworkFault.forbidden("Creating a \(resource.key) for project '\(requested)'")
            }
            guard !requested.isEmpty else { throw NetworkFault.invalid(field: "project_id", "it must not be empty") }
            return requested
        }
        guard let project = access.projectID, !project.isEmpty else {
            throw NetworkFault.invalid(field: "project_id", "a token without a project needs one in the request")
        }
        return project
    }

    /// The columns of a new object's header.
    func newHeader(
        id: ResourceID, projectID: String, name: String?, description: String?
    ) -> [(name: String, value: any DatabaseValueConvertible)] {
        let now = clock.next()
        return [
            ("id", id), ("project_id", projectID), ("name", name ?? ""), ("description", description ?? ""),
            ("revision_number", 1), ("created_at", now), ("updated_at", now),
        ]
    }

    /// Changes columns of an object and counts its revision up.
    func change(
        _ resource: NetworkResource, _ id: ResourceID, expecting revision: Int64? = nil,
        _ columns: [(name: String, value: any DatabaseValueConvertible)]
    ) throws {
        let current = try connection.first(
            "SELECT revision_number FROM \(resource.table) WHERE id = ?", [id]
        ) { $0.integer(0) }
        guard let current else { throw NetworkFault.notFound(resource, id) }
        if let revision, revision != current {
            throw NetworkFault(
                .revisionMismatch, type: "RevisionNumberConstraintFailed",
                "Constrained to \(revision), but current revision is \(current).")
        }
        try connection.update(
            resource.table, columns + [("revision_number", current + 1), ("updated_at", clock.next())], where: "id",
            is: id)
    }

    /// Removes an object's row and its tags.
    func remove(_ resource: NetworkResource, _ id: ResourceID) throws {
        try connection.execute("DELETE FROM network_tag WHERE resource_id = ?", [id])
        try connection.execute("DELETE FROM \(resource.table) WHERE id = ?", [id])
    }

    func count(_ sql: String, _ arguments: [any DatabaseValueConvertible]) throws -> Int {
        try connection.first(sql, arguments) { $0.int(0) } ?? 0
    }

    /// Refuses a policy that the caller may not use.
    func requirePolicy(_ setting: Setting<ResourceID>) throws {
        guard let id = setting.value, try !exists(.qosPolicy, id) else { return }
        throw NetworkFault.notFound(.qosPolicy, id)
    }
}
