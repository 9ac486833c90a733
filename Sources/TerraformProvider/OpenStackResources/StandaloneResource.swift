// What the resources `openstack_lb_*_v2` outside of load balancers have in common: one object each, used at once.

internal import JSON
internal import LoadBalancerDocuments
internal import LoadBalancing
internal import OctaviaClient
internal import TerraformPlugin

/// A resource that is one object which belongs to no load balancer: nothing has to be waited for.
protocol StandaloneResource<Object>: Resource where Client == Cloud {
    associatedtype Object: CreatableResource & UpdatableResource & Identifiable where Object.ID == ResourceID

    /// The collection that the object is in.
    func collection(_ cloud: Cloud) -> ResourceCollection<Object>
    func creation(_ body: [UInt8]) throws -> Object.Creation
    func change(_ body: [UInt8]) throws -> Object.Update
    /// The attributes of an object, but for its id and region.
    ///
    /// - Parameter known: What is known of it so far.
    func attributes(_ object: Object, known: Value) -> [String: Value]
}

extension StandaloneResource {
    private var mapping: FieldMapping { FieldMapping(schema, [:], []) }

    func create(_ planned: Value, _ operation: OperationContext<Cloud>) async throws -> Value {
        let creation = try decoded { try self.creation(body(mapping.fields(of: planned))) }
        let object = try await collection(operation.client).create(creation)
        return state(object, planned, operation).confirming(planned)
    }

    func read(_ state: Value, _ operation: OperationContext<Cloud>) async throws -> Value? {
        do {
            let object = try await collection(operation.client).get(state.id("id"))
            return self.state(object, state, operation)
        } catch let error as CloudError where error.code == .notFound {
            return nil
        }
    }

    func update(_ prior: Value, to planned: Value, _ operation: OperationContext<Cloud>) async throws -> Value {
        let change = try decoded { try self.change(body(mapping.changes(from: prior, to: planned))) }
        let id = try prior.id("id")
        let objects = collection(operation.client)
        try await objects.update(id, change)
        return try await state(objects.get(id), planned, operation).confirming(planned)
    }

    func delete(_ state: Value, _ operation: OperationContext<Cloud>) async throws {
        do {
            try await collection(operation.client).delete(state.id("id"))
        } catch let error as CloudError where error.code == .notFound {
            return
        }
    }

    private func body(_ fields: Fields) -> [UInt8] {
        JSONWriter.bytes(of: JSONValue.object([Object.key: .object(fields)]))
    }

    private func state(_ object: Object, _ known: Value, _ operation: OperationContext<Cloud>) -> Value {
        var state = attributes(object, known: known)
        state["id"] = .string(object.id.string)
        state["region"] = known.region(operation.client)
        return .object(state)
    }
}
