// Reading times in bodies and queries.

extension Timestamp {
    /// Reads ISO 8601: a date and, optionally, a time with a fraction and `Z` or an offset. Without a zone it is UTC.
    public init?(iso8601 text: String) {
        var rest = Substring(text)
        func number(_ digits: Int) -> Int64? {
            let head = rest.prefix(digits)
            guard head.utf8.count == digits, head.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            rest = rest.dropFirst(digits)
            return Int64(head)
        }
        func take(_ character: Character) -> Bool {
            guard rest.first == character else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
            (1970...9998).contains(year), (1...12).contains(month),
            (1...Self.days(inMonth: month, of: year)).contains(day)
        else { return nil }
        var seconds = Self.days(year, month, day) * 86_400
        var microseconds: Int64 = 0
        if !rest.isEmpty {
            guard take("T") || take(" "), let hour = number(2), take(":"), let minute = number(2), hour < 24,
                minute < 60
            else { return nil }
            seconds += hour * 3600 + minute * 60
            if take(":") {
                guard let second = number(2), second < 60 else { return nil }
                seconds += second
            }
            if take(".") {
                let digits = rest.prefix { $0.isASCII && $0.isNumber }
                guard (1...9).contains(digits.count) else { return nil }
                rest = rest.dropFirst(digits.count)
                guard let fraction = Int64(digits.prefix(6)) else { return nil }
                microseconds = (min(digits.count, 6)..<6).reduce(fraction) { value, _ in value * 10 }
            }
            if !take("Z"), let sign = rest.first, sign == "+" || sign == "-" {
                rest = rest.dropFirst()
                guard let hours = number(2), hours < 24 else { return nil }
                _ = take(":")
                let minutes = rest.isEmpty ? 0 : number(2)
                guard let minutes, minutes < 60 else { return nil }
                seconds -= (sign == "-" ? -1 : 1) * (hours * 3600 + minutes * 60)
            }
        }
        guard rest.isEmpty else { return nil }
        self.init(microseconds: seconds * 1_000_000 + microseconds)
    }

    private static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        let next = month == 12 ? days(year + 1, 1, 1) : days(year, month + 1, 1)
        return next - days(year, month, 1)
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar, for years from 1970 on.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        // The year begins in March, so that the leap day is its last.
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }
}
