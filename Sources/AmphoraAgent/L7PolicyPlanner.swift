// Turns layer 7 policies of a plan into HAProxy's conditions and actions. Pure.

import LoadBalancing

/// Why a policy cannot be applied, in words for its owner.
struct L7Problem: Error, Hashable, Sendable {
    var reason: String
}

/// Policies of one listener to HAProxy's.
struct L7PolicyPlanner {
    let listener: ListenerPlan
    /// Regular expressions that this HAProxy does not take → why.
    let refusedExpressions: [String: String]

    /// The longest pattern, in bytes of UTF-8: a command to a running process must fit into one line.
    static let longestPattern = 4_000

    /// The policies that can be applied, in order, and those that cannot.
    ///
    /// A rejection whose rule cannot be asked fails closed: the rule counts as true, so that nothing passes which its
    /// owner wanted to keep out. It is among both.
    ///
    /// - Parameter backend: The backend for a pool; absent for one that is switched off, whose policies are passed over.
    func policies(
        backend: (ResourceID) -> String?
    ) -> (usable: [HAProxyConfiguration.L7Policy], failed: [ResourceID: String]) {
        var usable: [HAProxyConfiguration.L7Policy] = []
        var failed: [ResourceID: String] = [:]
        for policy in listener.l7Policies {
            do throws(L7Problem) {
                guard let action = try action(of: policy, backend: backend) else { continue }
                var rules: [HAProxyConfiguration.L7Rule] = []
                for rule in policy.rules {
                    do throws(L7Problem) {
                        rules.append(try self.rule(rule))
                    } catch {
                        guard action == .reject else { throw error }
                        failed[policy.id] = error.reason + " Until then the policy takes this rule for true."
                    }
                }
                guard !policy.rules.isEmpty else { continue }
                usable.append(.init(name: policy.id.string, action: action, rules: rules))
            } catch {
                failed[policy.id] = error.reason
            }
        }
        return (usable, failed)
    }

    private func action(
        of policy: L7PolicyPlan, backend: (ResourceID) -> String?
    ) throws(L7Problem) -> HAProxyConfiguration.L7Policy.Action? {
        let code = policy.redirectHTTPCode ?? 302
        guard [301, 302, 303, 307, 308].contains(code) else {
            throw L7Problem(reason: "redirect_http_code \(code) is none of 301, 302, 303, 307 and 308.")
        }
        switch policy.action {
        case .reject:
            return .reject
        case .redirectToURL:
            return .redirect(location: try usable(policy.redirectURL, "redirect_url"), code: code)
        case .redirectPrefix:
            return .redirectPrefix(try usable(policy.redirectPrefix, "redirect_prefix"), code: code)
        case .redirectToPool:
            return policy.redirectPoolID.flatMap(backend).map { .useBackend($0) }
        }
    }

    private func rule(_ rule: L7RulePlan) throws(L7Problem) -> HAProxyConfiguration.L7Rule {
        let match: HAProxyConfiguration.L7Rule.Match =
            switch rule.compareType {
            case .equalTo: .equal
            case .startsWith: .begin
            case .endsWith: .end
            case .contains: .contain
            case .regex: .expression
            }
        var result = HAProxyConfiguration.L7Rule(
            name: rule.id.string, sample: .path, match: match, pattern: .none, isInverted: rule.invert)
        var value = rule.value
        switch rule.type {
        case .hostName:
            result.sample = .host
            result.ignoresCase = true
        case .path:
            break
        case .fileType:
            // The last portion of the path: what stands after its last dot.
            if match != .expression {
                result.match = .end
                if value.utf8.first != UInt8(ascii: ".") { value = "." + value }
            }
        case .header:
            result.sample = .header(try usable(rule.key, "L7 rule \(rule.id): key"))
        case .cookie:
            result.sample = .cookie(try usable(rule.key, "L7 rule \(rule.id): key"))
        case .sslConnectionHasCertificate:
            result.sample = .hasClientCertificate
            result.match = .plain
            return result
        case .sslVerifyResult:
            guard !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                throw L7Problem(reason: "L7 rule \(rule.id): value must be a number.")
            }
            result.sample = .verificationResult
            result.match = .plain
            // No result is as great as that.
            result.pattern = .file(String(Int(value).map { min($0, Int(Int32.max)) } ?? Int(Int32.max)))
            return result
        case .sslDistinguishedNameField:
            result.sample = .subjectField(try usable(rule.key, "L7 rule \(rule.id): key"))
        }
        value = try usable(value, "L7 rule \(rule.id): value")
        if match == .expression, let reason = refusedExpressions[value] {
            throw L7Problem(
                reason: "L7 rule \(rule.id): value is no regular expression that this load balancer understands: "
                    + reason)
        }
        let first = value.utf8.first
        let isBlank = first == UInt8(ascii: " ") || first == UInt8(ascii: "\t")
        result.pattern = isBlank ? .inline(value) : .file(value)
        return result
    }

    /// The text, if it can be part of a configuration.
    private func usable(_ text: String?, _ name: String) throws(L7Problem) -> String {
        guard let text, !text.isEmpty else { throw L7Problem(reason: "\(name) is missing.") }
        guard text.utf8.count <= Self.longestPattern else {
            throw L7Problem(reason: "\(name) is longer than \(Self.longestPattern) bytes.")
        }
        guard (try? HAProxyConfigurationWriter.quoted(text)) != nil else {
            throw L7Problem(reason: "\(name) holds a control character.")
        }
        return text
    }
}

extension ListenerPlan {
    /// The pools that requests may be sent to.
    var usedPools: Set<ResourceID> {
        var pools = Set([defaultPoolID].compactMap { $0 })
        guard listenerProtocol.understandsHTTP else { return pools }
        for policy in l7Policies where policy.action == .redirectToPool {
            if let pool = policy.redirectPoolID { pools.insert(pool) }
        }
        return pools
    }
}

extension LoadBalancerPlan {
    /// Every regular expression that layer 7 rules of the plan compare with.
    var regularExpressions: Set<String> {
        var expressions: Set<String> = []
        for listener in listeners where listener.isServed && listener.listenerProtocol.understandsHTTP {
            for rule in listener.l7Policies.flatMap(\.rules) where rule.compareType == .regex {
                expressions.insert(rule.value)
            }
        }
        return expressions
    }
}
