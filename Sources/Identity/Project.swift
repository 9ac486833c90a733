// Projects: what tokens are scoped to and resources belong to.

internal import Persistence

/// A project (Identity API v3 reference, "Projects").
///
/// Projects have no tree here: the parent of each is its domain.
public struct Project: Sendable, Hashable {
    public var id: String
    public var domainID: String
    /// Unique in the domain; 1–64 characters.
    public var name: String
    public var description: String
    /// Tokens for a disabled project are not valid.
    public var isEnabled: Bool
    public var tags: [String]

    public init(
        id: String, domainID: String, name: String, description: String = "", isEnabled: Bool = true,
        tags: [String] = []
    ) {
        self.id = id
        self.domainID = domainID
        self.name = name
        self.description = description
        self.isEnabled = isEnabled
        self.tags = tags
    }

    static func columns(_ table: String) -> String {
        ["id", "domain_id", "name", "description", "enabled", "tags"].map { "\(table).\($0)" }.joined(separator: ", ")
    }
    static let columnCount = 6

    init(_ row: borrowing DatabaseRow, at first: Int = 0) {
        self.init(
            id: row.text(first), domainID: row.text(first + 1), name: row.text(first + 2),
            description: row.text(first + 3), isEnabled: row.bool(first + 4),
            tags: row.text(first + 5).split(separator: ",").map(String.init))
    }

    /// The tags as one text; a tag has no comma.
    fileprivate var joinedTags: String { tags.joined(separator: ",") }
}

/// How a request names a project.
public enum ProjectReference: Sendable, Hashable {
    case id(String)
    case name(String, DomainReference)
}

extension IdentityStore {
    func project(_ id: String) throws -> Project? {
        try connection.first("SELECT \(Project.columns("p")) FROM identity_projects p WHERE p.id = ?", [id]) {
            Project($0)
        }
    }

    func project(_ reference: ProjectReference) throws -> Project? {
        switch reference {
        case .id(let id): return try project(id)
        case .name(let name, let domainReference):
            guard let domain = try domain(domainReference) else { return nil }
            return try connection.first(
                "SELECT \(Project.columns("p")) FROM identity_projects p WHERE p.domain_id = ? AND p.name = ?",
                [domain.id, name]
            ) { Project($0) }
        }
    }

    /// All projects, by name.
    func projects() throws -> [Project] {
        try connection.query("SELECT \(Project.columns("p")) FROM identity_projects p ORDER BY p.name, p.id", []) {
            Project($0)
        }
    }

    /// The projects on which a user has a role, by name.
    func projects(ofUser userID: String) throws -> [Project] {
        try connection.query(
            """
            SELECT \(Project.columns("p")) FROM identity_projects p WHERE p.id IN (
                SELECT a.target_id FROM identity_role_assignments a WHERE a.user_id = ? AND a.target_kind = 'project')
            ORDER BY p.name, p.id
            """, [userID]
        ) { Project($0) }
    }

    func insert(_ project: Project) throws {
        try connection.insert(
            into: "identity_projects",
            [
                ("id", project.id), ("domain_id", project.domainID), ("name", project.name),
                ("description", project.description), ("enabled", project.isEnabled), ("tags", project.joinedTags),
            ])
    }

    func update(_ project: Project) throws {
        try connection.update(
            "identity_projects",
            [
                ("name", project.name), ("description", project.description), ("enabled", project.isEnabled),
                ("tags", project.joinedTags),
            ], where: "id", is: project.id)
    }

    /// Deletes a project with its assignments and the application credentials for it.
    func deleteProject(_ id: String) throws {
        try connection.execute(
            """
            DELETE FROM identity_application_credential_roles WHERE credential_id IN (
                SELECT c.id FROM identity_application_credentials c WHERE c.project_id = ?)
            """, [id])
        try connection.execute("DELETE FROM identity_application_credentials WHERE project_id = ?", [id])
        try connection.execute(
            "DELETE FROM identity_role_assignments WHERE target_kind = 'project' AND target_id = ?", [id])
        try connection.execute(
            "UPDATE identity_users SET default_project_id = NULL WHERE default_project_id = ?", [id])
        try connection.execute("DELETE FROM identity_projects WHERE id = ?", [id])
    }
}
