// Asks HAProxy which regular expressions it understands, before one of them spoils a whole configuration.

import ProviderDrivers
import Subprocess

/// Lets the haproxy program compile expressions, and remembers what it said.
actor RegularExpressionCheck {
    private let program: String
    /// Expression → why it is refused; `nil` when it is understood.
    private var known: [String: String?] = [:]
    /// Expressions that are remembered; beyond that all are forgotten.
    private static let capacity = 50_000

    init(program: String) {
        self.program = program
    }

    /// Those of the expressions that HAProxy refuses, with what it says.
    ///
    /// - Parameter file: Where a configuration may be written; it is gone afterwards.
    func refused(
        among expressions: Set<String>, file: String
    ) async throws(DataPlaneError) -> [String: String] {
        var unknown: [String] = []
        for expression in expressions where known[expression] == nil {
            if (try? HAProxyConfigurationWriter.quoted(expression)) == nil {
                known[expression] = "it holds a control character"
            } else {
                unknown.append(expression)
            }
        }
        if !unknown.isEmpty { try await learn(unknown.sorted(), file: file) }
        var refused: [String: String] = [:]
        for expression in expressions {
            if case .some(.some(let reason)) = known[expression] { refused[expression] = reason }
        }
        if known.count > Self.capacity { known = [:] }
        return refused
    }

    /// HAProxy names the lines that it does not understand. It may give up after many, so it is asked again without them.
    private func learn(_ expressions: [String], file: String) async throws(DataPlaneError) {
        var open = expressions
        while !open.isEmpty {
            try SmallFile.replace(file, with: Self.configuration(of: open))
            let output = await self.output(file)
            SmallFile.remove(file)
            guard let output else {
                throw DataPlaneError(.node, "HAProxy could not be run on this node.", detail: "check of expressions")
            }
            let refused = Self.refusals(in: output, file: file).filter { $0.key < open.count }
            for (index, reason) in refused { known[open[index]] = reason }
            if refused.isEmpty {
                for expression in open { known[expression] = .some(nil) }
                return
            }
            open = open.enumerated().filter { refused[$0.offset] == nil }.map(\.element)
        }
    }

    /// A frontend with each expression in a line of its own.
    private static func configuration(of expressions: [String]) -> String {
        var writer = HAProxyConfigurationWriter()
        try? writer.section("frontend", "f")
        try? writer.line("mode", "http")
        for expression in expressions {
            // Those with control characters were sorted out before.
            try? writer.line("acl", "a", "path", "-m", "reg", "--", .value(expression))
        }
        return writer.text
    }

    /// Reads `… parsing [FILE:LINE] : error detected while parsing ACL 'a' : REASON.` → index of the expression.
    static func refusals(in output: String, file: String) -> [Int: String] {
        var result: [Int: String] = [:]
        let begin = "parsing [\(file):"
        for line in output.split(separator: "\n") where line.contains("[ALERT]") {
            guard let place = line.firstRange(of: begin),
                let end = line[place.upperBound...].firstIndex(of: "]"),
                let number = Int(line[place.upperBound..<end]), number > 2
            else { continue }
            var reason = String(line[line.index(after: end)...])
            if let cause = reason.firstRange(of: "ACL 'a' : ") { reason = String(reason[cause.upperBound...]) }
            result[number - 3] = reason
        }
        return result
    }

    /// What haproxy says about the file; `nil` when it cannot be run.
    private func output(_ file: String) async -> String? {
        let split = program.lastIndex(of: "/") ?? program.startIndex
        let (folder, name) = (String(program[..<split]), String(program[program.index(after: split)...]))
        let result = try? await Subprocess.run(
            .name(name), arguments: ["-c", "-f", file],
            environment: .custom(["PATH": folder.isEmpty ? "/" : folder]), output: .discarded,
            error: .string(limit: 4 << 20))
        return result.map(\.standardError)
    }
}
