// Tokens: what they say, when they end, and that nobody else can make them.

import Identity
import LoadBalancing
import Persistence
import Testing

@Suite struct TokenTests {
    @Test func roundTrip() async throws {
        let fixture = try await Fixture()
        let issued = try await fixture.login("demo")
        let token = try #require(try await fixture.identity.validate(issued.text))
        #expect(token == issued.token)
        #expect(token.user.name == "demo")
        #expect(token.project?.name == "demo")
        #expect(token.roles.map(\.name) == ["member", "reader"])
        #expect(token.payload.methods == [.password])
        #expect(token.payload.expires == fixture.clock.now.advanced(bySeconds: 3600))
        let subject = try #require(try await fixture.identity.subject(ofToken: issued.text))
        #expect(subject.userID == token.user.id && subject.projectID == token.project?.id)
        #expect(subject.roles == ["member", "reader"] && !subject.isSystemScoped)
        #expect(issued.text.utf8.count < 300)
        #expect(token.user.id.count == 32 && !token.user.id.contains("-"))
    }

    @Test func tamperingIsNoticed() async throws {
        let fixture = try await Fixture()
        let text = try await fixture.login("demo").text
        let bytes = try #require(Base64URL.decode(text))
        for index in bytes.indices {
            for bit: UInt8 in [1, 0x80] {
                var copy = bytes
                copy[index] ^= bit
                #expect(try await fixture.identity.subject(ofToken: Base64URL.encode(copy)) == nil)
            }
        }
        for forged in [
            "", "a", text + "A", String(text.dropLast()), text + "=", " " + text, "\u{0}", "é", text.uppercased(),
        ] {
            #expect(try await fixture.identity.subject(ofToken: forged) == nil)
        }
        #expect(try await fixture.identity.subject(ofToken: String(repeating: "A", count: 100_000)) == nil)
        #expect(try await fixture.identity.subject(ofToken: text) != nil)
    }

    @Test func expiry() async throws {
        let fixture = try await Fixture()
        let text = try await fixture.login("demo").text
        fixture.clock.advance(bySeconds: 3599)
        #expect(try await fixture.identity.subject(ofToken: text) != nil)
        fixture.clock.advance(bySeconds: 1)
        #expect(try await fixture.identity.subject(ofToken: text) == nil)
    }

    @Test func revocationHoldsForTheReopenedDatabase() async throws {
        let fixture = try await Fixture()
        let (first, second) = (try await fixture.login("demo"), try await fixture.login("demo"))
        #expect(try await fixture.identity.subject(ofToken: first.text) != nil)
        try await fixture.identity.revokeToken(first.text, as: second.token)
        #expect(try await fixture.identity.subject(ofToken: first.text) == nil)
        let other = try fixture.reopened()
        #expect(try await other.subject(ofToken: first.text) == nil)
        #expect(try await other.subject(ofToken: second.text) != nil)
        await expectFault(404) { try await other.revokeToken(first.text, as: second.token) }
    }

    @Test func onlyOwnTokensAreShownAndRevoked() async throws {
        let fixture = try await Fixture()
        let (admin, demo) = (try await fixture.login("admin"), try await fixture.login("demo"))
        await expectFault(403) { try await fixture.identity.showToken(admin.text, as: demo.token) }
        await expectFault(403) { try await fixture.identity.revokeToken(admin.text, as: demo.token) }
        #expect(try await fixture.identity.showToken(demo.text, as: admin.token) == demo.token)
        await expectFault(404) { try await fixture.identity.showToken("nonsense", as: admin.token) }
    }

    @Test func disablingAUserEndsItsTokensForGood() async throws {
        let fixture = try await Fixture()
        let (admin, demo) = (try await fixture.login("admin").token, try await fixture.login("demo"))
        #expect(try await fixture.identity.subject(ofToken: demo.text) != nil)
        var changes = EmbeddedIdentity.UserChanges()
        changes.isEnabled = false
        _ = try await fixture.identity.updateUser(demo.token.user.id, changes, as: admin)
        #expect(try await fixture.identity.subject(ofToken: demo.text) == nil)
        await expectFault(401) { try await fixture.login("demo") }
        changes.isEnabled = true
        _ = try await fixture.identity.updateUser(demo.token.user.id, changes, as: admin)
        #expect(try await fixture.identity.subject(ofToken: demo.text) == nil)
        _ = try await fixture.login("demo")
    }

    @Test func changingThePasswordEndsTheTokens() async throws {
        let fixture = try await Fixture()
        let demo = try await fixture.login("demo")
        let id = demo.token.user.id
        await expectFault(401) {
            try await fixture.identity.changePassword(ofUser: id, from: "wrong", to: "new-secret")
        }
        #expect(try await fixture.identity.subject(ofToken: demo.text) != nil)
        try await fixture.identity.changePassword(ofUser: id, from: "demo-secret", to: "new-secret")
        #expect(try await fixture.identity.subject(ofToken: demo.text) == nil)
        await expectFault(401) { try await fixture.login("demo") }
        _ = try await fixture.login("demo", password: "new-secret")
    }

    @Test func disabledAndDeletedScopesEndTokens() async throws {
        let fixture = try await Fixture()
        let (admin, demo) = (try await fixture.login("admin").token, try await fixture.login("demo"))
        let project = try #require(demo.token.project)
        _ = try await fixture.identity.updateProject(project.id, .init(isEnabled: false), as: admin)
        #expect(try await fixture.identity.subject(ofToken: demo.text) == nil)
        _ = try await fixture.identity.updateProject(project.id, .init(isEnabled: true), as: admin)
        #expect(try await fixture.identity.subject(ofToken: demo.text) != nil)
        try await fixture.identity.deleteProject(project.id, as: admin)
        #expect(try await fixture.identity.subject(ofToken: demo.text) == nil)
    }

    @Test func takingTheRoleEndsTheToken() async throws {
        let fixture = try await Fixture()
        let (admin, demo) = (try await fixture.login("admin").token, try await fixture.login("demo"))
        let target = AssignmentTarget.project(try #require(demo.token.project?.id))
        let roles = try await fixture.identity.listRoles(ofUser: demo.token.user.id, on: target, as: admin)
        #expect(roles.map(\.name) == ["member"])
        let assignment = RoleAssignment(userID: demo.token.user.id, roleID: roles[0].id, target: target)
        try await fixture.identity.unassign(assignment, as: admin)
        #expect(try await fixture.identity.subject(ofToken: demo.text) == nil)
        await expectFault(404) { try await fixture.identity.unassign(assignment, as: admin) }
    }

    @Test func keysRotate() async throws {
        let fixture = try await Fixture()
        let old = try await fixture.login("demo").text
        try await fixture.identity.rotateSigningKey()
        let new = try await fixture.login("demo").text
        #expect(new.prefix(8) != old.prefix(8))
        #expect(try await fixture.identity.subject(ofToken: old) != nil)
        #expect(try await fixture.reopened().subject(ofToken: new) != nil)
        fixture.clock.advance(bySeconds: 10_000)
        let current = try await fixture.login("demo").text
        try await fixture.identity.rotateSigningKey()
        #expect(try await fixture.identity.subject(ofToken: current) != nil)
        try await fixture.identity.rotateSigningKey(discardingOldKeys: true)
        #expect(try await fixture.identity.subject(ofToken: current) == nil)
        #expect(try await fixture.identity.subject(ofToken: fixture.login("demo").text) != nil)
    }
}
