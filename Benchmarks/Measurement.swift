// One thing that was measured, once or many times.

internal import Foundation

/// Samples with a name, a unit and perhaps a goal.
struct Measurement {
    /// What the median is to be.
    enum Goal {
        case below(Double)
        case exactly(Double)
        case atLeast(Double)
    }

    var name: String
    var unit: String
    var samples: [Double]
    var goal: Goal?

    /// Times.
    init(_ name: String, _ durations: [Duration], goal: Goal? = nil) {
        self.init(name, durations.map { $0 / .milliseconds(1) }, unit: "ms", goal: goal)
    }

    init(_ name: String, _ samples: [Double], unit: String, goal: Goal? = nil) {
        self.name = name
        self.unit = unit
        self.samples = samples.sorted()
        self.goal = goal
    }

    /// A number of something.
    init(_ name: String, count: Int, goal: Goal? = nil) {
        self.init(name, [Double(count)], unit: "", goal: goal)
    }

    var median: Double {
        guard !samples.isEmpty else { return .nan }
        return (samples[(samples.count - 1) / 2] + samples[samples.count / 2]) / 2
    }

    /// The value that 99 of 100 samples do not exceed; absent for less than a hundred.
    var percentile99: Double? {
        samples.count < 100 ? nil : samples[Int((Double(samples.count) * 0.99).rounded(.up)) - 1]
    }

    /// Absent without a goal.
    var isMet: Bool? {
        switch goal {
        case .below(let limit): median < limit
        case .exactly(let value): median == value
        case .atLeast(let limit): median >= limit
        case nil: nil
        }
    }

    /// A value with its unit, with about three digits.
    func text(_ value: Double) -> String {
        let number =
            unit.isEmpty || value.magnitude >= 100
            ? String(format: "%.0f", value) : String(format: value.magnitude < 10 ? "%.2f" : "%.1f", value)
        return unit.isEmpty ? number : "\(number) \(unit)"
    }

    var goalText: String {
        switch goal {
        case .below(let limit): "< \(String(format: "%g", limit)) \(unit)"
        case .exactly(let value): String(format: "%g", value)
        case .atLeast(let limit): "≥ \(String(format: "%g", limit)) \(unit)"
        case nil: ""
        }
    }
}
