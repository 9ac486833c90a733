// Containers and consumers by the API, and hostile paths.

import HTTPTypes
import JSON
import LoadBalancing
import Testing

@Suite struct ContainerAPITests {
    private static let text: JSONValue = ["payload": "hello", "payload_content_type": "text/plain"]

    private func reference(_ name: String?, _ path: String) -> JSONValue {
        ["name": name.map { .string($0) } ?? .null, "secret_ref": .string("http://host/key-manager\(path)")]
    }

    private func path(_ answer: KeyManagerFixture.Answer) throws -> String {
        #expect(answer.status == 201, "\(answer.text)")
        return try #require(answer.json["container_ref"]?.string).replacing("http://host/key-manager", with: "")
    }

    @Test func certificateContainer() async throws {
        try await KeyManagerFixture.run { fixture in
            let (first, second) = (try await fixture.make(Self.text), try await fixture.make(Self.text))
            let foreign = try await fixture.make(Self.text, as: "bob")
            let made = await fixture.call(
                .post, "/v1/containers",
                [
                    "name": "tls", "type": "certificate",
                    "secret_refs": [reference("certificate", first), reference("private_key", second)],
                ])
            let path = try path(made)
            let shown = await fixture.call(.get, path)
            #expect(shown.json["type"] == "certificate")
            #expect(shown.json["status"] == "ACTIVE")
            #expect(shown.json["consumers"] == [])
            #expect(shown.json["creator_id"] == "alice")
            #expect(shown.json["created"] == "2027-01-15T08:00:00")
            #expect(
                shown.json["secret_refs"] == [reference("certificate", first), reference("private_key", second)])
            #expect(await fixture.call(.get, "/v1/containers?name=tls").json["total"] == 1)
            #expect(await fixture.call(.get, "/v1/containers?type=rsa").json == ["containers": [], "total": 0])
            #expect(await fixture.call(.post, "\(path)/secrets", reference("x", first)).status == 400)

            func refused(_ status: Int, _ type: String, _ references: [JSONValue]) async {
                let answer = await fixture.call(
                    .post, "/v1/containers", ["type": .string(type), "secret_refs": .array(references)])
                #expect(answer.status == status, "\(answer.text)")
            }
            await refused(404, "certificate", [reference("certificate", foreign)])
            await refused(404, "generic", [reference("a", "/v1/secrets/\(ResourceID.random())")])
            await refused(400, "certificate", [reference("private_key", first)])
            await refused(400, "certificate", [reference("certificate", first), reference("other", second)])
            await refused(400, "rsa", [reference("public_key", first)])
            await refused(400, "generic", [reference("a", first), reference("a", second)])
            await refused(400, "generic", [reference("a", first), reference("b", first)])
            await refused(400, "generic", [reference("a", "/v1/secrets/nonsense")])
            await refused(400, "generic", ["text"])
            await refused(400, "generic", [["name": "a"]])
            await refused(400, "other", [])
            for body: JSONValue in [
                [:], ["type": 1], ["type": "generic", "name": 1], ["type": "rsa", "secret_refs": 1],
            ] {
                #expect(await fixture.call(.post, "/v1/containers", body).status == 400)
            }
            #expect(await fixture.call(.get, "/v1/containers").json["total"] == 1)
            #expect(await fixture.call(.delete, path).status == 204)
            #expect(await fixture.call(.get, path).status == 404)
            #expect(await fixture.call(.get, first).status == 200)
        }
    }

    @Test func genericContainersChange() async throws {
        try await KeyManagerFixture.run { fixture in
            let secret = try await fixture.make(Self.text)
            let path = try path(await fixture.call(.post, "/v1/containers", ["type": "generic"]))
            for name in ["a", nil] {
                let body = reference(name, secret)
                #expect(await fixture.call(.post, "\(path)/secrets", body).status == 201)
                #expect(await fixture.call(.post, "\(path)/secrets", body).status == 409)
                #expect(await fixture.call(.get, path).json["secret_refs"] == [body])
                #expect(await fixture.call(.delete, "\(path)/secrets", body).status == 204)
                #expect(await fixture.call(.delete, "\(path)/secrets", body).status == 404)
            }
        }
    }

    @Test func consumers() async throws {
        try await KeyManagerFixture.run { fixture in
            let path = try path(await fixture.call(.post, "/v1/containers", ["type": "generic"])) + "/consumers"
            let consumer: JSONValue = ["name": "Octavia", "URL": "https://lb/1"]
            for _ in 0..<2 {
                let answer = await fixture.call(.post, path, consumer)
                #expect(answer.status == 200)
                #expect(answer.json["consumers"] == [consumer])
            }
            let list = await fixture.call(.get, path).json
            #expect(list["total"] == 1)
            #expect(list["consumers"]?[0]?["name"] == "Octavia")
            for body: JSONValue in [[:], ["name": "x"], ["name": "", "URL": "x"], ["name": 1, "URL": "x"]] {
                #expect(await fixture.call(.post, path, body).status == 400)
            }
            #expect(await fixture.call(.delete, path, ["name": "Octavia", "URL": "other"]).status == 404)
            #expect(await fixture.call(.delete, path, consumer).json["consumers"] == [])

            let secret = try await fixture.make(Self.text)
            let user: JSONValue = ["service": "lb", "resource_type": "listener", "resource_id": "1"]
            #expect(await fixture.call(.post, "\(secret)/consumers", user).status == 200)
            let new = ["OpenStack-API-Version": "key-manager 1.2"]
            #expect(await fixture.call(.get, secret).json["consumers"] == nil)
            #expect(await fixture.call(.get, secret, headers: new).json["consumers"] == [user])
            #expect(await fixture.call(.get, "\(secret)/consumers").json["total"] == 1)
            #expect(await fixture.call(.delete, secret, headers: new).status == 400)
            #expect(await fixture.call(.delete, "\(secret)?force=maybe", headers: new).status == 400)
            #expect(await fixture.call(.delete, "\(secret)?force=true", headers: new).status == 204)
        }
    }

    @Test func unusualPathsAndVersions() async throws {
        try await KeyManagerFixture.run { fixture in
            for (method, path, status) in [
                (.get, "/v2", 404), (.get, "/v1/secrets/nonsense", 404), (.get, "/v1/containers/..", 404),
                (.put, "/v1/secrets", 405), (.patch, "/v1/containers", 405), (.get, "/v1/orders", 404),
                (.get, "/v1/secret-stores", 404), (.get, "/v1/secrets/' OR 1=1 --", 404),
                (.get, "/v1/secrets?name=' OR 1=1 --", 200), (.get, "/v1/secrets?name=a\u{0}", 400),
            ] as [(HTTPRequest.Method, String, Int)] {
                #expect(await fixture.call(method, path).status == status, "\(method) \(path)")
            }
            for version in ["1.3", "2.0", "1", "1.x", "1.-1"] {
                let answer = await fixture.call(.get, "/", headers: ["OpenStack-API-Version": "key-manager \(version)"])
                #expect(answer.status == 406)
            }
            #expect(await fixture.call(.get, "/").json["versions"]?["values"]?[0]?["id"] == "v1")
            let new = await fixture.call(.get, "/", headers: ["OpenStack-API-Version": "key-manager latest"])
            #expect(new.json["versions"]?[0]?["max_version"] == "1.2")
            let deep = String(repeating: "[", count: 500)
            let answer = await fixture.call(
                .post, "/v1/secrets", headers: ["Content-Type": "application/json"], body: Array(deep.utf8))
            #expect(answer.status == 400)
        }
    }
}
