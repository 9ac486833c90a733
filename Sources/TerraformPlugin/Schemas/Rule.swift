// What values may be.

/// A condition on a value, checked at `terraform validate` and `plan` wherever the value is known.
public struct Rule: Sendable {
    /// What is allowed, for documentation: `1–65535`.
    public var allowed: String
    /// Why a known value is not allowed, as a sentence; `nil` if it is.
    public var problem: @Sendable (Value) -> String?

    public init(allowed: String, problem: @escaping @Sendable (Value) -> String?) {
        self.allowed = allowed
        self.problem = problem
    }

    /// One of some texts.
    public static func oneOf(_ texts: [String]) -> Rule {
        let list = texts.map { "`\($0)`" }.joined(separator: ", ")
        return Rule(allowed: "one of \(list)") { value in
            guard let text = value.string, !texts.contains(text) else { return nil }
            let hint = texts.first { $0.lowercased() == text.lowercased() }.map { " Did you mean \"\($0)\"?" } ?? ""
            return "\(value) is not one of \(texts.map { "\"\($0)\"" }.joined(separator: ", ")).\(hint)"
        }
    }

    /// A whole number within limits.
    public static func range(_ range: ClosedRange<Int>) -> Rule {
        Rule(allowed: "\(range.lowerBound)–\(range.upperBound)") { value in
            guard case .number = value else { return nil }
            if let number = value.integer, range.contains(number) { return nil }
            return "\(value) must be a whole number from \(range.lowerBound) to \(range.upperBound)."
        }
    }

    /// A whole number that is at least so much.
    public static func atLeast(_ minimum: Int) -> Rule {
        Rule(allowed: "at least \(minimum)") { value in
            guard case .number = value else { return nil }
            if let number = value.integer, number >= minimum { return nil }
            return "\(value) must be a whole number of at least \(minimum)."
        }
    }

    /// A text with so many characters.
    public static func length(_ range: ClosedRange<Int>) -> Rule {
        Rule(allowed: "\(range.lowerBound)–\(range.upperBound) characters") { value in
            guard let text = value.string, !range.contains(text.unicodeScalars.count) else { return nil }
            return "A text of \(range.lowerBound) to \(range.upperBound) characters is needed here, "
                + "but this one has \(text.unicodeScalars.count)."
        }
    }

    /// A condition on each element of a list, set or map.
    public static func each(_ rule: Rule) -> Rule {
        Rule(allowed: "each \(rule.allowed)") { value in
            for element in value.elements ?? value.members.map({ Array($0.values) }) ?? [] where element.isKnown {
                if let problem = rule.problem(element) { return problem }
            }
            return nil
        }
    }

    /// A condition of one's own.
    public static func text(_ allowed: String, _ isAllowed: @escaping @Sendable (String) -> Bool) -> Rule {
        Rule(allowed: allowed) { value in
            guard let text = value.string, !isAllowed(text) else { return nil }
            return "\(value) must be \(allowed)."
        }
    }
}
