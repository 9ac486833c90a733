// Nothing that a tenant can send may change what the configuration says.

import LoadBalancing
import ProviderDrivers
import Testing

@testable import AmphoraAgent

@Suite struct HostileValueTests {
    static let values = [
        "a b", "a\nbind 0.0.0.0:1", "a\r\nx", "a'b", "a\"b", "'", "''; x", "\\", "a\\", "a\\'b", "#", "a#b", "${HOME}",
        "$HOME", "\"${HOME}\"", "%[env(HOME)]", "%", "%%", "%{+Q}o", ")", "a),lower", "a,b", "(", "a;b", "\t", "\0",
        "\u{1b}[0m", "é", "\u{2028}x", "x' mode http #", "a' \\\n", "[", "@1", "!", "if TRUE", "{", "}",
    ]

    private static func hostilePlan(cookie: String, path: String, domain: String?, codes: String) -> LoadBalancerPlan {
        plan(
            listeners: [.init(id: id(10), listenerProtocol: .http, port: 80, defaultPoolID: id(20))],
            pools: [
                .init(
                    id: id(20), poolProtocol: .http, sessionPersistence: .init(type: .appCookie, cookieName: cookie),
                    members: [.init(30)],
                    healthMonitor: .init(
                        id: id(40), type: .http, delay: 5, timeout: 3, maxRetries: 2, urlPath: path,
                        expectedCodes: codes, httpVersion: 1.1, domainName: domain))
            ])
    }

    /// The plan's text, or `nil` when the value is refused.
    private static func configuration(
        cookie: String = "c", path: String = "/", domain: String = "d", codes: String = "200"
    ) -> HAProxyConfiguration? {
        let plan = hostilePlan(cookie: cookie, path: path, domain: domain, codes: codes)
        guard let configuration = try? HAProxyConfigurationBuilder.forTests.configuration(for: plan),
            (try? configuration.rendered()) != nil
        else { return nil }
        return configuration
    }

    /// Reads a line as the manual says (section 2.2): what HAProxy sees as its words.
    private static func words(of line: Substring) -> [String] {
        var words: [String] = []
        var word: String?
        var isQuoted = false
        var isEscaped = false
        for character in line.unicodeScalars {
            if isEscaped {
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if isQuoted {
                if character == "'" { isQuoted = false } else { word = (word ?? "") + String(character) }
            } else if character == "'" {
                isQuoted = true
                word = word ?? ""
            } else if character == "\\" {
                isEscaped = true
            } else if character == "#" {
                break
            } else if character == " " {
                if let finished = word { words.append(finished) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        #expect(!isQuoted && !isEscaped, "the line does not end: \(line)")
        if let word { words.append(word) }
        return words
    }

    @Test(arguments: values)
    func addsNoWord(value: String) async throws {
        let harmless = try #require(Self.configuration()).rendered()
        let shape = harmless.split(separator: "\n").map { Self.words(of: $0).count }
        let candidates = [
            Self.configuration(cookie: value), Self.configuration(path: value), Self.configuration(path: "/" + value),
            Self.configuration(domain: value), Self.configuration(codes: value),
        ]
        #expect(candidates[4] == nil, "expected_codes takes numbers alone")
        for configuration in candidates.compactMap({ $0 }) {
            let text = try configuration.rendered()
            #expect(text.split(separator: "\n").map { Self.words(of: $0).count } == shape)
            #expect(
                text.unicodeScalars.filter { $0 == "\n" }.count == harmless.unicodeScalars.filter { $0 == "\n" }.count)
            if HAProxyProgram.isInstalled {
                #expect(try await HAProxyProgram.objection(to: configuration) == nil, "\(value.debugDescription)")
            }
        }
    }

    @Test func controlCharactersAreRefused() {
        for value in ["a\nb", "a\rb", "\0", "\u{85}", "\u{7f}", "\u{2028}"] {
            #expect(throws: UnwritableValue.self) { try HAProxyConfigurationWriter.quoted(value) }
        }
    }

    @Test func addressesAndNetworksAreRead() {
        let builder = HAProxyConfigurationBuilder.forTests
        let listener = ListenerPlan(
            id: id(10), listenerProtocol: .tcp, port: 80, allowedCIDRs: ["10.0.0.0/8\n0.0.0.0/0"])
        #expect(throws: DataPlaneError.self) { try builder.configuration(for: plan(listeners: [listener])) }
        #expect(throws: DataPlaneError.self) {
            try builder.configuration(
                for: plan(
                    addresses: ["127.0.0.1:80 ssl"], listeners: [.init(id: id(10), listenerProtocol: .tcp, port: 80)]))
        }
    }
}
