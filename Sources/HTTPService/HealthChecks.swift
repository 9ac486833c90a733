// Whether the server can do its work, in the forms of oslo.middleware's health check.

internal import HTTPTypes
internal import JSON
internal import Observability

/// What a check has found.
public struct HealthFinding: Sendable, Hashable {
    public var isHealthy: Bool
    /// A few words for everybody who may ask.
    public var reason: String
    /// For those who may see details.
    public var details: String

    public init(isHealthy: Bool, reason: String, details: String = "") {
        self.isHealthy = isHealthy
        self.reason = reason
        self.details = details
    }

    public static func healthy(_ details: String = "") -> HealthFinding {
        HealthFinding(isHealthy: true, reason: "OK", details: details)
    }

    public static func failed(_ reason: String, details: String = "") -> HealthFinding {
        HealthFinding(isHealthy: false, reason: reason, details: details)
    }
}

/// The checks of a process, and how their findings are shown.
public struct HealthChecks: Sendable {
    private struct Check: Sendable {
        var name: String
        var probe: BoundedProbe<HealthFinding>
    }

    private var checks: [Check] = []
    private let isDetailed: Bool

    /// - Parameter isDetailed: Whether answers show details: of interest to operators, and not for everybody.
    public init(isDetailed: Bool = false) {
        self.isDetailed = isDetailed
    }

    /// Adds a check. However many ask, it is run once at a time; one that takes longer than two seconds has failed.
    public mutating func add(_ name: String, _ body: @escaping @Sendable () async -> HealthFinding) {
        checks.append(Check(name: name, probe: BoundedProbe(body)))
    }

    /// Runs all checks.
    func findings() async -> [(name: String, finding: HealthFinding)] {
        await withTaskGroup(of: (Int, HealthFinding).self) { group in
            for (index, check) in checks.enumerated() {
                group.addTask {
                    let finding = await check.probe.value(within: .seconds(2), notOlderThan: .milliseconds(200))
                    return (index, finding ?? .failed("The check '\(check.name)' does not end."))
                }
            }
            var findings: [(Int, HealthFinding)] = []
            for await finding in group { findings.append(finding) }
            return findings.sorted { $0.0 < $1.0 }.map { (checks[$0.0].name, $0.1) }
        }
    }

    /// The answer in the form that the caller accepts: text unless it asks for JSON or HTML.
    func response(to request: APIRequest) async -> APIResponse {
        let findings = await findings()
        let isHealthy = findings.allSatisfy(\.finding.isHealthy)
        let status: HTTPResponse.Status = isHealthy ? .ok : .serviceUnavailable
        if request.method == .head { return .empty(isHealthy ? .noContent : .serviceUnavailable) }
        switch Self.form(of: request.header("Accept") ?? "") {
        case .json: return .json(status) { json(findings, &$0) }
        case .html: return APIResponse(status: status, headers: [.contentType: "text/html"], body: html(findings))
        case .text: return APIResponse(status: status, headers: [.contentType: "text/plain"], body: text(findings))
        }
    }

    private enum Form { case text, html, json }

    /// The first of the forms that a list of media types names, in its order.
    private static func form(of accept: String) -> Form {
        for range in accept.split(separator: ",") {
            switch range.split(separator: ";").first?.filter({ $0 != " " }).lowercased() {
            case "application/json": return .json
            case "text/html": return .html
            case "text/plain", "text/*", "*/*": return .text
            default: continue
            }
        }
        return .text
    }

    private func json(_ findings: [(name: String, finding: HealthFinding)], _ writer: inout JSONWriter) {
        writer.member("detailed", isDetailed)
        writer.arrayMember("reasons", findings) { writer, entry in
            guard isDetailed else { return writer.value(entry.finding.reason) }
            writer.object { writer in
                writer.member("class", entry.name)
                writer.member("reason", entry.finding.reason)
                writer.member("details", entry.finding.details)
            }
        }
    }

    private func text(_ findings: [(name: String, finding: HealthFinding)]) -> [UInt8] {
        var lines: [String] = []
        for (name, finding) in findings {
            if isDetailed {
                lines.append("\(name): \(finding.reason)\(finding.details.isEmpty ? "" : " (\(finding.details))")")
            } else if !finding.isHealthy {
                lines.append(finding.reason)
            }
        }
        return Array((lines.isEmpty ? "OK" : lines.joined(separator: "\n")).utf8)
    }

    private func html(_ findings: [(name: String, finding: HealthFinding)]) -> [UInt8] {
        func escaped(_ text: String) -> String {
            text.reduce(into: "") { result, character in
                switch character {
                case "<": result += "&lt;"
                case ">": result += "&gt;"
                case "&": result += "&amp;"
                case "\"": result += "&quot;"
                default: result.append(character)
                }
            }
        }
        var text = "<!DOCTYPE html>\n<html><head><title>Health</title></head><body>\n<table>\n<tr><th>Reason</th>"
        text += (isDetailed ? "<th>Check</th><th>Details</th>" : "") + "</tr>\n"
        for (name, finding) in findings {
            text += "<tr><td>\(escaped(finding.reason))</td>"
            if isDetailed { text += "<td>\(escaped(name))</td><td>\(escaped(finding.details))</td>" }
            text += "</tr>\n"
        }
        return Array((text + "</table>\n</body></html>\n").utf8)
    }
}
