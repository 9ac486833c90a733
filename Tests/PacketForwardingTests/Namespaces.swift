// Network namespaces for tests, removed with everything in them.

import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import PacketForwarding

/// Namespaces that a test has made.
final class Namespaces: Sendable {
    private let prefix = "ottava-test-\(getpid())-\(UInt32.random(in: 0...0xFFFF))"
    private let made = Mutex<[String]>([])

    /// Whether this machine lets tests make namespaces and rules; says so when not.
    static let arePossible: Bool = {
        let probe = "ottava-test-probe-\(getpid())"
        let works =
            geteuid() == 0 && access("/usr/sbin/nft", X_OK) == 0 && command("ip", "netns", "add", probe) == 0
            && command("ip", "netns", "exec", probe, "nft", "add", "table", "inet", "t") == 0
        if geteuid() == 0 { _ = command("ip", "netns", "del", probe) }
        if !works { print("SKIPPED: tests of forwarding by the kernel, because they need root, nft and ip netns") }
        return works
    }()

    /// Makes one with a loopback device.
    func make(_ name: String) throws -> NetworkPlace {
        let full = "\(prefix)-\(name)"
        try Self.run("ip", "netns", "add", full)
        made.withLock { $0.append(full) }
        let place = NetworkPlace.namespace(full)
        try run("ip link set lo up", in: place)
        return place
    }

    /// Runs words that spaces part, there.
    func run(_ words: String, in place: NetworkPlace) throws {
        try Self.run(place.commandPrefix + words.split(separator: " ").map(String.init))
    }

    /// What a command there prints.
    func output(_ words: String, in place: NetworkPlace) throws -> String {
        let words = place.commandPrefix + words.split(separator: " ").map(String.init)
        return try ChildProcess.runAtOnce("/usr/bin/env", words).output
    }

    func name(of place: NetworkPlace) -> String {
        guard case .namespace(let name) = place else { return "" }
        return name
    }

    func removeAll() {
        for name in made.withLock({ $0 }) { _ = Self.command("ip", "netns", "del", name) }
    }

    struct Failure: Error { var words: [String] }

    private static func run(_ words: String...) throws { try run(words) }

    private static func run(_ words: [String]) throws {
        if command(words) != 0 { throw Failure(words: words) }
    }

    private static func command(_ words: String...) -> Int32 { command(words) }

    private static func command(_ words: [String]) -> Int32 {
        (try? ChildProcess.runAtOnce("/usr/bin/env", words).status) ?? -1
    }
}

/// Waits until something is so.
///
/// - Returns: How long it took, or `nil` when it was not so in time.
func eventually(within limit: Duration, _ condition: () async throws -> Bool) async rethrows -> Duration? {
    let start = ContinuousClock.now
    while true {
        if try await condition() { return ContinuousClock.now - start }
        if ContinuousClock.now - start > limit { return nil }
        try? await Task.sleep(for: .milliseconds(20))
    }
}
