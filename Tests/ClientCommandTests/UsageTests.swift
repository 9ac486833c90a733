// What is wrong with a command line, for every command: one line, status 2, nothing sent.

internal import JSON
internal import TestSupport
internal import Testing

extension ClientCommandTests {
    struct UsageTests {
        /// A command without members, with what the program says about it.
        private struct Leaf: Sendable {
            var words: [String]
            var arguments: [JSONValue]

            /// Options with a fixed set of values, and those values.
            var choices: [(option: String, values: [String])] {
                arguments.compactMap { argument in
                    let values = (argument["allValues"] ?? argument["allValueStrings"])?.array?.compactMap(\.string)
                    guard argument["kind"] == "option", let values, !values.isEmpty,
                        let name = argument["preferredName"]?["name"]?.string
                    else { return nil }
                    return ("--\(name)", values)
                }
            }

            /// Words that satisfy everything that must be given.
            var mandatory: [String] {
                arguments.filter { $0["isOptional"] == false }.flatMap { argument -> [String] in
                    let values = argument["allValues"] ?? argument["allValueStrings"]
                    guard argument["kind"] == "option", let name = argument["preferredName"]?["name"]?.string else {
                        return ["11111111-1111-4111-8111-111111111111"]
                    }
                    return ["--\(name)", values?[0]?.string ?? "1"]
                } + (Self.oneOfSeveral[words] ?? [])
            }

            /// Where one of several options must be given.
            private static let oneOfSeveral = [
                ["loadbalancer", "create"]: ["--vip-subnet-id", "s"],
                ["loadbalancer", "pool", "create"]: ["--loadbalancer", "lb"],
            ]
        }

        private static func leaves() async throws -> [Leaf] {
            let result = try await ChildProcess.run(ServerProcess.program, ["--experimental-dump-help"])
            let document = try JSONValue(parsing: Array(result.output.utf8))
            func leaves(_ command: JSONValue, _ words: [String]) -> [Leaf] {
                let members = (command["subcommands"]?.array ?? []).filter { $0["commandName"] != "help" }
                guard members.isEmpty else {
                    return members.flatMap { leaves($0, words + [$0["commandName"]?.string ?? ""]) }
                }
                return [Leaf(words: words, arguments: command["arguments"]?.array ?? [])]
            }
            // Those of the client.
            return leaves(document["command"] ?? .null, []).filter { leaf in
                leaf.arguments.contains { $0["preferredName"]?["name"] == "os-cloud" }
            }
        }

        /// Runs commands whose cloud counts what is sent to it, some at a time.
        private func run(_ lines: [[String]], _ check: @Sendable @escaping ([String], CommandResult) -> Void)
            async throws
        {
            let proxy = try FaultyProxy(to: Ports.free())
            let folder = try TemporaryFolder("ottava-usage")
            defer { folder.remove() }
            let environment: [String: String?] = [
                "HOME": folder.path, "OS_CLOUD": nil, "OS_CLIENT_CONFIG_FILE": nil,
                "OS_AUTH_URL": "http://127.0.0.1:\(proxy.port)/v3", "OS_USERNAME": "u", "OS_PASSWORD": "p",
            ]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, line) in lines.enumerated() {
                    if number >= 4 { try await group.next() }
                    group.addTask {
                        let result = try await ChildProcess.run(
                            ServerProcess.program, line, environment: environment)
                        check(
                            line,
                            CommandResult(status: result.status, output: result.output, errors: result.errors))
                    }
                }
                try await group.waitForAll()
            }
            #expect(proxy.connectionCount == 0, "something was sent")
        }

        @Test func everyCommandRefusesWhatItDoesNotKnow() async throws {
            let leaves = try await Self.leaves()
            #expect(leaves.count > 80, "\(leaves.map(\.words))")
            try await run(leaves.map { $0.words + $0.mandatory + ["--nonsense", "1"] }) { line, result in
                #expect(result.status == 2 && result.output.isEmpty, "\(line): \(result)")
                #expect(result.errors.contains("--nonsense"), "\(line): \(result.errors)")
                #expect(result.errors.split(separator: "\n").count == 1, "\(line): \(result.errors)")
            }
        }

        @Test func everyCommandNamesWhatIsMissing() async throws {
            let leaves = try await Self.leaves().filter { !$0.mandatory.isEmpty }
            #expect(leaves.count > 60)
            try await run(leaves.map(\.words)) { line, result in
                #expect(result.status == 2 && result.output.isEmpty, "\(line): \(result)")
                let words = result.errors.lowercased()
                #expect(words.contains("missing") || words.contains("is needed"), "\(line): \(result.errors)")
                #expect(result.errors.split(separator: "\n").count == 1, "\(line): \(result.errors)")
            }
        }

        @Test func everyChoiceSaysWhatIsAllowed() async throws {
            let leaves = try await Self.leaves()
            var lines: [[String]] = []
            var allowed: [[String]: [String]] = [:]
            var seen: Set<String> = []
            for leaf in leaves {
                for (option, values) in leaf.choices where seen.insert("\(leaf.words.dropLast()) \(option)").inserted {
                    let line = leaf.words + leaf.mandatory + [option, "nonsense"]
                    lines.append(line)
                    allowed[line] = values
                }
            }
            #expect(lines.count > 20, "\(lines)")
            let expected = allowed
            try await run(lines) { line, result in
                #expect(result.status == 2 && result.output.isEmpty, "\(line): \(result)")
                #expect(result.errors.split(separator: "\n").count == 1, "\(line): \(result.errors)")
                for value in expected[line] ?? [] {
                    #expect(result.errors.contains(value), "\(line): \(value) is not in \(result.errors)")
                }
            }
        }

        @Test func wrongCommandsNameThoseThereAre() async throws {
            try await run([["loadbalancer", "lst"], ["loadbalancer", "listener", "stats", "sho"], ["loadblancer"]]) {
                line, result in
                #expect(result.status == 2, "\(line): \(result)")
                #expect(result.errors.split(separator: "\n").count == 1, "\(line): \(result.errors)")
                let right = ["lst": "list", "sho": "show", "loadblancer": "loadbalancer"][line.last ?? ""] ?? ""
                #expect(result.errors.contains("'\(right)'"), "\(line): \(result.errors)")
            }
        }
    }
}
