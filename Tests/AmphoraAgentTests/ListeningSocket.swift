// A listening socket of a test's server that may be stopped at any time, and more than once.

import Foundation
import Glibc
import Synchronization
import Testing

/// Accepts connections on a thread of its own, which alone closes the socket: a number that was closed elsewhere could by
/// then be another file of the process.
final class ListeningSocket: Sendable {
    private struct State {
        var isStopped = false
        var isClosed = false
    }

    private let descriptor: Int32
    private let state = Mutex(State())

    /// Listens on a bound socket, and hands each connection to the closure, which closes it, on a thread of its own.
    init(_ descriptor: Int32, _ serve: @escaping @Sendable (_ connection: Int32) -> Void) throws {
        self.descriptor = descriptor
        try #require(listen(descriptor, 1_024) == 0)
        Thread.detachNewThread { [self] in
            while !state.withLock({ $0.isStopped }) {
                let connection = accept(descriptor, nil, nil)
                // The limit on reading counts for accepting too.
                if connection < 0, [EAGAIN, EINTR, ECONNABORTED].contains(errno) { continue }
                guard connection >= 0 else { break }
                _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                Thread.detachNewThread { serve(connection) }
            }
            state.withLock { state in
                close(descriptor)
                state.isClosed = true
            }
        }
    }

    /// Refuses connections from now on, and waits until the port is free.
    func stop() {
        state.withLock { state in
            if !state.isStopped { shutdown(descriptor, Int32(SHUT_RDWR)) }
            state.isStopped = true
        }
        while !state.withLock({ $0.isClosed }) { usleep(500) }
    }
}
