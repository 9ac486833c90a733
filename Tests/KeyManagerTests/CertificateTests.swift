// Certificates as load balancing gets them.

import FoundationEssentials
import KeyManager
import LoadBalancing
import Testing

@Suite struct CertificateTests {
    private typealias Samples = CertificateSamples

    @Test func archiveWithoutPassword() async throws {
        try await KeyManagerFixture.run { fixture in
            for (bytes, chain) in [(Samples.archive, [Samples.authority]), (Samples.plainArchive, [])] {
                for payload in [bytes, Array(Data(bytes).base64EncodedString().utf8)] {
                    let secret = try await fixture.secret(payload, .octetStream)
                    let bundle = try await fixture.manager.certificateBundle(
                        ref: fixture.reference(secret), projectID: "red")
                    let pem = try #require(bundle.pem)
                    #expect(pem.certificate == Samples.certificate)
                    #expect(pem.privateKey == Samples.key)
                    #expect(pem.intermediates == chain)
                    #expect(pem.passphrase == nil)
                }
            }
        }
    }

    @Test func oldArchivesAreGivenAsTheyAre() async throws {
        try await KeyManagerFixture.run { fixture in
            let secret = try await fixture.secret(Samples.legacyArchive, .octetStream)
            let bundle = try await fixture.manager.certificateBundle(ref: fixture.reference(secret), projectID: "red")
            #expect(bundle.material == .pkcs12(Samples.legacyArchive))
        }
    }

    @Test func unusableSecretsAreRefused() async throws {
        try await KeyManagerFixture.run { fixture in
            var payloads: [[UInt8]] = [
                Samples.lockedArchive, Array(Samples.key.utf8), Array(Samples.certificate.utf8), [0x30], [0x30, 0x80],
                Array("neither".utf8), Array((Samples.certificate + Samples.encryptedKey).utf8),
                Array("-----BEGIN CERTIFICATE-----\nMII".utf8),
            ]
            for count in stride(from: 1, to: Samples.plainArchive.count, by: 7) {
                payloads.append(Array(Samples.plainArchive.prefix(count)))
            }
            for payload in payloads {
                let secret = try await fixture.secret(payload, .octetStream)
                do {
                    let bundle = try await fixture.manager.certificateBundle(
                        ref: fixture.reference(secret), projectID: "red")
                    #expect(bundle.pem == nil, "\(payload.prefix(8))")
                } catch let fault as KeyManagerFault {
                    #expect(fault.status == 400)
                }
            }
        }
    }

    @Test func damagedArchivesDoNoHarm() async throws {
        try await KeyManagerFixture.run { fixture in
            for index in stride(from: 0, to: Samples.plainArchive.count, by: 3) {
                var bytes = Samples.plainArchive
                bytes[index] ^= 0xFF
                let secret = try await fixture.secret(bytes, .octetStream)
                do {
                    _ = try await fixture.manager.certificateBundle(ref: fixture.reference(secret), projectID: "red")
                } catch let fault as KeyManagerFault {
                    #expect(fault.status == 400)
                }
            }
        }
    }

    @Test func textWithEverything() async throws {
        try await KeyManagerFixture.run { fixture in
            for text in [
                Samples.certificate + Samples.key + Samples.authority,
                "Bag Attributes\n" + Samples.key + "\r\n" + Samples.certificate + Samples.authority + "end",
                (Samples.certificate + Samples.authority + Samples.key).replacing("\n", with: "\r\n"),
            ] {
                let secret = try await fixture.secret(text)
                let pem = try #require(
                    try await fixture.manager.certificateBundle(ref: fixture.reference(secret), projectID: "red").pem)
                #expect(pem.combined == Samples.certificate + Samples.authority + Samples.key)
            }
        }
    }

    private func container(
        _ fixture: KeyManagerFixture, _ parts: [(String, String)], as user: String = "alice"
    ) async throws -> String {
        var references: [SecretContainer.Reference] = []
        for (name, text) in parts {
            references.append(.init(name: name, secretID: try await fixture.secret(text, as: user).id))
        }
        let draft = ContainerDraft(kind: .certificate, references: references)
        let made = try await fixture.manager.write(as: TestTokens.access(user)) { try $0.createContainer(draft) }
        return "http://other:9876/key-manager/v1/containers/\(made.id)/"
    }

    @Test func containerOfParts() async throws {
        try await KeyManagerFixture.run { fixture in
            let clear = try await container(
                fixture,
                [
                    ("certificate", Samples.certificate), ("private_key", Samples.key),
                    ("intermediates", Samples.authority),
                ])
            let locked = try await container(
                fixture,
                [
                    ("certificate", Samples.certificate), ("private_key", Samples.encryptedKey),
                    ("intermediates", Samples.authority), ("private_key_passphrase", "sesame"),
                ])
            for reference in [clear, locked] {
                let pem = try #require(
                    try await fixture.manager.certificateBundle(ref: reference, projectID: "red").pem)
                #expect(pem.combined == Samples.certificate + Samples.authority + Samples.key)
                #expect(pem.passphrase == nil)
                await expectFault(403) {
                    try await fixture.manager.certificateBundle(ref: reference, projectID: "blue")
                }
            }
            let bare = try await container(fixture, [("certificate", Samples.certificate)])
            await expectFault(400) { try await fixture.manager.certificateBundle(ref: bare, projectID: "red") }
            await expectFault(400) { try await fixture.manager.payload(ref: bare, projectID: "red") }
        }
    }

    @Test func containerWithoutItsSecretIsRefused() async throws {
        try await KeyManagerFixture.run { fixture in
            let key = try await fixture.secret(Samples.key)
            let certificate = try await fixture.secret(Samples.certificate)
            let draft = ContainerDraft(
                kind: .certificate,
                references: [
                    .init(name: "certificate", secretID: certificate.id), .init(name: "private_key", secretID: key.id),
                ])
            let alice = TestTokens.access("alice")
            let made = try await fixture.manager.write(as: alice) { try $0.createContainer(draft) }
            let reference = "/v1/containers/\(made.id)"
            let before = try await fixture.manager.marker(reference, as: .service)
            try await fixture.manager.write(as: alice) { try $0.deleteSecret(key.id) }
            await expectFault(404) { try await fixture.manager.certificateBundle(ref: reference, projectID: "red") }
            #expect(try await fixture.manager.marker(reference, as: .service) != before)
        }
    }

    @Test(arguments: [
        "", "/", "secrets/", "nonsense", "http://host/v1/secrets/1", "http://host/v1/orders/\(ResourceID.random())",
        String(repeating: "a", count: 10_000),
    ]) func badReferences(text: String) async throws {
        try await KeyManagerFixture.run { fixture in
            await expectFault(400) { try await fixture.manager.certificateBundle(ref: text, projectID: "red") }
        }
    }

    @Test func changesAreTold() async throws {
        try await KeyManagerFixture.run { fixture in
            let stream = fixture.manager.changes()
            let secret = try await fixture.secret("one")
            await expectFault(400) { try await fixture.secret("") }
            try await fixture.manager.write(as: TestTokens.access("alice")) { try $0.deleteSecret(secret.id) }
            var kinds: [KeyManagerChange.Kind] = []
            for await change in stream {
                #expect(change.reference == KeyReference(.secret, secret.id))
                kinds.append(change.kind)
                if kinds.count == 2 { break }
            }
            #expect(kinds == [.stored, .deleted])
        }
    }
}
