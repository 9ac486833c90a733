// The real curl, for tests of what clients see.

import Foundation
import TestSupport
import Testing

/// What curl got.
struct CurlAnswer: Sendable {
    /// 0 when no answer came.
    var status = 0
    /// By name in lower case; of repeated fields the last.
    var headers: [String: String] = [:]
    var body = ""
    /// The exit status of curl: 0 is success, 7 refused, 52 and 56 closed without an answer, 28 too late.
    var exitStatus: Int32 = 0
}

enum Curl {
    /// Runs a program to its end.
    static func run(_ program: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
        let result = try await ChildProcess.run("/usr/bin/env", [program] + arguments)
        return (result.status, result.output)
    }

    /// Makes one request; arguments are curl's.
    static func get(_ url: String, _ arguments: String...) async throws -> CurlAnswer {
        let (status, text) = try await run("curl", ["-s", "-i", "--max-time", "10"] + arguments + [url])
        var answer = CurlAnswer(exitStatus: status)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return answer }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        answer.status = lines.first.flatMap { $0.split(separator: " ").dropFirst().first.flatMap { Int($0) } } ?? 0
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            answer.headers[parts[0].lowercased()] = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        }
        answer.body = String(text[end.upperBound...])
        return answer
    }
}
