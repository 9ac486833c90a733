// The API as clients meet it, without sockets.

import HTTPService
import HTTPTypes
import Identity
import JSON
import Logging
import NetworkAPI
import Networking
import Testing

/// Tokens are names of projects; `root` is the administrator, `watcher` only reads.
private struct NameTokens: TokenValidator {
    func subject(ofToken token: String) async throws -> AuthenticatedSubject? {
        guard token != "bad" else { return nil }
        let role = token == "root" ? "admin" : token == "watcher" ? "reader" : "member"
        return AuthenticatedSubject(
            userID: token, userName: token, projectID: token == "root" ? "admin" : token, projectName: token,
            roles: [role])
    }
}

/// Sends requests to the service.
private struct Client {
    let service: NetworkService

    static func run(_ body: (Client) async throws -> Void) async throws {
        try await NetworkFixture.run { fixture in
            try await fixture.service.bootstrap(projectID: "admin")
            try await body(Client(service: NetworkService(network: fixture.service, tokens: NameTokens())))
        }
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, as token: String? = "alice", _ body: JSONValue? = nil,
        raw: [UInt8]? = nil, headers: HTTPFields = [:]
    ) async throws -> (status: Int, body: JSONValue, response: APIResponse) {
        let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
        let query = (parts.count == 2 ? parts[1] : "").split(separator: "&").map { argument in
            let pair = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return APIRequest.QueryArgument(pair[0], pair.count == 2 ? pair[1] : "")
        }
        var fields = headers
        if let token, let name = HTTPField.Name("X-Auth-Token") { fields[name] = token }
        let request = APIRequest(
            method: method, path: parts[0].split(separator: "/").map(String.init), query: query, headers: fields,
            body: raw ?? body.map { JSONWriter.bytes(of: $0) } ?? [], requestID: "req-1", baseURL: "http://h:1")
        let response = await service.respond(to: request, logger: Logger(label: "test"))
        let value = response.body.isEmpty ? .null : try JSONValue(parsing: response.body)
        return (response.status.code, value, response)
    }
}

@Suite struct NetworkServiceTests {
    @Test func documentsNeedNoToken() async throws {
        try await Client.run { client in
            let root = try await client.send(.get, "/", as: nil)
            #expect(root.status == 200)
            #expect(root.body["versions"]?[0]?["id"] == "v2.0")
            #expect(root.body["versions"]?[0]?["status"] == "CURRENT")
            #expect(root.body["versions"]?[0]?["links"]?[0]?["href"] == "http://h:1/network/v2.0/")
            #expect(try await client.send(.get, "/v2.0", as: nil).body["resources"]?.array?.count == 7)
            let extensions = try await client.send(.get, "/v2.0/extensions")
            let aliases = extensions.body["extensions"]?.array?.compactMap { $0["alias"]?.string } ?? []
            #expect(aliases.contains("qos") && !aliases.contains("extraroute"))
        }
    }

