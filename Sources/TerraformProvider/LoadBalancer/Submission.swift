// Sending what makes a load balancer so that no load balancer is made unseen.

internal import Logging
internal import OctaviaClient
internal import TerraformPlugin

enum Submission {
    /// Makes a load balancer.
    ///
    /// The call is not cancelled: its answer names what was made. A service that fails for the moment is asked again as long as
    /// there is time, unless there is a load balancer of that name now: it may be the one.
    static func create(
        _ creation: LoadBalancerCreate, _ operation: OperationContext<Cloud>
    ) async throws -> LoadBalancer {
        let loadBalancers = operation.client.loadBalancers
        var pause = Duration.milliseconds(500)
        while true {
            do {
                return try await Task { try await loadBalancers.create(creation) }.value
            } catch let error as CloudError where mayPass(error) && operation.remaining > pause {
                operation.logger.warning("the load balancer was not made, trying again: \(error)")
                try await Task.sleep(for: error.retryAfter ?? pause)
                pause = min(pause * 2, .seconds(10))
                if error.code == .immutable || error.code == .tooManyRequests { continue }
                let found = try await loadBalancers.list(.name(creation.name)).all()
                if let found = found.first {
                    throw Diagnostic(
                        .error, "It is not clear whether the load balancer was made",
                        """
                        The call failed (\(error)), but there is a load balancer '\(found.name)'. If it is the one, run: \
                        terraform import ADDRESS \(found.id)
                        """)
                }
            }
        }
    }

    private static func mayPass(_ error: CloudError) -> Bool {
        switch error.code {
        case .immutable, .tooManyRequests: true
        case .serverFailure: [500, 502, 503, 504].contains(error.status)
        default: false
        }
    }
}
