// What goes together in L7 policies and rules (API reference, "L7 policies", "L7 rules").

internal import LoadBalancing
internal import OctaviaWire

/// Where a policy sends requests: its action and the fields that belong to it.
struct L7Redirection: Hashable {
    private(set) var action: L7PolicyAction
    private(set) var poolID: ResourceID?
    private(set) var url: String?
    private(set) var prefix: String?
    private(set) var code: Int?

    static let defaultCode = 302

    /// Makes the action and its fields consistent.
    ///
    /// The action drops the fields of others, and a field that is left decides about the action: that is how the
    /// original reads requests that say too much.
    ///
    /// - Parameters:
    ///   - action: Absent in updates that do not mention it; `current` is then what it was.
    ///   - current: The action before an update that mentions only fields.
    init(
        action: L7PolicyAction?, current: L7PolicyAction? = nil, poolID: ResourceID?, url: String?, prefix: String?,
        code: Int?
    ) throws(OctaviaFault) {
        var (poolID, url, prefix) = (poolID, url, prefix)
        switch action {
        case .reject: (poolID, url) = (nil, nil)
        case .redirectToURL:
            guard url != nil else { throw Self.missing("redirect_url") }
            (poolID, prefix) = (nil, nil)
        case .redirectToPool:
            guard poolID != nil else { throw Self.missing("redirect_pool_id or redirect_pool") }
            url = nil
        case .redirectPrefix:
            guard prefix != nil else { throw Self.missing("redirect_prefix") }
        case nil: break
        }
        guard poolID == nil || url == nil && prefix == nil else {
            throw Self.invalid(
                "Cannot specify redirect_pool_id and redirect_url or redirect_prefix at the same time")
        }
        if let poolID {
            self.action = .redirectToPool
            self.poolID = poolID
        } else if let url {
            self.action = .redirectToURL
            self.url = url
            self.code = code ?? Self.defaultCode
        } else if let prefix {
            self.action = .redirectPrefix
            self.prefix = prefix
            self.code = code ?? Self.defaultCode
        } else {
            self.action = action ?? current ?? .reject
            // The original keeps a code that nobody follows in a new policy only.
            self.code = current == nil ? code : nil
        }
    }

    func apply(to policy: inout L7Policy) {
        policy.action = action
        policy.redirectPoolID = poolID
        policy.redirectURL = url
        policy.redirectPrefix = prefix
        policy.redirectHTTPCode = code
    }

    private static func missing(_ field: String) -> OctaviaFault { invalid("\(field) must not be None") }

    private static func invalid(_ reason: String) -> OctaviaFault {
        OctaviaFault(400, "Invalid L7 Policy arguments: \(reason)")
    }
}

/// Positions of the policies of one listener: 1, 2, … without gaps.
enum L7Positions {
    /// The policies in order with one more at the position that it asks for; beyond the end it becomes the last.
    static func inserting(_ policy: L7Policy, into policies: [L7Policy]) -> [L7Policy] {
        var result = policies
        result.insert(policy, at: min(max(policy.position, 1) - 1, policies.count))
        return result
    }

    /// The policies in order after one of them moved to a position, counted without it.
    static func moving(_ id: ResourceID, to position: Int, in policies: [L7Policy]) -> [L7Policy] {
        guard var policy = policies.first(where: { $0.id == id }) else { return policies }
        policy.position = position
        return inserting(policy, into: policies.filter { $0.id != id })
    }
}

/// Rules of L7 rules.
enum L7RuleRules {
    static let mostPerPolicy = 50

