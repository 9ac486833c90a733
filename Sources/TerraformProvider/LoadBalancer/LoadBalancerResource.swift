// `ottava_load_balancer`: a whole load balancer as one resource.

internal import JSON
internal import LoadBalancerDocuments
internal import Logging
public import OctaviaClient
public import TerraformPlugin

/// A load balancer with everything below it.
public struct LoadBalancerResource: Resource {
    public let typeName = "ottava_load_balancer"
    public let importForm = "NAME-OR-ID"
    public let schema = LoadBalancerSchema.schema

    public init() {}

    public func validate(_ config: Value, _ diagnostics: inout Diagnostics) {
        LoadBalancerRules.check(config, &diagnostics)
    }

    // MARK: Life cycle

    public func create(_ planned: Value, _ operation: OperationContext<Cloud>) async throws -> Value {
        let creation = try LoadBalancerDocument(planned, clearing: false).creation()
        let made = try await Submission.create(creation, operation)
        // An interruption from here on leaves an object that Terraform knows of.
        var state = planned
        state["id"] = .string(made.id.string)
        operation.save(state)
        try await operation.client.loadBalancers.waitUntilActive(made.id, within: operation.remaining)
        if let floatingIP = try await FloatingAddress.create(planned["floating_ip"], made, operation) {
            state["floating_ip"] = floatingIP
            operation.save(state)
        }
        return try await current(made.id, known: state, operation)
    }

    public func read(_ state: Value, _ operation: OperationContext<Cloud>) async throws -> Value? {
        let id = try Self.id(state)
        do {
            let current = try await current(id, known: state, operation)
            return current
        } catch let error as CloudError where error.code == .notFound {
            return nil
        }
    }

    public func update(
        _ prior: Value, to planned: Value, _ operation: OperationContext<Cloud>
    ) async throws -> Value {
        let cloud = operation.client
        let id = try Self.id(prior)
        let document = LoadBalancerDocument(planned, clearing: true)
        var plan = try DocumentPlan(document, try await .read(id, cloud), replacing: true)
        for step in plan.steps {
            try Task.checkCancellation()
            operation.logger.info("\(step.text)")
            try await step.run(cloud, &plan.names)
        }
        let loadBalancer = try await cloud.loadBalancers.waitUntilActive(id, within: operation.remaining)
        var state = planned
        state["floating_ip"] = try await FloatingAddress.update(
            prior["floating_ip"], to: planned["floating_ip"], loadBalancer, operation)
        return try await current(id, known: state, operation)
    }

    public func delete(_ state: Value, _ operation: OperationContext<Cloud>) async throws {
        let cloud = operation.client
        let id = try Self.id(state)
        try await FloatingAddress.delete(state["floating_ip"], operation)
        do {
            try await Waiting.whenMutable(nil, operation) {
                try await cloud.loadBalancers.delete(id, cascade: true)
            }
            try await cloud.loadBalancers.waitUntilDeleted(id, within: operation.remaining)
        } catch let error as CloudError where error.code == .notFound {
            return
        }
    }

    public func importState(_ id: String, _ operation: OperationContext<Cloud>) async throws -> Value {
        let found = try await operation.client.loadBalancers.find(id)
        let floatingIP = try await FloatingAddress.find(found, operation)
        // All of it at once: what is empty is known to be so, and is not null.
        return try await current(found.id, known: ["floating_ip": floatingIP], operation)
    }

    // MARK: Helpers

    private static func id(_ state: Value) throws -> ResourceID {
        guard let id = state["id"].string.flatMap({ ResourceID($0) }) else {
            throw Diagnostic(.error, "The state has no id of a load balancer", "Import it again.", at: .attribute("id"))
        }
        return id
    }

    private func current(
        _ id: ResourceID, known: Value, _ operation: OperationContext<Cloud>
    ) async throws -> Value {
        let found = try await CurrentLoadBalancer.read(id, operation.client)
        if found.object.fields["provisioning_status"]?.string == "ERROR" {
            let reason = found.object.fields["status_reason"]?.string ?? "the service gives no reason"
            operation.warn("Load balancer '\(found.object.name)' is ERROR", "\(reason).")
        }
        var state = found.state(known: known)
        state["floating_ip"] = try await FloatingAddress.read(known["floating_ip"], state, operation)
        return state
    }
}
