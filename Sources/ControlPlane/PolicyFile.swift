// Rules of access that a deployment writes itself, in the form of oslo.policy's YAML files.

/// The rules of a policy file: a flat map of YAML from names to rules.
public struct PolicyFile: Sendable, Hashable {
    /// What is wrong with a file.
    public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        /// From 1.
        public var line: Int
        public var reason: String

        public var description: String { "line \(line): \(reason)" }
    }

    struct Rule: Sendable, Hashable {
        var name: String
        var expression: PolicyExpression
        var line: Int
    }

    let rules: [Rule]

    /// Reads the text of a file: `"name": "rule"` on a line each, comments, and rules that go on in indented lines.
    public init(parsing text: String) throws(Problem) {
        var entries: [(name: String, text: String, line: Int)] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let number = index + 1
            let content = Self.withoutComment(line)
            let body = content.trimmingSpaces()
            if body.isEmpty || body == "---" || body == "..." || body == "{}" { continue }
            if content.first == " " || content.first == "\t" {
                guard !entries.isEmpty else { throw Problem(line: number, reason: "an indented line without a rule") }
                entries[entries.count - 1].text += " " + body
                continue
            }
            let (name, rest) = try Self.entry(body, number)
            guard !entries.contains(where: { $0.name == name }) else {
                throw Problem(line: number, reason: "the rule '\(name)' is there twice")
            }
            entries.append((name, rest, number))
        }
        var rules: [Rule] = []
        for entry in entries {
            let rule = try Self.unquoted(entry.text.trimmingSpaces(), entry.line)
            do {
                rules.append(
                    Rule(name: entry.name, expression: try PolicyExpression(parsing: rule), line: entry.line))
            } catch {
                throw Problem(line: entry.line, reason: "'\(entry.name)': \(error.reason)")
            }
        }
        self.rules = rules
    }

    /// A `#` that begins a line or follows a space begins a comment, unless it is quoted.
    private static func withoutComment(_ line: Substring) -> Substring {
        var quote: Character?
        var previous: Character = " "
        for index in line.indices {
            let character = line[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == "#", previous == " " || previous == "\t" {
                return line[..<index]
            }
            previous = character
        }
        return line.last == "\r" ? line.dropLast() : line
    }

    /// Splits `name: rule`, where the name may be quoted and may have colons.
    private static func entry(_ line: Substring, _ number: Int) throws(Problem) -> (String, String) {
        if let quote = line.first, quote == "\"" || quote == "'" {
            let body = line.dropFirst()
            guard let end = body.firstIndex(of: quote) else {
                throw Problem(line: number, reason: "a quote is missing")
            }
            let rest = body[body.index(after: end)...].trimmingSpaces()
            guard rest.first == ":" else { throw Problem(line: number, reason: "a ':' must follow the name") }
            return (String(body[..<end]), String(rest.dropFirst()))
        }
        if line.last == ":" { return (String(line.dropLast()), "") }
        guard let colon = line.firstRange(of: ": ") else {
            throw Problem(line: number, reason: "'\(line)' is not of the form \"name\": \"rule\"")
        }
        return (String(line[..<colon.lowerBound].trimmingSpaces()), String(line[colon.upperBound...]))
    }

    private static func unquoted(_ text: Substring, _ line: Int) throws(Problem) -> String {
        // A block that goes on in the next lines.
        if text.hasPrefix(">") || text.hasPrefix("|") {
            return String(text.dropFirst().drop { $0 == "-" || $0 == "+" })
        }
        guard let quote = text.first, quote == "\"" || quote == "'" else { return String(text) }
        guard text.count > 1, text.last == quote else { throw Problem(line: line, reason: "a quote is missing") }
        return String(text.dropFirst().dropLast())
    }
}

extension StringProtocol {
    func trimmingSpaces() -> SubSequence {
        var result = drop { $0.isWhitespace }
        while let last = result.last, last.isWhitespace { result = result.dropLast() }
        return result
    }
}
