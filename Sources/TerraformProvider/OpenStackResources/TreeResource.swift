// What the resources `openstack_lb_*_v2` of a load balancer's tree have in common: one object each, by the existing names.

internal import JSON
internal import LoadBalancerDocuments
internal import LoadBalancing
internal import Logging
internal import OctaviaClient
internal import OctaviaWire
internal import TerraformPlugin

/// A resource that is one object of a load balancer's tree.
///
/// Before each call the load balancer is waited for, after it the object. What is refused because the load balancer is
/// being changed is tried again as long as there is time.
protocol TreeResource<Object>: Resource where Client == Cloud {
    associatedtype Object: TreeMember & CreatableResource & UpdatableResource

    /// Names of attributes that the API calls otherwise.
    var fieldNames: [String: String] { get }
    /// Attributes that the API has not, or not in the object.
    var localNames: Set<String> { get }

    /// The collection that the object is in.
    func collection(_ state: Value, _ cloud: Cloud) throws -> ResourceCollection<Object>
    /// The load balancer that has to be ACTIVE before the object can be changed; `nil` if there is none yet.
    func loadBalancer(_ state: Value, _ cloud: Cloud) async throws -> ResourceID?
    func creation(_ body: [UInt8]) throws -> Object.Creation
    func change(_ body: [UInt8]) throws -> Object.Update
    /// Completes the fields of a request with those that have another form in the schema.
    ///
    /// - Parameter prior: Null for a creation.
    func adjust(_ fields: inout Fields, from prior: Value, to planned: Value)
    /// Completes a state with what is not a field of the object, or is one of another form.
    func complete(
        _ state: inout Value, _ object: Row<Object>, known: Value, _ operation: OperationContext<Cloud>) async throws
    /// Does what another call than that of the object is needed for, after a creation or update.
    func finish(_ prior: Value, _ planned: Value, _ object: Object, _ operation: OperationContext<Cloud>) async throws
}

extension TreeResource {
    var fieldNames: [String: String] { ["tenant_id": "project_id"] }
    var localNames: Set<String> { [] }

    func adjust(_ fields: inout Fields, from prior: Value, to planned: Value) {}
    func complete(
        _ state: inout Value, _ object: Row<Object>, known: Value, _ operation: OperationContext<Cloud>
    ) async throws {}
    func finish(
        _ prior: Value, _ planned: Value, _ object: Object, _ operation: OperationContext<Cloud>
    ) async throws {}

    private var mapping: FieldMapping { FieldMapping(schema, fieldNames, localNames) }

    // MARK: Life cycle

    func create(_ planned: Value, _ operation: OperationContext<Cloud>) async throws -> Value {
        var fields = mapping.fields(of: planned)
        adjust(&fields, from: .null, to: planned)
        let creation = try decoded { try self.creation(body(fields)) }
        let objects = try collection(planned, operation.client)
        let made = try await whenMutable(planned, operation) {
            try await Waiting.forAnswer { try await objects.create(creation) }
        }
        var state = planned
        state["id"] = .string(made.id.string)
        operation.save(state)
        try await objects.waitUntilActive(made.id, within: operation.remaining)
        try await finish(.null, planned, made, operation)
        return try await current(made.id, known: state, operation).confirming(planned)
    }

    func read(_ state: Value, _ operation: OperationContext<Cloud>) async throws -> Value? {
        do {
            let found = try await current(state.id("id"), known: state, operation)
            return found
        } catch let error as CloudError where error.code == .notFound {
            return nil
        }
    }

    func update(_ prior: Value, to planned: Value, _ operation: OperationContext<Cloud>) async throws -> Value {
        let id = try prior.id("id")
        let objects = try collection(prior, operation.client)
        var fields = mapping.changes(from: prior, to: planned)
        adjust(&fields, from: prior, to: planned)
        if !fields.isEmpty {
            let change = try decoded { try self.change(body(fields)) }
            try await whenMutable(prior, operation) { _ = try await objects.update(id, change) }
        }
        let object = try await objects.waitUntilActive(id, within: operation.remaining)
        try await finish(prior, planned, object, operation)
        return try await current(id, known: planned, operation).confirming(planned)
    }

    func delete(_ state: Value, _ operation: OperationContext<Cloud>) async throws {
        do {
            let id = try state.id("id")
            let objects = try collection(state, operation.client)
            try await whenMutable(state, operation) { try await objects.delete(id) }
            try await objects.waitUntilDeleted(id, within: operation.remaining)
        } catch let error as CloudError where error.code == .notFound {
            return
        }
    }

    // MARK: Helpers

    private func body(_ fields: Fields) -> [UInt8] {
        JSONWriter.bytes(of: JSONValue.object([Object.key: .object(fields)]))
    }

    /// Carries out a call as soon as the load balancer takes it.
    private func whenMutable<Answer: Sendable>(
        _ state: Value, _ operation: OperationContext<Cloud>, _ call: () async throws -> Answer
    ) async throws -> Answer {
        let loadBalancer = try await loadBalancer(state, operation.client)
        return try await Waiting.whenMutable(loadBalancer, operation, call)
    }

    private func current(
        _ id: ResourceID, known: Value, _ operation: OperationContext<Cloud>
    ) async throws -> Value {
        let objects = try collection(known, operation.client).reading(as: Row<Object>.self)
        let object = try await objects.object(id.string)
        if object.resource.provisioningStatus == .error {
            operation.warn(
                "The \(Object.term) \(id) is ERROR",
                "\(object.resource.statusReason ?? "The service gives no reason").")
        }
        var state = mapping.state(of: object.fields, known: known)
        state["id"] = .string(id.string)
        state["region"] = known.region(operation.client)
        try await complete(&state, object, known: known, operation)
        return state
    }
}

/// Decodes a body by the rules of the API; what the service would refuse is an error of the configuration.
func decoded<Request>(_ body: () throws -> Request) throws -> Request {
    do {
        return try body()
    } catch let fault as OctaviaFault {
        throw Diagnostic(.error, "The API does not allow this", fault.message)
    }
}

extension Value {
    /// The id in an attribute.
    func id(_ name: String) throws -> ResourceID {
        guard let id = self[name].string.flatMap({ ResourceID($0) }) else {
            throw Diagnostic(
                .error, "\(name) is no id", "\(self[name]) is not a UUID, as ids are.", at: .attribute(name))
        }
        return id
    }

    /// The value of the attribute `region`: that of the login unless it is known.
    func region(_ cloud: Cloud) -> Value {
        self["region"].isKnown ? self["region"] : .optional(cloud.configuration.region)
    }

    /// What was planned counts after an apply: what the service made of it otherwise is found by the next plan.
    func confirming(_ planned: Value) -> Value {
        var result = self
        for (name, value) in planned.members ?? [:] where value.isWhollyKnown { result[name] = value }
        return result
    }

    /// The two ids of an import, `FIRST/SECOND`.
    static func ids(_ text: String, _ first: String, _ second: String) throws -> Value {
        let parts = text.split(separator: "/").map(String.init)
        guard parts.count == 2, parts.allSatisfy({ ResourceID($0) != nil }) else {
            throw Diagnostic(
                .error, "This cannot be imported", "\"\(text)\" is not of the form \(first.uppercased())/ID.")
        }
        return [first: .string(parts[0]), second: .string(parts[1])]
    }
}
