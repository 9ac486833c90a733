// A session of its own that hears what all processes announce (LISTEN, PostgreSQL manual).

internal import Glibc
internal import NIOPosix
internal import Persistence
internal import Synchronization

/// Passes announcements on until it is stopped, whatever happens to the server.
final class PostgreSQLListener: Sendable {
    private let url: String
    private let continuation: AsyncStream<Announcement>.Continuation
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let isStopped = Mutex(false)

    init(url: String, continuation: AsyncStream<Announcement>.Continuation) {
        self.url = url
        self.continuation = continuation
    }

    func start() {
        thread.start()
        thread.submit { [self] _ in
            while !isStopped.withLock({ $0 }) {
                // What failed does not matter: whoever uses the database learns of it, and here it is tried again.
                try? listen()
                usleep(200_000)
            }
        }
    }

    func stop() {
        isStopped.withLock { $0 = true }
        continuation.finish()
        thread.shutdownGracefully { _ in }
    }

    private func listen() throws(PostgreSQLFailure) {
        let session = try PostgreSQLSession(url: url)
        try session.run("LISTEN \(PostgreSQLConnection.channel)")
        continuation.yield(.work)
        var silence = 0
        while !isStopped.withLock({ $0 }) {
            let texts = try session.notifications(atMost: 0.5)
            for text in texts { Announcement(text: text).map { _ = continuation.yield($0) } }
            // A server that is gone without a word is noticed by asking.
            silence = texts.isEmpty ? silence + 1 : 0
            if silence >= 10 {
                silence = 0
                try session.run("SELECT 1")
            }
        }
    }
}