    /// Applied to a rule as it would be after the request.
    static func check(_ rule: L7Rule) throws(OctaviaFault) {
        switch rule.type {
        case .hostName, .path:
            try checkValue(rule, "comparison value", where: L7Syntax.isHeaderValue)
        case .fileType:
            guard rule.compareType == .equalTo || rule.compareType == .regex else {
                throw invalid("invalid comparison type for rule type")
            }
            try checkValue(rule, "comparison value", where: L7Syntax.isHeaderValue)
        case .header:
            try checkKey(rule)
            try checkValue(rule, "header value", where: L7Syntax.isHeaderValue)
        case .cookie:
            try checkKey(rule)
            try checkValue(rule, "cookie value", where: L7Syntax.isCookieValue)
        case .sslConnectionHasCertificate:
            try refuseKey(rule)
            guard rule.value.lowercased() == "true" else {
                throw invalid("L7rule value \(rule.value) is not a boolean True string.")
            }
            try checkComparison(rule)
        case .sslVerifyResult:
            try refuseKey(rule)
            guard rule.value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                throw invalid("L7rule type \(rule.type.rawValue) needs a int value, which is >= 0")
            }
            try checkComparison(rule)
        case .sslDistinguishedNameField:
            if rule.compareType == .regex { try checkExpression(rule.value) }
            guard let key = rule.key, !key.isEmpty else {
                throw invalid("L7rule type \(rule.type.rawValue) needs to specify a key and a value.")
            }
            guard L7Syntax.isDistinguishedNameField(key) else {
                throw invalid("Invalid L7rule distinguished name field.")
            }
        }
    }

    /// The two types that are about the connection as a whole have no key …
    private static func refuseKey(_ rule: L7Rule) throws(OctaviaFault) {
        guard rule.key?.isEmpty ?? true else {
            throw invalid("L7rule type \(rule.type.rawValue) does not use the \"key\" field.")
        }
    }

    /// … and one comparison.
    private static func checkComparison(_ rule: L7Rule) throws(OctaviaFault) {
        guard rule.compareType == .equalTo else {
            let wanted = L7RuleCompareType.equalTo.rawValue
            throw invalid("L7rule type \(rule.type.rawValue) only supports the \(wanted) compare type.")
        }
    }

    private static func checkKey(_ rule: L7Rule) throws(OctaviaFault) {
        guard let key = rule.key, !key.isEmpty else { throw invalid("L7 rule type requires a key") }
        guard L7Syntax.isHeaderName(key) else {
            throw OctaviaFault(400, "Error parsing L7Rule: Invalid characters in key")
        }
    }

    private static func checkValue(
        _ rule: L7Rule, _ kind: String, where isValid: (String) -> Bool
    ) throws(OctaviaFault) {
        if rule.compareType == .regex { return try checkExpression(rule.value) }
        guard isValid(rule.value) else {
            throw OctaviaFault(400, "Error parsing L7Rule: Invalid characters in \(kind)")
        }
    }

    /// The expression must be one that every library understands that HAProxy may be built with, which leaves out
    /// lookbehind: the data plane would refuse its whole configuration otherwise.
    private static func checkExpression(_ text: String) throws(OctaviaFault) {
        do {
            _ = try Regex(text)
        } catch {
            throw OctaviaFault(400, "Error parsing L7Rule: Unable to parse regular expression: \(error)")
        }
    }

    /// Ends the call with 400 when the data plane does not understand the expression of a rule.
    ///
    /// - Parameter refused: Expressions that it was asked about → why it refuses them.
    static func requireUnderstood(_ rule: L7Rule, _ refused: [String: String]) throws(OctaviaFault) {
        guard rule.compareType == .regex, let reason = refused[rule.value] else { return }
        throw OctaviaFault(400, "Error parsing L7Rule: Unable to parse regular expression: \(reason)")
    }

    private static func invalid(_ reason: String) -> OctaviaFault {
        OctaviaFault(400, "Error parsing L7Rule: Invalid L7 Rule: \(reason)")
    }
}

/// Characters of keys and values (RFC 6265 section 4.1.1, RFC 9110 section 5).
enum L7Syntax {
    static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }

    static func isHeaderName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                isLetter($0) || (0x30...0x39).contains($0) || "!#$%&'*+,-.^_`|~".utf8.contains($0)
            }
    }

    static func isCookieValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"\";\\".utf8.contains($0) }
    }

    /// A letter, then letters, digits and hyphens.
    static func isDistinguishedNameField(_ text: String) -> Bool {
        text.utf8.first.map(isLetter) ?? false
            && text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    /// Visible characters; between double quotes spaces and tabs too.
    static func isHeaderValue(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        if bytes.allSatisfy({ (0x21...0x7E).contains($0) }) { return true }
        guard bytes.count >= 2, bytes.first == 0x22, bytes.last == 0x22 else { return false }
        return bytes.dropFirst().dropLast().allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x09 }
    }
}

extension L7RuleType {
    /// Whether rules of this type lose their key when they are changed.
    var dropsKey: Bool { self == .hostName || self == .path || self == .fileType }
}

extension OctaviaFault {
    static func tooManyRules(_ policy: ResourceID) -> OctaviaFault {
        OctaviaFault(409, "Too many rules on L7 policy \(policy)")
    }
}
