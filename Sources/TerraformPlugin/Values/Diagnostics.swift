// What is wrong or worth knowing, for the people who wrote the configuration.

/// One error or warning.
///
/// Thrown from an operation it fails it.
public struct Diagnostic: Error, Sendable, Hashable {
    public enum Severity: Sendable, Hashable {
        case error, warning
    }

    public var severity: Severity
    /// One line: what is wrong.
    public var summary: String
    /// Sentences: why, and what is allowed.
    public var detail: String
    /// What Terraform shows of the configuration.
    public var path: AttributePath?

    public init(_ severity: Severity = .error, _ summary: String, _ detail: String = "", at path: AttributePath? = nil)
    {
        self.severity = severity
        self.summary = summary
        self.detail = detail
        self.path = path
    }
}

/// The errors and warnings of one operation.
public struct Diagnostics: Sendable, Hashable {
    public private(set) var all: [Diagnostic] = []

    public init() {}

    public var hasErrors: Bool { all.contains { $0.severity == .error } }

    public mutating func append(_ diagnostic: Diagnostic) { all.append(diagnostic) }

    public mutating func error(_ summary: String, _ detail: String = "", at path: AttributePath? = nil) {
        append(Diagnostic(.error, summary, detail, at: path))
    }

    public mutating func warning(_ summary: String, _ detail: String = "", at path: AttributePath? = nil) {
        append(Diagnostic(.warning, summary, detail, at: path))
    }
}
