// Reading times in bodies.

internal import LoadBalancing

extension Timestamp {
    /// Reads `YYYY-MM-DDThh:mm:ss`, optionally with a fraction of up to six digits and with `Z`; all times are UTC.
    init?(iso8601 text: String) {
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
            take("T") || take(" "), let hour = number(2), take(":"), let minute = number(2), take(":"),
            let second = number(2), (1970...9999).contains(year), (1...12).contains(month),
            (1...Self.days(inMonth: month, of: year)).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        var microseconds: Int64 = 0
        if take(".") {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            guard (1...6).contains(digits.count), let fraction = number(digits.count) else { return nil }
            microseconds = (digits.count..<6).reduce(fraction) { value, _ in value * 10 }
        }
        _ = take("Z")
        guard rest.isEmpty else { return nil }
        let seconds = Self.days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
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
