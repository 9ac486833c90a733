// The fields of quotas.

internal import OctaviaWire

extension OpenAPI.Resource {
    static let quota = OpenAPI.Resource(
        name: "Quota", key: QuotaView.key, collectionKey: QuotaView.collectionKey, linksKey: QuotaView.linksKey,
        fields: [
            .init("project_id", .text(), "The project.", answer: .always),
            .init("tenant_id", .text(), "The old name of `project_id`.", answer: .always).deprecated,
            limit("loadbalancer", "load balancers"),
            limit("load_balancer", "load balancers").deprecated,
            limit("listener", "listeners"),
            limit("pool", "pools"),
            limit("member", "members"),
            limit("healthmonitor", "health monitors"),
            limit("health_monitor", "health monitors").deprecated,
            limit("l7policy", "L7 policies"),
            limit("l7rule", "L7 rules"),
        ])

    private static func limit(_ name: String, _ noun: String) -> OpenAPI.Field {
        .init(
            name, .integer(-1...2_000_000_000),
            "The most \(noun); -1 is no limit, and `null` in an update is the default.", put: .nullable,
            answer: .always)
    }
}
