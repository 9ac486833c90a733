// The catalog, and times in bodies.

import HTTPService
import HTTPTypes
import Identity
import IdentityAPI
import JSON
import LoadBalancing
import Testing

@Suite struct CatalogTests {
    @Test func identifiersAreStableAndUnique() {
        let first = ServiceCatalog(baseURL: "http://a:1", options: .init(hasKeyManager: true))
        let second = ServiceCatalog(baseURL: "https://b", options: .init(region: "Elsewhere", hasKeyManager: true))
        #expect(first.services.map(\.type) == ["identity", "network", "load-balancer", "compute", "key-manager"])
        #expect(first.services.map(\.id) == second.services.map(\.id))
        let ids = first.services.map(\.id) + first.services.flatMap(\.endpoints).map(\.id)
        #expect(Set(ids).count == 20 && ids.allSatisfy { $0.utf8.count == 32 })
        #expect(second.services[4].endpoints[0].url == "https://b/key-manager")
        #expect(second.services[4].endpoints[0].region == "Elsewhere")
        #expect(!ServiceCatalog(baseURL: "").services.contains { $0.type == "key-manager" })
    }

    @Test func lists() async throws {
        let fixture = try await Fixture()
        let admin = try await fixture.login("admin").text
        let services = await fixture.send(.get, "/v3/services?type=load-balancer", token: admin)
        let id = try #require(services.json["services"]?[0]?["id"]?.string)
        let endpoints = await fixture.send(.get, "/v3/endpoints?service_id=\(id)&interface=public", token: admin)
        #expect(endpoints.json["endpoints"]?.array?.count == 1)
        #expect(endpoints.json["endpoints"]?[0]?["url"]?.string == "http://lb.example:9876/load-balancer")
        let endpoint = try #require(endpoints.json["endpoints"]?[0]?["id"]?.string)
        #expect(await fixture.send(.get, "/v3/endpoints/\(endpoint)", token: admin).status == .ok)
        #expect(await fixture.send(.get, "/v3/services/\(id)", token: admin).json["service"]?["name"] == "octavia")
        let unscoped = try await fixture.login("admin", scope: .unscoped).text
        #expect(await fixture.send(.get, "/v3/auth/catalog", token: unscoped).status == .forbidden)
    }

    @Test func servicesMayShowTokens() async throws {
        let fixture = try await Fixture()
        let (admin, demo) = (try await fixture.login("admin"), try await fixture.login("demo"))
        let made = try await fixture.identity.createUser(
            .init(name: "octavia", password: "octavia-secret"), as: admin.token)
        let roles = try await fixture.identity.listRoles(.init(name: "service"), as: admin.token)
        let project = try #require(admin.token.project?.id)
        try await fixture.identity.assign(
            RoleAssignment(userID: made.id, roleID: roles[0].id, target: .project(project)), as: admin.token)
        let service = try await fixture.login("octavia", scope: .project(.id(project)))
        #expect(service.token.roles.map(\.name) == ["service"])
        let shown = await fixture.send(.get, "/v3/auth/tokens", token: service.text, subject: demo.text)
        #expect(shown.status == .ok && shown.json["token"]?["user"]?["name"] == "demo")
        let revoked = await fixture.send(.delete, "/v3/auth/tokens", token: service.text, subject: demo.text)
        #expect(revoked.status == .forbidden)
    }

    @Test(arguments: [
        ("2028-02-29T00:00:00", "2028-02-29T00:00:00.000000"), ("2100-03-01T12:34:56Z", "2100-03-01T12:34:56.000000"),
        ("9999-12-31T23:59:59.999999", "9999-12-31T23:59:59.999999"),
        ("2028-12-31 23:59:59.1", "2028-12-31T23:59:59.100000"),
    ])
    func timesAreRead(_ given: String, _ shown: String) async throws {
        let fixture = try await Fixture()
        let demo = try await fixture.login("demo")
        let made = await fixture.send(
            .post, "/v3/users/\(demo.token.user.id)/application_credentials", token: demo.text,
            body: ["application_credential": ["name": "x", "expires_at": .string(given)]])
        #expect(made.json["application_credential"]?["expires_at"]?.string == shown)
    }

    @Test(arguments: [
        "2100-02-29T00:00:00", "2028-13-01T00:00:00", "2028-00-01T00:00:00", "2028-01-01T24:00:00",
        "10000-01-01T00:00:00", "2028-01-01T00:00:00.", "2028-01-01T00:00:00.1234567", "2028-01-01T00:00:00+01:00",
        "2028-01-01", "２028-01-01T00:00:00", "2001-01-01T00:00:00",
    ])
    func otherTimesAreRefused(_ given: String) async throws {
        let fixture = try await Fixture()
        let demo = try await fixture.login("demo")
        let made = await fixture.send(
            .post, "/v3/users/\(demo.token.user.id)/application_credentials", token: demo.text,
            body: ["application_credential": ["name": "x", "expires_at": .string(given)]])
        #expect(made.status == .badRequest)
    }
}
