// The operations on load balancers and what is below them.

internal import HTTPTypes
internal import LoadBalancing
internal import OctaviaWire

extension OpenAPI {
    /// Load balancers, listeners and pools.
    static let frontOperations: [Operation] = {
        let root = ResourceOperations(
            resource: .loadBalancer, path: "/v2/lbaas/loadbalancers", idName: "loadbalancer_id",
            noun: "load balancer", plural: "load balancers", tag: "Load balancers")
        let listener = ResourceOperations(
            resource: .listener, path: "/v2/lbaas/listeners", idName: "listener_id", noun: "listener",
            plural: "listeners", tag: "Listeners")
        var delete = root.delete
        delete.parameters = [.flag("cascade", "Whether to delete everything below it too.")]
        let tree = Schema.envelope(Resource.loadBalancer.key, .component("LoadBalancerTree"))
        return [
            root.list(.of(.loadBalancer)), root.create(answer: tree), root.show, root.update, delete, events,
            status("status", isAlias: false), status("statuses", isAlias: true),
            statistics(
                "/v2/lbaas/loadbalancers/{loadbalancer_id}/stats", of: "load balancer",
                id: "showLoadBalancerStatistics", tag: root.tag),
            failover(
                "/v2/lbaas/loadbalancers/{loadbalancer_id}/failover", of: "load balancer",
                id: "failOverLoadBalancer", tag: root.tag),
            listener.list(.of(.listener)), listener.create(), listener.show, listener.update, listener.delete,
            statistics(
                "/v2/lbaas/listeners/{listener_id}/stats", of: "listener", id: "showListenerStatistics",
                tag: listener.tag),
        ]
    }()

    /// Pools, members and health monitors.
    static let backOperations: [Operation] = {
        let pool = ResourceOperations(
            resource: .pool, path: "/v2/lbaas/pools", idName: "pool_id", noun: "pool", plural: "pools", tag: "Pools")
        let member = ResourceOperations(
            resource: .member, path: "/v2/lbaas/pools/{pool_id}/members", idName: "member_id", noun: "member",
            plural: "members", tag: "Members")
        let monitor = ResourceOperations(
            resource: .healthMonitor, path: "/v2/lbaas/healthmonitors", idName: "healthmonitor_id",
            noun: "health monitor", plural: "health monitors", tag: "Health monitors")
        return [
            pool.list(.of(.pool)), pool.create(), pool.show, pool.update, pool.delete,
            member.list(.of(.member)), member.create(), memberBatch, member.show, member.update, member.delete,
            monitor.list(.of(.healthMonitor)), monitor.create(), monitor.show, monitor.update, monitor.delete,
        ]
    }()

    /// L7 policies and their rules.
    static let l7Operations: [Operation] = {
        let policy = ResourceOperations(
            resource: .l7Policy, path: "/v2/lbaas/l7policies", idName: "l7policy_id", noun: "L7 policy",
            plural: "L7 policies", tag: "L7 policies")
        let rule = ResourceOperations(
            resource: .l7Rule, path: "/v2/lbaas/l7policies/{l7policy_id}/rules", idName: "l7rule_id", noun: "L7 rule",
            plural: "L7 rules", tag: "L7 rules")
        return [
            policy.list(.of(.l7Policy)), policy.create(), policy.show, policy.update, policy.delete,
            rule.list(.of(.l7Rule)), rule.create(), rule.show, rule.update, rule.delete,
        ]
    }()

    private static let memberBatch: Operation = {
        var operation = Operation(
            .put, "/v2/lbaas/pools/{pool_id}/members", id: "replaceMembers", "Replace the members of a pool",
            tag: "Members", answer: .init(status: 202, summary: "The data plane follows."))
        operation.parameters = [
            .flag("additive_only", "Whether members that the list does not name stay.")
        ]
        operation.body = .init(
            schema: .envelope("members", .list(of: .component("MemberCreate"))),
            summary: "The members that the pool shall have, known by address and port.")
        operation.furtherFaults = [.conflict, .notImplemented]
        return operation
    }()

    private static func status(_ word: String, isAlias: Bool) -> Operation {
        var operation = Operation(
            .get, "/v2/lbaas/loadbalancers/{loadbalancer_id}/\(word)",
            id: isAlias ? "showLoadBalancerStatuses" : "showLoadBalancerStatus",
            isAlias ? "Show the statuses of a tree; another name of `status`" : "Show the statuses of a tree",
            tag: "Load balancers",
            answer: .init(
                status: 200, summary: "The statuses.",
                schema: .envelope("statuses", .envelope("loadbalancer", .component("LoadBalancerStatus")))))
        operation.isDeprecated = isAlias
        return operation
    }

    private static let events: Operation = {
        let path = "/v2/lbaas/loadbalancers/{loadbalancer_id}/events"
        let event = ResourceOperations(
            resource: .event, path: path, idName: "event_id", noun: "event", plural: "events", tag: "Load balancers")
        return event.list(.event, hasTags: false, hasProject: false)
    }()

    private static func statistics(_ path: String, of noun: String, id: String, tag: String) -> Operation {
        Operation(
            .get, path, id: id, "Show the counters of a \(noun)", tag: tag,
            answer: .init(
                status: 200, summary: "The counters.", schema: .envelope("stats", .component("Statistics"))))
    }

    private static func failover(_ path: String, of noun: String, id: String, tag: String) -> Operation {
        var operation = Operation(
            .put, path, id: id, "Replace what serves a \(noun)", tag: tag,
            answer: .init(status: 202, summary: "The data plane follows."))
        operation.furtherFaults = [.conflict, .notImplemented]
        return operation
    }
}
