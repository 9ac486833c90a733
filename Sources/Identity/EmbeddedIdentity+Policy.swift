// Who may do what.

extension ValidatedToken {
    /// Allows administrators only.
    ///
    /// - Throws: ``IdentityFault`` with 403 that names the action.
    func requireAdministrator(_ action: String) throws {
        guard isAdministrator else { throw IdentityFault.forbidden(action: "identity:\(action)") }
    }

    /// Allows administrators, and users for what is their own.
    func requireAdministrator(orUser userID: String, _ action: String) throws {
        guard isAdministrator || user.id == userID else {
            throw IdentityFault.forbidden(action: "identity:\(action)")
        }
    }

    /// Refuses tokens of restricted application credentials, which must not make or delete such credentials.
    func requireUnrestricted(_ action: String) throws {
        if let applicationCredential, !applicationCredential.isUnrestricted {
            throw IdentityFault.forbidden(action: "identity:\(action)")
        }
    }
}
