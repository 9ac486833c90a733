// What the status at the end of the program means.

internal import ArgumentParser
internal import OctaviaClient

/// The exit statuses of all client commands; documented in docs/command-line.md.
enum ExitStatus: Int32 {
    case success = 0
    /// The service refused or failed, or could not be reached.
    case failed = 1
    /// The command line, the configuration or a document is wrong; nothing was sent.
    case usage = 2
    /// There is no such object, or several have the name.
    case noSuchObject = 3
    /// An object became ERROR, or did not become ACTIVE in time.
    case notActive = 4
    /// `diff` found differences.
    case different = 5

    init(_ error: CloudError) {
        switch error.code {
        case .invalidConfiguration: self = .usage
        case .notFound, .ambiguous: self = .noSuchObject
        case .resourceFailed, .waitTimedOut: self = .notActive
        default: self = .failed
        }
    }
}

/// What is wrong with the command line or a document: one line, exit status 2.
struct UsageError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
