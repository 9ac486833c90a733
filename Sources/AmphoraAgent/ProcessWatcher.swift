// Notices at once when a process ends, its child or not.

import CLinux
import Glibc
import NIOPosix
import PacketForwarding
import ProviderDrivers
import Synchronization

/// Watches processes by pidfd on one thread.
///
/// HAProxy makes itself a daemon, so it survives the agent. While the agent runs it is the reaper of such orphans
/// (prctl(2), PR_SET_CHILD_SUBREAPER) and takes their exit statuses, each by its id: other children are not its business.
final class ProcessWatcher: Sendable {
    private struct Watched {
        var pid: Int32
        var onExit: @Sendable () -> Void
    }

    private struct State {
        /// pidfd → what it stands for.
        var watched: [Int32: Watched] = [:]
        var isStopped = false
    }

    private let state = Mutex(State())
    private let pipe: WakePipe
    private let thread = NIOThreadPool(numberOfThreads: 1)

    init() throws(DataPlaneError) {
        pipe = try WakePipe()
        ottava_set_child_subreaper()
        thread.start()
        thread.submit { [self] _ in watch() }
    }

    /// How many processes are watched.
    var count: Int { state.withLock { $0.watched.count } }

    /// Calls the closure once, from the watching thread, when the process ends; at once if it has.
    func watch(_ pid: Int32, onExit: @escaping @Sendable () -> Void) {
        let descriptor = ottava_pidfd_open(pid)
        guard descriptor >= 0 else {
            waitpid(pid, nil, WNOHANG)
            return onExit()
        }
        let isStopped = state.withLock { state in
            if !state.isStopped { state.watched[descriptor] = Watched(pid: pid, onExit: onExit) }
            return state.isStopped
        }
        if isStopped { close(descriptor) } else { pipe.wake() }
    }

    /// Ends the thread. Processes go on unwatched.
    func stop() async {
        let wasRunning = state.withLock { state in
            defer { state.isStopped = true }
            return !state.isStopped
        }
        guard wasRunning else { return }
        pipe.wake()
        try? await thread.shutdownGracefully()
    }

    private func watch() {
        while true {
            let (descriptors, isStopped) = state.withLock { (Array($0.watched.keys), $0.isStopped) }
            if isStopped { break }
            var polled = [pollfd(fd: pipe.readingEnd, events: Int16(POLLIN), revents: 0)]
            polled += descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
            if polled[0].revents != 0 { pipe.drain() }
            for entry in polled.dropFirst() where entry.revents != 0 {
                guard let ended = state.withLock({ $0.watched.removeValue(forKey: entry.fd) }) else { continue }
                waitpid(ended.pid, nil, WNOHANG)
                close(entry.fd)
                ended.onExit()
            }
        }
        for descriptor in state.withLock({ $0.watched.keys.map { $0 } }) { close(descriptor) }
        state.withLock { $0.watched = [:] }
        pipe.closeBothEnds()
    }
}
