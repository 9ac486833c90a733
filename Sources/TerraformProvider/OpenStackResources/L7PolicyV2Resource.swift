// `openstack_lb_l7policy_v2`: what happens to requests that meet rules.

internal import Foundation
internal import LoadBalancerDocuments
internal import OctaviaClient
internal import OctaviaWire
internal import TerraformPlugin

struct L7PolicyV2Resource: TreeResource {
    typealias Object = L7Policy

    let typeName = "openstack_lb_l7policy_v2"
    let schema = Schema(
        "An L7 policy: what happens to requests that meet all its rules.",
        [
            .id, .region, .tenantID, .objectName, .objectDescription, .adminStateUp,
            .reference("listener_id", .required, "Its listener.", requiresReplacement: true),
            .word("action", .required, "What is done.", L7PolicyAction.allCases.map(\.rawValue)),
            .number("position", .optionalComputed, "1 is looked at first; last if absent.", rules: [.atLeast(1)]),
            .reference("redirect_pool_id", .optional, "Where requests go; of `REDIRECT_TO_POOL`."),
            .string("redirect_prefix", .optional, "What stands in front of the path; of `REDIRECT_PREFIX`."),
            .string(
                "redirect_url", .optional, "Where clients are sent; of `REDIRECT_TO_URL`.",
                rules: [.text("a URL with `http` or `https`") { Self.isURL($0) }]),
            Attribute.number(
                "redirect_http_code", .optionalComputed, "301, 302, 303, 307 or 308.",
                rules: [
                    Rule(allowed: "301, 302, 303, 307, 308") { value in
                        guard let code = value.integer, ![301, 302, 303, 307, 308].contains(code) else { return nil }
                        return "\(value) is none of 301, 302, 303, 307 and 308."
                    }
                ]
            ).stayingAbsent,
        ], blocks: [.usualTimeouts])

    private static func isURL(_ text: String) -> Bool {
        guard !text.isEmpty else { return true }
        guard let url = URL(string: text), let scheme = url.scheme else { return false }
        return ["http", "https"].contains(scheme.lowercased()) && url.host?.isEmpty == false
    }

    private static let targets = [
        "REDIRECT_TO_POOL": "redirect_pool_id", "REDIRECT_TO_URL": "redirect_url",
        "REDIRECT_PREFIX": "redirect_prefix",
    ]

    func validate(_ config: Value, _ diagnostics: inout Diagnostics) {
        diagnostics.excludeEachOther(Self.targets.values.sorted(), in: config)
        guard let action = config["action"].string else { return }
        let needed = Self.targets[action]
        if let needed, config[needed].isEmpty {
            diagnostics.error("\(needed) is missing", "The action \(action) needs it.", at: .attribute("action"))
        }
        for other in Self.targets.values.sorted() where other != needed && !config[other].isEmpty {
            guard config[other].isKnown else { continue }
            diagnostics.error(
                "\(other) does not go with \(action)", needed.map { "This action needs \($0)." } ?? "It goes nowhere.",
                at: .attribute(other))
        }
        if ["REDIRECT_TO_POOL", "REJECT"].contains(action), config["redirect_http_code"].isKnown {
            diagnostics.error(
                "redirect_http_code does not go with \(action)", "Only redirections of clients have a code.",
                at: .attribute("redirect_http_code"))
        }
    }

    /// Another action has another code.
    func plan(_ plan: inout Plan, _ operation: OperationContext<Cloud>) {
        guard !plan.isCreation, plan.config["redirect_http_code"].isNull, plan.planned["action"] != plan.prior["action"]
        else { return }
        plan.planned["redirect_http_code"] = .unknown
    }

    func collection(_ state: Value, _ cloud: Cloud) -> ResourceCollection<L7Policy> { cloud.l7Policies }

    func loadBalancer(_ state: Value, _ cloud: Cloud) async throws -> ResourceID? {
        try await cloud.listeners.get(state.id("listener_id")).loadBalancerIDs.first
    }

    func creation(_ body: [UInt8]) throws -> L7PolicyCreate { try L7PolicyCreate(body: body) }
    func change(_ body: [UInt8]) throws -> L7PolicyUpdate { try L7PolicyUpdate(body: body) }
}
