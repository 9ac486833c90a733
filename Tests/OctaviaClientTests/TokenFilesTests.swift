// Tokens that outlive a program.

internal import Foundation
internal import OctaviaClient
internal import TestSupport
internal import Testing

extension OctaviaClientTests {
    @Suite(.server)
    struct TokenFilesTests {
        private func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }

        @Test func theNextProgramTakesTheTokenOfTheLast() async throws {
            let folder = try TemporaryFolder("ottava-tokens")
            defer { folder.remove() }
            let files = TokenFiles(folder: folder.file("cache/tokens"))
            let configuration = try #require(ServerProcess.current).configuration()
            func token(_ files: TokenFiles?) async throws -> Token {
                try await Cloud.with(configuration, tokens: files) { cloud in
                    _ = try await cloud.loadBalancers.list().all()
                    return try await cloud.token()
                }
            }
            let first = try await token(files)
            #expect(try await token(files) == first)
            #expect(try await token(nil).value != first.value)
            let name = try #require(Files.below(files.folder).first)
            let path = "\(files.folder)/\(name)"
            #expect(try mode(path) == 0o600)
            #expect(try mode(files.folder) == 0o700)
            let password = ServerProcess.demoPassword
            #expect(Files.text(path)?.contains(password) == false)

            // Another scope is another login.
            var other = configuration
            other.credentials = .password(
                user: .name("demo", domain: .default), password: Secret(password), scope: .unscoped)
            #expect(files.token(for: other) == nil)

            // One that a service refuses is replaced, for later programs too.
            try await Cloud.with(configuration) { cloud in
                var same = configuration
                same.credentials = .token(first.value, scope: .unscoped)
                try await Cloud.with(same) { same in
                    _ = try await same.token()
                    try await same.logOut()
                }
            }
            let second = try await token(files)
            #expect(second.value != first.value)
            #expect(try await token(files) == second)

            // What others could have written, is old, or is something else, is not taken.
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            #expect(files.token(for: configuration) == nil)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            #expect(files.token(for: configuration) == second)
            #expect(TokenFiles(folder: files.folder, lifetime: .zero).token(for: configuration) == nil)
            let text = try #require(Files.text(path))
            for wrong in ["", "{", String(text.dropLast(20)), text.replacing("password", with: "passwort")] {
                try Files.write(wrong, to: path)
                #expect(files.token(for: configuration) == nil, "\(wrong)")
            }
            try Files.write(text, to: folder.file("elsewhere"))
            try Files.remove(path)
            try Files.link(path, to: folder.file("elsewhere"))
            #expect(files.token(for: configuration) == nil)
            try Files.remove(path)

            // The end of the token is the end of the file.
            try await Cloud.with(configuration, tokens: files) { cloud in
                _ = try await cloud.token()
                #expect(Files.exists(path))
                try await cloud.logOut()
                #expect(!Files.exists(path))
            }
            // Where nothing can be kept, everything works.
            _ = try await token(TokenFiles(folder: "/proc/nowhere/tokens"))
        }
    }
}
