// From rules that name each other to rules that can be judged at once.

/// Replaces references between rules by what they refer to.
struct PolicyLinker {
    private var rules: [String: PolicyExpression] = [:]
    private var lines: [String: Int] = [:]
    private var known: Set<String> = []
    private var linkedRules: [String: PolicyExpression] = [:]

    /// The rules of the role set with those of the file over them.
    init(roles: AccessPolicy.Roles, file: PolicyFile?) {
        var standard = Self.baseRules(roles)
        for action in PolicyAction.allCases { standard[action.ruleName] = action.standardRule }
        for (name, text) in standard {
            do {
                rules[name] = try PolicyExpression(parsing: text)
            } catch {
                preconditionFailure("the built-in rule \(name) is wrong: \(error.reason)")
            }
        }
        known = Set(rules.keys)
        for rule in file?.rules ?? [] {
            rules[rule.name] = rule.expression
            lines[rule.name] = rule.line
        }
    }

    /// Refuses policies of calls that do not exist; other new names are rules for use by rules.
    func checkNames() throws(PolicyFile.Problem) {
        for (name, line) in lines.sorted(by: { $0.value < $1.value })
        where name.hasPrefix(PolicyAction.prefix) && !known.contains(name) {
            throw PolicyFile.Problem(line: line, reason: "there is no call with the policy '\(name)'")
        }
    }

    /// Links every rule, so that unused ones are checked too.
    mutating func linkAll() throws(PolicyFile.Problem) {
        for name in lines.keys.sorted() { _ = try linked(name) }
    }

    /// The rule of that name without references.
    mutating func linked(_ name: String) throws(PolicyFile.Problem) -> PolicyExpression {
        try link(name, path: [], line: lines[name] ?? 0)
    }

    private mutating func link(
        _ name: String, path: [String], line: Int
    ) throws(PolicyFile.Problem) -> PolicyExpression {
        if let done = linkedRules[name] { return done }
        guard let rule = rules[name] else {
            throw PolicyFile.Problem(line: line, reason: "there is no rule '\(name)'")
        }
        guard !path.contains(name) else {
            throw PolicyFile.Problem(line: lines[name] ?? line, reason: "the rule '\(name)' leads back to itself")
        }
        let result = try link(rule, path: path + [name], line: lines[name] ?? line)
        linkedRules[name] = result
        return result
    }

    private mutating func link(
        _ expression: PolicyExpression, path: [String], line: Int
    ) throws(PolicyFile.Problem) -> PolicyExpression {
        switch expression {
        case .always, .never, .role, .isOwner, .isProject, .isUser: return expression
        case .rule(let name): return try link(name, path: path, line: line)
        case .isAdministrator(let expected):
            let administrator = try link("context_is_admin", path: path, line: line)
            return expected ? administrator : .not(administrator)
        case .all(let parts): return .all(try link(parts, path: path, line: line))
        case .any(let parts): return .any(try link(parts, path: path, line: line))
        case .not(let part): return .not(try link(part, path: path, line: line))
        }
    }

    private mutating func link(
        _ parts: [PolicyExpression], path: [String], line: Int
    ) throws(PolicyFile.Problem) -> [PolicyExpression] {
        var result: [PolicyExpression] = []
        for part in parts { result.append(try link(part, path: path, line: line)) }
        return result
    }

    /// The rules on which those of calls stand, under the names that Octavia gives them.
    private static func baseRules(_ roles: AccessPolicy.Roles) -> [String: String] {
        let isAdvanced = roles == .advanced
        return [
            "context_is_admin": isAdvanced ? "role:admin or role:load-balancer_admin" : "role:admin",
            "load-balancer:owner": "project_id:%(project_id)s",
            "load-balancer:admin": "is_admin:True or role:admin"
                + (isAdvanced ? " or role:load-balancer_admin" : ""),
            "service": "role:service",
            "load-balancer:global_observer": isAdvanced ? "role:load-balancer_global_observer" : "role:admin",
            "load-balancer:member_and_owner":
                "role:\(isAdvanced ? "load-balancer_member" : "member") and rule:load-balancer:owner",
            "load-balancer:observer_and_owner":
                "role:\(isAdvanced ? "load-balancer_observer" : "reader") and rule:load-balancer:owner",
            "load-balancer:quota-admin": isAdvanced ? "role:load-balancer_quota_admin or role:admin" : "role:admin",
            "load-balancer:read":
                "rule:load-balancer:observer_and_owner or rule:load-balancer:global_observer or rule:load-balancer:member_and_owner or rule:load-balancer:admin",
            "load-balancer:read-global": "rule:load-balancer:global_observer or rule:load-balancer:admin",
            "load-balancer:write": "rule:load-balancer:member_and_owner or rule:load-balancer:admin",
            "load-balancer:read-quota":
                "rule:load-balancer:observer_and_owner or rule:load-balancer:global_observer or rule:load-balancer:member_and_owner or rule:load-balancer:quota-admin or rule:load-balancer:admin",
            "load-balancer:read-quota-global":
                "rule:load-balancer:global_observer or rule:load-balancer:quota-admin or rule:load-balancer:admin",
            "load-balancer:write-quota": "rule:load-balancer:quota-admin or rule:load-balancer:admin",
        ]
    }
}
