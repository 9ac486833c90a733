// Wakes a thread that waits in poll(2).

import Glibc
package import ProviderDrivers

/// A pair of connected sockets whose reading end a thread includes in its poll.
package struct WakePipe: Sendable {
    /// The end to poll.
    package let readingEnd: Int32
    private let writingEnd: Int32

    package init() throws(DataPlaneError) {
        var ends: [Int32] = [0, 0]
        let flags = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, flags, 0, &ends) == 0 else {
            throw DataPlaneError(
                .node, "The node has no free file descriptors.", detail: String(cString: strerror(errno)))
        }
        readingEnd = ends[0]
        writingEnd = ends[1]
    }

    /// Makes the reading end ready.
    package func wake() {
        var byte: UInt8 = 0
        _ = write(writingEnd, &byte, 1)
    }

    /// Makes the reading end wait again.
    package func drain() {
        var buffer = [UInt8](repeating: 0, count: 256)
        while read(readingEnd, &buffer, buffer.count) > 0 {}
    }

    package func closeBothEnds() {
        close(readingEnd)
        close(writingEnd)
    }
}
