// Logging in: users, scopes, rescoping.

import DatabaseTestSupport
import Identity
import LoadBalancing
import Persistence
import Testing

@Suite struct AuthenticationTests {
    @Test func wrongLoginsLookAlike() async throws {
        let fixture = try await Fixture()
        let admin = try await fixture.login("admin")
        let proofs: [AuthenticationRequest.Proof] = [
            .password(.name("demo", .id("default")), password: "wrong"),
            .password(.name("nobody", .id("default")), password: "demo-secret"),
            .password(.name("demo", .name("Elsewhere")), password: "demo-secret"),
            .password(.id("0"), password: "demo-secret"),
            .token("nonsense"),
            .applicationCredential(.id("0"), secret: "x"),
        ]
        for proof in proofs {
            await #expect(throws: IdentityFault.unauthorized) {
                try await fixture.identity.authenticate(.init(proofs: [proof], scope: .absent))
            }
        }
        await #expect(throws: IdentityFault.unauthorized) {
            try await fixture.login("demo", scope: .project(.name("admin", .id("default"))))
        }
        await #expect(throws: IdentityFault.unauthorized) { try await fixture.login("demo", scope: .system) }
        await #expect(throws: IdentityFault.unauthorized) {
            try await fixture.login("demo", scope: .domain(.id("default")))
        }
        await #expect(throws: IdentityFault.unauthorized) {
            try await fixture.identity.authenticate(
                .init(
                    proofs: [.password(.name("demo", .id("default")), password: "demo-secret"), .token(admin.text)],
                    scope: .absent))
        }
        await expectFault(401) { try await fixture.login("admin", scope: .trust) }
    }

    @Test func allScopes() async throws {
        let fixture = try await Fixture()
        let project = try await fixture.login("admin", scope: .project(.name("admin", .name("Default")))).token
        #expect(project.roles.map(\.name) == ["admin", "manager", "member", "reader"])
        let id = try #require(project.project?.id)
        #expect(try await fixture.login("admin", scope: .project(.id(id))).token.project?.id == id)
        let system = try await fixture.login("admin", scope: .system)
        #expect(system.token.scope == .system && system.token.subject.isSystemScoped)
        let domain = try await fixture.login("admin", scope: .domain(.name("Default"))).token
        #expect(domain.hasRole("admin") && domain.project == nil)
        let unscoped = try await fixture.login("admin", scope: .absent).token
        #expect(unscoped.scope == .unscoped && unscoped.roles.isEmpty)
    }

    @Test func defaultProject() async throws {
        let fixture = try await Fixture()
        let (admin, demo) = (try await fixture.login("admin").token, try await fixture.login("demo").token)
        var changes = EmbeddedIdentity.UserChanges()
        changes.defaultProjectID = .value(try #require(demo.project?.id))
        _ = try await fixture.identity.updateUser(demo.user.id, changes, as: admin)
        #expect(try await fixture.login("demo", scope: .absent).token.project?.name == "demo")
        #expect(try await fixture.login("demo", scope: .unscoped).token.project == nil)
        changes.defaultProjectID = .value("gone")
        _ = try await fixture.identity.updateUser(demo.user.id, changes, as: admin)
        #expect(try await fixture.login("demo", scope: .absent).token.scope == .unscoped)
    }

    @Test func rescoping() async throws {
        let fixture = try await Fixture()
        let unscoped = try await fixture.login("demo", scope: .unscoped)
        fixture.clock.advance(bySeconds: 100)
        let rescoped = try await fixture.identity.authenticate(
            .init(proofs: [.token(unscoped.text)], scope: .project(.name("demo", .id("default")))))
        #expect(rescoped.token.project?.name == "demo")
        #expect(rescoped.token.payload.methods == [.password, .token])
        #expect(rescoped.token.payload.expires == unscoped.token.payload.expires)
        #expect(rescoped.token.payload.auditIDs.count == 2)
        #expect(rescoped.token.payload.auditIDs[1] == unscoped.token.payload.auditIDs[0])
        await expectFault(401) {
            try await fixture.identity.authenticate(
                .init(proofs: [.token(unscoped.text)], scope: .project(.name("admin", .id("default")))))
        }
        fixture.clock.advance(bySeconds: 3500)
        #expect(try await fixture.identity.subject(ofToken: rescoped.text) == nil)
    }

    @Test func bootstrapTwice() async throws {
        let fixture = try await Fixture()
        let demo = try await fixture.login("demo")
        let again = try await fixture.identity.bootstrap(adminPassword: nil, demoPassword: nil)
        #expect(!again.isFirstStart && again.adminPassword == nil && again.demoPassword == nil)
        let same = try await fixture.identity.bootstrap(adminPassword: "admin-secret", demoPassword: nil)
        #expect(same.adminPassword == nil)
        #expect(try await fixture.identity.subject(ofToken: demo.text) != nil)
        let admin = try await fixture.login("admin").token
        #expect(try await fixture.identity.listUsers(.init(), as: admin).map(\.name) == ["admin", "demo"])
        #expect(try await fixture.identity.listProjects(.init(), as: admin).map(\.name) == ["admin", "demo"])
        #expect(try await fixture.identity.listRoles(.init(), as: admin).count == 10)
        let changed = try await fixture.identity.bootstrap(adminPassword: nil, demoPassword: "other-secret")
        #expect(changed.demoPassword == "other-secret")
        await expectFault(401) { try await fixture.login("demo") }
        _ = try await fixture.login("demo", password: "other-secret")
        #expect(try await fixture.identity.subject(ofToken: demo.text) == nil)
    }

    @Test func generatedPasswordsWork() async throws {
        let directory = try TemporaryDirectory()
        let database = try TestDatabase.open(directory.path + "/identity.db")
        try await database.migrate(EmbeddedIdentity.migrations)
        let identity = EmbeddedIdentity(database: database, options: Fixture.cheap)
        let outcome = try await identity.bootstrap(adminPassword: nil, demoPassword: nil)
        let password = try #require(outcome.adminPassword)
        #expect(outcome.isFirstStart && password.count >= 20 && password != outcome.demoPassword)
        let token = try await identity.authenticate(
            .init(
                proofs: [.password(.name("admin", .id("default")), password: password)],
                scope: .project(.name("admin", .id("default")))))
        #expect(token.token.project?.id == outcome.adminProjectID && outcome.demoProjectID != nil)
        #expect(try await identity.subject(ofToken: token.text) != nil)
    }
}
