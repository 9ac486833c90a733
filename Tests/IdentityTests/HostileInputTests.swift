// Input that no honest client sends: a refusal each time, never a failure of the server.

import HTTPService
import HTTPTypes
import Identity
import JSON
import Testing

@Suite struct HostileInputTests {
    private static let values: [JSONValue] = [
        .null, true, 0, -1.5, "", " ", "\u{0}", "\u{1F980}", .string(String(repeating: "x", count: 70_000)), [], [[]],
        .object([:]), .object(["a": []]),
    ]

    private func expectRefusal(
        _ response: APIResponse, _ what: @autoclosure () -> String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect((400..<500).contains(response.status.code), "\(what())", sourceLocation: sourceLocation)
        #expect(response.json["error"]?["code"]?.integer == Int64(response.status.code), sourceLocation: sourceLocation)
        #expect(response.json["error"]?["message"]?.string?.isEmpty == false, sourceLocation: sourceLocation)
    }

    @Test(arguments: [
        "", "{", "[]", "null", "\"auth\"", "{\"auth\": 1}", "{\"auth\": {}}", "{\"auth\": {\"identity\": []}}",
        "{\"auth\": {\"identity\": {\"methods\": []}}}", "{\"auth\": {\"identity\": {\"methods\": \"password\"}}}",
        "{\"auth\": {\"identity\": {\"methods\": [1]}}}", "{\"auth\": {\"identity\": {\"methods\": [\"password\"]}}}",
        "{\"auth\": {\"identity\": {\"methods\": [\"totp\"], \"totp\": {}}}}",
        "{\"auth\": {\"identity\": {\"methods\": [\"token\"], \"token\": {\"id\": \"\\u0000\"}}}}",
        "{\"auth\": {\"identity\": {\"methods\": [\"token\"], \"token\": {\"id\": \"x\"}}, \"scope\": 5}}",
        "{\"auth\": {\"identity\": {\"methods\": [\"token\"], \"token\": {\"id\": \"x\"}}, \"scope\": {}}}",
        "{\"auth\": {\"identity\": {\"methods\": [\"token\"], \"token\": {\"id\": \"x\"}}, "
            + "\"scope\": {\"project\": {\"id\": \"x\"}, \"domain\": {\"id\": \"x\"}}}}",
        "{\"auth\": {\"identity\": {\"methods\": [\"token\"], \"token\": {\"id\": \"x\"}}, "
            + "\"scope\": {\"system\": {\"all\": false}}}}",
    ])
    func logins(_ body: String) async throws {
        let fixture = try await Fixture()
        expectRefusal(await fixture.send(.post, "/v3/auth/tokens", bytes: Array(body.utf8)), body)
    }

    @Test func nestedAndInvalidText() async throws {
        let fixture = try await Fixture()
        let deep = Array(String(repeating: "[", count: 100_000).utf8)
        expectRefusal(await fixture.send(.post, "/v3/auth/tokens", bytes: deep), "deep")
        expectRefusal(await fixture.send(.post, "/v3/auth/tokens", bytes: [0x22, 0xFF, 0x22]), "not UTF-8")
    }

    /// Every field of every body with every kind of value: 2xx where the value happens to be right, 4xx otherwise.
    @Test func everyFieldWithEveryType() async throws {
        let fixture = try await Fixture()
        let admin = try await fixture.login("admin")
        let user = admin.token.user.id
        let bodies: [(path: String, key: String, fields: [String])] = [
            (
                "/v3/projects", "project",
                ["name", "domain_id", "parent_id", "description", "enabled", "is_domain", "tags"]
            ),
            (
                "/v3/users", "user",
                ["name", "domain_id", "password", "description", "email", "default_project_id", "enabled"]
            ),
            ("/v3/roles", "role", ["name", "domain_id", "description"]),
            ("/v3/domains", "domain", ["name", "description", "enabled"]),
            (
                "/v3/users/\(user)/application_credentials", "application_credential",
                ["name", "description", "secret", "roles", "expires_at", "unrestricted", "access_rules"]
            ),
            ("/v3/users/\(user)/password", "user", ["original_password", "password"]),
        ]
        var count = 0
        for body in bodies {
            for value in Self.values {
                for field in body.fields {
                    count += 1
                    var members: [String: JSONValue] = ["name": .string("name \(count)")]
                    members[field] = value
                    let response = await fixture.send(
                        .post, body.path, token: admin.text, body: [body.key: .object(members)])
                    #expect(response.status.code < 500, "\(body.path) \(field)")
                    if response.status.code >= 300 { expectRefusal(response, "\(body.path) \(field)") }
                }
                let whole = await fixture.send(.post, body.path, token: admin.text, body: [body.key: value])
                expectRefusal(whole, body.path)
            }
        }
    }

    @Test func namesAndLimits() async throws {
        let fixture = try await Fixture()
        let admin = try await fixture.login("admin").text
        let names: [(path: String, key: String, limit: Int)] = [
            ("/v3/projects", "project", 64), ("/v3/domains", "domain", 64), ("/v3/users", "user", 255),
            ("/v3/roles", "role", 255),
        ]
        for (path, key, limit) in names {
            func make(_ name: String) async -> APIResponse {
                await fixture.send(.post, path, token: admin, body: [key: ["name": .string(name)]])
            }
            #expect(await make(String(repeating: "é", count: limit)).status == .created)
            let long = await make(String(repeating: "é", count: limit + 1))
            #expect(long.status == .badRequest)
            #expect(long.json["error"]?["message"]?.string?.contains("\(limit) characters") == true)
            #expect(await make("'; DROP TABLE identity_users; --").status == .created)
            #expect(await make("   ").status == .badRequest)
        }
    }

    @Test func paths() async throws {
        let fixture = try await Fixture()
        let admin = try await fixture.login("admin").text
        for path in [
            "/v3/users/%00", "/v3/users/..%2F..", "/v3/users/%27%20OR%201=1", "/v3/projects/x/users/y/roles/z",
            "/v3/users?name=%00", "/v3/users?enabled=perhaps",
            "/v3/role_assignments?scope.project.id=a&scope.system=all",
            "/v3/users/x/application_credentials/y", "/v3/endpoints/x", "/v3/regions/x", "/v3/services/%25",
            "/v4", "/v3/users/x/y/z",
        ] {
            expectRefusal(await fixture.send(.get, path, token: admin), path)
        }
        #expect(await fixture.send(.get, "/v3/users?name=%27%20OR%201=1", token: admin).json["users"]?.array == [])
        for token in ["", " ", "\u{1F980}", String(repeating: "A", count: 5000), "../../etc/passwd"] {
            expectRefusal(await fixture.send(.get, "/v3/users", token: token), token)
        }
    }
}
