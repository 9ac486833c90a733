// Talks to one HAProxy process over its control socket (management guide, "Unix Socket commands").

import Glibc
import NIOPosix

/// Why a command could not be sent or got no answer.
struct RuntimeSocketError: Error, Sendable, CustomStringConvertible {
    var description: String
    /// Whether nobody listens on the socket.
    var isRefused = false
}

/// Sends commands to the control socket of a load balancer's folder.
///
/// Each call is one connection; HAProxy closes it when the last command is answered. Reading and writing block, so they
/// happen on threads of their own.
struct HAProxyRuntimeClient: Sendable {
    /// The load balancer's folder.
    let folder: String
    var threads: NIOThreadPool = .singleton
    /// Milliseconds without any byte before the call gives up.
    var patience: Int32 = 3_000

    /// HAProxy reads a line into a buffer of 16 KB; longer ones are split up.
    private static let longestLine = 8_192

    /// Whether the socket's name leads to nobody: the one who listened there is gone.
    func isRefused() async -> Bool {
        do {
            let descriptor = try await threads.runIfActive { [self] in try connect() }
            close(descriptor)
            return false
        } catch {
            return (error as? RuntimeSocketError)?.isRefused == true
        }
    }

    /// Sends one command and returns all that HAProxy answers.
    func ask(_ command: String) async throws -> String {
        try await threads.runIfActive { [self] in try exchange(command + "\n") }
    }

    /// Sends commands in as few connections as possible and stops at the first that fails.
    ///
    /// - Throws: ``RuntimeSocketError`` that names the command and the answer.
    func perform(_ commands: [RuntimeCommand]) async throws {
        for line in Self.lines(commands, length: \.text.utf8.count) {
            for (command, answer) in zip(line, try await answers(to: line.map(\.text))) {
                guard let answer else { throw RuntimeSocketError(description: "no answer to: \(command.text)") }
                guard command.hasWorked(answer) else {
                    throw RuntimeSocketError(description: "\(command.text): \(answer)")
                }
            }
        }
    }

    /// Sends commands in as few connections as possible, whatever comes of each.
    ///
    /// - Returns: The answer to each; absent where HAProxy gave none.
    func askAll(_ commands: [String]) async throws -> [String?] {
        var all: [String?] = []
        for line in Self.lines(commands, length: \.utf8.count) { all += try await answers(to: line) }
        return all
    }

    /// The answers to the commands of one line.
    private func answers(to commands: [String]) async throws -> [String?] {
        let answers = Self.answers(in: try await ask(commands.joined(separator: ";")))
        return commands.indices.map { $0 < answers.count ? answers[$0] : nil }
    }

    /// Splits commands up so that each line has a length that HAProxy reads.
    private static func lines<Command>(_ commands: [Command], length: (Command) -> Int) -> [[Command]] {
        var lines: [[Command]] = []
        var room = 0
        for command in commands {
            let length = length(command) + 1
            if lines.isEmpty || length > room {
                lines.append([])
                room = longestLine
            }
            lines[lines.count - 1].append(command)
            room -= length
        }
        return lines
    }

    /// Splits what HAProxy sends for several commands: an empty line ends each answer, and silence is the empty line
    /// alone.
    static func answers(in text: String) -> [String] {
        var answers: [String] = []
        var current = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if line.isEmpty {
                answers.append(current)
                current = ""
            } else {
                current += current.isEmpty ? "\(line)" : "\n\(line)"
            }
        }
        if !current.isEmpty { answers.append(current) }
        return answers
    }

    /// Connects, sends, and reads to the end.
    private func exchange(_ command: String) throws -> String {
        let socket = try connect()
        defer { close(socket) }
        var bytes = Array(command.utf8)[...]
        while !bytes.isEmpty {
            let sent = bytes.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if sent < 0 {
                if errno == EINTR { continue }
                throw RuntimeSocketError(description: "send: \(String(cString: strerror(errno)))")
            }
            bytes = bytes.dropFirst(sent)
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            if count == 0 { return String(decoding: answer, as: UTF8.self) }
            if count < 0 {
                if errno == EINTR { continue }
                throw RuntimeSocketError(description: "receive: \(String(cString: strerror(errno)))")
            }
            answer += buffer[..<count]
        }
    }

    /// Opens the socket by way of a descriptor of its folder, because a path may have only 107 bytes.
    func connect() throws -> Int32 {
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw RuntimeSocketError(description: "no folder \(folder)") }
        defer { close(directory) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else {
            throw RuntimeSocketError(description: "socket: \(String(cString: strerror(errno)))")
        }
        var limit = timeval(tv_sec: Int(patience) / 1_000, tv_usec: Int(patience) % 1_000 * 1_000)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { path in
            path.copyBytes(from: "/proc/self/fd/\(directory)/\(DataPlaneFile.controlSocket)".utf8)
        }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let cause = errno
            close(descriptor)
            throw RuntimeSocketError(
                description: "connect: \(String(cString: strerror(cause)))", isRefused: cause == ECONNREFUSED)
        }
        return descriptor
    }
}
