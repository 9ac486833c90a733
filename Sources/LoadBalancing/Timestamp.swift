// Points in time as the API shows them and the database stores them.

/// A point in time, in microseconds since 1970-01-01T00:00:00 UTC.
///
/// The API shows whole seconds without a zone; the microseconds keep the order of creation.
public struct Timestamp: Hashable, Sendable, Comparable, Codable {
    /// Microseconds since the Unix epoch.
    public var microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

    /// This time moved by a number of seconds.
    public func advanced(bySeconds seconds: Double) -> Timestamp {
        Timestamp(microseconds: microseconds + Int64(seconds * 1_000_000))
    }

    /// The second that the time lies in, as the API shows it.
    public var wholeSecond: Timestamp { Timestamp(microseconds: Self.floorDivide(microseconds, 1_000_000) * 1_000_000) }

    /// The time in ISO 8601 with second precision and no zone: `2026-01-01T00:00:00`.
    public var iso8601: String { format(fraction: false) }

    /// The time in ISO 8601 with microseconds and `Z`, as Keystone writes it: `2026-01-01T00:00:00.000000Z`.
    public var iso8601Zulu: String { format(fraction: true) + "Z" }

    /// The time in ISO 8601 with second precision and `Z`, as Neutron writes it: `2026-01-01T00:00:00Z`.
    public var iso8601ZuluSeconds: String { format(fraction: false) + "Z" }

    private func format(fraction: Bool) -> String {
        let seconds = Self.floorDivide(microseconds, 1_000_000)
        let micros = Int(microseconds - seconds * 1_000_000)
        let days = Self.floorDivide(seconds, 86_400)
        let secondOfDay = Int(seconds - days * 86_400)
        let (year, month, day) = Self.civil(days: days)
        return String(unsafeUninitializedCapacity: 26) { buffer in
            var position = 0
            func put(_ value: Int, digits: Int) {
                var rest = value
                for index in stride(from: position + digits - 1, through: position, by: -1) {
                    buffer[index] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                }
                position += digits
            }
            func put(_ character: Unicode.Scalar) {
                buffer[position] = UInt8(ascii: character)
                position += 1
            }
            put(year, digits: 4)
            put("-")
            put(month, digits: 2)
            put("-")
            put(day, digits: 2)
            put("T")
            put(secondOfDay / 3600, digits: 2)
            put(":")
            put(secondOfDay / 60 % 60, digits: 2)
            put(":")
            put(secondOfDay % 60, digits: 2)
            if fraction {
                put(".")
                put(micros, digits: 6)
            }
            return position
        }
    }

    /// The date in the proleptic Gregorian calendar, after Howard Hinnant's `civil_from_days`.
    private static func civil(days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (Int(year), Int(month), Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1))
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }
}
