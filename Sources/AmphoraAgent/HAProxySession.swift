// A connection to a HAProxy process that stays open, also when the process is being replaced.

import Glibc
import NIOPosix

/// One conversation with the control socket (management guide, section 9.3, `prompt`).
///
/// A process that is being replaced closes its control socket, whatever it is called, but goes on with conversations
/// that were opened before (tried on 2.6.12), and does not end before they do. So whoever holds one can read the last
/// counters. Calls must not overlap.
final class HAProxySession: Sendable {
    private let descriptor: Int32
    private let threads: NIOThreadPool
    /// What HAProxy writes when it waits for a command.
    private static let prompt = Array("\n> ".utf8)

    /// Opens a conversation with the process that serves now.
    init(_ client: HAProxyRuntimeClient) async throws {
        threads = client.threads
        descriptor = try await client.threads.runIfActive { try client.connect() }
        _ = try await ask("prompt")
        _ = try await ask("set timeout cli 1d")
    }

    deinit { close(descriptor) }

    /// Sends one command and returns the answer.
    func ask(_ command: String) async throws -> String {
        try await threads.runIfActive { [self] in try exchange(command + "\n") }
    }

    private func exchange(_ command: String) throws -> String {
        let bytes = Array(command.utf8)
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw RuntimeSocketError(description: "send: \(String(cString: strerror(errno)))")
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !answer.suffix(Self.prompt.count).elementsEqual(Self.prompt) {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw RuntimeSocketError(
                    description: count == 0 ? "closed" : "receive: \(String(cString: strerror(errno)))")
            }
            answer += buffer[..<count]
        }
        return String(decoding: answer.dropLast(Self.prompt.count), as: UTF8.self)
    }
}
