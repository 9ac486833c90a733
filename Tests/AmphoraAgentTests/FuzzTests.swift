// A hundred thousand random values: each becomes exactly one word of the configuration, or is refused.

import Foundation
import LoadBalancing
import ProviderDrivers
import TestSupport
import Testing

@testable import AmphoraAgent

@Suite struct FuzzTests {
    private static let pieces = [
        "'", "\"", "\\", "#", "${HOME}", "$", "%[src]", "%[env(HOME)]", "%", "%%", "%{+Q}", "]", "[", "(", ")", ",",
        ";", " ", "  ", "\t", "!", "{", "}", "@1", "<<", "-f", "--", "-i", "if", "TRUE", "deny", "\\n", "\\x0a", "''",
        "'\\''", "\"\"", "\\\\", "a", "b", "Z", "0", "/", ".", "=", "&", "?", "é", "ß", "字", "😀", "e\u{301}",
        "\u{200D}",
        "\u{202E}", "\u{FEFF}", "\u{A0}", "..", "../", "acl", "use_backend", "http-request",
    ]
    private static let controls = [
        "\n", "\r", "\r\n", "\0", "\u{1B}", "\u{7F}", "\u{85}", "\u{2028}", "\u{2029}", "\u{1}",
    ]

    private static func value(_ random: inout SeededGenerator) -> String {
        var text = ""
        let length = random.next() % 4_000 == 0 ? 3_000 : Int(random.next() % 12)
        for _ in 0..<length {
            switch random.next() % 64 {
            case 0: text += controls.randomElement(using: &random)!
            case 1...8:
                if let scalar = Unicode.Scalar(UInt32(random.next() % 0x3000)) { text.unicodeScalars.append(scalar) }
            default: text += pieces.randomElement(using: &random)!
            }
        }
        return text
    }

    /// What must be refused, said in other words than the writer's.
    private static func isUsable(_ text: String) -> Bool {
        if text.isEmpty || text.utf8.count > 4_000 { return false }
        return !text.unicodeScalars.contains {
            $0.properties.generalCategory == .control && $0 != " " || $0 == "\u{2028}" || $0 == "\u{2029}"
        }
    }

    struct Unreadable: Error {}

    /// The words of each line as HAProxy reads them (configuration manual, section 2.2), byte by byte.
    static func lines(of text: String) throws -> [[String]] {
        var result: [[String]] = []
        for line in text.utf8.split(separator: 10) {
            var words: [String] = []
            var word: [UInt8]?
            var bytes = line.makeIterator()
            reading: while let byte = bytes.next() {
                switch byte {
                case UInt8(ascii: " "), UInt8(ascii: "\t"), 13:
                    if let finished = word { words.append(String(decoding: finished, as: UTF8.self)) }
                    word = nil
                case UInt8(ascii: "#"): break reading
                case UInt8(ascii: "\\"):
                    guard let next = bytes.next(), " #\\\"'".utf8.contains(next) else { throw Unreadable() }
                    word = (word ?? []) + [next]
                case UInt8(ascii: "'"):
                    var quoted = word ?? []
                    while true {
                        guard let next = bytes.next() else { throw Unreadable() }
                        if next == UInt8(ascii: "'") { break }
                        quoted.append(next)
                    }
                    word = quoted
                // Nothing is written in weak quotes, and there is nothing else that could be expanded.
                case UInt8(ascii: "\""), UInt8(ascii: "$"), 0..<32: throw Unreadable()
                default: word = (word ?? []) + [byte]
                }
            }
            if let finished = word { words.append(String(decoding: finished, as: UTF8.self)) }
            if !words.isEmpty { result.append(words) }
        }
        return result
    }

