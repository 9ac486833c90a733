// Writes HAProxy's configuration language so that no value can become anything but one word.

/// A value that cannot be part of a configuration.
struct UnwritableValue: Error, Hashable, Sendable {
    /// What the value is for, for people.
    var purpose: String
    /// Why it cannot be written.
    var reason: String
}

/// Builds the text of a configuration from words.
///
/// Keywords are compile-time constants. Everything else is a value and is written in strong quotes (configuration
/// manual, section 2.2), in which only the closing quote means anything; so neither spaces, `#`, `\`, `"` nor `$` do.
struct HAProxyConfigurationWriter {
    /// One word of a line.
    enum Word: ExpressibleByStringLiteral {
        /// Part of HAProxy's language.
        case keyword(StaticString)
        /// Text from elsewhere.
        case value(String)
        case number(Int)

        /// A literal is a keyword. `StaticString` makes it impossible to pass text from elsewhere by mistake.
        init(stringLiteral value: StaticString) {
            self = .keyword(value)
        }
    }

    /// What was written so far.
    private(set) var text = ""

    /// Starts a section, such as `backend 'name'`.
    mutating func section(_ words: Word...) throws(UnwritableValue) {
        if !text.isEmpty { text += "\n" }
        try append(words)
    }

    /// Writes one line of the current section.
    mutating func line(_ words: Word...) throws(UnwritableValue) {
        try line(words)
    }

    /// Writes one line of the current section.
    mutating func line(_ words: [Word]) throws(UnwritableValue) {
        text += "    "
        try append(words)
    }

    private mutating func append(_ words: [Word]) throws(UnwritableValue) {
        var isFirst = true
        for word in words {
            if !isFirst { text += " " }
            isFirst = false
            switch word {
            case .keyword(let keyword): text += keyword.description
            case .value(let value): text += try Self.quoted(value)
            case .number(let number): text += String(number)
            }
        }
        text += "\n"
    }

    /// The value in strong quotes. A quote in it ends them, is written with a backslash, and opens them again.
    static func quoted(_ value: String) throws(UnwritableValue) -> String {
        try refuseControlCharacters(in: value)
        var result = "'"
        for character in value.unicodeScalars {
            if character == "'" {
                result += "'\\''"
            } else {
                result.unicodeScalars.append(character)
            }
        }
        return result + "'"
    }

    /// A sample fetch with one argument, such as `req.cook("NAME")`, to be written as a value. Arguments have quotes of
    /// their own (section 2.2), in which a backslash takes the meaning from the next character.
    static func fetch(_ name: StaticString, _ argument: String) -> Word {
        .value("\(name)(\"\(escapedArgument(argument))\")")
    }

    /// What stands between the quotes of an argument.
    static func escapedArgument(_ argument: String) -> String {
        var escaped = ""
        for character in argument.unicodeScalars {
            if character == "\"" || character == "\\" { escaped += "\\" }
            escaped.unicodeScalars.append(character)
        }
        return escaped
    }

    /// Text for a place that takes a log format (section 8.2.4), where `%` starts a variable unless doubled.
    static func logFormat(_ text: String) -> Word {
        var escaped = ""
        for character in text.unicodeScalars {
            if character == "%" { escaped += "%" }
            escaped.unicodeScalars.append(character)
        }
        return .value(escaped)
    }

    private static func refuseControlCharacters(in value: String) throws(UnwritableValue) {
        for character in value.unicodeScalars {
            switch character.value {
            case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029:
                throw UnwritableValue(purpose: "A value", reason: "holds a control character")
            default:
                continue
            }
        }
    }
}
