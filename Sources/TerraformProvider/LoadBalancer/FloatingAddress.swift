// The floating IP of a load balancer.

internal import OctaviaClient
internal import TerraformPlugin

enum FloatingAddress {
    /// Makes one that leads to a load balancer.
    ///
    /// - Returns: Its state; `nil` if none is wanted.
    static func create(
        _ wanted: Value, _ loadBalancer: LoadBalancer, _ operation: OperationContext<Cloud>
    ) async throws -> Value? {
        guard let network = wanted["network_id"].string.flatMap({ ResourceID($0) }) else { return nil }
        guard let port = loadBalancer.vipPortID else {
            throw Diagnostic(
                .error, "The load balancer has no port", "A floating IP leads to a port of the network service.",
                at: .attribute("floating_ip"))
        }
        let creation = FloatingIPCreate(
            networkID: network, subnetID: wanted["subnet_id"].string.flatMap { ResourceID($0) }, portID: port,
            address: wanted["address"].string, description: "Load balancer \(loadBalancer.id)")
        let floatingIPs = operation.client.network.floatingIPs
        let made = try await Waiting.forAnswer { try await floatingIPs.create(creation) }
        return state(made, wanted)
    }

    static func read(_ known: Value, _ loadBalancer: Value, _ operation: OperationContext<Cloud>) async throws -> Value
    {
        guard let id = known["id"].string.flatMap({ ResourceID($0) }) else { return .null }
        do {
            let found = try await operation.client.network.floatingIPs.get(id)
            return found.portID?.string == loadBalancer["vip_port_id"].string ? state(found, known) : .null
        } catch let error as CloudError where error.code == .notFound {
            return .null
        }
    }

    /// The one that leads to a load balancer; null if there is none.
    static func find(_ loadBalancer: LoadBalancer, _ operation: OperationContext<Cloud>) async throws -> Value {
        guard let port = loadBalancer.vipPortID else { return .null }
        let found = try await operation.client.network.floatingIPs.list(.field("port_id", equals: port.string)).all()
        return found.first.map { state($0, .null) } ?? .null
    }

    static func update(
        _ prior: Value, to planned: Value, _ loadBalancer: LoadBalancer, _ operation: OperationContext<Cloud>
    ) async throws -> Value {
        if planned["id"].isKnown, planned["id"] == prior["id"] { return planned }
        try await delete(prior, operation)
        return try await create(planned, loadBalancer, operation) ?? .null
    }

    static func delete(_ state: Value, _ operation: OperationContext<Cloud>) async throws {
        guard let id = state["id"].string.flatMap({ ResourceID($0) }) else { return }
        do {
            try await operation.client.network.floatingIPs.delete(id)
        } catch let error as CloudError where error.code == .notFound {
            return
        }
    }

    private static func state(_ found: FloatingIP, _ known: Value) -> Value {
        [
            "id": .string(found.id.string), "network_id": .string(found.networkID.string),
            "subnet_id": known["subnet_id"].isUnknown ? .null : known["subnet_id"], "address": .string(found.address),
        ]
    }
}
