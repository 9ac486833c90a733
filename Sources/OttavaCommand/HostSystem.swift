// The little that the command needs of the operating system.

internal import FoundationEssentials
internal import Glibc

/// Where programs are.
enum Programs {
    /// The path of a program in PATH or in the directories of system daemons; its bare name in /usr/sbin if it is
    /// nowhere, for the message that says so.
    static func find(_ name: String) -> String {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders = path.split(separator: ":").map(String.init) + ["/usr/local/sbin", "/usr/sbin", "/sbin"]
        return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 } ?? "/usr/sbin/\(name)"
    }
}

/// Writing where people and other programs read, at once and unbuffered.
enum StandardStreams {
    static func output(_ text: String) { write(text, to: STDOUT_FILENO) }
    static func error(_ text: String) { write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}

/// Why the server cannot start, in words that say what to do.
struct StartProblem: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}

/// The directory of everything that lasts.
struct DataDirectory: Sendable {
    /// An absolute path.
    let path: String

    /// Makes the directory if it is missing, readable by nobody else; without a path makes a temporary one.
    init(_ wanted: String?) throws(StartProblem) {
        if let wanted {
            if mkdir(wanted, 0o700) != 0, errno != EEXIST {
                throw StartProblem("cannot make the data directory \(wanted): \(Self.reason())")
            }
            guard let resolved = realpath(wanted, nil) else {
                throw StartProblem("cannot use the data directory \(wanted): \(Self.reason())")
            }
            path = String(cString: resolved)
            free(resolved)
        } else {
            var template = Array("/tmp/ottava-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else {
                throw StartProblem("cannot make a temporary directory: \(Self.reason())")
            }
            path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        guard access(path, R_OK | W_OK | X_OK) == 0 else {
            throw StartProblem("the data directory \(path) is not writable for this user")
        }
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file that only this user can read, all at once.
    func write(_ text: String, to name: String) throws(StartProblem) {
        removeDrafts(of: name)
        // Several processes may have the directory.
        let temporary = file(".\(name).\(getpid()).new")
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StartProblem("cannot write \(file(name)): \(Self.reason())") }
        let bytes = Array(text.utf8)
        let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard fsync(descriptor) == 0, Glibc.close(descriptor) == 0, count == bytes.count,
            rename(temporary, file(name)) == 0
        else { throw StartProblem("cannot write \(file(name)): \(Self.reason())") }
    }

    /// Removes what processes left that were killed while they wrote.
    private func removeDrafts(of name: String) {
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
            guard entry.hasPrefix(".\(name)."), entry.hasSuffix(".new"),
                let writer = pid_t(entry.dropFirst(name.utf8.count + 2).dropLast(4)), kill(writer, 0) != 0,
                errno == ESRCH
            else { continue }
            unlink(file(entry))
        }
    }

    func read(_ name: String) -> [UInt8]? {
        (try? Data(contentsOf: URL(filePath: file(name)))).map { Array($0) }
    }

    /// A name that stays with the directory: whoever has its data plane holds work under it.
    func nodeName() throws(StartProblem) -> String {
        // Whole before it has its name: a process that dies meanwhile leaves no half of it, and of several that start one
        // gives the name.
        let path = file("node-id")
        if access(path, F_OK) != 0 {
            let draft = "\(path).\(getpid())"
            let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            let bytes = Array(UUID().uuidString.lowercased().utf8)
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            defer { unlink(draft) }
            guard Glibc.close(descriptor) == 0, count == bytes.count, link(draft, path) == 0 || errno == EEXIST else {
                throw StartProblem("cannot write \(path): \(Self.reason())")
            }
        }
        guard let bytes = read("node-id"), bytes.count == 36 else {
            throw StartProblem("\(path) is not readable, or not the name of a node")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Removes the directory and everything in it.
    func remove() { try? FileManager.default.removeItem(atPath: path) }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
