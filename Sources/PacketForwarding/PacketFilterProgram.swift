// Runs the nft program.

import Glibc
import LoadBalancing
package import ProviderDrivers
import Subprocess

/// Hands commands to nft, in the network of a load balancer.
package struct PacketFilterProgram: Sendable {
    /// The absolute path of nft.
    package let path: String
    /// How long a run may take.
    package var limit: Duration = .seconds(30)

    package init(path: String) { self.path = path }

    /// Carries out the commands, all or none (`nft -f -`).
    package func run(_ commands: String, in place: NetworkPlace) async throws(DataPlaneError) {
        guard !commands.isEmpty else { return }
        let words = place.commandPrefix + [path, "-f", "-"]
        // A task of its own: a caller that is cancelled must not stop nft half way.
        if let failure = await Task(operation: { await outcome(of: words, commands) }).value { throw failure }
    }

    private func outcome(of words: [String], _ commands: String) async -> DataPlaneError? {
        await withTaskGroup(of: DataPlaneError?.self) { group in
            group.addTask {
                do {
                    let (folder, name) = Self.parts(of: words[0])
                    let result = try await ProgramInput.with(commands) { file in
                        try await Subprocess.run(
                            .name(name),
                            arguments: Arguments(Array(words.dropFirst())),
                            environment: .custom(["PATH": folder + "/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"]),
                            input: .fileDescriptor(file, closeAfterSpawningProcess: false), output: .discarded,
                            error: .string(limit: 1 << 16))
                    }
                    if result.terminationStatus.isSuccess { return nil }
                    return DataPlaneError(
                        .node, "The node's packet filter did not accept its rules.",
                        detail: "\(result.terminationStatus): \(result.standardError.prefix(2_000))")
                } catch {
                    return DataPlaneError(.node, "nft could not be run on this node.", detail: "\(error)")
                }
            }
            group.addTask {
                do { try await Task.sleep(for: limit) } catch { return nil }
                return DataPlaneError(.node, "nft did not end in time.", detail: "no end after \(limit)")
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    /// The folder of a path with a colon behind it, for PATH, and the name.
    private static func parts(of path: String) -> (folder: String, name: String) {
        guard let split = path.lastIndex(of: "/") else { return ("", path) }
        return ("\(path[..<split]):", String(path[path.index(after: split)...]))
    }
}
