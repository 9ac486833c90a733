// Lists of texts in one column.

/// Keeps a list of texts in one text column: for lists that are only read and written whole.
enum TextList {
    /// One element a line; line feeds and backslashes are escaped. An empty list is empty, an empty element `\e`.
    static func encode(_ elements: [String]) -> String {
        elements.map { element in
            if element.isEmpty { return "\\e" }
            return element.reduce(into: "") { text, character in
                for scalar in character.unicodeScalars {
                    switch scalar {
                    case "\\": text += "\\\\"
                    case "\n": text += "\\n"
                    default: text.unicodeScalars.append(scalar)
                    }
                }
            }
        }.joined(separator: "\n")
    }

    static func decode(_ text: String) -> [String] {
        guard !text.isEmpty else { return [] }
        return text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            var element = String.UnicodeScalarView()
            var isEscaped = false
            for scalar in line {
                if isEscaped {
                    isEscaped = false
                    if scalar == "n" { element.append("\n") } else if scalar != "e" { element.append(scalar) }
                } else if scalar == "\\" {
                    isEscaped = true
                } else {
                    element.append(scalar)
                }
            }
            return String(element)
        }
    }
}
