// Who may do what.

import HTTPTypes
import JSON
import LoadBalancing
import Testing

@Suite struct AccessTests {
    private static let text: JSONValue = ["name": "n", "payload": "hello", "payload_content_type": "text/plain"]

    @Test func tokensAreNeeded() async throws {
        try await KeyManagerFixture.run { fixture in
            let answer = await fixture.call(.get, "/v1/secrets", as: "stranger")
            #expect(answer.status == 401)
            #expect(
                HTTPField.Name("WWW-Authenticate").flatMap { answer.headers[$0] }
                    == "Keystone uri=\"http://host/identity\"")
            #expect(await fixture.call(.get, "/", as: "stranger").status == 300)
            #expect(await fixture.call(.get, "/v1", as: "stranger").status == 200)
        }
    }

    @Test func rolesInTheProject() async throws {
        try await KeyManagerFixture.run { fixture in
            let path = try await fixture.make(Self.text)
            // user: list, make, show, decrypt, delete
            for (user, expected) in [
                ("alice", [200, 201, 200, 200, 204]), ("anna", [200, 201, 200, 200, 204]),
                ("boss", [200, 201, 200, 200, 204]), ("creator", [200, 201, 200, 200, 204]),
                ("observer", [200, 403, 200, 200, 403]), ("audit", [403, 403, 200, 403, 403]),
                ("reader", [403, 403, 403, 403, 403]), ("nobody", [403, 403, 403, 403, 403]),
                ("bob", [200, 201, 403, 403, 403]), ("root", [200, 201, 200, 403, 204]),
            ] {
                let victim = try await fixture.make(Self.text)
                let answers = [
                    await fixture.call(.get, "/v1/secrets", as: user),
                    await fixture.call(.post, "/v1/secrets", Self.text, as: user),
                    await fixture.call(.get, path, as: user),
                    await fixture.call(.get, "\(path)/payload", as: user),
                    await fixture.call(.delete, victim, as: user),
                ]
                #expect(answers.map(\.status) == expected, "\(user)")
                for answer in answers where answer.status == 403 { #expect(answer.json["title"] == "Forbidden") }
            }
        }
    }

    @Test func privateSecretsAreForTheirCreator() async throws {
        try await KeyManagerFixture.run { fixture in
            let path = try await fixture.make(Self.text)
            #expect(await fixture.call(.get, "\(path)/acl").json == ["read": ["project-access": true]])
            let put = await fixture.call(
                .put, "\(path)/acl", ["read": ["project-access": false, "users": ["bob", "bob"]]])
            #expect(put.json == ["acl_ref": .string("http://host/key-manager\(path)/acl")])
            let list = await fixture.call(.get, "\(path)/acl").json["read"]
            #expect(list?["project-access"] == false)
            #expect(list?["users"] == ["bob"])
            for (user, status) in [
                ("alice", 200), ("boss", 200), ("bob", 200), ("anna", 403), ("observer", 403), ("creator", 403),
                ("root", 403),
            ] {
                #expect(await fixture.call(.get, "\(path)/payload", as: user).status == status, "\(user)")
            }
            // A reader of another project only reads.
            #expect(await fixture.call(.delete, path, as: "bob").status == 403)
            #expect(await fixture.call(.put, "\(path)/acl", [:], as: "bob").status == 403)
            let shared = await fixture.call(.get, "/v1/secrets?acl_only=true", as: "bob")
            #expect(shared.json["total"] == 1)
            #expect(await fixture.call(.get, "/v1/secrets", as: "bob").json["total"] == 0)

            #expect(await fixture.call(.patch, "\(path)/acl", ["read": ["users": ["anna"]]]).status == 200)
            #expect(await fixture.call(.get, "\(path)/payload", as: "anna").status == 200)
            #expect(await fixture.call(.get, "\(path)/payload", as: "bob").status == 403)
            #expect(await fixture.call(.get, "\(path)/acl").json["read"]?["project-access"] == false)
            #expect(await fixture.call(.delete, "\(path)/acl").status == 200)
            #expect(await fixture.call(.get, "\(path)/payload", as: "creator").status == 200)
            for body: JSONValue in [
                ["write": [:]], ["read": 1], ["read": ["users": "bob"]], ["read": ["users": [1]]],
                ["read": ["project-access": "yes"]], ["read": ["other": 1]], ["read": ["users": [""]]],
            ] {
                #expect(await fixture.call(.put, "\(path)/acl", body).status == 400, "\(body)")
                #expect(await fixture.call(.patch, "\(path)/acl", body).status == 400, "\(body)")
            }
        }
    }

    @Test func everyPathOfAnotherProjectIsForbidden() async throws {
        try await KeyManagerFixture.run { fixture in
            let secret = try await fixture.make(Self.text)
            let container = await fixture.call(.post, "/v1/containers", ["type": "generic"])
            let path = try #require(container.json["container_ref"]?.string)
                .replacing("http://host/key-manager", with: "")
            let consumer: JSONValue = ["name": "a", "URL": "b"]
            let secretConsumer: JSONValue = ["service": "a", "resource_type": "b", "resource_id": "c"]
            let reference: JSONValue = ["secret_ref": .string("http://host\(secret)")]
            let calls: [(HTTPRequest.Method, String, JSONValue?)] = [
                (.get, secret, nil), (.delete, secret, nil), (.get, "\(secret)/payload", nil),
                (.get, "\(secret)/metadata", nil), (.put, "\(secret)/metadata", ["metadata": [:]]),
                (.get, "\(secret)/acl", nil), (.put, "\(secret)/acl", [:]), (.patch, "\(secret)/acl", [:]),
                (.delete, "\(secret)/acl", nil), (.get, "\(secret)/consumers", nil),
                (.post, "\(secret)/consumers", secretConsumer), (.delete, "\(secret)/consumers", secretConsumer),
                (.get, path, nil), (.delete, path, nil), (.get, "\(path)/acl", nil), (.put, "\(path)/acl", [:]),
                (.get, "\(path)/consumers", nil), (.post, "\(path)/consumers", consumer),
                (.post, "\(path)/secrets", reference), (.delete, "\(path)/secrets", reference),
            ]
            for (method, path, body) in calls {
                #expect(await fixture.call(method, path, body, as: "bob").status == 403, "\(method) \(path)")
                let absent = path.replacing(#/[0-9a-f]{8}-[0-9a-f-]{27}/#, with: ResourceID.random().string)
                #expect(await fixture.call(method, absent, body, as: "bob").status == 404, "\(method) \(absent)")
            }
        }
    }
}
