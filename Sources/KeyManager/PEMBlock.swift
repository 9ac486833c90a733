// PEM (RFC 7468).

internal import FoundationEssentials

/// One block of PEM text.
struct PEMBlock: Sendable, Hashable {
    /// Such as `CERTIFICATE`.
    var label: String
    /// What the Base64 stands for.
    var der: [UInt8]
    /// The headers of traditional keys (RFC 1421), such as `DEK-Info`.
    var headers: [String] = []

    /// Whether the content is an encrypted key.
    var isEncrypted: Bool {
        label == "ENCRYPTED PRIVATE KEY" || headers.contains { $0.hasPrefix("Proc-Type:") && $0.contains("ENCRYPTED") }
    }

    /// The block as text with lines of 64 characters and a final line break.
    var text: String {
        var result = "-----BEGIN \(label)-----\n"
        if !headers.isEmpty { result += headers.map { $0 + "\n" }.joined() + "\n" }
        var rest = Substring(Data(der).base64EncodedString())
        while !rest.isEmpty {
            result += rest.prefix(64) + "\n"
            rest = rest.dropFirst(64)
        }
        return result + "-----END \(label)-----\n"
    }

    /// The well-formed blocks of a text in their order; everything else is left out.
    static func all(in text: String) -> [PEMBlock] {
        var result: [PEMBlock] = []
        var label: String?
        var headers: [String] = []
        var body = ""
        for line in text.split(whereSeparator: \.isNewline) {
            let line = trimmed(line)
            if let name = name(in: line, "-----BEGIN ") {
                (label, headers, body) = (name, [], "")
            } else if let open = label, let name = name(in: line, "-----END ") {
                if name == open, let der = Data(base64Encoded: body), !der.isEmpty {
                    result.append(PEMBlock(label: name, der: Array(der), headers: headers))
                }
                label = nil
            } else if label != nil {
                if line.contains(":") { headers.append(String(line)) } else { body += line }
            }
        }
        return result
    }

    private static func trimmed(_ line: Substring) -> Substring {
        var line = line.drop { $0 == " " || $0 == "\t" }
        while let last = line.last, last == " " || last == "\t" { line.removeLast() }
        return line
    }

    private static func name(in line: Substring, _ prefix: String) -> String? {
        guard line.hasPrefix(prefix), line.hasSuffix("-----"), line.count >= prefix.count + 5 else { return nil }
        return String(line.dropFirst(prefix.count).dropLast(5))
    }
}