    @Test func faultsHaveNeutronsForm() async throws {
        try await Client.run { client in
            for token in [nil, "bad"] {
                let refused = try await client.send(.get, "/v2.0/networks", as: token)
                #expect(refused.status == 401)
                #expect(refused.body["error"]?["code"] == 401)
                #expect(refused.response.headers[.wwwAuthenticate] == "Keystone uri=\"http://h:1/identity\"")
            }
            let id = "11111111-1111-4111-8111-111111111111"
            for (method, path, body, status, type) in [
                (.get, "/v2.0/networks/\(id)", nil, 404, "NetworkNotFound"),
                (.get, "/v2.0/ports/not-a-uuid", nil, 404, "PortNotFound"),
                (.put, "/v2.0/floatingips/\(id)", ["floatingip": [:]], 404, "FloatingIPNotFound"),
                (.get, "/v2.0/nothing", nil, 404, "HTTPNotFound"),
                (.patch, "/v2.0/networks", nil, 405, "HTTPMethodNotAllowed"),
                (.put, "/v2.0/security-group-rules/\(id)", [:], 405, "HTTPMethodNotAllowed"),
                (.post, "/v2.0/networks", nil, 400, "MalformedRequestBody"),
                (.post, "/v2.0/networks", [], 400, "MalformedRequestBody"),
                (.post, "/v2.0/networks", ["net": [:]], 400, "HTTPBadRequest"),
                (.post, "/v2.0/networks", ["network": ["x": 1]], 400, "HTTPBadRequest"),
                (.post, "/v2.0/networks", ["network": ["status": "UP"]], 400, "HTTPBadRequest"),
                (.post, "/v2.0/networks", ["network": ["name": 1]], 400, "HTTPBadRequest"),
                (.post, "/v2.0/networks", ["network": ["mtu": 1e99]], 400, "HTTPBadRequest"),
                (.post, "/v2.0/networks", ["network": ["name": "a\u{0}"]], 400, "MalformedRequestBody"),
                (.post, "/v2.0/networks", ["network": ["shared": true]], 403, "PolicyNotAuthorized"),
                (.post, "/v2.0/networks", ["network": ["tenant_id": "bob"]], 403, "PolicyNotAuthorized"),
                (.post, "/v2.0/networks", ["networks": []], 400, "HTTPBadRequest"),
                (.post, "/v2.0/networks", ["networks": [1]], 400, "HTTPBadRequest"),
                (.post, "/v2.0/subnets", ["subnet": ["cidr": "10.0.0.1/24"]], 400, "HTTPBadRequest"),
                (.post, "/v2.0/subnets", ["subnet": ["ip_version": 5]], 400, "HTTPBadRequest"),
                (
                    .post, "/v2.0/subnets", ["subnet": ["cidr": "10.0.0.0/24", "network_id": .string(id)]], 404,
                    "NetworkNotFound"
                ),
                (.post, "/v2.0/ports", ["port": [:]], 400, "HTTPBadRequest"),
                (.post, "/v2.0/ports", ["port": ["mac_address": "zz"]], 400, "HTTPBadRequest"),
                (.post, "/v2.0/ports", ["port": ["fixed_ips": [["x": 1]]]], 400, "HTTPBadRequest"),
                (.get, "/v2.0/ports?limit=-1", nil, 400, "HTTPBadRequest"),
                (.get, "/v2.0/ports?limit=99999999999999999999", nil, 400, "HTTPBadRequest"),
                (.get, "/v2.0/ports?sort_key=name&sort_dir=up", nil, 400, "HTTPBadRequest"),
                (.get, "/v2.0/ports?nonsense=1", nil, 400, "InvalidInput"),
                (.get, "/v2.0/ports?name=\u{0}", nil, 400, "InvalidInput"),
                (.post, "/v2.0/qos/policies", ["policy": ["name": "x"]], 403, "PolicyNotAuthorized"),
            ] as [(HTTPRequest.Method, String, JSONValue?, Int, String)] {
                let answer = try await client.send(method, path, body)
                #expect(answer.status == status, "\(method) \(path) \(String(describing: body))")
                #expect(answer.body["NeutronError"]?["type"]?.string == type, "\(method) \(path)")
                #expect(answer.body["NeutronError"]?["detail"] == "")
            }
            let unknown = try await client.send(.post, "/v2.0/networks", ["network": ["x": 1]])
            #expect(unknown.body["NeutronError"]?["message"] == "Unrecognized attribute(s) 'x'")
            #expect(try await client.send(.get, "/v2.0/networks", as: "watcher").status == 200)
            #expect(try await client.send(.post, "/v2.0/networks", as: "watcher", ["network": [:]]).status == 403)
            let deep = [UInt8](String(repeating: "[", count: 100_000).utf8)
            #expect(try await client.send(.post, "/v2.0/networks", raw: deep).status == 400)
        }
    }

