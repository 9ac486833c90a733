// What is to be ended and removed at the end, also when somebody interrupts.

internal import Foundation
internal import Glibc
internal import Synchronization
internal import TestSupport

enum CleanUp {
    private static let actions = Mutex<[@Sendable () -> Void]>([])

    /// Notes something to be done by ``run()``.
    static func add(_ action: @escaping @Sendable () -> Void) {
        actions.withLock { $0.append(action) }
    }

    /// Makes a folder; at the end, processes that have a path in it in their command line are killed, and it is removed.
    static func makeFolder(_ name: String) throws -> TemporaryFolder {
        let folder = try TemporaryFolder(name)
        add {
            // A process that is just starting may fork once more.
            while case let processes = ProcessTable.processes(below: folder.path), !processes.isEmpty {
                for process in processes { ProcessTable.kill(process) }
                usleep(5_000)
            }
            folder.remove()
        }
        return folder
    }

    /// Does what was noted, the last first.
    static func run() {
        actions.withLock { run(&$0) }
    }

    private static func run(_ actions: inout [@Sendable () -> Void]) {
        while let action = actions.popLast() { action() }
    }

    /// Cleans up when Ctrl-C or `kill` end the program.
    static func whenInterrupted() {
        _ = signals
        Thread.detachNewThread {
            var number: UInt8 = 0
            while read(signals.reading, &number, 1) != 1 {}
            // Who makes something now, or is done, waits for the lock until the program has ended.
            actions.withLock { actions in
                run(&actions)
                exit(128 + Int32(number))
            }
        }
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                var byte = UInt8(number)
                _ = write(CleanUp.signals.writing, &byte, 1)
            }
        }
    }

    /// A pipe that takes the numbers of signals to a thread: a handler may do next to nothing itself.
    private static let signals: (reading: Int32, writing: Int32) = {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }()
}