    /// The patterns that HAProxy reads from a file.
    static func patterns(of text: String) -> [String] {
        text.utf8.split(separator: 10).filter { $0.first != UInt8(ascii: "#") }.map { line in
            String(decoding: line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }, as: UTF8.self)
        }
    }

    /// The commands in a line that the control socket gets, each as its words (management guide, section 9.3).
    static func commands(of text: String) -> [[String]] {
        var result: [[String]] = []
        var words: [[UInt8]] = [[]]
        var bytes = text.utf8.makeIterator()
        func finished() -> [String] { words.filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) } }
        while let byte = bytes.next() {
            switch byte {
            case UInt8(ascii: "\\"): if let next = bytes.next() { words[words.count - 1].append(next) }
            case UInt8(ascii: ";"), 10:
                result.append(finished())
                words = [[]]
            case UInt8(ascii: " "), UInt8(ascii: "\t"): words.append([])
            default: words[words.count - 1].append(byte)
            }
        }
        return result + [finished()]
    }

    private static func inArgument(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar == "\\" || scalar == "\"" { result.append("\\") }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    private static func inLogFormat(_ text: String) -> String {
        String(decoding: text.utf8.flatMap { $0 == UInt8(ascii: "%") ? [$0, $0] : [$0] }, as: UTF8.self)
    }

    /// One plan with many values, and the lines that its policies must become.
    private struct Batch {
        var plan: LoadBalancerPlan
        var conditions: [[String]] = []
        var actions: [[String]] = []
        /// Rule → its pattern.
        var patterns: [String: String] = [:]
        var refused: Set<ResourceID> = []
        var cookie: String
    }

    private static func batch(_ number: Int, policies count: Int, _ random: inout SeededGenerator) -> Batch {
        var listener = ListenerPlan(id: id(10), listenerProtocol: .http, port: 80, defaultPoolID: id(20))
        var cookie = value(&random)
        while !isUsable(cookie) { cookie = value(&random) }
        var batch = Batch(plan: plan(listeners: []), cookie: cookie)
        for index in 0..<count {
            let (key, text, target) = (value(&random), value(&random), value(&random))
            let isHeader = random.next() % 2 == 0
            let compare = [L7RuleCompareType.equalTo, .startsWith, .endsWith, .contains][Int(random.next() % 4)]
            let isPrefix = random.next() % 2 == 0
            let policy = id(100_000 + index)
            let condition = AmphoraAgentTests.rule(
                200_000 + index, isHeader ? .header : .cookie, compare, text, key: key)
            listener.l7Policies.append(
                L7PolicyPlan(
                    id: policy, action: isPrefix ? .redirectPrefix : .redirectToURL,
                    redirectURL: isPrefix ? nil : target, redirectPrefix: isPrefix ? target : nil, rules: [condition]))
            guard isUsable(key), isUsable(text), isUsable(target) else {
                batch.refused.insert(policy)
                continue
            }
            let name = condition.id.string
            var words = ["acl", name, "req.\(isHeader ? "hdr" : "cook")(\"\(inArgument(key))\")", "-m"]
            words.append([.equalTo: "str", .startsWith: "beg", .endsWith: "end", .contains: "sub"][compare]!)
            if text.utf8.first == UInt8(ascii: " ") {
                words += ["--", text]
            } else {
                words += ["-f", "../acl-\(name)"]
                batch.patterns[name] = text
            }
            batch.conditions.append(words)
            batch.actions.append(
                [
                    "http-request", "redirect", isPrefix ? "prefix" : "location", inLogFormat(target), "code", "302",
                    "if",
                    name,
                ])
        }
        let page = value(&random)
        listener.errorPages = [503: page]
        batch.plan = plan(
            listeners: [listener],
            pools: [
                .init(
                    id: id(20), poolProtocol: .http, sessionPersistence: .init(type: .appCookie, cookieName: cookie),
                    members: [.init(30)])
            ])
        batch.plan.projectID = value(&random)
        return batch
    }

    private static let builder: HAProxyConfigurationBuilder = {
        var builder = HAProxyConfigurationBuilder.forTests
        builder.process.logsAccess = true
        return builder
    }()

    @Test func everyValueIsOneWord() async throws {
        var random = SeededGenerator(seed: 20_251_122)
        var (values, refused) = (0, 0)
        let start = ContinuousClock.now
        let empty = try Self.lines(
            of: Self.builder.configuration(for: Self.batch(0, policies: 0, &random).plan).rendered())
        for number in 0..<67 {
            let batch = Self.batch(number, policies: 500, &random)
            let configuration = try Self.builder.configuration(for: batch.plan)
            #expect(
                Set(HAProxyConfigurationBuilder.failedPolicies(of: batch.plan, refusing: [:]).keys) == batch.refused)
            let lines = try Self.lines(of: configuration.rendered())
            // The policies' lines are there in order, and without them it is the configuration without policies.
            let isPolicy: ([String]) -> Bool = {
                $0[0] == "acl" && $0[1] != "accepted" || $0.starts(with: ["http-request", "redirect"])
            }
            #expect(lines.filter(isPolicy) == batch.conditions + batch.actions)
            let rest = lines.filter { !isPolicy($0) }
            #expect(rest.map(\.count) == empty.map(\.count))
            for (line, other) in zip(rest, empty) where line != other {
                switch line[0] {
                case "stick": #expect(line[2].hasSuffix(".cook(\"\(Self.inArgument(batch.cookie))\")"))
                case "log-format":
                    let project = line[1].prefix { $0 != " " }
                    #expect(project.utf8.allSatisfy { $0 != UInt8(ascii: "%") && $0 < 128 })
                    #expect(line[1].dropFirst(project.count) == other[1].drop { $0 != " " })
                default: Issue.record("not expected: \(line)")
                }
            }
            let files = configuration.frontends[0].patternFiles.dropFirst()
            #expect(files.count == batch.patterns.count)
            for file in files {
                let expected = batch.patterns[String(file.name.dropFirst(4))]
                #expect(Self.patterns(of: file.text) == [expected])
                let command = RuntimeChange.fillPatterns(file.name, version: 7, patterns: file.patterns)[0].text
                #expect(Self.commands(of: command) == [["add", "acl", "@7", "../\(file.name)", expected ?? ""]])
            }
            values += 3 * 500 + 3
            refused += batch.refused.count
            if number % 16 == 0, HAProxyProgram.isInstalled {
                #expect(try await HAProxyProgram.objection(to: configuration) == nil)
            }
        }
        print("MEASURED \(values) values, \(refused) policies refused: \(ContinuousClock.now - start)")
        #expect(values > 100_000)
        #expect(refused > 1_000 && refused < 67 * 400)
    }

    @Test(.enabled(if: HAProxyProgram.isInstalled)) func expressionsThatPassTheCheckPassInAConfiguration() async throws
    {
        var random = SeededGenerator(seed: 7)
        var listener = ListenerPlan(id: id(10), listenerProtocol: .http, port: 80)
        for index in 0..<300 {
            listener.l7Policies.append(
                L7PolicyPlan(
                    id: id(1_000 + index), action: .reject,
                    rules: [rule(2_000 + index, .path, .regex, Self.value(&random))]))
        }
        let plan = plan(listeners: [listener])
        try await AgentFixture.withFolder { folder in
            let check = RegularExpressionCheck(program: HAProxyProgram.path)
            let file = "\(folder)/expressions.cfg"
            let refused = try await check.refused(among: plan.regularExpressions, file: file)
            #expect(refused.count > 50 && refused.count < 290)
            #expect(try await check.refused(among: plan.regularExpressions, file: file) == refused)
            #expect(SmallFile.entries(of: folder) == [])
            let configuration = try Self.builder.configuration(for: plan, refusing: refused)
            #expect(configuration.frontends[0].policies.count > 10)
            #expect(try await HAProxyProgram.objection(to: configuration) == nil)
            print("MEASURED \(plan.regularExpressions.count) expressions, \(refused.count) refused")
        }
    }
}
