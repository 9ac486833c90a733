// `openstack_lb_members_v2`: all members of a pool, changed by one call.

internal import JSON
internal import LoadBalancerDocuments
internal import OctaviaClient
internal import OctaviaWire
internal import TerraformPlugin

struct MembersV2Resource: Resource {
    let typeName = "openstack_lb_members_v2"
    let importForm = "POOL"
    let schema = Schema(
        "All members of a pool, changed by one call. What others add to the pool is removed.",
        [.id, .region, .reference("pool_id", .required, "The pool.", requiresReplacement: true)],
        blocks: [
            NestedBlock("member", .set, "A member.", Self.member, identity: ["address", "protocol_port", "subnet_id"]),
            .usualTimeouts,
        ])

    private static let member: [Attribute] = [
        .id, .objectName, .adminStateUp,
        .string("address", .required, "Its address.", rules: [.ipAddress]),
        .number("protocol_port", .required, "Its port.", rules: [.port]),
        .number("weight", .optional, "Its share of the work: 0 takes no new clients.", default: 1, rules: [.weight]),
        .number("monitor_port", .optional, "The port that is watched instead.", rules: [.port]),
        .string("monitor_address", .optional, "The address that is watched instead.", rules: [.ipAddress]),
        .reference("subnet_id", .optional, "The subnet from which it can be reached."),
        .bool("backup", .optional, "Whether it works only while all others are down."),
    ]

    private var mapping: FieldMapping { FieldMapping(Schema("", Self.member), [:], []) }

    func validate(_ config: Value, _ diagnostics: inout Diagnostics) {
        var places: Set<[Value]> = []
        for member in config["member"].elements ?? [] {
            let place = [member["address"], member["protocol_port"], member["subnet_id"]]
            guard place.allSatisfy({ !$0.isUnknown }), !places.insert(place).inserted else { continue }
            diagnostics.error(
                "A member is there twice", "Two members have the address \(place[0]) and the port \(place[1]).",
                at: .attribute("member"))
        }
    }

    func create(_ planned: Value, _ operation: OperationContext<Cloud>) async throws -> Value {
        var state = planned
        state["id"] = planned["pool_id"]
        try await replace(planned, operation, saving: state)
        return try await current(state, operation).confirming(planned)
    }

    func read(_ state: Value, _ operation: OperationContext<Cloud>) async throws -> Value? {
        do {
            let found = try await current(state, operation)
            return found
        } catch let error as CloudError where error.code == .notFound {
            return nil
        }
    }

    func update(_ prior: Value, to planned: Value, _ operation: OperationContext<Cloud>) async throws -> Value {
        try await replace(planned, operation, saving: nil)
        return try await current(planned, operation).confirming(planned)
    }

    func delete(_ state: Value, _ operation: OperationContext<Cloud>) async throws {
        var empty = state
        empty["member"] = []
        do {
            try await replace(empty, operation, saving: nil)
        } catch let error as CloudError where error.code == .notFound {
            return
        }
    }

    func importState(_ id: String, _ operation: OperationContext<Cloud>) throws -> Value {
        ["id": .string(id), "pool_id": .string(id)]
    }

    // MARK: Helpers

    private func replace(
        _ planned: Value, _ operation: OperationContext<Cloud>, saving state: Value?
    ) async throws {
        let cloud = operation.client
        let id = try planned.id("pool_id")
        let members = try (planned["member"].elements ?? []).map { member in
            let body = JSONWriter.bytes(of: JSONValue.object(["member": .object(mapping.fields(of: member))]))
            return try decoded { try MemberCreate(body: body) }
        }
        let loadBalancer = try await cloud.pools.get(id).loadBalancerIDs.first
        try await Waiting.whenMutable(loadBalancer, operation) {
            try await cloud.members(of: id).replace(with: members)
        }
        if let state { operation.save(state) }
        try await cloud.pools.waitUntilActive(id, within: operation.remaining)
        if let loadBalancer {
            try await cloud.loadBalancers.waitUntilActive(loadBalancer, within: operation.remaining)
        }
    }

    private func current(_ known: Value, _ operation: OperationContext<Cloud>) async throws -> Value {
        let cloud = operation.client
        let id = try known.id("pool_id")
        var rest = known["member"].elements ?? []
        var members: [Value] = []
        for try await member in cloud.members(of: id).reading(as: Row<Member>.self).list() {
            let found = mapping.state(of: member.fields, known: .null)
            let index = rest.firstIndex { Self.isSamePlace($0, found) }
            var state = mapping.state(of: member.fields, known: index.map { rest.remove(at: $0) } ?? .null)
            state["id"] = .string(member.reference)
            members.append(state)
        }
        return [
            "id": .string(id.string), "pool_id": .string(id.string), "region": known.region(cloud),
            "member": .list(members),
        ]
    }

    private static func isSamePlace(_ known: Value, _ found: Value) -> Bool {
        func place(_ value: Value) -> String { Places.member(value) + " " + (value["subnet_id"].string ?? "") }
        return place(known) == place(found)
    }
}
