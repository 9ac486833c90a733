// Addresses outside a tree at which its listeners answer too.

public import LoadBalancing
internal import Persistence

extension LoadBalancingService {
    /// Has the data plane follow floating IPs that were tied to a port or taken from it.
    ///
    /// Ports without a load balancer are fine.
    public func floatingAddressesChanged(onPorts ports: Set<ResourceID>) async throws {
        guard !ports.isEmpty else { return }
        let now = self.now()
        try await database.write { connection in
            for port in ports { try WorkStore(connection).repeatWork(onPort: port, at: now) }
        }
        board.announceWork()
    }
}
