// The requests that must be refused.

internal import TestSupport

/// A request, and how it is refused.
struct RefusedRequest {
    var method: String
    var path: String
    var body: String?
    var status: Int
    var text: String

    init(_ method: String, _ path: String, _ body: String?, _ status: Int, _ text: String = "") {
        self.method = method
        self.path = path
        self.body = body
        self.status = status
        self.text = text
    }
}

extension RefusedRequest {
    private typealias Case = RefusedRequest

    private static let unknown = "6f1c8a52-4d0b-4b0e-9d8e-0c6d0a3f7e11"

    /// What is not JSON, or has the wrong types.
    static func typeCases(_ served: ServedLoadBalancer) -> [RefusedRequest] {
        let (lb, listener) = ("loadbalancers/\(served.id)", "listeners/\(served.listener)")
        let member = "pools/\(served.pool)/members/\(served.members[0])"
        let monitor = "healthmonitors/\(served.monitor ?? "")"
        let large = "{\"loadbalancer\":{\"name\":\"\(String(repeating: "a", count: 1_100_000))\"}}"
        let deep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
        return [
            Case("POST", "loadbalancers", large, 413),
            Case("POST", "loadbalancers", "{\"loadbalancer\":", 400, "valid JSON"),
            Case("POST", "loadbalancers", "{\"loadbalancer\":\(deep)}", 400),
            Case("POST", "loadbalancers", "\u{1}", 400),
            Case("PUT", lb, "{'loadbalancer':{}}", 400, "valid JSON"),
            Case("DELETE", lb, "{junk", 400, "valid JSON"),
            Case("POST", "loadbalancers", nil, 400, "Missing argument: \\\"load_balancer\\\""),
            Case("PUT", lb, nil, 400, "Missing argument"),
            Case("POST", "loadbalancers", "{}", 400), Case("POST", "loadbalancers", "[]", 400),
            Case("POST", "loadbalancers", "null", 400), Case("POST", "loadbalancers", "\"x\"", 400),
            Case("POST", "loadbalancers", "{\"loadbalancer\":null}", 400),
            Case("POST", "loadbalancers", "{\"loadbalancer\":{},\"x\":1}", 400, "Unknown attribute"),
            Case("PUT", lb, "{\"loadbalancer\":{\"colour\":1}}", 400, "Unknown attribute"),
            Case("PUT", lb, "{\"loadbalancer\":{\"vip_address\":\"127.77.1.1\"}}", 400, "vip_address"),
            Case("PUT", lb, "{\"loadbalancer\":{\"operating_status\":\"ONLINE\"}}", 400, "operating_status"),
            Case("PUT", lb, "{\"loadbalancer\":{\"name\":1}}", 400, "Value should be string"),
            Case("PUT", lb, "{\"loadbalancer\":{\"name\":[\"a\"]}}", 400),
            Case("PUT", lb, "{\"loadbalancer\":{\"name\":\"\(String(repeating: "n", count: 256))\"}}", 400, "255"),
            Case("PUT", lb, "{\"loadbalancer\":{\"admin_state_up\":\"maybe\"}}", 400, "unambiguous boolean"),
            Case("PUT", lb, "{\"loadbalancer\":{\"tags\":\"a\"}}", 400),
            Case("PUT", lb, "{\"loadbalancer\":{\"tags\":[1]}}", 400),
            Case("PUT", lb + "?force=1", "{\"loadbalancer\":{}}", 400, "Unknown argument"),
            Case("PUT", listener, "{\"listener\":{\"connection_limit\":-2}}", 400, "greater or equal to -1"),
            Case("PUT", listener, "{\"listener\":{\"connection_limit\":\"80.0\"}}", 400),
            Case("PUT", listener, "{\"listener\":{\"connection_limit\":1e300}}", 400),
            Case("PUT", listener, "{\"listener\":{\"connection_limit\":99999999999999999999}}", 400),
            Case("PUT", listener, "{\"listener\":{\"timeout_client_data\":2073600001}}", 400),
            Case("PUT", listener, "{\"listener\":{\"timeout_client_data\":-1}}", 400),
            Case("PUT", listener, "{\"listener\":{\"insert_headers\":[]}}", 400),
            Case("PUT", listener, "{\"listener\":{\"insert_headers\":{\"X-Evil\":\"true\"}}}", 400, "X-Evil"),
            Case("PUT", listener, "{\"listener\":{\"allowed_cidrs\":[\"10.0.0.0/33\"]}}", 400),
            Case("PUT", listener, "{\"listener\":{\"allowed_cidrs\":[\"::/0\"]}}", 400, "IP version"),
            Case("PUT", listener, "{\"listener\":{\"default_pool_id\":\"x\"}}", 400, "UUID"),
            Case("PUT", listener, "{\"listener\":{\"protocol_port\":81}}", 400, "protocol_port"),
            Case("PUT", member, "{\"member\":{\"weight\":257}}", 400, "lower or equal to 256"),
            Case("PUT", member, "{\"member\":{\"weight\":-1}}", 400, "greater or equal to 0"),
            Case("PUT", member, "{\"member\":{\"address\":\"127.0.0.1\"}}", 400, "address"),
            Case("PUT", member, "{\"member\":{\"monitor_port\":65536}}", 400),
            Case("PUT", member, "{\"member\":{\"monitor_address\":\"host.example\"}}", 400, "IPv4 or IPv6"),
            Case("PUT", monitor, "{\"healthmonitor\":{\"max_retries\":0}}", 400),
            Case("PUT", monitor, "{\"healthmonitor\":{\"max_retries\":11}}", 400),
            Case("PUT", monitor, "{\"healthmonitor\":{\"delay\":null}}", 400),
            Case("PUT", monitor, "{\"healthmonitor\":{\"url_path\":\"no-slash\"}}", 400),
            Case("PUT", monitor, "{\"healthmonitor\":{\"url_path\":\"/a b\"}}", 400),
            Case("PUT", monitor, "{\"healthmonitor\":{\"expected_codes\":\"2xx\"}}", 400),
            Case("PUT", monitor, "{\"healthmonitor\":{\"http_method\":\"get\"}}", 400, "one of"),
            Case("PUT", monitor, "{\"healthmonitor\":{\"domain_name\":\"a.example\"}}", 400, "http_version"),
        ]
    }

