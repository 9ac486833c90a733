// `openstack_lb_quota_v2`: how many objects a project may have.

internal import JSON
internal import OctaviaClient
internal import OctaviaWire
internal import TerraformPlugin

struct QuotaV2Resource: Resource {
    let typeName = "openstack_lb_quota_v2"
    let importForm = "PROJECT[/REGION]"
    let schema = Schema(
        "How many objects a project may have; for operators. Destroying it leaves the quotas as they are.",
        [
            .id, .region,
            .string("project_id", .required, "The project.", requiresReplacement: true),
            limit("loadbalancer"), limit("listener"), limit("member"), limit("pool"), limit("health_monitor"),
            limit("l7_policy"), limit("l7_rule"),
        ], blocks: [.usualTimeouts])

    private static func limit(_ name: String) -> Attribute {
        .number(name, .optionalComputed, "How many; -1 is no limit.", rules: [.atLeast(-1)])
    }

    private static let fields = ["health_monitor": "healthmonitor", "l7_policy": "l7policy", "l7_rule": "l7rule"]

    private var mapping: FieldMapping { FieldMapping(schema, Self.fields, ["project_id"]) }

    func create(_ planned: Value, _ operation: OperationContext<Cloud>) async throws -> Value {
        try await update(.null, to: planned, operation)
    }

    func read(_ state: Value, _ operation: OperationContext<Cloud>) async throws -> Value? {
        do {
            let quota = try await operation.client.quotas.get(Self.project(state))
            return self.state(quota, state, operation)
        } catch let error as CloudError where error.code == .notFound {
            return nil
        }
    }

    func update(_ prior: Value, to planned: Value, _ operation: OperationContext<Cloud>) async throws -> Value {
        let project = Self.project(planned)
        let fields = mapping.changes(from: prior, to: planned)
        let quotas = operation.client.quotas
        var quota = try await quotas.get(project)
        if !fields.isEmpty {
            let change = try decoded {
                try QuotaUpdate(body: JSONWriter.bytes(of: JSONValue.object(["quota": .object(fields)])))
            }
            try await quotas.update(project) { $0 = change }
            quota = try await quotas.get(project)
        }
        return state(quota, planned, operation).confirming(planned)
    }

    /// Nothing happens to the quotas, as users of the existing provider expect.
    func delete(_ state: Value, _ operation: OperationContext<Cloud>) {}

    /// `PROJECT`, or `PROJECT/REGION`.
    func importState(_ id: String, _ operation: OperationContext<Cloud>) -> Value {
        let parts = id.split(separator: "/", maxSplits: 1).map(String.init)
        return [
            "id": .string(id), "project_id": .optional(parts.first), "region": .optional(parts.dropFirst().first),
        ]
    }

    private static func project(_ state: Value) -> String { state["project_id"].string ?? "" }

    private func state(_ quota: Quota, _ known: Value, _ operation: OperationContext<Cloud>) -> Value {
        let project = Self.project(known)
        let region = known.region(operation.client)
        return [
            "id": .string(region.string.map { "\(project)/\($0)" } ?? project), "project_id": .string(project),
            "region": region,
            "loadbalancer": .integer(quota.loadBalancers), "listener": .integer(quota.listeners),
            "member": .integer(quota.members), "pool": .integer(quota.pools),
            "health_monitor": .integer(quota.healthMonitors), "l7_policy": .integer(quota.l7Policies),
            "l7_rule": .integer(quota.l7Rules),
        ]
    }
}
