// cloud.conf of cloud-provider-openstack: sections, keys and values.

/// A file in the syntax of git's configuration, as the gcfg library of the Go world reads it.
struct ProviderFile: Sendable {
    /// One section, with its name in quotes if there is one: `[LoadBalancerClass "public"]`.
    struct Section: Sendable, Hashable {
        /// In lower case.
        var name: String
        var label: String
        /// Key in lower case → values in their order; a key without `=` is `true`.
        var values: [String: [String]] = [:]
    }

    /// A line that cannot be read.
    struct SyntaxError: Error, CustomStringConvertible {
        var line: Int
        var reason: String

        var description: String { "line \(line): \(reason)" }
    }

    /// In the order of the file; the same section may come several times.
    private(set) var sections: [Section] = []

    init(parsing text: String) throws(SyntaxError) {
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        var number = 0
        while number < lines.count {
            let first = number + 1
            var line = String(lines[number])
            number += 1
            // A backslash at the end joins the next line.
            while line.hasSuffix("\\"), number < lines.count, !Self.isComment(line) {
                line.removeLast()
                line += lines[number]
                number += 1
            }
            try read(line, first)
        }
    }

    private static func isComment(_ line: String) -> Bool {
        let start = line.first { !$0.isWhitespace }
        return start == "#" || start == ";"
    }

    private mutating func read(_ line: String, _ number: Int) throws(SyntaxError) {
        let text = line.drop { $0.isWhitespace }
        guard !text.isEmpty, !Self.isComment(line) else { return }
        if text.first == "[" { return try readHeader(text.dropFirst(), number) }
        guard !sections.isEmpty else { throw SyntaxError(line: number, reason: "a [Section] must come first") }
        let key = text.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
        guard !key.isEmpty else { throw SyntaxError(line: number, reason: "KEY = VALUE expected") }
        let rest = text[key.endIndex...].drop { $0.isWhitespace }
        let value: String
        if rest.isEmpty || rest.first == "#" || rest.first == ";" {
            value = "true"
        } else if rest.first == "=" {
            value = try Self.value(rest.dropFirst(), number)
        } else {
            throw SyntaxError(line: number, reason: "'=' expected after '\(key)'")
        }
        sections[sections.count - 1].values[key.lowercased(), default: []].append(value)
    }

    private mutating func readHeader(_ text: Substring, _ number: Int) throws(SyntaxError) {
        let name = text.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." }
        var rest = text[name.endIndex...].drop { $0.isWhitespace }
        var label = ""
        if rest.first == "\"" {
            rest = rest.dropFirst()
            while let character = rest.popFirst(), character != "\"" {
                label.append(character == "\\" ? rest.popFirst() ?? "\\" : character)
            }
        }
        rest = rest.drop { $0.isWhitespace }
        guard !name.isEmpty, rest.first == "]" else {
            throw SyntaxError(line: number, reason: "[Section] or [Section \"name\"] expected")
        }
        sections.append(Section(name: name.lowercased(), label: label))
    }

    /// Reads a value: quoted parts keep everything, others end at a comment.
    private static func value(_ text: Substring, _ number: Int) throws(SyntaxError) -> String {
        var rest = text.drop { $0.isWhitespace }
        var value = ""
        // Blanks that belong to the value only if something follows.
        var blanks = ""
        var isQuoted = false
        while let character = rest.popFirst() {
            if character == "\\" {
                guard let escaped = rest.popFirst() else { throw SyntaxError(line: number, reason: "a lone '\\'") }
                let known: [Character: Character] = [
                    "n": "\n", "t": "\t", "b": "\u{8}", "\"": "\"", "\\": "\\",
                ]
                guard let meaning = known[escaped] else {
                    throw SyntaxError(line: number, reason: "unknown escape '\\\(escaped)'")
                }
                value += blanks
                blanks = ""
                value.append(meaning)
            } else if character == "\"" {
                isQuoted.toggle()
                value += blanks
                blanks = ""
            } else if !isQuoted, character == "#" || character == ";" {
                break
            } else if !isQuoted, character.isWhitespace {
                blanks.append(character)
            } else {
                value += blanks
                blanks = ""
                value.append(character)
            }
        }
        guard !isQuoted else { throw SyntaxError(line: number, reason: "'\"' expected at the end of the value") }
        return value
    }

    /// The last value of a key in the sections of that name and label.
    func value(_ section: String, _ key: String, label: String = "") -> String? {
        sections.last { $0.name == section.lowercased() && $0.label == label && $0.values[key] != nil }?
            .values[key]?.last
    }

    /// The labels of the sections of that name.
    func labels(of section: String) -> [String] {
        var labels: [String] = []
        for candidate in sections where candidate.name == section.lowercased() && !labels.contains(candidate.label) {
            labels.append(candidate.label)
        }
        return labels
    }
}
