// `openstack_lb_member_v2`: one server of a pool.

internal import LoadBalancerDocuments
internal import OctaviaClient
internal import OctaviaWire
internal import TerraformPlugin

struct MemberV2Resource: TreeResource {
    typealias Object = Member

    let typeName = "openstack_lb_member_v2"
    let importForm = "POOL/MEMBER"
    let schema = Schema(
        "A member: a server of a pool.",
        [
            .id, .region, .tenantID, .objectName, .adminStateUp, .tags,
            .reference("pool_id", .required, "Its pool.", requiresReplacement: true),
            .string("address", .required, "Its address.", requiresReplacement: true, rules: [.ipAddress]),
            .number("protocol_port", .required, "Its port.", requiresReplacement: true, rules: [.port]),
            .reference(
                "subnet_id", .optional, "The subnet from which it can be reached.", requiresReplacement: true),
            .number(
                "weight", .optionalComputed, "Its share of the work: 0 takes no new clients; 1 if absent.",
                rules: [.weight]),
            .bool("backup", .optional, "Whether it works only while all others are down."),
            .string("monitor_address", .optional, "The address that is watched instead.", rules: [.ipAddress]),
            .number("monitor_port", .optional, "The port that is watched instead.", rules: [.port]),
        ], blocks: [.usualTimeouts])

    let localNames: Set<String> = ["pool_id"]

    func collection(_ state: Value, _ cloud: Cloud) throws -> ResourceCollection<Member> {
        cloud.members(of: try state.id("pool_id"))
    }

    func loadBalancer(_ state: Value, _ cloud: Cloud) async throws -> ResourceID? {
        try await cloud.pools.get(state.id("pool_id")).loadBalancerIDs.first
    }

    func creation(_ body: [UInt8]) throws -> MemberCreate { try MemberCreate(body: body) }
    func change(_ body: [UInt8]) throws -> MemberUpdate { try MemberUpdate(body: body) }

    func complete(
        _ state: inout Value, _ object: Row<Member>, known: Value, _ operation: OperationContext<Cloud>
    ) {
        state["pool_id"] = known["pool_id"]
    }

    func importState(_ id: String, _ operation: OperationContext<Cloud>) throws -> Value {
        try .ids(id, "pool_id", "id")
    }
}
