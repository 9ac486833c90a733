// The little in which PostgreSQL's SQL differs from what the stores write.

enum PostgreSQLDialect {
    /// Numbers the arguments: `?` becomes `$1`, `$2`, …, but not within quotes.
    static func numbered(_ sql: String) -> String {
        var result = ""
        result.reserveCapacity(sql.utf8.count + 16)
        var number = 0
        var quote: Character?
        for character in sql {
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == "?" {
                number += 1
                result += "$\(number)"
                continue
            }
            result.append(character)
        }
        return result
    }

    /// Text sorts by its bytes, as in SQLite, whatever the database's language is: pages depend on it.
    static func schema(_ statement: String) -> String {
        let start = statement.drop { $0.isWhitespace }
        guard start.hasPrefix("CREATE TABLE") || start.hasPrefix("ALTER TABLE") else { return statement }
        var result = ""
        var word = ""
        for character in statement + " " {
            if character.isLetter || character.isNumber || character == "_" {
                word.append(character)
            } else {
                result += word == "TEXT" ? "TEXT COLLATE \"C\"" : word
                word = ""
                result.append(character)
            }
        }
        result.removeLast()
        return result
    }
}
