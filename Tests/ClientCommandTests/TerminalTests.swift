// What stands on a terminal, which tmux is.

internal import TestSupport
internal import Testing

/// A terminal of its own, in which a shell runs one command.
private struct Terminal {
    private let folder: TemporaryFolder

    /// Starts a command in a terminal of 100 columns; what it ends with is the last thing that it shows.
    init(_ command: String, lines: Int = 24) async throws {
        folder = try TemporaryFolder("ottava-terminal")
        let server = try #require(ServerProcess.current)
        let script = """
            export TERM=xterm-256color LANG=C.UTF-8 OS_CLOUD=ottava HOME='\(folder.path)'
            export OS_CLIENT_CONFIG_FILE='\(server.dataDirectory)/clouds.yaml'
            unset NO_COLOR; trap : INT
            clear
            '\(ServerProcess.program)' \(command)
            echo "ended with $?"
            exec sleep 300
            """
        try Files.write(script, to: folder.file("script"))
        _ = try await tmux(
            "-u", "-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "\(lines)",
            "/bin/sh '\(folder.file("script"))'")
    }

    @discardableResult
    private func tmux(_ words: String...) async throws -> String {
        let result = try await ChildProcess.run(
            try #require(Files.program("tmux")), ["-S", folder.file("socket")] + words,
            environment: ["TMUX": nil, "LANG": "C.UTF-8"])
        return result.output
    }

    /// What stands there, without empty lines at the end; with colours if wanted.
    func text(colors: Bool = false) async throws -> String {
        try await colors ? tmux("capture-pane", "-p", "-e") : tmux("capture-pane", "-p")
    }

    func press(_ key: String) async throws { try await tmux("send-keys", key) }

    /// Waits until something stands there.
    func wait(for text: String, within limit: Duration = .seconds(60)) async throws -> String {
        var seen = ""
        try await eventually("'\(text)' stands on the terminal", within: limit, every: .milliseconds(100)) {
            seen = try await self.text()
            return seen.contains(text)
        }
        return seen
    }

    func end() async {
        _ = try? await tmux("kill-server")
        folder.remove()
    }
}

extension ClientCommandTests {
    @Suite(
        .server,
        .enabled("tmux must be installed") {
            if Files.program("tmux") == nil {
                print("*** NOT TESTED: there is no tmux, which terminals are tried in ***")
            }
            return Files.program("tmux") != nil
        })
    struct TerminalTests {
        /// Runs something while a command has a terminal.
        private func with(
            _ command: String, lines: Int = 24, _ body: (Terminal) async throws -> Void
        ) async throws {
            let terminal = try await Terminal(command, lines: lines)
            do {
                try await body(terminal)
            } catch {
                print("On the terminal:\n\((try? await terminal.text()) ?? "nothing")")
                await terminal.end()
                throw error
            }
            await terminal.end()
        }

        @Test func screensAreDrawnInPlaceAndFitTheTerminal() async throws {
            for number in 1...9 {
                _ = try await succeed(
                    "loadbalancer create --name lb\(number) --vip-subnet-id private-subnet --vip-address "
                        + "\(VirtualAddresses.next())" + (number == 9 ? " --wait" : ""))
            }
            try await with("loadbalancer top --interval 1") { terminal in
                // Rates are there from the second look.
                let screen = try await terminal.wait(for: "| 0 ")
                #expect(screen.components(of: "new/s") == 1, "\(screen)")
                #expect(screen.hasPrefix("+---") && screen.contains("| lb9 "), "\(screen)")
                try await terminal.press("C-c")
                let end = try await terminal.wait(for: "ended with 130")
                #expect(end.contains("| lb9 "), "\(end)")
            }
            try await with("loadbalancer top --interval 1", lines: 10) { terminal in
                let screen = try await terminal.wait(for: "more")
                #expect(screen.components(of: "new/s") == 1 && screen.contains("… 5 more"), "\(screen)")
                #expect(screen.hasPrefix("+---"), "\(screen)")
                try await terminal.press("C-c")
            }
            try await with("loadbalancer tree lb1") { terminal in
                _ = try await terminal.wait(for: "ended with 0")
                let text = try await terminal.text(colors: true)
                #expect(text.contains("\u{1B}[32mONLINE") && text.contains("\u{1B}[1mlb1"), "\(text)")
            }
            for number in 1...9 { _ = try await succeed("loadbalancer delete lb\(number)") }
        }

        @Test func progressLeavesNothingBehind() async throws {
            let folder = try TemporaryFolder("ottava-terminal")
            defer { folder.remove() }
            let file = folder.file("lb.yaml")
            let document = """
                name: shown
                vip_subnet_id: private-subnet
                vip_address: \(VirtualAddresses.next())
                pools:
                - name: main
                  protocol: TCP
                  lb_algorithm: ROUND_ROBIN
                """
            try Files.write(document, to: file)
            try await with("apply -f \(file)") { terminal in
                let lines = try await terminal.wait(for: "ended with").split(separator: "\n")
                #expect(lines.count == 3 && lines.last == "ended with 0", "\(lines)")
                #expect(lines.first?.hasPrefix("+ load balancer shown") == true, "\(lines)")
                #expect(lines.dropFirst().first?.hasPrefix("load balancer shown") == true, "\(lines)")
            }
            try Files.write(
                document + "\n  description: changed\n- name: other\n  protocol: TCP\n  lb_algorithm: SOURCE_IP\n",
                to: file)
            try await with("apply -f \(file)") { terminal in
                let lines = try await terminal.wait(for: "ended with").split(separator: "\n")
                #expect(lines.count == 4 && lines.last == "ended with 0", "\(lines)")
                #expect(lines.prefix(2) == ["~ pool main: description  → changed", "+ pool other"], "\(lines)")
            }
            _ = try await succeed("loadbalancer delete shown --cascade --wait")
        }
    }
}

extension String {
    /// How often a text is in it.
    fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}
