// Reading annotations: a wrong value is a problem that names key, value and what is allowed.

internal import OctaviaClient

/// Reads typed values from the annotations of an object, and collects what is wrong with them.
struct AnnotationReader {
    private let annotations: [String: String]
    private let prefix: String
    private(set) var problems: [Problem] = []

    /// - Parameter prefix: What is put in front of names without a slash.
    init(_ annotations: [String: String], prefix: String) {
        self.annotations = annotations
        self.prefix = prefix
    }

    private func key(_ name: String) -> String { name.contains("/") ? name : prefix + name }

    /// The value without spaces around it; absent when it is empty.
    func text(_ name: String) -> String? {
        guard let value = annotations[key(name)]?.trimmingSpaces(), !value.isEmpty else { return nil }
        return value
    }

    /// Only `true` and `false` count.
    mutating func flag(_ name: String, _ fallback: Bool) -> Bool {
        switch text(name) {
        case nil: return fallback
        case "true": return true
        case "false": return false
        case let value?:
            ignore(name, value, "'true' or 'false'", "\(fallback)")
            return fallback
        }
    }

    mutating func number(_ name: String, _ fallback: Int, _ range: ClosedRange<Int>) -> Int {
        guard let value = text(name) else { return fallback }
        guard let number = Int(value), range.contains(number) else {
            let allowed = "from \(range.lowerBound) to \(range.upperBound)"
            ignore(name, value, "a whole number \(allowed)", "\(fallback)")
            return fallback
        }
        return number
    }

    /// - Throws: ``Problem``: a wrong id must not lead to a load balancer in another place.
    func id(_ name: String) throws(Problem) -> ResourceID? {
        guard let value = text(name) else { return nil }
        guard let id = ResourceID(value) else {
            throw .refusal("annotation \(key(name)) is '\(value)', which is no UUID; give the id of an existing object")
        }
        return id
    }

    mutating func ignore(_ name: String, _ value: String, _ allowed: String, _ used: String) {
        problems.append(
            .warning(
                EventReason.annotationIgnored,
                "annotation \(key(name)) is '\(value)', allowed is \(allowed); \(used) is used instead"))
    }

    mutating func add(_ problem: Problem) { problems.append(problem) }
}

extension StringProtocol {
    /// Without spaces and tabs around it.
    func trimmingSpaces() -> String {
        var text = Substring(self)
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }

    /// The parts between commas, without spaces; none that is empty.
    var commaSeparated: [String] { split(separator: ",").map { $0.trimmingSpaces() }.filter { !$0.isEmpty } }

    /// The first 255 characters, which the API allows for names and tags.
    var cutTo255: String { String(prefix(255)) }
}
