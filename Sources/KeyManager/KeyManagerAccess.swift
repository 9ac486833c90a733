// On whose behalf the key manager is asked, and what the roles allow.

/// Who asks the key manager.
public enum KeyManagerAccess: Sendable, Hashable {
    /// A user with the roles that a token gives in a project.
    case user(id: String, projectID: String?, roles: Set<String>)
    /// Load balancing on behalf of a project, without a user: reads all that the project owns, private or not.
    case project(String)
    /// Load balancing itself, for references whose owner has been checked before.
    case service

    /// The caller's project.
    public var projectID: String? {
        switch self {
        case .user(_, let projectID, _): projectID
        case .project(let id): id
        case .service: nil
        }
    }

    /// The caller, if it is a user.
    public var userID: String? {
        guard case .user(let id, _, _) = self else { return nil }
        return id
    }
}

/// What is done to secrets and containers, as far as rights differ.
enum KeyManagerAction: Sendable, Hashable {
    case list, create
    case read, decrypt, storePayload, delete
    case readACL, changeACL
    case readMetadata, changeMetadata
    case useConsumers
    /// Putting secrets into a container and taking them out.
    case changeContents
}

/// Whose a secret or container is, as the caller sees it.
struct Ownership: Sendable, Hashable {
    var resource: KeyResource
    var projectID: String
    var creatorID: String
    /// Whether the access control list takes the project's access away.
    var isPrivate: Bool
    /// Whether the access control list names the caller.
    var namesCaller: Bool
}

extension KeyManagerAccess {
    /// Whether the caller may list and make resources: member, admin and creator both, observer only the first.
    func allows(_ action: KeyManagerAction) -> Bool {
        guard case .user(_, let projectID, let roles) = self, let projectID, !projectID.isEmpty else { return false }
        let allowed: Set<String> = ["admin", "member", "creator"]
        return !roles.isDisjoint(with: action == .list ? allowed.union(["observer"]) : allowed)
    }

    /// Whether the caller may do that to one resource.
    ///
    /// These are Barbican's default policies, both the ones since Wallaby (member, admin) and the older ones (creator,
    /// observer, audit) that it still honours. The role reader gives no rights in either.
    func allows(_ action: KeyManagerAction, _ target: Ownership) -> Bool {
        switch self {
        case .service:
            return true
        case .project(let id):
            return id == target.projectID && (action == .read || action == .decrypt)
        case .user(let id, let projectID, let roles):
            let isOfProject = projectID != nil && projectID == target.projectID
            let isOpen = isOfProject && (!target.isPrivate || id == target.creatorID)
            if isOfProject && roles.contains("admin") || isOpen && roles.contains("member") { return true }
            let isReader = isOfProject && !target.isPrivate && roles.contains("observer")
            let isCreator = isOpen && roles.contains("creator")
            let isAuditor = isOfProject && !target.isPrivate && roles.contains("audit")
            // Barbican lets an administrator of any project see and delete secrets, but not decrypt them.
            let isAdministrator = target.resource == .secret && roles.contains("admin")
            switch action {
            case .list, .create: return allows(action)
            case .read: return isAdministrator || target.namesCaller || isReader || isCreator || isAuditor
            case .readMetadata, .useConsumers: return target.namesCaller || isReader || isCreator || isAuditor
            case .decrypt: return target.namesCaller || isReader || isCreator
            case .delete: return isAdministrator || isCreator
            case .readACL: return isOfProject && !roles.isDisjoint(with: ["observer", "creator"])
            case .storePayload: return isOfProject && roles.contains("creator")
            case .changeACL, .changeMetadata, .changeContents: return isCreator
            }
        }
    }
}

/// The two kinds of things that the key manager keeps.
public enum KeyResource: String, Sendable, Hashable, CaseIterable {
    case secret
    case container

    /// The path segment and the key of lists.
    public var collection: String { rawValue + "s" }

    var table: String { "key_manager_\(rawValue)" }

    var title: String { self == .secret ? "Secret" : "Container" }
}
