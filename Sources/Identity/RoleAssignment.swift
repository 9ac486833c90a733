// Who has which role where.

internal import Persistence

/// What a role is assigned on.
public enum AssignmentTarget: Sendable, Hashable {
    case project(String)
    case domain(String)
    /// The whole system.
    case system

    /// The columns `target_kind` and `target_id`.
    var columns: (kind: String, id: String) {
        switch self {
        case .project(let id): ("project", id)
        case .domain(let id): ("domain", id)
        case .system: ("system", "all")
        }
    }

    init(kind: String, id: String) {
        switch kind {
        case "project": self = .project(id)
        case "domain": self = .domain(id)
        default: self = .system
        }
    }
}

/// A role of a user on a target (Identity API v3 reference, "List role assignments").
public struct RoleAssignment: Sendable, Hashable {
    public var userID: String
    public var roleID: String
    public var target: AssignmentTarget

    public init(userID: String, roleID: String, target: AssignmentTarget) {
        self.userID = userID
        self.roleID = roleID
        self.target = target
    }
}

extension IdentityStore {
    /// The roles assigned to a user on a target, without those they imply, by name.
    func assignedRoles(userID: String, on target: AssignmentTarget) throws -> [Role] {
        try connection.query(
            """
            SELECT r.id, r.name, r.description FROM identity_role_assignments a JOIN identity_roles r ON r.id = a.role_id
            WHERE a.user_id = ? AND a.target_kind = ? AND a.target_id = ? ORDER BY r.name
            """, [userID, target.columns.kind, target.columns.id]
        ) { Role($0) }
    }

    /// The roles of a user on a target with those they imply.
    func effectiveRoles(userID: String, on target: AssignmentTarget) throws -> [Role] {
        let assigned = try assignedRoles(userID: userID, on: target)
        return assigned.isEmpty ? [] : Role.effective(assigned, among: try roles())
    }

    /// All assignments, or those of one user, in a stable order.
    func assignments(ofUser userID: String? = nil) throws -> [RoleAssignment] {
        let condition = userID == nil ? "" : "WHERE user_id = ?"
        return try connection.query(
            """
            SELECT user_id, role_id, target_kind, target_id FROM identity_role_assignments \(condition)
            ORDER BY user_id, target_kind, target_id, role_id
            """, userID.map { [$0] } ?? []
        ) { row in
            RoleAssignment(
                userID: row.text(0), roleID: row.text(1), target: AssignmentTarget(kind: row.text(2), id: row.text(3)))
        }
    }

    /// Assigns a role; does nothing when it is assigned already.
    func assign(_ assignment: RoleAssignment) throws {
        try connection.execute(
            """
            INSERT INTO identity_role_assignments (user_id, target_kind, target_id, role_id) VALUES (?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """,
            [assignment.userID, assignment.target.columns.kind, assignment.target.columns.id, assignment.roleID])
    }

    /// Takes a role away; says whether it was assigned.
    func unassign(_ assignment: RoleAssignment) throws -> Bool {
        try connection.execute(
            """
            DELETE FROM identity_role_assignments
            WHERE user_id = ? AND target_kind = ? AND target_id = ? AND role_id = ?
            """,
            [assignment.userID, assignment.target.columns.kind, assignment.target.columns.id, assignment.roleID]) > 0
    }
}
