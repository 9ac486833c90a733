// `openstack_lb_monitor_v2`: how the members of a pool are watched.

internal import LoadBalancerDocuments
internal import OctaviaClient
internal import OctaviaWire
internal import TerraformPlugin

struct MonitorV2Resource: TreeResource {
    typealias Object = HealthMonitor

    let typeName = "openstack_lb_monitor_v2"
    let importForm = "MONITOR[/POOL]"
    let schema = Schema(
        "A health monitor: how the members of a pool are watched.",
        [
            .id, .region, .tenantID, .objectName, .adminStateUp,
            .reference("pool_id", .required, "The pool.", requiresReplacement: true),
            .word(
                "type", .required, "How members are asked.", requiresReplacement: true,
                HealthMonitorType.allCases.map(\.rawValue)),
            .number("delay", .required, "Seconds between two checks.", rules: [.atLeast(1)]),
            .number("timeout", .required, "Seconds that one check may take.", rules: [.atLeast(1)]),
            .number(
                "max_retries", .required, "Successes in a row that bring a member back.", rules: [.range(1...10)]),
            .number(
                "max_retries_down", .optionalComputed, "Failures in a row that take a member out; 3 if absent.",
                rules: [.range(1...10)]),
            Attribute.string("url_path", .optionalComputed, "What is asked for by HTTP; `/` if absent.").stayingAbsent,
            Attribute.word(
                "http_method", .optionalComputed, "How it is asked for by HTTP; `GET` if absent.",
                HealthMonitorMethod.allCases.map(\.rawValue)
            ).stayingAbsent,
            .word("http_version", .optional, "The version of HTTP.", ["1.0", "1.1"]),
            Attribute.string(
                "expected_codes", .optionalComputed,
                "Statuses that mean health: `200`, `200,202` or `200-204`; `200` if absent."
            ).stayingAbsent,
            .string("domain_name", .optional, "The host that is asked by HTTP 1.1."),
        ], blocks: [.usualTimeouts])

    func collection(_ state: Value, _ cloud: Cloud) -> ResourceCollection<HealthMonitor> { cloud.healthMonitors }

    func loadBalancer(_ state: Value, _ cloud: Cloud) async throws -> ResourceID? {
        try await cloud.pools.get(state.id("pool_id")).loadBalancerIDs.first
    }

    func creation(_ body: [UInt8]) throws -> HealthMonitorCreate { try HealthMonitorCreate(body: body) }
    func change(_ body: [UInt8]) throws -> HealthMonitorUpdate { try HealthMonitorUpdate(body: body) }

    func complete(
        _ state: inout Value, _ object: Row<HealthMonitor>, known: Value, _ operation: OperationContext<Cloud>
    ) {
        state["pool_id"] = object.resource.poolIDs.first.map { .string($0.string) } ?? known["pool_id"]
    }

    /// `MONITOR`, or `MONITOR/POOL`.
    func importState(_ id: String, _ operation: OperationContext<Cloud>) throws -> Value {
        id.contains("/") ? try .ids(id, "id", "pool_id") : ["id": .string(id)]
    }
}
