// Who may do what (API reference, "Octavia API policies").

public import Identity
public import OctaviaWire

/// Who calls, as the control plane needs to know it.
public struct Caller: Sendable, Hashable {
    public var userID: String
    /// The project of the token; absent for unscoped and system-scoped tokens.
    public var projectID: String?
    public var roles: Set<String>

    public init(userID: String, projectID: String?, roles: Set<String>) {
        self.userID = userID
        self.projectID = projectID
        self.roles = roles
    }

    /// The caller that a token speaks for.
    public init(_ subject: AuthenticatedSubject) {
        self.init(userID: subject.userID, projectID: subject.projectID, roles: subject.roles)
    }
}

/// The rules of access: which role may read, write and see across projects.
public struct AccessPolicy: Sendable, Hashable {
    /// Which roles count.
    public enum Roles: String, Sendable, Hashable {
        /// Keystone's `reader`, `member` and `admin`: what Octavia has by default.
        case keystoneDefault = "keystone_default_roles"
        /// These and Octavia's own `load-balancer_…` roles.
        case advanced
    }

    /// What a call wants to do.
    public enum Action: Sendable, Hashable {
        case read
        case write
        /// List members of a pool, which the `service` role may too.
        case readMembers
        /// What only administrators may.
        case administer
    }

    public var roles: Roles

    public init(roles: Roles = .keystoneDefault) {
        self.roles = roles
    }

    /// Whether the caller is an administrator of the whole service.
    public func isAdministrator(_ caller: Caller) -> Bool { has(caller, "admin", advanced: "load-balancer_admin") }

    /// Whether the caller sees the objects of all projects.
    public func readsGlobally(_ caller: Caller) -> Bool {
        isAdministrator(caller) || has(caller, "admin", advanced: "load-balancer_global_observer")
    }

    /// Whether the caller may do this to an object of a project.
    public func allows(_ caller: Caller, _ action: Action, projectID: String?) -> Bool {
        if isAdministrator(caller) { return true }
        let isOwner = caller.projectID != nil && caller.projectID == projectID
        let isMember = isOwner && has(caller, "member", advanced: "load-balancer_member")
        let isReader =
            readsGlobally(caller) || isMember || isOwner && has(caller, "reader", advanced: "load-balancer_observer")
        switch action {
        case .read: return isReader
        case .readMembers: return isReader || caller.roles.contains("service")
        case .write: return isMember
        case .administer: return false
        }
    }

    /// Ends the call with 403 unless it is allowed.
    public func require(
        _ caller: Caller, _ action: Action, projectID: String?
    ) throws(OctaviaFault) {
        guard allows(caller, action, projectID: projectID) else { throw .forbidden }
    }

    /// The project whose objects a list shows; absent is all projects.
    public func listedProject(_ caller: Caller, asked project: String?) throws(OctaviaFault) -> String? {
        if readsGlobally(caller) { return project }
        guard let own = caller.projectID, allows(caller, .read, projectID: own) else { throw .forbidden }
        guard project == nil || project == own else { throw .forbidden }
        return own
    }

    private func has(_ caller: Caller, _ role: String, advanced: String) -> Bool {
        caller.roles.contains(role) || roles == .advanced && caller.roles.contains(advanced)
    }
}
