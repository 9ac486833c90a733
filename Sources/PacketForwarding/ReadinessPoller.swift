// Waits for many sockets with one thread.

import Glibc
import NIOPosix
package import ProviderDrivers
import Synchronization

/// Tells when a socket can be read or written, or when its time is over.
package final class ReadinessPoller: Sendable {
    private struct Waiter {
        var descriptor: Int32
        var events: Int16
        var deadline: ContinuousClock.Instant
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var waiters: [UInt64: Waiter] = [:]
        var lastNumber: UInt64 = 0
        var isRunning = false
        var isStopped = false
    }

    private let state = Mutex(State())
    private let pipe: WakePipe
    private let thread = NIOThreadPool(numberOfThreads: 1)

    package init() throws(DataPlaneError) { pipe = try WakePipe() }

    /// Whether the socket got ready for those events (poll(2)) before the deadline; an error counts as ready.
    ///
    /// The socket must stay open until this returns.
    package func wait(_ descriptor: Int32, for events: Int32, until deadline: ContinuousClock.Instant) async -> Bool {
        await withCheckedContinuation { continuation in
            let mustStart: Bool? = state.withLock { state in
                guard !state.isStopped else { return nil }
                state.lastNumber += 1
                state.waiters[state.lastNumber] = Waiter(
                    descriptor: descriptor, events: Int16(events), deadline: deadline, continuation: continuation)
                defer { state.isRunning = true }
                return !state.isRunning
            }
            switch mustStart {
            case nil: continuation.resume(returning: false)
            case true?:
                thread.start()
                thread.submit { [self] _ in run() }
            case false?: pipe.wake()
            }
        }
    }

    /// Ends the thread; whoever waits gets false.
    package func stop() async {
        let (waiters, wasRunning) = state.withLock { state in
            defer {
                state.isStopped = true
                state.waiters = [:]
            }
            return (state.waiters.values.map(\.continuation), state.isRunning && !state.isStopped)
        }
        for waiter in waiters { waiter.resume(returning: false) }
        guard wasRunning else { return }
        pipe.wake()
        try? await thread.shutdownGracefully()
    }

    private func run() {
        while true {
            let (waiters, isStopped) = state.withLock { (Array($0.waiters), $0.isStopped) }
            if isStopped { return pipe.closeBothEnds() }
            var polled = [pollfd(fd: pipe.readingEnd, events: Int16(POLLIN), revents: 0)]
            polled += waiters.map { pollfd(fd: $0.value.descriptor, events: $0.value.events, revents: 0) }
            var wait: Int32 = -1
            if let next = waiters.map(\.value.deadline).min() {
                let left = (next - .now).components
                wait = Int32(clamping: max(left.seconds * 1_000 + left.attoseconds / 1_000_000_000_000_000 + 1, 0))
            }
            poll(&polled, nfds_t(polled.count), wait)
            if polled[0].revents != 0 { pipe.drain() }
            let now = ContinuousClock.now
            for (index, waiter) in waiters.enumerated() {
                let isReady = polled[index + 1].revents != 0
                guard isReady || waiter.value.deadline <= now else { continue }
                state.withLock { $0.waiters.removeValue(forKey: waiter.key) }?
                    .continuation.resume(returning: isReady)
            }
        }
    }
}
