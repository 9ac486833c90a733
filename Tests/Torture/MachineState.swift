// What a run may leave behind in the kernel.

internal import Glibc
internal import TestSupport

/// What was there before: not this run's business.
struct MachineState: Sendable {
    /// Something that was not there before.
    enum Piece {
        /// By load balancer.
        case rules(String)
        case namespace(String)
        case other(String)
    }

    private let before: Set<String>

    init() async throws { before = Set(try await Self.tables()) }

    private static func tables() async throws -> [String] {
        guard geteuid() == 0, let nft = Files.program("nft") else { return [] }
        return try await ChildProcess.run(nft, ["list", "tables"]).output.split(separator: "\n").map(String.init)
            .filter { $0.contains("ottava_") }
    }

    func news(bridge: String?) async throws -> [Piece] {
        var pieces: [Piece] = []
        for table in try await Self.tables() where !before.contains(table) {
            let letters = table.split(separator: "_").last.map(String.init) ?? ""
            if let id = Self.id(letters) {
                pieces.append(.rules(id))
            } else if bridge == nil || !table.hasSuffix("ottava_bridge_\(bridge ?? "")") {
                pieces.append(.other("the nftables table \(table)"))
            }
        }
        guard let bridge, let ip = Files.program("ip") else { return pieces }
        let spaces = try await ChildProcess.run(ip, ["netns"]).output.split(separator: "\n")
            .compactMap { $0.split(separator: " ").first.map(String.init) }.filter { $0.hasPrefix("\(bridge)-") }
        for space in spaces { pieces.append(.namespace(String(space.dropFirst(bridge.count + 1)))) }
        let links = try await ChildProcess.run(ip, ["-o", "link", "show", "master", bridge]).output
            .split(separator: "\n")
        if links.count != spaces.count {
            pieces.append(.other("\(links.count) interfaces on the bridge for \(spaces.count) namespaces"))
        }
        return pieces
    }

    /// An id of 32 digits with its dashes.
    private static func id(_ letters: String) -> String? {
        guard letters.count == 32, letters.allSatisfy(\.isHexDigit) else { return nil }
        var result = ""
        for (index, letter) in letters.enumerated() {
            if [8, 12, 16, 20].contains(index) { result += "-" }
            result.append(letter)
        }
        return result
    }
}
