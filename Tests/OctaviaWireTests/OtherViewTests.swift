import JSON
import LoadBalancing
import OctaviaWire
import Testing

/// Answers that are no resources.
@Suite struct OtherViewTests {
    @Test func statusTree() throws {
        func status(_ number: Int, _ name: String, _ more: [String: JSONValue]) -> JSONValue {
            let common: [String: JSONValue] = [
                "id": .string(Example.id(number).string), "name": .string(name), "operating_status": "ONLINE",
                "provisioning_status": "ACTIVE",
            ]
            return .object(common.merging(more) { $1 })
        }
        let member = status(4, "m", ["address": "192.0.2.4", "protocol_port": 8080])
        let pool = status(3, "p", ["health_monitor": status(5, "", ["type": "HTTP"]), "members": [member]])
        let listener = status(2, "l", ["pools": [pool]])
        #expect(
            try JSONValue(parsing: StatusTreeView(Example.tree).body)
                == ["statuses": ["loadbalancer": status(1, "lb", ["listeners": [listener]])]])

        var tree = Example.tree
        tree.healthMonitors = []
        tree.members = []
        let bare = try JSONValue(parsing: StatusTreeView(tree).body)
        let shown = bare["statuses"]?["loadbalancer"]?["listeners"]?[0]?["pools"]?[0]
        #expect(shown == status(3, "p", ["health_monitor": nil, "members": []]))
    }

    @Test func statistics() throws {
        let view = StatisticsView(
            ListenerStatistics(
                bytesIn: 1, bytesOut: .max, activeConnections: 3, totalConnections: 4, requestErrors: 5))
        #expect(
            try JSONValue(parsing: view.body) == [
                "stats": [
                    "bytes_in": 1, "bytes_out": .integer(.max), "active_connections": 3, "total_connections": 4,
                    "request_errors": 5,
                ]
            ])
    }

    @Test func quota() throws {
        let view = QuotaView(projectID: "p", limits: [.loadBalancer: 1, .healthMonitor: 0, .l7Rule: 7])
        #expect(
            try JSONValue(parsing: view.body()) == [
                "quota": [
                    "project_id": "p", "tenant_id": "p", "loadbalancer": 1, "load_balancer": 1, "listener": -1,
                    "pool": -1, "member": -1, "healthmonitor": 0, "health_monitor": 0, "l7policy": -1, "l7rule": 7,
                ]
            ])
    }

    @Test func providers() throws {
        let view = ProviderListView([.init(name: "amphora", description: "d")])
        #expect(try JSONValue(parsing: view.body()) == ["providers": [["name": "amphora", "description": "d"]]])
        #expect(try JSONValue(parsing: view.body(fields: ["name"])) == ["providers": [["name": "amphora"]]])
    }

    @Test func versions() throws {
        for url in ["http://a:9876", "http://a:9876/"] {
            let document = try JSONValue(parsing: VersionListView(baseURL: url).body)
            let versions = try #require(document["versions"]?.array)
            #expect(versions.compactMap { $0["id"]?.string } == (0...30).map { "v2.\($0)" })
            #expect(versions.filter { $0["status"] == "CURRENT" } == [try #require(versions.last)])
            #expect(
                versions.first == [
                    "id": "v2.0", "status": "SUPPORTED", "updated": "2016-12-11T00:00:00Z",
                    "links": [["href": "http://a:9876/v2", "rel": "self"]],
                ])
        }
    }

    @Test func faults() throws {
        #expect(
            try JSONValue(parsing: OctaviaFault.invalidJSON.body) == [
                "faultcode": "Client", "faultstring": "Request is not in valid JSON format", "debuginfo": nil,
            ])
        #expect(
            try JSONValue(parsing: OctaviaFault.invalidLimit("x").body) == [
                "code": 400, "title": "Bad Request", "description": "Supplied pagination limit 'x' is not valid.",
            ])
        #expect(OctaviaFault.unknownArgument("x").message == "Unknown argument: \"x\"")
        #expect(OctaviaFault.invalidMarker("x").message == "Supplied pagination marker 'x' is not valid.")
    }
}
