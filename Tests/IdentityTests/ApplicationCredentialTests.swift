// Application credentials: what they may and may not.

import Identity
import LoadBalancing
import Testing

@Suite struct ApplicationCredentialTests {
    private func make(
        _ fixture: Fixture, _ input: EmbeddedIdentity.NewApplicationCredential, as token: ValidatedToken
    ) async throws -> (credential: ApplicationCredential, secret: String) {
        try await fixture.identity.createApplicationCredential(ofUser: token.user.id, input, as: token)
    }

    @Test func isBoundToProjectAndRoles() async throws {
        let fixture = try await Fixture()
        let admin = try await fixture.login("admin").token
        let made = try await make(fixture, .init(name: "robot", roles: [.name("member")]), as: admin)
        #expect(made.secret.count == 86)
        let byID = AuthenticationRequest.Proof.applicationCredential(.id(made.credential.id), secret: made.secret)
        let issued = try await fixture.identity.authenticate(.init(proofs: [byID], scope: .absent))
        #expect(issued.token.project?.id == admin.project?.id)
        #expect(issued.token.roles.map(\.name) == ["member", "reader"])
        #expect(!issued.token.isAdministrator)
        #expect(issued.token.payload.methods == [.applicationCredential])

        let own = try #require(admin.project?.id)
        _ = try await fixture.identity.authenticate(.init(proofs: [byID], scope: .project(.id(own))))
        for scope: AuthenticationRequest.Scope in [
            .system, .unscoped, .domain(.id("default")), .project(.name("demo", .id("default"))),
        ] {
            await expectFault(401) { try await fixture.identity.authenticate(.init(proofs: [byID], scope: scope)) }
            await expectFault(401) {
                try await fixture.identity.authenticate(.init(proofs: [.token(issued.text)], scope: scope))
            }
        }
        let again = try await fixture.identity.authenticate(.init(proofs: [.token(issued.text)], scope: .absent))
        #expect(again.token.roles.map(\.name) == ["member", "reader"])
        let byName = AuthenticationRequest.Proof.applicationCredential(
            .name("robot", .name("admin", .name("Default"))), secret: made.secret)
        _ = try await fixture.identity.authenticate(.init(proofs: [byName], scope: .absent))
        await expectFault(401) {
            try await fixture.identity.authenticate(
                .init(
                    proofs: [.applicationCredential(.id(made.credential.id), secret: made.secret + "x")],
                    scope: .absent))
        }
        // Restricted: no further credentials, no deletion.
        await expectFault(403) { try await make(fixture, .init(name: "second"), as: issued.token) }
        await expectFault(403) {
            try await fixture.identity.deleteApplicationCredential(
                made.credential.id, ofUser: admin.user.id, as: issued.token)
        }
    }

    @Test func endsWithItsDeletionExpiryAndTheUsersRole() async throws {
        let fixture = try await Fixture()
        let (admin, demo) = (try await fixture.login("admin").token, try await fixture.login("demo").token)
        let expires = fixture.clock.now.advanced(bySeconds: 60)
        let short = try await make(fixture, .init(name: "short", expires: expires), as: demo)
        let long = try await make(fixture, .init(name: "long", secret: "chosen", isUnrestricted: true), as: demo)
        #expect(long.secret == "chosen")
        func login(_ made: (credential: ApplicationCredential, secret: String)) async throws -> IssuedToken {
            try await fixture.identity.authenticate(
                .init(
                    proofs: [.applicationCredential(.id(made.credential.id), secret: made.secret)], scope: .absent))
        }
        let shortToken = try await login(short)
        #expect(shortToken.token.payload.expires == expires)
        let longToken = try await login(long)
        let third = try await make(fixture, .init(name: "third"), as: longToken.token)
        let thirdToken = try await login(third)
        fixture.clock.advance(bySeconds: 60)
        await expectFault(401) { try await login(short) }
        #expect(try await fixture.identity.subject(ofToken: shortToken.text) == nil)

        try await fixture.identity.deleteApplicationCredential(
            third.credential.id, ofUser: demo.user.id, as: longToken.token)
        #expect(try await fixture.identity.subject(ofToken: thirdToken.text) == nil)
        await expectFault(401) { try await login(third) }

        let target = AssignmentTarget.project(long.credential.projectID)
        let role = try #require(long.credential.roles.first { $0.name == "member" })
        try await fixture.identity.unassign(
            RoleAssignment(userID: demo.user.id, roleID: role.id, target: target), as: admin)
        #expect(try await fixture.identity.subject(ofToken: longToken.text) == nil)
        await expectFault(401) { try await login(long) }
    }

    @Test func refusesWhatItsMakerMayNot() async throws {
        let fixture = try await Fixture()
        let (admin, demo) = (try await fixture.login("admin").token, try await fixture.login("demo").token)
        await expectFault(400) { try await make(fixture, .init(name: "x", roles: [.name("admin")]), as: demo) }
        await expectFault(400) { try await make(fixture, .init(name: "x", expires: fixture.clock.now), as: demo) }
        await expectFault(400) { try await make(fixture, .init(name: "x", secret: ""), as: demo) }
        let unscoped = try await fixture.login("demo", scope: .unscoped).token
        await expectFault(400) { try await make(fixture, .init(name: "x"), as: unscoped) }
        _ = try await make(fixture, .init(name: "x"), as: demo)
        await expectFault(409) { try await make(fixture, .init(name: "x"), as: demo) }
        _ = try await make(fixture, .init(name: "x"), as: admin)
        await expectFault(403) {
            try await fixture.identity.createApplicationCredential(
                ofUser: demo.user.id, .init(name: "y"), as: admin)
        }
        await expectFault(403) {
            try await fixture.identity.listApplicationCredentials(ofUser: admin.user.id, as: demo)
        }
        let credentials = try await fixture.identity.listApplicationCredentials(ofUser: demo.user.id, as: admin)
        #expect(credentials.map(\.name) == ["x"])
        await expectFault(404) {
            try await fixture.identity.showApplicationCredential(
                credentials[0].id, ofUser: admin.user.id, as: admin)
        }
    }
}
