// Who may do what (API reference, "Octavia API policies").

public import Identity
public import OctaviaWire

/// Who calls, as the control plane needs to know it.
public struct Caller: Sendable, Hashable {
    public var userID: String
    /// The project of the token; absent for unscoped and system-scoped tokens.
    public var projectID: String?
    public var roles: Set<String>
    /// The request in which the call is made, for timelines.
    public var requestID: String?
    /// What makes the request the same as an earlier one.
    public var idempotencyKey: IdempotencyKey?

    public init(
        userID: String, projectID: String?, roles: Set<String>, requestID: String? = nil,
        idempotencyKey: IdempotencyKey? = nil
    ) {
        self.userID = userID
        self.projectID = projectID
        self.roles = roles
        self.requestID = requestID
        self.idempotencyKey = idempotencyKey
    }

    /// The caller that a token speaks for.
    public init(
        _ subject: AuthenticatedSubject, requestID: String? = nil, idempotencyKey: IdempotencyKey? = nil
    ) {
        self.init(
            userID: subject.userID, projectID: subject.projectID, roles: subject.roles, requestID: requestID,
            idempotencyKey: idempotencyKey)
    }
}

/// The rules of access: which role may read, write and see across projects.
public struct AccessPolicy: Sendable, Hashable {
    /// Which roles count.
    public enum Roles: String, Sendable, Hashable {
        /// Keystone's `reader`, `member` and `admin`: what Octavia has by default.
        case keystoneDefault = "keystone_default_roles"
        /// Octavia's own `load-balancer_…` roles, and `admin`; `reader` and `member` alone give no rights.
        case advanced
    }

    private let rules: [PolicyAction: PolicyExpression]
    private let administrator: PolicyExpression

    /// The rules of a role set.
    public init(roles: Roles = .keystoneDefault) {
        do {
            try self.init(roles: roles, file: nil)
        } catch {
            preconditionFailure("the built-in rules are wrong: \(error)")
        }
    }

    /// The rules of a role set, but for those that the file has.
    ///
    /// - Throws: a problem with the line of a rule that names an unknown rule or leads back to itself.
    public init(roles: Roles, file: PolicyFile?) throws(PolicyFile.Problem) {
        var linker = PolicyLinker(roles: roles, file: file)
        try linker.checkNames()
        administrator = try linker.linked("load-balancer:admin")
        var rules: [PolicyAction: PolicyExpression] = [:]
        for action in PolicyAction.allCases { rules[action] = try linker.linked(action.ruleName) }
        self.rules = rules
        try linker.linkAll()
    }

    /// Whether the caller is an administrator of the whole service.
    public func isAdministrator(_ caller: Caller) -> Bool {
        administrator.holds(for: caller, projectID: nil)
    }

    /// Whether the caller may do this to an object of a project.
    public func allows(_ caller: Caller, _ action: PolicyAction, projectID: String?) -> Bool {
        rules[action]?.holds(for: caller, projectID: projectID) ?? false
    }

    /// Ends the call with 403 unless it is allowed.
    public func require(
        _ caller: Caller, _ action: PolicyAction, projectID: String?
    ) throws(OctaviaFault) {
        guard allows(caller, action, projectID: projectID) else { throw .forbidden }
    }

    /// The project whose objects a list shows; absent is all projects.
    ///
    /// - Parameters:
    ///   - action: The right to list the objects of one's own project.
    ///   - globally: The right to list those of all projects.
    ///   - project: The project that the query asks for.
    public func listedProject(
        _ caller: Caller, _ action: PolicyAction, globally: PolicyAction, asked project: String?
    ) throws(OctaviaFault) -> String? {
        if allows(caller, globally, projectID: project) { return project }
        guard let own = caller.projectID, allows(caller, action, projectID: own) else { throw .forbidden }
        guard project == nil || project == own else { throw .forbidden }
        return own
    }
}
