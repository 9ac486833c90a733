// Numbers of any size and precision.

/// A number of Terraform's type system: decimal, with more digits than machines' numbers have.
///
/// Numbers are equal when they are the same number, however they were written.
public struct Number: Sendable, Hashable, CustomStringConvertible {
    /// Sign, digits without superfluous zeros, `e` and a power of ten unless that is 0: `-125e-2` is -1.25.
    private let canonical: String

    public init(_ value: some FixedWidthInteger) {
        canonical = Self.normal("\(value)") ?? "0"
    }

    /// - Parameter value: Finite; anything else counts as 0, as Terraform has no such number.
    public init(_ value: Double) {
        canonical = Self.normal("\(value)") ?? "0"
    }

    /// - Parameter text: Checked already: digits with sign, point and exponent as JSON allows them.
    init(decimal text: String) {
        canonical = Self.normal(text) ?? "0"
    }

    /// Reads a decimal number such as `18446744073709551616` or `-1.25e3`; `nil` for anything else.
    public init?(text: String) {
        guard let canonical = Self.normal(text) else { return nil }
        self.canonical = canonical
    }

    private static func normal(_ text: String) -> String? {
        var rest = Substring(text)
        var sign = ""
        if let first = rest.first, first == "-" || first == "+" {
            sign = first == "-" ? "-" : ""
            rest.removeFirst()
        }
        var exponent = 0
        if let mark = rest.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            guard let power = Int(rest[rest.index(after: mark)...]), abs(power) < 100_000 else { return nil }
            exponent = power
            rest = rest[..<mark]
        }
        let parts = rest.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.contains(where: { !$0.isEmpty }),
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        var digits = Substring(parts.joined())
        if parts.count == 2 { exponent -= parts[1].count }
        digits = digits.drop { $0 == "0" }
        while digits.last == "0" {
            digits.removeLast()
            exponent += 1
        }
        guard !digits.isEmpty else { return "0" }
        return sign + digits + (exponent == 0 ? "" : "e\(exponent)")
    }

    private var parts: (digits: Substring, exponent: Int) {
        let parts = canonical.split(separator: "e")
        return (parts[0], parts.count == 2 ? Int(parts[1]) ?? 0 : 0)
    }

    /// The number, if it is whole and fits.
    public var integer: Int? {
        let (digits, exponent) = parts
        guard (0...18).contains(exponent) else { return nil }
        return Int(digits + String(repeating: "0", count: exponent))
    }

    /// The nearest number that a machine has.
    public var double: Double { Double(canonical) ?? 0 }

    /// Whether ``double`` is this number and no other has the same digits.
    var isExactInDouble: Bool {
        // What is exact in base 2 ends in base 10, with as many digits after the point as before in base 2.
        let double = double
        guard double.isFinite else { return false }
        return double == double.rounded() && abs(double) < 9_007_199_254_740_992
            || (double * 1024).rounded() == double * 1024 && abs(double) < 1_000_000_000 && Number(double) == self
    }

    /// In full: without an exponent, up to 40 zeros at either end.
    public var description: String {
        let (signed, exponent) = parts
        let isNegative = signed.first == "-"
        let digits = isNegative ? signed.dropFirst() : signed
        let sign = isNegative ? "-" : ""
        switch exponent {
        case 0: return canonical
        case 1...40: return sign + digits + String(repeating: "0", count: exponent)
        case -40 ... -1:
            let missing = -exponent - digits.count
            if missing >= 0 { return "\(sign)0." + String(repeating: "0", count: missing) + digits }
            return sign + digits.dropLast(-exponent) + "." + digits.suffix(-exponent)
        default: return canonical
        }
    }
}
