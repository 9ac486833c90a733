// How long operations may take, and how users change that.

/// The operations whose time users can limit.
enum TimedOperation: String, Sendable, CaseIterable {
    case create, read, update, delete
}

extension NestedBlock {
    /// The block `timeouts { create = "30m" }`. Operations that are not named here take as long as ``standardTimeout``.
    ///
    /// - Parameters: The times that hold where the configuration has none, such as `10m`.
    public static func timeouts(
        create: String? = nil, read: String? = nil, update: String? = nil, delete: String? = nil
    ) -> NestedBlock {
        let times = [("create", create), ("read", read), ("update", update), ("delete", delete)]
        return NestedBlock(
            "timeouts", .single, "How long operations may take, such as `30s`, `10m` or `1h30m`.",
            times.compactMap { name, time in
                guard let time else { return nil }
                var attribute = Attribute.string(
                    name, .optional, "Time for `\(name)`; \(time) if absent.",
                    rules: [.text("a time such as 30s, 10m or 1h30m") { Duration(goText: $0) != nil }])
                attribute.standardTime = Duration(goText: time)
                return attribute
            })
    }
}

extension Schema {
    /// How long operations may take for which neither schema nor configuration say anything.
    static let standardTimeout = Duration.seconds(600)

    /// How long an operation may take.
    func timeout(_ operation: TimedOperation, of value: Value) -> Duration {
        let block = blocks.first { $0.name == "timeouts" }
        let attribute = block?.attributes.first { $0.name == operation.rawValue }
        guard let attribute else { return Self.standardTimeout }
        let text = value["timeouts"][operation.rawValue].string
        return text.flatMap { Duration(goText: $0) } ?? attribute.standardTime ?? Self.standardTimeout
    }
}

extension Duration {
    /// Reads a time as Go writes them: numbers with units `h`, `m`, `s` and `ms`, the sum of which counts; above 0.
    init?(goText text: String) {
        let units: [Substring: Double] = ["h": 3600, "m": 60, "s": 1, "ms": 0.001]
        var rest = text[...]
        var seconds = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let number = Double(digits), let factor = units[unit] else { return nil }
            seconds += number * factor
        }
        guard seconds > 0, seconds < 31_536_000 else { return nil }
        self = .milliseconds(Int64(seconds * 1000))
    }
}
