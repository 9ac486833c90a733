// Requests to any of the API processes, and what their answers mean for who must know what was written.

internal import Foundation
internal import JSON
internal import TestSupport

/// What came of a request.
enum CallOutcome: Sendable {
    case answered(HTTPAnswer)
    /// Nothing was done: nobody took the connection, or the answer is 503.
    case refused
    /// Done or not; `mayComeLater` when it may still be under way.
    case doubtful(mayComeLater: Bool)
}

/// Somebody who is logged in at all API processes, on one thread.
struct APICaller {
    let deployment: Deployment
    let history: History
    var generator: SeededGenerator
    private var client: APIClient
    private var loggedInAt = ContinuousClock.now

    init(_ deployment: Deployment, _ history: History, _ generator: SeededGenerator) throws {
        self.deployment = deployment
        self.history = history
        self.generator = generator
        client = try deployment.login("demo")
    }

    /// Sends a request to one of the API processes.
    mutating func send(_ method: String, _ path: String, _ body: JSONValue? = nil) -> CallOutcome {
        let port = deployment.apiPorts.randomElement(using: &generator) ?? 0
        var client = APIClient(port: port, token: client.token)
        let isWrite = method != "GET"
        for _ in 0..<2 {
            history.count { $0.requests += 1 }
            let answer: HTTPAnswer
            do {
                answer = try client.send(
                    method, path, bytes: body.map { JSONWriter.bytes(of: $0) }, limit: .seconds(60))
            } catch ConnectionFailure.cannotConnect {
                history.count { $0.refused += 1 }
                return .refused
            } catch {
                if isWrite { history.count { $0.doubtful += 1 } }
                return .doubtful(mayComeLater: error as? ConnectionFailure == .timedOut)
            }
            history.count { counts in
                counts.statuses[answer.status, default: 0] += 1
                if isWrite, (200..<300).contains(answer.status) { counts.acknowledgedWrites += 1 }
            }
            switch answer.status {
            case 503:
                history.count { $0.refused += 1 }
                if answer.header("Retry-After") == nil {
                    history.violate(.answers, "\(method) \(path): 503 without Retry-After: \(answer.text)")
                }
                return .refused
            case 504:
                if isWrite { history.count { $0.doubtful += 1 } }
                return .doubtful(mayComeLater: false)
            case 401 where ContinuousClock.now - loggedInAt > .seconds(3_000):
                guard let fresh = try? deployment.login("demo") else { return .refused }
                self.client = fresh
                client.token = fresh.token
                loggedInAt = .now
            default:
                if answer.status >= 500 || answer.status == 401 {
                    history.violate(.answers, "\(method) \(path): \(answer.status) \(answer.text)")
                }
                return .answered(answer)
            }
        }
        return .refused
    }
}
