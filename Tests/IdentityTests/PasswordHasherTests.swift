// Passwords as they are kept.

import Identity
import Testing

@Suite struct PasswordHasherTests {
    private let hasher = PasswordHasher(cost: .init(rounds: 16, blockSize: 1))

    @Test func acceptsOnlyTheRightPassword() async throws {
        let hash = try await hasher.hash("correct horse")
        #expect(hash.hasPrefix("$scrypt$16,1,1$"))
        #expect(try await hasher.verify("correct horse", against: hash))
        #expect(try await !hasher.verify("correct horsf", against: hash))
        #expect(try await !hasher.verify("", against: hash))
        #expect(try await !hasher.verify("correct horse", against: nil))
    }

    @Test func saltsEachHash() async throws {
        let (first, second) = (try await hasher.hash("same"), try await hasher.hash("same"))
        #expect(first != second)
    }

    @Test func readsTheCostFromTheHash() async throws {
        let hash = try await hasher.hash("secret")
        #expect(try await PasswordHasher(cost: .init(rounds: 32, blockSize: 2)).verify("secret", against: hash))
    }

    @Test(arguments: [
        "", "plain", "$scrypt$", "$scrypt$16,1,1$$", "$scrypt$1073741824,8,1$AAAA$AAAA", "$scrypt$0,1,1$AAAA$AAAA",
        "$scrypt$16,1$AAAA$AAAA", "$bcrypt$16,1,1$AAAA$AAAA", "$scrypt$16,1,1$!!$AAAA",
    ])
    func refusesDamagedHashes(_ stored: String) async throws {
        #expect(try await !hasher.verify("secret", against: stored))
        #expect(try await !hasher.verify("", against: stored))
    }

    @Test func defaultCostWorks() async throws {
        let hasher = PasswordHasher()
        let hash = try await hasher.hash("secret")
        #expect(try await hasher.verify("secret", against: hash))
    }

    @Test func base64URLHasOneSpelling() {
        for length in 0..<70 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
        #expect(Base64URL.encode([0xFB, 0xFF]) == "-_8")
        #expect(Base64URL.decode("-_9") == nil)
        #expect(Base64URL.decode("-_8=") == nil)
        #expect(Base64URL.decode("A") == nil)
    }
}
