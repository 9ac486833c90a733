// Runs the programs of the system that change the node's network.

import Glibc
import PacketForwarding
import ProviderDrivers
import Subprocess

/// A program of the system.
enum NodeProgram: String, Sendable {
    case ip, nft

    /// Where such programs are; nothing else of the agent's environment is handed on.
    static let folders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]

    /// Whether the node has it.
    var isInstalled: Bool { Self.folders.contains { access("\($0)/\(rawValue)", X_OK) == 0 } }

    /// Runs it with that text as its input.
    ///
    /// - Returns: What it writes to its output.
    /// - Throws: ``DataPlaneError`` when it cannot be run or says that something did not work.
    @discardableResult
    func run(_ arguments: [String], input: String = "") async throws(DataPlaneError) -> String {
        let name = rawValue
        // A task of its own: a caller that is cancelled must not leave a change half done.
        let result = await Task { () -> Result<String, DataPlaneError> in
            do {
                let result = try await ProgramInput.with(input) { file in
                    try await Subprocess.run(
                        .name(name), arguments: Arguments(arguments),
                        environment: .custom(["PATH": .init(stringLiteral: Self.folders.joined(separator: ":"))]),
                        input: .fileDescriptor(file, closeAfterSpawningProcess: false),
                        output: .string(limit: 16 << 20), error: .string(limit: 1 << 20))
                }
                if result.terminationStatus.isSuccess { return .success(result.standardOutput) }
                let words = result.standardError.split(separator: "\n").joined(separator: " | ")
                return .failure(Self.failure("\(name) \(arguments.joined(separator: " ")): \(words)"))
            } catch {
                return .failure(Self.failure("\(name) \(arguments.joined(separator: " ")): \(error)"))
            }
        }.value
        return try result.get()
    }

    private static func failure(_ detail: String) -> DataPlaneError {
        DataPlaneError(.node, "The network of this node could not be changed.", detail: detail)
    }
}
