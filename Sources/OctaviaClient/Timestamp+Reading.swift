// Reading points in time.

public import LoadBalancing

extension Timestamp {
    /// Reads ISO 8601 as the services write it: `2026-01-01T00:00:00`, with a fraction, with `Z` or `+00:00` or without
    /// a zone, which is UTC. `nil` for anything else.
    public init?(iso8601 text: some StringProtocol) {
        var rest = Substring(text)
        func number(_ digits: Int, then separator: Character?) -> Int64? {
            let part = rest.prefix(digits)
            guard part.count == digits, part.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
            rest = rest.dropFirst(digits)
            if let separator {
                guard rest.first == separator else { return nil }
                rest.removeFirst()
            }
            return Int64(part)
        }
        guard let year = number(4, then: "-"), let month = number(2, then: "-"), (1...12).contains(month),
            let day = number(2, then: nil), (1...31).contains(day), let separator = rest.first,
            separator == "T" || separator == " "
        else { return nil }
        rest.removeFirst()
        guard let hour = number(2, then: ":"), let minute = number(2, then: ":"), let second = number(2, then: nil)
        else { return nil }
        var micros: Int64 = 0
        if rest.first == "." {
            let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
            guard !digits.isEmpty, let value = Int64((digits + "000000").prefix(6)) else { return nil }
            micros = value
            rest = rest.dropFirst(1 + digits.count)
        }
        guard ["", "Z", "+00:00", "+0000"].contains(rest) else { return nil }
        let seconds = Self.days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
        self.init(microseconds: seconds * 1_000_000 + micros)
    }

    /// The days since 1970-01-01 in the proleptic Gregorian calendar, after Howard Hinnant's `days_from_civil`.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// This moment by the clock of the system.
    static var now: Timestamp {
        let (seconds, attoseconds) = SystemTime.sinceEpoch
        return Timestamp(microseconds: seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }
}
