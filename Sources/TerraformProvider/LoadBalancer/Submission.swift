// Sending what makes a load balancer so that no load balancer is made unseen.

internal import Logging
internal import OctaviaClient
internal import TerraformPlugin

enum Submission {
    /// Makes a load balancer.
    ///
    /// A service that fails for the moment is asked again as long as there is time, unless there is another load balancer
    /// of that name now: it may be the one. One that was there before is told of: a Terraform or provider that was killed
    /// in the middle may have left it.
    static func create(
        _ creation: LoadBalancerCreate, _ operation: OperationContext<Cloud>
    ) async throws -> LoadBalancer {
        let loadBalancers = operation.client.loadBalancers
        let older = try await loadBalancers.list(.name(creation.name)).all().map(\.id)
        if let first = older.first {
            operation.warn(
                "There was a load balancer '\(creation.name)' before",
                """
                A new one was asked for even so. If an apply that was killed left \(first), delete it: \
                openstack loadbalancer delete --cascade \(first)
                """, at: .attribute("name"))
        }
        var pause = Duration.milliseconds(500)
        while true {
            do {
                return try await Waiting.forAnswer { try await loadBalancers.create(creation) }
            } catch let error as CloudError where mayPass(error) && operation.remaining > pause {
                operation.logger.warning("the load balancer was not made, trying again: \(error)")
                try await Task.sleep(for: error.retryAfter ?? pause)
                pause = min(pause * 2, .seconds(10))
                if error.code == .immutable || error.code == .tooManyRequests { continue }
                let found = try await loadBalancers.list(.name(creation.name)).all()
                if let found = found.first(where: { !older.contains($0.id) }) {
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
