// The API: shapes, codes, links, and who may what.

import HTTPService
import HTTPTypes
import Identity
import JSON
import LoadBalancing
import Testing

@Suite struct APITests {
    private func passwordBody(_ user: String, _ password: String, scope: JSONValue? = nil) -> JSONValue {
        var auth: [String: JSONValue] = [
            "identity": [
                "methods": ["password"],
                "password": [
                    "user": ["name": .string(user), "password": .string(password), "domain": ["name": "Default"]]
                ],
            ]
        ]
        auth["scope"] = scope
        return ["auth": .object(auth)]
    }

    @Test func versionDocuments() async throws {
        let fixture = try await Fixture()
        let root = await fixture.send(.get, "/")
        #expect(root.status.code == 300)
        let version = root.json["versions"]?["values"]?[0]
        #expect(version?["id"]?.string == "v3.14" && version?["status"]?.string == "stable")
        #expect(version?["links"]?[0]?["href"]?.string == "http://lb.example:9876/identity/v3/")
        let third = await fixture.send(.get, "/v3/")
        #expect(third.status == .ok && third.json["version"] == version)
        let head = await fixture.send(.head, "/v3")
        #expect(head.status == .ok && head.body.isEmpty)
    }

    @Test func tokenLifeCycle() async throws {
        let fixture = try await Fixture()
        let scope: JSONValue = ["project": ["name": "demo", "domain": ["id": "default"]]]
        let made = await fixture.send(
            .post, "/v3/auth/tokens", body: passwordBody("demo", "demo-secret", scope: scope))
        #expect(made.status == .created)
        let text = try #require(made.header("X-Subject-Token"))
        let token = try #require(made.json["token"])
        #expect(token["project"]?["domain"]?["name"]?.string == "Default")
        #expect(token["user"]?["name"]?.string == "demo" && token["user"]?["password_expires_at"] == .null)
        #expect(token["roles"]?.array?.compactMap { $0["name"]?.string } == ["member", "reader"])
        #expect(token["expires_at"]?.string?.hasSuffix("Z") == true)
        let catalog = try #require(token["catalog"]?.array)
        let urls = Dictionary(
            uniqueKeysWithValues: catalog.map { ($0["type"]?.string ?? "", $0["endpoints"]?[0]?["url"]?.string ?? "") })
        #expect(
            urls == [
                "identity": "http://lb.example:9876/identity/v3", "network": "http://lb.example:9876/network",
                "load-balancer": "http://lb.example:9876/load-balancer",
                "compute": "http://lb.example:9876/compute/v2.1",
            ])
        #expect(
            catalog[0]["endpoints"]?.array?.compactMap { $0["interface"]?.string } == ["public", "internal", "admin"])

        let shown = await fixture.send(.get, "/v3/auth/tokens", token: text, subject: text)
        #expect(shown.status == .ok && shown.json["token"] == token)
        #expect(shown.header("X-Subject-Token") == text)
        let short = await fixture.send(.get, "/v3/auth/tokens?nocatalog", token: text, subject: text)
        #expect(short.json["token"]?["catalog"] == nil)
        let head = await fixture.send(.head, "/v3/auth/tokens", token: text, subject: text)
        #expect(head.status == .ok && head.body.isEmpty)
        #expect(await fixture.send(.get, "/v3/auth/tokens", token: text).status == .badRequest)
        #expect(await fixture.send(.get, "/v3/auth/tokens", token: text, subject: "x").status == .notFound)
        #expect(await fixture.send(.get, "/v3/auth/catalog", token: text).json["catalog"]?.array == catalog)
        #expect(await fixture.send(.get, "/v3/auth/projects", token: text).json["projects"]?.array?.count == 1)
        #expect(await fixture.send(.get, "/v3/auth/system", token: text).json["system"]?.array?.isEmpty == true)
        #expect(await fixture.send(.delete, "/v3/auth/tokens", token: text, subject: text).status == .noContent)
        #expect(await fixture.send(.get, "/v3/auth/projects", token: text).status == .unauthorized)
    }

    @Test func faults() async throws {
        let fixture = try await Fixture()
        let wrong = await fixture.send(.post, "/v3/auth/tokens", body: passwordBody("demo", "x"))
        #expect(wrong.status == .unauthorized)
        #expect(wrong.json["error"]?["code"]?.integer == 401 && wrong.json["error"]?["title"]?.string == "Unauthorized")
        #expect(wrong.headers[.wwwAuthenticate] == "Keystone uri=\"http://lb.example:9876/identity\"")
        #expect(await fixture.send(.get, "/v3/nothing").status == .notFound)
        let method = await fixture.send(.put, "/v3/users")
        #expect(method.status == .methodNotAllowed && method.json["error"]?["code"]?.integer == 405)
        #expect(await fixture.send(.get, "/v3/users").status == .unauthorized)
        let admin = try await fixture.login("admin").text
        let unknown = await fixture.send(.get, "/v3/projects/nope", token: admin)
        #expect(unknown.status == .notFound)
        #expect(unknown.json["error"]?["message"]?.string == "Could not find project: nope.")
    }

    @Test func crossUserAccessIsDenied() async throws {
        let fixture = try await Fixture()
        let (admin, demo) = (try await fixture.login("admin"), try await fixture.login("demo"))
        let (adminUser, demoUser) = (admin.token.user.id, demo.token.user.id)
        let adminProject = try #require(admin.token.project?.id)
        let demoProject = try #require(demo.token.project?.id)
        for path in [
            "/v3/users", "/v3/users/\(adminUser)", "/v3/projects", "/v3/projects/\(adminProject)", "/v3/domains",
            "/v3/roles", "/v3/role_assignments", "/v3/role_assignments?user.id=\(adminUser)", "/v3/services",
            "/v3/endpoints", "/v3/users/\(adminUser)/projects", "/v3/users/\(adminUser)/application_credentials",
            "/v3/projects/\(demoProject)/users/\(adminUser)/roles", "/v3/system/users/\(adminUser)/roles",
        ] {
            let response = await fixture.send(.get, path, token: demo.text)
            #expect(response.status == .forbidden, "\(path)")
            #expect(await fixture.send(.get, path, token: admin.text).status == .ok, "\(path)")
        }
        for path in [
            "/v3/users/\(demoUser)", "/v3/projects/\(demoProject)", "/v3/domains/default",
            "/v3/users/\(demoUser)/projects", "/v3/role_assignments?user.id=\(demoUser)", "/v3/regions",
            "/v3/regions/RegionOne", "/v3/auth/domains", "/v3/users/\(demoUser)/application_credentials",
            "/v3/projects/\(demoProject)/users/\(demoUser)/roles",
        ] {
            #expect(await fixture.send(.get, path, token: demo.text).status == .ok, "\(path)")
        }
        let patch: JSONValue = ["user": ["name": "root"]]
        #expect(await fixture.send(.patch, "/v3/users/\(demoUser)", token: demo.text, body: patch).status == .forbidden)
        #expect(await fixture.send(.delete, "/v3/users/\(adminUser)", token: demo.text).status == .forbidden)
        let role = admin.token.roles[0].id
        let grant = "/v3/projects/\(adminProject)/users/\(demoUser)/roles/\(role)"
        #expect(await fixture.send(.put, grant, token: demo.text).status == .forbidden)
        let password: JSONValue = ["user": ["original_password": "demo-secret", "password": "changed-secret"]]
        #expect(
            await fixture.send(.post, "/v3/users/\(demoUser)/password", token: demo.text, body: password).status
                == .noContent)
        _ = try await fixture.login("demo", password: "changed-secret")
    }

    /// What tempest does to make the accounts of its tests.
    @Test func administration() async throws {
        let fixture = try await Fixture()
        let admin = try await fixture.login("admin").text
        let project = await fixture.send(
            .post, "/v3/projects", token: admin,
            body: ["project": ["name": "tempest", "domain_id": "default", "description": .null, "extra": 1]])
        #expect(project.status == .created)
        let projectID = try #require(project.json["project"]?["id"]?.string)
        #expect(project.json["project"]?["parent_id"]?.string == "default")
        let user = await fixture.send(
            .post, "/v3/users", token: admin,
            body: ["user": ["name": "tempest", "domain_id": "default", "password": "pw", "email": "t@example.org"]])
        #expect(user.status == .created && user.json["user"]?["password"] == nil)
        let userID = try #require(user.json["user"]?["id"]?.string)
        for (path, body): (String, JSONValue) in [
            ("/v3/projects", ["project": ["name": "tempest", "domain_id": "default"]]),
            ("/v3/users", ["user": ["name": "tempest", "domain_id": "default"]]),
            ("/v3/roles", ["role": ["name": "member"]]), ("/v3/domains", ["domain": ["name": "Default"]]),
        ] {
            let again = await fixture.send(.post, path, token: admin, body: body)
            #expect(again.status == .conflict && again.json["error"]?["title"]?.string == "Conflict", "\(path)")
        }
        let roles = await fixture.send(.get, "/v3/roles?name=member", token: admin)
        let roleID = try #require(roles.json["roles"]?[0]?["id"]?.string)
        #expect(roles.json["roles"]?.array?.count == 1 && roles.json["links"]?["next"] == .null)
        #expect(roles.json["links"]?["self"]?.string == "http://lb.example:9876/identity/v3/roles?name=member")
        let grant = "/v3/projects/\(projectID)/users/\(userID)/roles/\(roleID)"
        #expect(await fixture.send(.head, grant, token: admin).status == .notFound)
        for _ in 0..<2 { #expect(await fixture.send(.put, grant, token: admin).status == .noContent) }
        #expect(await fixture.send(.head, grant, token: admin).status == .noContent)
        for root in ["/v3/domains/default", "/v3/system"] {
            let path = "\(root)/users/\(userID)/roles/\(roleID)"
            #expect(await fixture.send(.put, path, token: admin).status == .noContent)
            #expect(await fixture.send(.head, path, token: admin).status == .noContent)
            #expect(await fixture.send(.delete, path, token: admin).status == .noContent)
        }
        let listed = await fixture.send(
            .get, "/v3/role_assignments?user.id=\(userID)&scope.project.id=\(projectID)&include_names&effective",
            token: admin)
        let names = listed.json["role_assignments"]?.array?.compactMap { $0["role"]?["name"]?.string }
        #expect(names == ["member", "reader"])
        #expect(listed.json["role_assignments"]?[0]?["scope"]?["project"]?["name"]?.string == "tempest")

        let login = await fixture.send(
            .post, "/v3/auth/tokens",
            body: passwordBody("tempest", "pw", scope: ["project": ["id": .string(projectID)]]))
        #expect(login.status == .created)
        let patched = await fixture.send(
            .patch, "/v3/projects/\(projectID)", token: admin,
            body: ["project": ["name": "renamed", "enabled": false, "tags": ["a", "b"]]])
        #expect(patched.json["project"]?["enabled"] == false && patched.json["project"]?["tags"] == ["a", "b"])
        #expect(
            await fixture.send(.get, "/v3/projects?enabled=false", token: admin).json["projects"]?.array?.count == 1)
        #expect(await fixture.send(.delete, "/v3/users/\(userID)", token: admin).status == .noContent)
        #expect(await fixture.send(.delete, "/v3/projects/\(projectID)", token: admin).status == .noContent)
        #expect(await fixture.send(.get, "/v3/projects/\(projectID)", token: admin).status == .notFound)
        #expect(
            await fixture.send(.get, "/v3/role_assignments?user.id=\(userID)", token: admin)
                .json["role_assignments"]?.array?.isEmpty == true)
    }

    @Test func domains() async throws {
        let fixture = try await Fixture()
        let admin = try await fixture.login("admin").text
        let made = await fixture.send(.post, "/v3/domains", token: admin, body: ["domain": ["name": "other"]])
        let id = try #require(made.json["domain"]?["id"]?.string)
        let project = await fixture.send(
            .post, "/v3/projects", token: admin, body: ["project": ["name": "demo", "domain_id": .string(id)]])
        #expect(project.status == .created)
        #expect(await fixture.send(.delete, "/v3/domains/\(id)", token: admin).status == .forbidden)
        let off: JSONValue = ["domain": ["enabled": false]]
        #expect(await fixture.send(.patch, "/v3/domains/\(id)", token: admin, body: off).status == .ok)
        #expect(await fixture.send(.delete, "/v3/domains/\(id)", token: admin).status == .noContent)
        let projectID = project.json["project"]?["id"]?.string ?? ""
        #expect(await fixture.send(.get, "/v3/projects/\(projectID)", token: admin).status == .notFound)
        #expect(await fixture.send(.delete, "/v3/domains/default", token: admin).status == .forbidden)
    }

    @Test func immutableRoles() async throws {
        let fixture = try await Fixture()
        let admin = try await fixture.login("admin")
        let role = admin.token.roles[0].id
        #expect(await fixture.send(.delete, "/v3/roles/\(role)", token: admin.text).status == .forbidden)
        let rename: JSONValue = ["role": ["name": "x"]]
        #expect(await fixture.send(.patch, "/v3/roles/\(role)", token: admin.text, body: rename).status == .forbidden)
        let made = await fixture.send(.post, "/v3/roles", token: admin.text, body: ["role": ["name": "own"]])
        let own = try #require(made.json["role"]?["id"]?.string)
        #expect(await fixture.send(.patch, "/v3/roles/\(own)", token: admin.text, body: rename).status == .ok)
        #expect(await fixture.send(.delete, "/v3/roles/\(own)", token: admin.text).status == .noContent)
    }

    @Test func applicationCredential() async throws {
        let fixture = try await Fixture()
        let demo = try await fixture.login("demo")
        let path = "/v3/users/\(demo.token.user.id)/application_credentials"
        let made = await fixture.send(
            .post, path, token: demo.text,
            body: [
                "application_credential": [
                    "name": "robot", "roles": [["name": "reader"]], "expires_at": "2029-02-28T23:59:59.5Z",
                ]
            ])
        #expect(made.status == .created)
        let credential = try #require(made.json["application_credential"])
        #expect(credential["expires_at"]?.string == "2029-02-28T23:59:59.500000")
        let id = try #require(credential["id"]?.string)
        let login = await fixture.send(
            .post, "/v3/auth/tokens",
            body: [
                "auth": [
                    "identity": [
                        "methods": ["application_credential"],
                        "application_credential": ["id": .string(id), "secret": credential["secret"] ?? .null],
                    ]
                ]
            ])
        #expect(login.status == .created)
        #expect(login.json["token"]?["application_credential"]?["restricted"] == true)
        #expect(login.json["token"]?["roles"]?.array?.count == 1)
        let shown = await fixture.send(.get, "\(path)/\(id)", token: demo.text)
        #expect(shown.status == .ok && shown.json["application_credential"]?["secret"] == nil)
        #expect(await fixture.send(.delete, "\(path)/\(id)", token: demo.text).status == .noContent)
        #expect(await fixture.send(.get, "\(path)/\(id)", token: demo.text).status == .notFound)
        for bad: JSONValue in [
            ["name": "x", "expires_at": "2029-02-29T00:00:00"], ["name": "x", "expires_at": "soon"],
            ["name": "x", "access_rules": [["path": "/"]]], ["name": "x", "roles": ["reader"]],
            ["name": "x", "unrestricted": "yes"],
        ] {
            let response = await fixture.send(.post, path, token: demo.text, body: ["application_credential": bad])
            #expect(response.status == .badRequest)
        }
    }
}
