// `openstack_lb_l7rule_v2`: a condition of an L7 policy.

internal import LoadBalancerDocuments
internal import OctaviaClient
internal import OctaviaWire
internal import TerraformPlugin

struct L7RuleV2Resource: TreeResource {
    typealias Object = L7Rule

    let typeName = "openstack_lb_l7rule_v2"
    let importForm = "POLICY/RULE"
    let schema = Schema(
        "A rule: a condition of an L7 policy.",
        [
            .id, .region, .tenantID, .adminStateUp,
            .reference("l7policy_id", .required, "Its policy.", requiresReplacement: true),
            .string("listener_id", .computed, "The listener of the policy."),
            .word("type", .required, "What is looked at.", L7RuleType.allCases.map(\.rawValue)),
            .word("compare_type", .required, "How it is compared.", L7RuleCompareType.allCases.map(\.rawValue)),
            .string("value", .required, "What it is compared with.", rules: [.length(1...255)]),
            .string("key", .optional, "Which header, cookie or field; of `HEADER`, `COOKIE` and `SSL_DN_FIELD`."),
            .bool("invert", .optional, "Whether it holds where it otherwise would not.", default: false),
        ], blocks: [.usualTimeouts])

    let localNames: Set<String> = ["l7policy_id", "listener_id"]

    func validate(_ config: Value, _ diagnostics: inout Diagnostics) {
        guard let type = config["type"].string else { return }
        let needsKey = ["COOKIE", "HEADER", "SSL_DN_FIELD"].contains(type)
        if needsKey, config["key"].isEmpty {
            diagnostics.error(
                "key is missing", "A rule of type \(type) looks at one that key names.", at: .attribute("key"))
        } else if !needsKey, config["key"].isKnown, !config["key"].isEmpty {
            diagnostics.error(
                "key does not go with \(type)", "COOKIE, HEADER and SSL_DN_FIELD have keys.", at: .attribute("key"))
        }
    }

    func collection(_ state: Value, _ cloud: Cloud) throws -> ResourceCollection<L7Rule> {
        cloud.l7Rules(of: try state.id("l7policy_id"))
    }

    func loadBalancer(_ state: Value, _ cloud: Cloud) async throws -> ResourceID? {
        guard let listener = try await cloud.l7Policies.get(state.id("l7policy_id")).listenerID else { return nil }
        return try await cloud.listeners.get(listener).loadBalancerIDs.first
    }

    func creation(_ body: [UInt8]) throws -> L7RuleCreate { try L7RuleCreate(body: body) }
    func change(_ body: [UInt8]) throws -> L7RuleUpdate { try L7RuleUpdate(body: body) }

    func complete(
        _ state: inout Value, _ object: Row<L7Rule>, known: Value, _ operation: OperationContext<Cloud>
    ) async throws {
        state["l7policy_id"] = known["l7policy_id"]
        if known["listener_id"].isKnown {
            // A policy never goes to another listener.
            state["listener_id"] = known["listener_id"]
        } else {
            let policy = try await operation.client.l7Policies.get(known.id("l7policy_id"))
            state["listener_id"] = .optional(policy.listenerID?.string)
        }
    }

    func importState(_ id: String, _ operation: OperationContext<Cloud>) throws -> Value {
        try .ids(id, "l7policy_id", "id")
    }
}
