// Fields whose text must have a certain syntax.

internal import JSON
internal import LoadBalancing

extension FieldType where Value == String {
    /// An absolute URL of HTTP with a host, to which clients are sent.
    static var url: Self {
        text(max: 255, reason: "Value must be a valid URL string", where: TextSyntax.isURL)
    }

    /// A path with query and fragment if need be, which a monitor asks for.
    static var urlPath: Self {
        text(max: 2048, reason: "Value must be a valid URL Path string", where: TextSyntax.isURLPath)
    }

    /// Status codes that mean health: one, several with commas, or a range.
    static var expectedCodes: Self {
        text(
            max: 64, reason: #"Value should match the pattern ^(\d{3}(\s*,\s*\d{3})*)$|^(\d{3}-\d{3})$"#,
            where: TextSyntax.isStatusCodes)
    }

    /// The name of a host, as a monitor sends it.
    static var domainName: Self {
        text(
            min: 1, max: 255,
            reason: "Value should match the pattern "
                + #"^(?=.{1,253}\.?$)(?:(?!-|[^.]+_)[A-Za-z0-9-_]{1,63}(?<!-)(?:\.|$))+$"#,
            where: TextSyntax.isDomainName)
    }

    /// The name of a cookie, by the first and coarser of the two rules for it.
    static var cookieName: Self {
        text(max: 255, reason: #"Value should match the pattern ^[^\s,;\\]+$"#, where: TextSyntax.isCookieName)
    }

    /// The key or value of a rule: one line.
    static func line(min: Int = 0) -> Self {
        text(min: min, max: 255, reason: #"Value should match the pattern ^[^\r\n]*$"#) { text in
            !text.utf8.contains { $0 == 0x0A || $0 == 0x0D }
        }
    }
}

extension FieldType where Value == [Int: String] {
    /// Status codes, as text, with pages.
    static var errorPages: Self {
        Self { value, location throws(OctaviaFault) in
            guard case .object(let members) = value else {
                throw .invalidInput(location, value, "Value not a valid dict: \(value.faultText)")
            }
            var pages: [Int: String] = [:]
            for (key, page) in members.sorted(by: { $0.key < $1.key }) {
                guard let status = ErrorPageLimits.statuses.first(where: { String($0) == key }) else {
                    let allowed = ErrorPageLimits.statuses.map(String.init).joined(separator: ", ")
                    throw .invalidInput(location, .string(key), "A status code should be one of: \(allowed)")
                }
                let text = try FieldType<String>.text(min: 1, max: ErrorPageLimits.longest).convert(page, location)
                guard text.utf8.count <= ErrorPageLimits.longest else {
                    throw .invalidInput(
                        location, page, "A page should have at most \(ErrorPageLimits.longest) bytes in UTF-8")
                }
                pages[status] = text
            }
            return pages
        }
    }
}

/// Checks of text.
enum TextSyntax {
    /// `http://` or `https://` in lower case, then a host, then anything without spaces and control characters.
    static func isURL(_ text: String) -> Bool {
        guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && !(0x7F...0x9F).contains($0.value) }),
            let scheme = text.firstRange(of: "://"),
            ["http", "https"].contains(text[..<scheme.lowerBound])
        else { return false }
        var authority = text[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        let port: Substring
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]"),
                IPAddress(authority[authority.index(after: authority.startIndex)..<end])?.family == .ipv6
            else { return false }
            port = authority[authority.index(after: end)...]
        } else {
            let host = authority.prefix { $0 != ":" }
            guard !host.isEmpty, host.utf8.allSatisfy(isHostByte) else { return false }
            port = authority[host.endIndex...]
        }
        guard !port.isEmpty else { return true }
        let digits = port.dropFirst()
        return port.first == ":" && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
            && (digits.isEmpty || (Int(digits).map { $0 <= 65_535 } ?? false))
    }

    /// The characters of a registered name (RFC 3986 section 3.2.2); names beyond ASCII have to be encoded.
    private static func isHostByte(_ byte: UInt8) -> Bool {
        byte.isASCIIAlphanumeric || "-._~%!$&'()*+,;=".utf8.contains(byte)
    }

    /// A slash, but not two, which would begin a host; no white space or control characters.
    static func isURLPath(_ text: String) -> Bool {
        text.utf8.first == UInt8(ascii: "/") && text.utf8.dropFirst().first != UInt8(ascii: "/")
            && text.unicodeScalars.allSatisfy {
                $0.value > 0x20 && $0.value != 0x7F && !$0.properties.isWhitespace
            }
    }

    /// `\d{3}(\s*,\s*\d{3})*` or `\d{3}-\d{3}`, with digits and white space of ASCII.
    static func isStatusCodes(_ text: String) -> Bool {
        func isCode(_ code: some Collection<UInt8>) -> Bool {
            code.count == 3 && code.allSatisfy { (0x30...0x39).contains($0) }
        }
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        let bytes = Array(text.utf8)
        let ends = bytes.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        if ends.count == 2 { return ends.allSatisfy(isCode) }
        guard let first = bytes.first, let last = bytes.last, !isSpace(first), !isSpace(last) else { return false }
        return bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).allSatisfy { part in
            let head = part.drop(while: isSpace)
            let end = head.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? head.startIndex
            return isCode(head[..<end])
        }
    }

    /// Labels of 1–63 letters, digits, `-` and `_` with dots between and one at the end if need be, 253 characters at
    /// most. No label begins or ends with `-`, and `_` is the first character of a label only.
    static func isDomainName(_ text: String) -> Bool {
        var bytes = Array(text.utf8)
        if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
        guard (1...253).contains(bytes.count) else { return false }
        return bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy { $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
                && !label.dropFirst().contains(UInt8(ascii: "_"))
        }
    }

    /// At least one character; none of white space, `,`, `;` and `\`.
    static func isCookieName(_ text: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                !scalar.properties.isWhitespace && !(0x1C...0x1F).contains(scalar.value) && scalar != ","
                    && scalar != ";" && scalar != "\\"
            }
    }
}