    /// What has the right types, but breaks a rule or names what is not there.
    static func ruleCases(_ served: ServedLoadBalancer, subnet: String) -> [RefusedRequest] {
        let id = served.id
        func listener(_ fields: String) -> String { "{\"listener\":{\"loadbalancer_id\":\"\(id)\",\(fields)}}" }
        func pool(_ fields: String) -> String { "{\"pool\":{\"loadbalancer_id\":\"\(id)\",\(fields)}}" }
        func member(_ fields: String) -> String { "{\"member\":{\(fields)}}" }
        let members = "pools/\(served.pool)/members"
        let taken = "\"address\":\"127.0.0.1\",\"protocol_port\":\(served.backends[0].port)"
        let algorithm = "\"lb_algorithm\":\"ROUND_ROBIN\""
        return [
            Case("POST", "loadbalancers", "{\"loadbalancer\":{}}", 400, "VIP must contain one of"),
            Case("POST", "loadbalancers", "{\"loadbalancer\":{\"vip_subnet_id\":\"\(unknown)\"}}", 400, "not found"),
            Case("POST", "loadbalancers", "{\"loadbalancer\":{\"vip_network_id\":\"\(unknown)\"}}", 400, "not found"),
            Case(
                "POST", "loadbalancers",
                "{\"loadbalancer\":{\"vip_subnet_id\":\"\(subnet)\",\"provider\":\"nobody\"}}", 400, "nobody"),
            Case(
                "POST", "loadbalancers",
                "{\"loadbalancer\":{\"vip_subnet_id\":\"\(subnet)\",\"vip_address\":\"\(served.address)\"}}", 409),
            Case("GET", "loadbalancers/\(unknown)", nil, 404, "Load Balancer \(unknown) not found."),
            Case("GET", "loadbalancers/x", nil, 404), Case("DELETE", "loadbalancers/%00", nil, 404),
            Case("PUT", "listeners/\(unknown)", "{\"listener\":{}}", 404, "Listener \(unknown) not found."),
            Case("DELETE", "pools/\(unknown)", nil, 404, "Pool \(unknown) not found."),
            Case("DELETE", "\(members)/\(unknown)", nil, 404, "Member \(unknown) not found."),
            Case("GET", "pools/\(unknown)/members", nil, 404), Case("GET", "healthmonitors/\(unknown)", nil, 404),
            Case("GET", "nothing", nil, 404), Case("HEAD", "loadbalancers", nil, 405),
            Case("PATCH", "loadbalancers/\(id)", "{}", 405),
            Case("POST", "listeners", listener("\"protocol\":\"HTTP\""), 400, "Mandatory field missing"),
            Case("POST", "listeners", listener("\"protocol\":\"HTTP\",\"protocol_port\":0"), 400),
            Case("POST", "listeners", listener("\"protocol\":\"HTTP\",\"protocol_port\":65536"), 400),
            Case("POST", "listeners", listener("\"protocol\":\"http\",\"protocol_port\":99"), 400, "one of"),
            Case("POST", "listeners", listener("\"protocol\":\"HTTP\",\"protocol_port\":\(served.port)"), 409),
            Case(
                "POST", "listeners",
                listener("\"protocol\":\"TCP\",\"protocol_port\":99,\"insert_headers\":{\"X-Forwarded-For\":\"true\"}"),
                400, "insert-headers"),
            Case(
                "POST", "listeners",
                listener("\"protocol\":\"HTTPS\",\"protocol_port\":99,\"default_pool_id\":\"\(served.pool)\""), 400,
                "is invalid while the listener protocol is"),
            Case(
                "POST", "listeners",
                listener("\"protocol\":\"HTTP\",\"protocol_port\":99,\"default_pool_id\":\"\(unknown)\""), 404),
            Case("POST", "pools", "{\"pool\":{\"protocol\":\"HTTP\",\(algorithm)}}", 400, "at least one of"),
            Case(
                "POST", "pools",
                "{\"pool\":{\"listener_id\":\"\(served.listener)\",\"protocol\":\"HTTP\",\(algorithm)}}", 409,
                "already has a default pool"),
            Case("POST", "pools", pool("\"protocol\":\"HTTP\",\"lb_algorithm\":\"RANDOM\""), 400, "one of"),
            Case(
                "POST", "pools",
                pool("\"protocol\":\"HTTP\",\(algorithm),\"session_persistence\":{\"type\":\"APP_COOKIE\"}"), 400,
                "cookie_name"),
            Case(
                "POST", "pools",
                pool(
                    "\"protocol\":\"HTTP\",\(algorithm),"
                        + "\"session_persistence\":{\"type\":\"SOURCE_IP\",\"cookie_name\":\"a\"}"), 400, "cookie_name"),
            Case("POST", members, member(taken), 409, "already using ip 127.0.0.1"),
            Case("POST", members, member("\"address\":\"127.0.0.1\""), 400, "Mandatory field missing"),
            Case("POST", members, member("\"address\":\"127.0.0.01\",\"protocol_port\":80"), 400, "IPv4 or IPv6"),
            Case(
                "POST", members,
                member("\"address\":\"127.0.0.1\",\"protocol_port\":80,\"subnet_id\":\"\(unknown)\""), 400),
            Case("PUT", members, "{\"members\":null}", 400), Case("PUT", members, "{}", 400),
            Case(
                "POST", "healthmonitors",
                "{\"healthmonitor\":{\"pool_id\":\"\(served.pool)\",\"type\":\"TCP\",\"delay\":1,\"timeout\":1,"
                    + "\"max_retries\":1}}", 409, "already has a health monitor"),
            Case(
                "POST", "healthmonitors",
                "{\"healthmonitor\":{\"pool_id\":\"\(unknown)\",\"type\":\"TCP\",\"delay\":1,\"timeout\":1,"
                    + "\"max_retries\":1}}", 404),
        ]
    }
}
