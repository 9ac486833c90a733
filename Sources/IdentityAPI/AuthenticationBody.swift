// Reading a login (Identity API v3 reference, "Authentication and token management").

internal import HTTPService
internal import Identity
internal import JSON

extension AuthenticationRequest {
    /// Reads the body of `POST /v3/auth/tokens`.
    ///
    /// - Throws: ``IdentityFault``: 400 for a wrong shape, 401 for a method that this service does not have.
    init(_ request: APIRequest) throws {
        let auth = try RequestFields(request, key: "auth")
        let identity = try auth.object("identity")
        guard let methods = try identity.optionalStrings("methods"), (1...8).contains(methods.count) else {
            throw IdentityFault.badRequest(
                """
                Expecting to find 'auth.identity.methods' in the request body; \
                it must be a list of 1 to 8 of \(Self.methodNames).
                """)
        }
        // A repeated method would only repeat its cost.
        var proofs: [Proof] = []
        for (index, method) in methods.enumerated() where !methods[..<index].contains(method) {
            proofs.append(try Self.proof(method, identity))
        }
        self.init(proofs: proofs, scope: try Self.scope(auth))
    }

    private static let methodNames = AuthenticationMethod.allCases.map(\.rawValue).joined(separator: ", ")

    private static func proof(_ name: String, _ identity: RequestFields) throws -> Proof {
        guard let method = AuthenticationMethod(rawValue: name) else {
            throw IdentityFault.unauthorized(
                "Authentication method '\(IdentityFault.shortened(name))' is not supported; allowed are \(methodNames)."
            )
        }
        let fields = try identity.object(name)
        switch method {
        case .password:
            let user = try fields.object("user")
            return .password(try userReference(user), password: try user.string("password"))
        case .token:
            return .token(try fields.string("id"))
        case .applicationCredential:
            let secret = try fields.string("secret")
            if let id = try fields.optionalString("id") { return .applicationCredential(.id(id), secret: secret) }
            let name = try fields.string("name")
            return .applicationCredential(.name(name, try userReference(fields.object("user"))), secret: secret)
        }
    }

    private static func userReference(_ fields: RequestFields) throws -> UserReference {
        if let id = try fields.optionalString("id") { return .id(id) }
        return .name(try fields.string("name"), try domainReference(fields.object("domain")))
    }

    private static func domainReference(_ fields: RequestFields) throws -> DomainReference {
        if let id = try fields.optionalString("id") { return .id(id) }
        return .name(try fields.string("name"))
    }

    private static func scope(_ auth: RequestFields) throws -> Scope {
        if auth["scope"] == .string("unscoped") { return .unscoped }
        guard let scope = try auth.optionalObject("scope") else { return .absent }
        let known = ["unscoped", "project", "domain", "system", "OS-TRUST:trust"]
        let given = known.filter { scope.has($0) }
        guard given.count == 1, let kind = given.first else {
            throw IdentityFault.badRequest(
                "'auth.scope' must have exactly one of the members \(known.joined(separator: ", ")).")
        }
        switch kind {
        case "unscoped": return .unscoped
        case "OS-TRUST:trust": return .trust
        case "domain": return .domain(try domainReference(scope.object("domain")))
        case "system":
            guard try scope.object("system").optionalBool("all") == true else {
                throw IdentityFault.badRequest("'auth.scope.system' must be {\"all\": true}.")
            }
            return .system
        default:
            let project = try scope.object("project")
            if let id = try project.optionalString("id") { return .project(.id(id)) }
            return .project(.name(try project.string("name"), try domainReference(project.object("domain"))))
        }
    }
}
