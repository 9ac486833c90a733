// Payloads at rest.

import FoundationEssentials
import KeyManager
import LoadBalancing
import Persistence
import Testing

@Suite struct EncryptionTests {
    private static let marker = "a-payload-that-must-not-be-found"

    @Test func payloadsNeverReachTheDatabaseFiles() async throws {
        try await KeyManagerFixture.run { fixture in
            let secret = try await fixture.secret(Self.marker)
            let found = try await fixture.manager.payload(fixture.reference(secret), as: TestTokens.access("alice"))
            #expect(String(decoding: found.bytes, as: UTF8.self) == Self.marker)
            for suffix in ["", "-wal"] {
                guard let data = FileManager.default.contents(atPath: fixture.databasePath + suffix) else { continue }
                for text in [Self.marker, Data(Self.marker.utf8).base64EncodedString()] {
                    #expect(Array(data).firstRange(of: Array(text.utf8)) == nil, "plain in test.db\(suffix)")
                }
            }
        }
    }

    @Test func equalPayloadsLookDifferent() async throws {
        try await KeyManagerFixture.run { fixture in
            _ = try await fixture.secret(Self.marker)
            _ = try await fixture.secret(Self.marker)
            let rows = try await fixture.database.read { connection in
                try connection.query("SELECT ciphertext, wrapped_key FROM key_manager_payload", []) {
                    [$0.optionalBlob(0), $0.optionalBlob(1)]
                }
            }
            #expect(Set(rows).count == 2)
        }
    }

    @Test(arguments: ["ciphertext", "wrapped_key"]) func changedBytesAreNoticed(column: String) async throws {
        try await KeyManagerFixture.run { fixture in
            let secret = try await fixture.secret(Self.marker)
            try await fixture.database.write { connection in
                var bytes =
                    try connection.first("SELECT \(column) FROM key_manager_payload") { $0.optionalBlob(0) ?? [] } ?? []
                bytes[20] ^= 1
                try connection.execute("UPDATE key_manager_payload SET \(column) = ?", [DatabaseValue.blob(bytes)])
            }
            await #expect(throws: KeyRingFault.tampered(secretID: secret.id.string)) {
                try await fixture.manager.payload(fixture.reference(secret), as: .service)
            }
        }
    }

    @Test func bytesOfAnotherSecretAreNoticed() async throws {
        try await KeyManagerFixture.run { fixture in
            let first = try await fixture.secret("first")
            let second = try await fixture.secret("other")
            try await fixture.database.write { connection in
                try connection.execute("DELETE FROM key_manager_payload WHERE secret_id = ?", [first.id])
                try connection.execute("UPDATE key_manager_payload SET secret_id = ?", [first.id])
            }
            await #expect(throws: KeyRingFault.tampered(secretID: first.id.string)) {
                try await fixture.manager.payload(fixture.reference(first), as: .service)
            }
            await expectFault(404) { try await fixture.manager.payload(fixture.reference(second), as: .service) }
        }
    }

    @Test func anotherKeyOpensNothing() async throws {
        try await KeyManagerFixture.run { fixture in
            let secret = try await fixture.secret(Self.marker)
            let stranger = EmbeddedKeyManager(database: fixture.database, keys: .ephemeral()) { fixture.clock.now }
            await #expect(throws: KeyRingFault.self) { try await stranger.verifyKeys() }
            await #expect(throws: KeyRingFault.self) {
                try await stranger.payload(fixture.reference(secret), as: .service)
            }
            // A key with the right name but other bytes.
            let text = String(
                decoding: FileManager.default.contents(atPath: fixture.keyPath) ?? Data(), as: UTF8.self)
            let id = text.prefix { $0 != " " }
            let forged = fixture.folder + "/forged"
            try Data("\(id) \(Data(repeating: 7, count: 32).base64EncodedString())\n".utf8)
                .write(to: URL(filePath: forged))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: forged)
            let impostor = EmbeddedKeyManager(database: fixture.database, keys: try KeyRing(path: forged))
            await #expect(throws: KeyRingFault.tampered(secretID: secret.id.string)) {
                try await impostor.payload(fixture.reference(secret), as: .service)
            }
        }
    }

    @Test func keysRotate() async throws {
        try await KeyManagerFixture.run { fixture in
            let secret = try await fixture.secret(Self.marker)
            let old = FileManager.default.contents(atPath: fixture.keyPath)
            let ring = try KeyRing.rotate(path: fixture.keyPath)
            let manager = EmbeddedKeyManager(database: fixture.database, keys: ring) { fixture.clock.now }
            #expect(try await manager.payload(fixture.reference(secret), as: .service).bytes == Array(Self.marker.utf8))
            #expect(try await manager.rewrapPayloads() == 1)
            #expect(try await manager.rewrapPayloads() == 0)
            let text = String(
                decoding: try #require(FileManager.default.contents(atPath: fixture.keyPath)), as: UTF8.self)
            let newest = try #require(text.split(separator: "\n").first)
            try Data("\(newest)\n".utf8).write(to: URL(filePath: fixture.keyPath))
            let last = EmbeddedKeyManager(database: fixture.database, keys: try KeyRing(path: fixture.keyPath))
            try await last.verifyKeys()
            #expect(try await last.payload(fixture.reference(secret), as: .service).bytes == Array(Self.marker.utf8))
            #expect(text.contains(String(decoding: try #require(old), as: UTF8.self)))
        }
    }

    @Test func keyFilesAreForTheOwnerOnly() async throws {
        try await KeyManagerFixture.run { fixture in
            let attributes = try FileManager.default.attributesOfItem(atPath: fixture.keyPath)
            #expect("\(attributes[.posixPermissions] ?? 0)" == "\(0o600)")
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: fixture.keyPath)
            #expect(throws: KeyRingFault.self) { try KeyRing(path: fixture.keyPath) }
            for text in ["", "id", "id c2hvcnQ=", "id ###"] {
                try Data(text.utf8).write(to: URL(filePath: fixture.keyPath))
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: fixture.keyPath)
                #expect(throws: KeyRingFault.self, "\(text)") { try KeyRing(path: fixture.keyPath) }
            }
            #expect(throws: KeyRingFault.self) { try KeyRing(path: fixture.folder + "/absent/key") }
        }
    }
}
