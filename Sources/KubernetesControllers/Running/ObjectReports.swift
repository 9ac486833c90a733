// Events about objects.

internal import KubernetesClient
internal import OctaviaClient

extension EventRecorder {
    /// Tells the owner of an object of a problem.
    func record<Object: KubernetesObject>(_ problem: Problem, about object: Object) {
        record(
            problem.message, about: object, type: problem.weight == .note ? .normal : .warning, reason: problem.reason)
    }
}

/// What kind of failure ended work on an object.
enum Failure {
    /// The object must be changed, or something in the cloud or the cluster.
    case problem(Problem)
    /// The cluster's API: nothing that the owner of the object could do.
    case cluster(any Error)

    init(_ error: any Error, reason: String) {
        switch error {
        case var problem as Problem:
            if problem.weight == .refusal, problem.reason == EventReason.syncFailed { problem.reason = reason }
            self = .problem(problem)
        case let error as CloudError:
            self = .problem(Problem(weight: .refusal, reason: reason, message: Self.text(error)))
        default: self = .cluster(error)
        }
    }

    /// The cloud's words, and what can be done.
    private static func text(_ error: CloudError) -> String {
        switch error.code {
        case .quotaExceeded:
            "the cloud's quota is used up: \(error); raise it or delete what is not needed. Trying again"
        case .forbidden, .unauthorized: "the cloud does not let the controller do this: \(error). Trying again"
        case .cannotConnect, .timedOut, .serverFailure, .tooManyRequests, .immutable:
            "the cloud cannot do it at the moment: \(error). Trying again"
        default: "the cloud refuses: \(error). Trying again"
        }
    }
}
