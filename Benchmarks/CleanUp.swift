// What is to be ended and removed at the end, also when somebody interrupts.

internal import Foundation
internal import Glibc
internal import Synchronization

enum CleanUp {
    private static let actions = Mutex<[@Sendable () -> Void]>([])

    /// Notes something to be done by ``run()``.
    static func add(_ action: @escaping @Sendable () -> Void) {
        actions.withLock { $0.append(action) }
    }

    /// Does what was noted, the last first.
    static func run() {
        let taken = actions.withLock { actions in
            defer { actions = [] }
            return actions
        }
        for action in taken.reversed() { action() }
    }

    /// Cleans up when Ctrl-C or `kill` end the program. To be called before there are other threads: they inherit
    /// that these signals wait for the thread that is started here.
    static func whenInterrupted() {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM] { sigaddset(&signals, number) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        Thread.detachNewThread { [signals] in
            var signals = signals
            var number: Int32 = 0
            sigwait(&signals, &number)
            run()
            exit(128 + number)
        }
    }
}
