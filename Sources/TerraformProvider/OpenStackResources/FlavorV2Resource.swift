// `openstack_lb_flavor_v2`: a kind of load balancer that users choose.

internal import JSON
internal import OctaviaClient
internal import OctaviaWire
internal import TerraformPlugin

struct FlavorV2Resource: Resource {
    let typeName = "openstack_lb_flavor_v2"
    let schema = Schema(
        "A flavor: a kind of load balancer that users choose; for operators.",
        [
            .id, .region, .objectDescription,
            .string("name", .required, "Its name.", rules: [.length(1...255)]),
            .reference("flavor_profile_id", .required, "What it tells the provider.", requiresReplacement: true),
            .bool("enabled", .optionalComputed, "Whether users can choose it; true if absent."),
        ], blocks: [.usualTimeouts])

    private var mapping: FieldMapping { FieldMapping(schema, [:], []) }

    func create(_ planned: Value, _ operation: OperationContext<Cloud>) async throws -> Value {
        let creation = try decoded { try OfferCreate(body: Self.body(mapping.fields(of: planned)), .flavor) }
        let flavor = try await operation.client.flavors.create(creation)
        return Self.state(flavor, planned, operation).confirming(planned)
    }

    func read(_ state: Value, _ operation: OperationContext<Cloud>) async throws -> Value? {
        do {
            let flavor = try await operation.client.flavors.get(state.id("id"))
            return Self.state(flavor, state, operation)
        } catch let error as CloudError where error.code == .notFound {
            return nil
        }
    }

    func update(_ prior: Value, to planned: Value, _ operation: OperationContext<Cloud>) async throws -> Value {
        let body = Self.body(mapping.changes(from: prior, to: planned))
        let change = try decoded { try OfferUpdate(body: body, .flavor) }
        let id = try prior.id("id")
        try await operation.client.flavors.update(id, change)
        return try await Self.state(operation.client.flavors.get(id), planned, operation).confirming(planned)
    }

    func delete(_ state: Value, _ operation: OperationContext<Cloud>) async throws {
        do {
            try await operation.client.flavors.delete(state.id("id"))
        } catch let error as CloudError where error.code == .notFound {
            return
        }
    }

    private static func body(_ fields: [String: JSONValue]) -> [UInt8] {
        JSONWriter.bytes(of: JSONValue.object(["flavor": .object(fields)]))
    }

    private static func state(_ flavor: Flavor, _ known: Value, _ operation: OperationContext<Cloud>) -> Value {
        [
            "id": .string(flavor.id.string), "region": known.region(operation.client), "name": .string(flavor.name),
            "description": .string(flavor.description), "flavor_profile_id": .string(flavor.profileID.string),
            "enabled": .bool(flavor.isEnabled),
        ]
    }
}
