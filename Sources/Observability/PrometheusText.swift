// Prometheus' text format 0.0.4 (Prometheus documentation, "Exposition formats").

/// Writes families of metrics.
struct PrometheusText {
    private(set) var text = ""

    /// Adds a family; one that has no series yet shows its type only.
    mutating func add(_ family: MetricFamily) {
        if !family.help.isEmpty { text += "# HELP \(family.name) \(Self.escaped(family.help, quotes: false))\n" }
        text += "# TYPE \(family.name) \(family.kind.word)\n"
        let series = family.snapshot.map { (labels: Self.text($0.key), entry: $0.value) }.sorted {
            $0.labels < $1.labels
        }
        for (labels, entry) in series {
            switch family.kind {
            case .counter, .gauge: line(family.name, labels, Self.number(entry.value))
            case .histogram(let bounds):
                var sum: UInt64 = 0
                for (index, count) in entry.counts.enumerated() {
                    sum += count
                    let bound = index < bounds.count ? Self.number(bounds[index]) : "+Inf"
                    line(
                        "\(family.name)_bucket", labels.isEmpty ? "le=\"\(bound)\"" : "\(labels),le=\"\(bound)\"",
                        "\(sum)")
                }
                line("\(family.name)_sum", labels, Self.number(entry.value))
                line("\(family.name)_count", labels, "\(sum)")
            }
        }
    }

    private mutating func line(_ name: String, _ labels: String, _ value: String) {
        text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }

    private static func text(_ labels: MetricFamily.LabelSet) -> String {
        labels.pairs.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",")
    }

    /// A number as Go's ParseFloat reads it.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value) { return "\(whole)" }
        return "\(value)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += #"\\"#
            case "\n": result += #"\n"#
            case "\"" where quotes: result += #"\""#
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A name that a metric may have: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    static func metricName(_ text: String) -> String { name(text, colons: true) }

    /// A name that a label may have: `[a-zA-Z_][a-zA-Z0-9_]*`.
    static func labelName(_ text: String) -> String { name(text, colons: false) }

    private static func name(_ text: String, colons: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_": result.unicodeScalars.append(scalar)
            case "0"..."9": result += result.isEmpty ? "_\(scalar)" : "\(scalar)"
            case ":" where colons: result += ":"
            default: result += "_"
            }
        }
        return result.isEmpty ? "_" : result
    }
}
