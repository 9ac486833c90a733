// MAC addresses.

/// MAC addresses as text: `fa:16:3e:00:00:01`.
public enum HardwareAddress {
    /// A random address below OpenStack's prefix `fa:16:3e`.
    static func random() -> String {
        var text = "fa:16:3e"
        for _ in 0..<3 {
            let digits = String(UInt8.random(in: 0...255), radix: 16)
            text += digits.utf8.count == 1 ? ":0\(digits)" : ":\(digits)"
        }
        return text
    }

    /// The address in lower case with colons; `nil` when the text is not six octets in hexadecimal, separated by colons
    /// or dashes.
    public static func canonical(_ text: String) -> String? {
        let octets = text.utf8.split(omittingEmptySubsequences: false) {
            $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "-")
        }
        guard octets.count == 6 else { return nil }
        let isWellFormed = octets.allSatisfy { octet in
            octet.count == 2
                && octet.allSatisfy {
                    (0x30...0x39).contains($0) || (0x41...0x46).contains($0) || (0x61...0x66).contains($0)
                }
        }
        guard isWellFormed else { return nil }
        return octets.map { String(decoding: $0, as: UTF8.self).lowercased() }.joined(separator: ":")
    }
}
