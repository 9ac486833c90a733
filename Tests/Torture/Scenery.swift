// What load balancers of a run stand on: members that answer, and the bodies that make load balancers.

internal import Foundation
internal import JSON
internal import TestSupport

/// Backends that answer all the time, and where load balancers find them.
final class Scenery: Sendable {
    static let backendCount = 16

    let subnet: String
    let backends: [HTTPBackend]
    let echo: UDPEcho
    /// How the members' machine is called from where HAProxy runs.
    let memberAddress: String
    private let usesBridge: Bool

    init(_ deployment: Deployment) throws {
        let client = try deployment.login("demo")
        let answer = try client.send("GET", "/network/v2.0/subnets?name=private-subnet")
        guard let subnet = answer.json["subnets"]?[0]?["id"]?.string else {
            throw UnexpectedAnswer(description: "subnets: \(answer.status) \(answer.text)")
        }
        self.subnet = subnet
        usesBridge = deployment.bridge != nil
        memberAddress = usesBridge ? "10.70.0.1" : "127.0.0.1"
        backends = try (0..<Self.backendCount).map { try HTTPBackend("b\($0)", address: "0.0.0.0") }
        echo = try UDPEcho()
    }

    func member(_ index: Int, name: String) -> JSONValue {
        [
            "name": .string(name), "address": .string(memberAddress),
            "protocol_port": .integer(Int64(backends[index].port)),
        ]
    }

    /// A whole load balancer: a listener, a pool with two members (one for UDP), perhaps a health monitor.
    func loadBalancer(_ name: String, port: Int, isUDP: Bool, isMonitored: Bool) -> JSONValue {
        let kind: JSONValue = isUDP ? "UDP" : "HTTP"
        let members: JSONValue =
            isUDP
            ? [["name": "m0", "address": .string(memberAddress), "protocol_port": .integer(Int64(echo.port))]]
            : [member(0, name: "m0"), member(1, name: "m1")]
        var pool: [String: JSONValue] = [
            "name": "pool", "protocol": kind, "lb_algorithm": "ROUND_ROBIN", "members": members,
        ]
        if isMonitored, !isUDP {
            // Patient: on a busy machine the members' answers take their time.
            pool["healthmonitor"] = [
                "type": "HTTP", "delay": 5, "timeout": 5, "max_retries": 1, "max_retries_down": 3,
            ]
        }
        var fields: [String: JSONValue] = [
            "name": .string(name), "description": "v0", "vip_subnet_id": .string(subnet),
            "listeners": [
                [
                    "name": "first", "protocol": kind, "protocol_port": .integer(Int64(port)),
                    "default_pool": .object(pool),
                ]
            ],
        ]
        // On loopback all servers of a machine share the addresses.
        if !usesBridge { fields["vip_address"] = .string(VirtualAddresses.next()) }
        return .object(fields)
    }

    /// Whether a real request through the VIP is answered by a member.
    func serves(_ address: String, _ port: Int, isUDP: Bool, limit: Duration = .seconds(5)) -> Bool {
        if isUDP { return UDPEcho.answers(address, port, limit: .milliseconds(500)) }
        guard let connection = try? HTTPConnection(to: address, port: port, limit: limit),
            let answer = try? connection.request("GET", "/", headers: [("Connection", "close")])
        else { return false }
        return answer.status == 200 && backends.contains { $0.name == answer.text }
    }
}
