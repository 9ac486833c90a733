// `openstack_lb_flavorprofile_v2`: what a flavor tells a provider.

internal import JSON
internal import OctaviaClient
internal import OctaviaWire
internal import TerraformPlugin

struct FlavorProfileV2Resource: Resource {
    let typeName = "openstack_lb_flavorprofile_v2"
    let schema = Schema(
        "A flavor profile: what flavors tell a provider; for operators.",
        [
            .id, .region,
            .string("name", .required, "Its name.", rules: [.length(1...255)]),
            .string("provider_name", .required, "The provider.", rules: [.length(1...255)]),
            .string(
                "flavor_data", .required, "What it is told: a JSON object as text. Its form does not count.",
                rules: [.text("a JSON object") { FlavorProfileV2Resource.parse($0)?.object != nil }]),
        ], blocks: [.usualTimeouts])

    private var mapping: FieldMapping { FieldMapping(schema, [:], []) }

    private static func parse(_ text: String) -> JSONValue? { try? JSONValue(parsing: Array(text.utf8)) }

    private static func isSame(_ left: Value, _ right: Value) -> Bool {
        guard let left = left.string, let right = right.string else { return left == right }
        guard left != right else { return true }
        guard let first = parse(left), let second = parse(right) else { return false }
        return first == second
    }

    /// The same object written otherwise is no change.
    func plan(_ plan: inout Plan, _ operation: OperationContext<Cloud>) {
        guard !plan.isCreation, Self.isSame(plan.config["flavor_data"], plan.prior["flavor_data"]) else { return }
        plan.planned["flavor_data"] = plan.prior["flavor_data"]
    }

    func create(_ planned: Value, _ operation: OperationContext<Cloud>) async throws -> Value {
        let creation = try decoded { try ProfileCreate(body: Self.body(mapping.fields(of: planned)), .flavor) }
        let profile = try await operation.client.flavorProfiles.create(creation)
        return Self.state(profile, planned, operation).confirming(planned)
    }

    func read(_ state: Value, _ operation: OperationContext<Cloud>) async throws -> Value? {
        do {
            let profile = try await operation.client.flavorProfiles.get(state.id("id"))
            return Self.state(profile, state, operation)
        } catch let error as CloudError where error.code == .notFound {
            return nil
        }
    }

    func update(_ prior: Value, to planned: Value, _ operation: OperationContext<Cloud>) async throws -> Value {
        let body = Self.body(mapping.changes(from: prior, to: planned))
        let change = try decoded { try ProfileUpdate(body: body, .flavor) }
        let id = try prior.id("id")
        try await operation.client.flavorProfiles.update(id, change)
        return try await Self.state(operation.client.flavorProfiles.get(id), planned, operation).confirming(planned)
    }

    func delete(_ state: Value, _ operation: OperationContext<Cloud>) async throws {
        do {
            try await operation.client.flavorProfiles.delete(state.id("id"))
        } catch let error as CloudError where error.code == .notFound {
            return
        }
    }

    private static func body(_ fields: [String: JSONValue]) -> [UInt8] {
        JSONWriter.bytes(of: JSONValue.object(["flavorprofile": .object(fields)]))
    }

    private static func state(
        _ profile: FlavorProfile, _ known: Value, _ operation: OperationContext<Cloud>
    ) -> Value {
        let data = Value.string(profile.data)
        return [
            "id": .string(profile.id.string), "region": known.region(operation.client), "name": .string(profile.name),
            "provider_name": .string(profile.provider),
            "flavor_data": isSame(data, known["flavor_data"]) ? known["flavor_data"] : data,
        ]
    }
}
