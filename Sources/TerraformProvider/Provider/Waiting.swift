// Waiting for services, as all resources do.

internal import LoadBalancing
internal import OctaviaClient
internal import TerraformPlugin

enum Waiting {
    /// Carries out a call as soon as a load balancer takes it.
    static func whenMutable<Answer: Sendable>(
        _ loadBalancer: ResourceID?, _ operation: OperationContext<Cloud>, _ call: () async throws -> Answer
    ) async throws -> Answer {
        while true {
            if let loadBalancer {
                try await operation.client.loadBalancers.waitUntilActive(loadBalancer, within: operation.remaining)
            }
            do {
                return try await call()
            } catch let error as CloudError where error.code == .immutable && operation.remaining > .seconds(1) {
                // A sibling was faster.
                try await Task.sleep(for: .milliseconds(300))
            }
        }
    }

    /// Carries out a call whose answer names what was made: an interruption ends it only if the answer does not come soon.
    static func forAnswer<Answer: Sendable>(
        within grace: Duration = .seconds(10), _ call: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        let task = Task { try await call() }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            Task {
                try? await Task.sleep(for: grace)
                task.cancel()
            }
        }
    }
}
