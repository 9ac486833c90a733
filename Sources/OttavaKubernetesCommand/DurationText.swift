// Durations as Go and Kubernetes write them.

/// Durations such as `1m30s`, `500ms` or `1.5h`.
enum DurationText {
    private static let units: [(name: String, length: Duration)] = [
        ("ms", .milliseconds(1)), ("us", .microseconds(1)), ("µs", .microseconds(1)), ("ns", .nanoseconds(1)),
        ("h", .seconds(3600)), ("m", .seconds(60)), ("s", .seconds(1)),
    ]

    /// `nil` for a text that is no duration.
    static func read(_ text: String) -> Duration? {
        if text == "0" { return .zero }
        var rest = text[...]
        var sum = Duration.zero
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest[digits.endIndex...]
            guard let number = Double(digits), number <= 1e9,
                let unit = units.first(where: { rest.hasPrefix($0.name) })
            else { return nil }
            rest = rest.dropFirst(unit.name.count)
            sum += unit.length * number
        }
        return sum
    }
}
