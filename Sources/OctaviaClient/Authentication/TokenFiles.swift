// Tokens in files of the user.

internal import JSON
internal import LoadBalancing

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A cache of tokens in a folder that only the user can read: one file with mode 0600 for each login.
///
/// A token is taken again for ``lifetime`` after its login, so that a user whose roles change does not work with the old
/// ones for long. A file that somebody else could have written, or that cannot be read, counts as none; that nothing can
/// be kept is no error.
public struct TokenFiles: TokenCache {
    /// Made when the first token is kept, with mode 0700.
    public var folder: String
    /// How long after a login its token is used.
    public var lifetime: Duration

    /// Makes one; parameters that are not given have their usual values.
    public init(folder: String, lifetime: Duration = .seconds(600)) {
        self.folder = folder
        self.lifetime = lifetime
    }

    /// The folder of a user's programs: `ottava/tokens` in `XDG_CACHE_HOME`, else in `~/.cache`
    /// (XDG Base Directory Specification).
    ///
    /// - Returns: `nil` when the environment has neither.
    public static func standardFolder(environment: [String: String]) -> String? {
        if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") { return "\(cache)/ottava/tokens" }
        return environment["HOME"].flatMap { $0.isEmpty ? nil : "\($0)/.cache/ottava/tokens" }
    }

    /// The file of a login: named after it; the file itself says whose it is.
    private func path(_ identity: String) -> String { "\(folder)/\(String(Self.hash(identity), radix: 16))" }

    /// FNV-1a (RFC 9923).
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// Tells a wrong password, which is not to work as long as the token of the right one does. With 16 bits it says too
    /// little of the password to find it.
    private static func check(_ configuration: CloudConfiguration) -> Int64 {
        switch configuration.credentials {
        case .password(_, let secret, _), .applicationCredential(_, let secret):
            Int64(hash(secret.revealed) >> 48)
        case .token, .endpoints: 0
        }
    }

    public func token(for configuration: CloudConfiguration) -> Token? {
        guard let identity = configuration.tokenIdentity, let bytes = Self.read(path(identity)),
            let document = try? JSONValue(parsing: bytes), document["identity"]?.string == identity,
            document["check"]?.integer == Self.check(configuration),
            let value = document["value"]?.string, let time = document["time"]?.integer,
            let token = try? Token(value: Secret(value), body: bytes)
        else { return nil }
        let age = Timestamp.now.microseconds / 1_000_000 - time
        guard age >= 0, age < lifetime.components.seconds, !token.expiresSoon(now: .now) else { return nil }
        return token
    }

    public func keep(_ token: Token?, for configuration: CloudConfiguration) {
        guard let identity = configuration.tokenIdentity else { return }
        guard let token else {
            unlink(path(identity))
            return
        }
        let document: JSONValue = [
            "identity": .string(identity), "check": .integer(Self.check(configuration)),
            "value": .string(token.value.revealed),
            "time": .integer(Timestamp.now.microseconds / 1_000_000), "token": token.document,
        ]
        write(JSONWriter.bytes(of: document), to: path(identity))
    }

    // MARK: Files

    /// What a file has; `nil` unless it is the user's own and nobody else's.
    private static func read(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o077 == 0,
            (1...1_048_576).contains(status.st_size)
        else { return nil }
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
            count = max(0, Self.read(file, buffer))
        }
        return bytes.count == status.st_size ? bytes : nil
    }

    private static func read(_ file: Int32, _ buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        #if canImport(Glibc)
            Glibc.read(file, buffer.baseAddress, buffer.count)
        #else
            Darwin.read(file, buffer.baseAddress, buffer.count)
        #endif
    }

    /// Writes a file anew, so that readers see the old one or the new one.
    private func write(_ bytes: [UInt8], to path: String) {
        for (position, _) in folder.enumerated().filter({ $0.element == "/" && $0.offset > 0 }) {
            mkdir(String(folder.prefix(position)), 0o700)
        }
        mkdir(folder, 0o700)
        let draft = "\(path).\(getpid())"
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        let count = bytes.withUnsafeBytes { buffer in
            #if canImport(Glibc)
                Glibc.write(file, buffer.baseAddress, buffer.count)
            #else
                Darwin.write(file, buffer.baseAddress, buffer.count)
            #endif
        }
        close(file)
        if count != bytes.count || rename(draft, path) != 0 { unlink(draft) }
    }
}

extension Token {
    /// The token as Keystone describes it, as far as it is used.
    fileprivate var document: JSONValue {
        func entity(_ entity: Entity?) -> JSONValue {
            entity.map { ["id": .string($0.id), "name": .string($0.name)] } ?? .null
        }
        let endpoints = catalog.endpoints.map { endpoint -> JSONValue in
            [
                "type": .string(endpoint.service),
                "endpoints": [
                    [
                        "interface": .string(endpoint.interface.rawValue), "url": .string(endpoint.url),
                        "region_id": endpoint.region.map { .string($0) } ?? .null,
                    ]
                ],
            ]
        }
        return [
            "user": entity(user), "project": entity(project), "domain": entity(domain),
            "roles": .array(roles.map { ["name": .string($0)] }),
            "expires_at": expiresAt.map { .string($0.iso8601Zulu) } ?? .null, "catalog": .array(endpoints),
        ]
    }
}