    @Test func aTerraformConfigurationRunsThrough() async throws {
        try await Client.run { client in
            let made = try await client.send(
                .post, "/v2.0/networks", ["network": ["name": "n", "admin_state_up": true]])
            #expect(made.status == 201)
            let network = try #require(made.body["network"]?["id"])
            #expect(made.body["network"]?["tenant_id"] == "alice")
            #expect(made.body["network"]?["project_id"] == "alice")
            let subnet = try await client.send(
                .post, "/v2.0/subnets",
                ["subnet": ["network_id": network, "cidr": "192.168.199.0/24", "ip_version": 4, "name": "s"]])
            #expect(subnet.status == 201)
            for list in ["dns_nameservers", "host_routes", "service_types"] {
                #expect(subnet.body["subnet"]?[list] == [], "\(list)")
            }
            #expect(subnet.body["subnet"]?["gateway_ip"] == "192.168.199.1")
            let group = try await client.send(.post, "/v2.0/security-groups", ["security_group": ["name": "g"]])
            let groupID = try #require(group.body["security_group"]?["id"])
            #expect(group.body["security_group"]?["security_group_rules"]?.array?.count == 2)
            let ports = try await client.send(
                .post, "/v2.0/ports", ["ports": [["network_id": network], ["network_id": network]]])
            #expect(ports.status == 201)
            #expect(ports.body["ports"]?.array?.count == 2)
            let port = try #require(ports.body["ports"]?[0]?["id"]?.string)
            #expect(ports.body["ports"]?[0]?["fixed_ips"]?[0]?["ip_address"] == "192.168.199.2")
            let changed = try await client.send(
                .put, "/v2.0/ports/\(port)", ["port": ["security_groups": [groupID]]])
            #expect(changed.status == 200)
            #expect(changed.body["port"]?["security_groups"] == [groupID])
            let readOnly = try await client.send(.put, "/v2.0/ports/\(port)", ["port": ["network_id": network]])
            #expect(readOnly.status == 400)
            #expect(
                readOnly.body["NeutronError"]?["message"] == "Cannot update read-only attribute network_id.")
            let byGroup = try await client.send(.get, "/v2.0/ports?security_groups=\(groupID.string ?? "")")
            #expect(byGroup.body["ports"]?.array?.count == 1)
            let slim = try await client.send(.get, "/v2.0/ports?fields=id&fields=name&id=\(port)")
            #expect(slim.body["ports"]?[0]?.object?.keys.sorted() == ["id", "name"])
            let page = try await client.send(.get, "/v2.0/ports?limit=1&network_id=\(network.string ?? "")")
            #expect(page.body["ports"]?.array?.count == 1)
            let next = try #require(page.body["ports_links"]?[0]?["href"]?.string)
            #expect(next.hasPrefix("http://h:1/network/v2.0/ports?limit=1&network_id="))
            let rest = try await client.send(.get, String(next.dropFirst("http://h:1/network".count)))
            #expect(rest.body["ports"]?.array?.count == 1)
            #expect(rest.body["ports_links"] == nil)
            let field = try #require(HTTPField.Name("If-Match"))
            let stale = try await client.send(
                .put, "/v2.0/ports/\(port)", ["port": ["name": "x"]], headers: [field: "revision_number=1"])
            #expect(stale.status == 412)
            #expect(try await client.send(.delete, "/v2.0/networks/\(network.string ?? "")").status == 409)
            #expect(try await client.send(.delete, "/v2.0/ports/\(port)").status == 204)
            #expect(try await client.send(.delete, "/v2.0/ports/\(port)").status == 404)
        }
    }

    @Test func floatingIPsAndTagsInBothSpellings() async throws {
        try await Client.run { client in
            let external = try await client.send(.get, "/v2.0/networks?router:external=true")
            let network = try #require(external.body["networks"]?[0]?["id"])
            #expect(external.body["networks"]?[0]?["subnets"]?.array?.count == 1)
            let made = try await client.send(
                .post, "/v2.0/floatingips",
                ["floatingip": ["floating_network_id": network, "description": "d", "port_id": ""]])
            #expect(made.status == 201)
            let id = try #require(made.body["floatingip"]?["id"]?.string)
            let empty = try await client.send(.put, "/v2.0/floatingips/\(id)", ["floatingip": [:]])
            #expect(empty.status == 200)
            #expect(empty.body["floatingip"]?["port_id"] == .null)
            let listed = try await client.send(.get, "/v2.0/security-groups?name=default")
            let group = try #require(listed.body["security_groups"]?[0]?["id"]?.string)
            #expect(try await client.send(.put, "/v2.0/security_groups/\(group)/tags/one").status == 201)
            let all = try await client.send(.put, "/v2.0/security-groups/\(group)/tags", ["tags": ["b", "a"]])
            #expect(all.status == 200)
            #expect(all.body["tags"] == ["a", "b"])
            #expect(
                try await client.send(.get, "/v2.0/security-groups?tags=a,b").body["security_groups"]?.array?.count == 1
            )
            #expect(try await client.send(.get, "/v2.0/security-groups/\(group)/tags/a").status == 204)
            #expect(try await client.send(.delete, "/v2.0/security-groups/\(group)/tags/a").status == 204)
            #expect(try await client.send(.delete, "/v2.0/security-groups/\(group)/tags").status == 204)
            let rules = try await client.send(.get, "/v2.0/security-group-rules?security_group_id=\(group)")
            #expect(rules.body["security_group_rules"]?.array?.count == 4)
            let rule: JSONValue = [
                "security_group_rule": [
                    "security_group_id": .string(group), "direction": "ingress", "protocol": 6, "port_range_min": 80,
                    "port_range_max": "80", "remote_ip_prefix": "10.0.0.0/8",
                ]
            ]
            #expect(try await client.send(.post, "/v2.0/security-group-rules", rule).status == 201)
            #expect(try await client.send(.post, "/v2.0/security-group-rules", rule).status == 409)
            let policy = try await client.send(.post, "/v2.0/qos/policies", as: "root", ["policy": ["name": "p"]])
            #expect(policy.status == 201)
            let policies = try await client.send(.get, "/v2.0/qos/policies?name=p", as: "root")
            #expect(policies.body["policies"]?.array?.count == 1)
        }
    }
}
