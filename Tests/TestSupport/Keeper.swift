// A shell that keeps servers for tests: it goes, with them, when this process ends, however it ends.

internal import Foundation
internal import Glibc
internal import Synchronization

/// A shell with a script that reads orders, a line each, and answers each with `ok` or `failed`; at the end of its input
/// it cleans up.
///
/// Its pipes have names and no other program inherits them, so that the input ends with this process and not later.
final class Keeper: Sendable {
    private struct Pipes {
        var input: Int32
        var output: Int32
    }

    private let pipes: Mutex<Pipes>
    private let process: ChildProcess

    /// Starts the script.
    ///
    /// - Parameter folder: Where its pipes are; the script may remove it at its end.
    init(_ script: String, name: String, _ arguments: [String], folder: String) throws {
        let (input, output) = ("\(folder)/keeper-input", "\(folder)/keeper-output")
        for pipe in [input, output] where mkfifo(pipe, 0o600) != 0 {
            throw CannotStart(description: "mkfifo \(pipe): \(String(cString: strerror(errno)))")
        }
        // Opened for both directions, because a pipe's other end would have to be there otherwise.
        let writing = open(input, O_RDWR | O_CLOEXEC)
        let reading = open(output, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        process = try ChildProcess(
            "/bin/bash", ["-c", script, name] + arguments, input: input, output: output, errors: "/dev/null")
        // Now that the shell reads, writing alone will do; and its end is then the end of the shell's input.
        let orders = open(input, O_WRONLY | O_CLOEXEC)
        close(writing)
        guard orders >= 0, reading >= 0, fcntl(reading, F_SETFL, 0) == 0 else {
            throw CannotStart(description: "the pipes of \(name): \(String(cString: strerror(errno)))")
        }
        pipes = Mutex(Pipes(input: orders, output: reading))
    }

    /// Gives an order, and waits for its answer.
    ///
    /// - Returns: Whether it was carried out.
    func order(_ text: String) -> Bool {
        pipes.withLock { pipes in
            let line = Array("\(text)\n".utf8)
            guard write(pipes.input, line, line.count) == line.count else { return false }
            var answer: [UInt8] = []
            var byte: UInt8 = 0
            while answer.last != UInt8(ascii: "\n"), read(pipes.output, &byte, 1) == 1 { answer.append(byte) }
            return answer == Array("ok\n".utf8)
        }
    }

    /// Has it clean up, and waits for that.
    func end() {
        pipes.withLock { pipes in
            close(pipes.input)
            while process.isRunning { usleep(5_000) }
            close(pipes.output)
        }
    }
}
