// The schemas of answers that are no plain resources.

internal import LoadBalancing
internal import OctaviaWire

extension OpenAPI {
    /// Named schemas of answers that show something else than one resource.
    static let answerComponents: [Resource.Component] =
        [
            ("Reference", .object([.init(name: "id", schema: .uuid, isRequired: true)])),
            (
                "Link",
                .object([
                    .init(name: "href", schema: .text(format: "uri"), isRequired: true),
                    .init(name: "rel", schema: .choice(["next", "previous", "self"]), isRequired: true),
                ])
            ),
            ("Statistics", .object(counters)),
            ("AmphoraStatistics", .object(amphoraCounters)),
            ("Version", version),
            ("NamedItem", namedItem),
        ] + treeComponents + statusComponents

    private static let counters: [Schema.Member] = [
        "bytes_in", "bytes_out", "active_connections", "total_connections", "request_errors",
    ].map { .init(name: $0, schema: .count, isRequired: true) }

    private static let amphoraCounters: [Schema.Member] =
        ["id", "listener_id", "loadbalancer_id"].map { .init(name: $0, schema: .uuid, isRequired: true) } + counters

    private static let version = Schema.object([
        .init(name: "id", schema: .text(), isRequired: true),
        .init(name: "status", schema: .choice(["CURRENT", "SUPPORTED"]), isRequired: true),
        .init(name: "updated", schema: .text(format: "date-time"), isRequired: true),
        .init(name: "links", schema: .list(of: .component("Link")), isRequired: true),
    ])

    /// A provider or a capability; `fields` may leave either out.
    private static let namedItem = Schema.object([
        .init(name: "name", schema: .text(), isRequired: false),
        .init(name: "description", schema: .text(), isRequired: false),
    ])

    // MARK: A load balancer created with everything below it

    private static let treeComponents: [Resource.Component] = [
        (
            "LoadBalancerTree",
            Resource.loadBalancer.answer(replacing: [
                .init(name: "listeners", schema: .list(of: .component("ListenerTree")), isRequired: true),
                .init(name: "pools", schema: .list(of: .component("PoolTree")), isRequired: true),
            ])
        ),
        (
            "ListenerTree",
            Resource.listener.answer(
                without: ["loadbalancers"],
                replacing: [.init(name: "l7policies", schema: .list(of: .component("L7PolicyTree")), isRequired: true)])
        ),
        (
            "L7PolicyTree",
            Resource.l7Policy.answer(replacing: [
                .init(name: "rules", schema: .list(of: .component("L7Rule")), isRequired: true)
            ])
        ),
        (
            "PoolTree",
            Resource.pool.answer(
                without: ["loadbalancers", "healthmonitor_id"],
                replacing: [
                    .init(name: "members", schema: .list(of: .component("Member")), isRequired: true),
                    .init(
                        name: "healthmonitor", schema: .component("HealthMonitorTree").nullable(), isRequired: true),
                ])
        ),
        ("HealthMonitorTree", Resource.healthMonitor.answer(without: ["pools"], replacing: [])),
    ]

    // MARK: Status trees

    private static let statusComponents: [Resource.Component] = [
        (
            "LoadBalancerStatus",
            status([.init(name: "listeners", schema: .list(of: .component("ListenerStatus")), isRequired: true)])
        ),
        (
            "ListenerStatus",
            status([.init(name: "pools", schema: .list(of: .component("PoolStatus")), isRequired: true)])
        ),
        (
            "PoolStatus",
            status([
                .init(name: "health_monitor", schema: .component("HealthMonitorStatus").nullable(), isRequired: true),
                .init(name: "members", schema: .list(of: .component("MemberStatus")), isRequired: true),
            ])
        ),
        (
            "HealthMonitorStatus",
            status([.init(name: "type", schema: .choice(HealthMonitorType.self), isRequired: true)])
        ),
        (
            "MemberStatus",
            status([
                .init(name: "address", schema: .address, isRequired: true),
                .init(name: "protocol_port", schema: .port, isRequired: true),
            ])
        ),
    ]

    private static func status(_ further: [Schema.Member]) -> Schema {
        .object(
            [
                .init(name: "id", schema: .uuid, isRequired: true),
                .init(name: "name", schema: .text(max: 255), isRequired: true),
                .init(name: "operating_status", schema: .choice(OperatingStatus.self), isRequired: true),
                .init(name: "provisioning_status", schema: .choice(ProvisioningStatus.self), isRequired: true),
            ] + further)
    }
}
