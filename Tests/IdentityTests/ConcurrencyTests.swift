// Many callers at once.

import HTTPService
import HTTPTypes
import Identity
import JSON
import Testing

@Suite struct ConcurrencyTests {
    @Test func revocationIsImmediateWhileOthersLook() async throws {
        let fixture = try await Fixture()
        let admin = try await fixture.login("admin")
        let identity = fixture.identity
        for _ in 0..<20 {
            let demo = try await fixture.login("demo")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask { for _ in 0..<10 { _ = try await identity.subject(ofToken: demo.text) } }
                }
                try await identity.revokeToken(demo.text, as: admin.token)
                for _ in 0..<10 { #expect(try await identity.subject(ofToken: demo.text) == nil) }
                try await group.waitForAll()
            }
            #expect(try await identity.subject(ofToken: demo.text) == nil)
        }
    }

    @Test func oneOfManyEqualNamesWins() async throws {
        let fixture = try await Fixture()
        let admin = try await fixture.login("admin").text
        let codes = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    await fixture.send(
                        .post, "/v3/users", token: admin, body: ["user": ["name": "twin", "password": "x"]]
                    ).status.code
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.sorted() == [201] + Array(repeating: 409, count: 19))
    }

    @Test func manyLogins() async throws {
        let fixture = try await Fixture()
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<60 { group.addTask { try await fixture.login("demo").text } }
            var texts: Set<String> = []
            for try await text in group { texts.insert(text) }
            #expect(texts.count == 60)
        }
    }

    /// Two processes that start on one new database at once.
    @Test func simultaneousFirstStarts() async throws {
        let fixture = try await Fixture()
        let (first, second) = (try fixture.reopened(), try fixture.reopened())
        async let one = first.bootstrap(adminPassword: "admin-secret", demoPassword: "demo-secret")
        async let two = second.bootstrap(adminPassword: "admin-secret", demoPassword: "demo-secret")
        _ = try await (one, two)
        let admin = try await fixture.login("admin")
        #expect(try await second.subject(ofToken: admin.text) != nil)
        #expect(try await first.listUsers(.init(), as: admin.token).count == 2)
    }
}
