// One rule of access in the language of oslo.policy.

/// A condition on the caller and on the project that owns what the call is about.
indirect enum PolicyExpression: Sendable, Hashable {
    case always
    case never
    case role(String)
    /// Another rule by its name; gone once rules are linked.
    case rule(String)
    /// The caller's project owns the object.
    case isOwner
    case isProject(String)
    case isUser(String)
    /// The caller is, or is not, an administrator of the service; gone once rules are linked.
    case isAdministrator(Bool)
    case all([PolicyExpression])
    case any([PolicyExpression])
    case not(PolicyExpression)

    /// Whether the condition holds.
    func holds(for caller: Caller, projectID: String?) -> Bool {
        switch self {
        case .always: true
        case .never, .rule, .isAdministrator: false
        case .role(let role): caller.roles.contains(role)
        case .isOwner: caller.projectID != nil && caller.projectID == projectID
        case .isProject(let project): caller.projectID == project
        case .isUser(let user): caller.userID == user
        case .all(let parts): parts.allSatisfy { $0.holds(for: caller, projectID: projectID) }
        case .any(let parts): parts.contains { $0.holds(for: caller, projectID: projectID) }
        case .not(let part): !part.holds(for: caller, projectID: projectID)
        }
    }
}

/// Why a rule cannot be understood.
struct PolicySyntaxError: Error, Hashable {
    var reason: String
}

extension PolicyExpression {
    /// Reads `role:a and (rule:b or not project_id:%(project_id)s)`; empty text is always true.
    init(parsing text: String) throws(PolicySyntaxError) {
        var parser = PolicyParser(text)
        self = try parser.whole()
    }
}

/// Recursive descent over words and parentheses: `or` binds weaker than `and`, and that weaker than `not`.
private struct PolicyParser {
    private var tokens: ArraySlice<String>
    private var depth = 0

    init(_ text: String) {
        var tokens: [String] = []
        for word in text.split(whereSeparator: \.isWhitespace) {
            var rest = word
            while rest.hasPrefix("(") {
                tokens.append("(")
                rest = rest.dropFirst()
            }
            // `%(project_id)s` has parentheses of its own, never at its end.
            var closing = 0
            while rest.hasSuffix(")") {
                closing += 1
                rest = rest.dropLast()
            }
            if !rest.isEmpty { tokens.append(String(rest)) }
            tokens += Array(repeating: ")", count: closing)
        }
        self.tokens = tokens[...]
    }

    mutating func whole() throws(PolicySyntaxError) -> PolicyExpression {
        guard !tokens.isEmpty else { return .always }
        let result = try disjunction()
        if let extra = tokens.first { throw PolicySyntaxError(reason: "unexpected '\(extra)'") }
        return result
    }

    private mutating func disjunction() throws(PolicySyntaxError) -> PolicyExpression {
        var parts = [try conjunction()]
        while takes("or") { parts.append(try conjunction()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction() throws(PolicySyntaxError) -> PolicyExpression {
        var parts = [try negation()]
        while takes("and") { parts.append(try negation()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func negation() throws(PolicySyntaxError) -> PolicyExpression {
        if takes("not") { return .not(try negation()) }
        guard let token = tokens.popFirst() else { throw PolicySyntaxError(reason: "the rule ends too early") }
        guard token == "(" else { return try Self.check(token) }
        depth += 1
        guard depth < 100 else { throw PolicySyntaxError(reason: "too many parentheses") }
        let inner = try disjunction()
        guard tokens.popFirst() == ")" else { throw PolicySyntaxError(reason: "a ')' is missing") }
        depth -= 1
        return inner
    }

    private mutating func takes(_ word: String) -> Bool {
        guard tokens.first?.lowercased() == word else { return false }
        tokens.removeFirst()
        return true
    }

    private static func check(_ token: String) throws(PolicySyntaxError) -> PolicyExpression {
        if token == "@" { return .always }
        if token == "!" { return .never }
        let parts = token.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[1].isEmpty else { throw PolicySyntaxError(reason: "'\(token)' is no check") }
        let value = parts[1]
        let isTemplate = value.hasPrefix("%(")
        switch parts[0] {
        case "role" where !isTemplate: return .role(value)
        case "rule" where !isTemplate: return .rule(value)
        case "is_admin":
            guard ["True", "False"].contains(value) else {
                throw PolicySyntaxError(reason: "is_admin is either True or False, not '\(value)'")
            }
            return .isAdministrator(value == "True")
        case "project_id", "tenant_id":
            guard isTemplate else { return .isProject(value) }
            guard ["%(project_id)s", "%(tenant_id)s"].contains(value) else { break }
            return .isOwner
        case "user_id" where !isTemplate: return .isUser(value)
        // Tokens are scoped by project here, never by the whole system.
        case "system_scope" where !isTemplate: return .never
        default: break
        }
        throw PolicySyntaxError(reason: "the check '\(token)' is not supported")
    }
}
