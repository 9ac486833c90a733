// What is installed beside the program: manual pages and completions.

internal import TestSupport
internal import Testing

extension ClientCommandTests {
    struct InstallationTests {
        private func run(_ program: String, _ arguments: [String]) async throws -> CommandResult {
            // A debug build takes long to describe all of its commands, four times.
            let result = try await ChildProcess.run(
                try #require(Files.program(program)), arguments, within: .seconds(400))
            return CommandResult(status: result.status, output: result.output, errors: result.errors)
        }

        @Test func pagesAndCompletionsAreInstalledAndWork() async throws {
            let folder = try TemporaryFolder("ottava-installation")
            defer { folder.remove() }
            let result = try await run(
                "bash", ["\(Files.packageRoot)scripts/install", ServerProcess.program, folder.path])
            #expect(result.status == 0, "\(result.errors)")
            let pages = Files.below("\(folder.path)/share/man/man1")
            #expect(pages.count > 100 && pages.contains("ottava-loadbalancer-listener-create.1"), "\(pages)")
            let page = try #require(
                Files.text("\(folder.path)/share/man/man1/ottava-loadbalancer-listener-create.1"))
            for part in ["\\fB\\-\\-protocol\\-port\\fR", "TERMINATED_HTTPS", ".SH EXIT STATUS", "clouds.yaml"] {
                #expect(page.contains(part), "\(part) is not in \(page)")
            }
            if Files.program("mandoc") != nil {
                let lint = try await run(
                    "mandoc", ["-T", "lint", "-W", "warning"] + pages.map { "\(folder.path)/share/man/man1/\($0)" })
                #expect(lint.output.isEmpty && lint.status == 0, "\(lint.output)")
            } else {
                print("*** NOT TESTED: there is no mandoc, which reads manual pages ***")
            }

            let completions = "\(folder.path)/share"
            let words = """
                source '\(completions)/bash-completion/completions/ottava'
                COMP_WORDS=(ottava loadbalancer li); COMP_CWORD=2; COMP_LINE='ottava loadbalancer li'; COMP_POINT=22
                _ottava ottava li loadbalancer; echo "${COMPREPLY[@]}"
                """
            #expect(try await run("bash", ["-c", words]).output == "list listener\n")
            if Files.program("zsh") != nil {
                let checked = try await run("zsh", ["-n", "\(completions)/zsh/site-functions/_ottava"])
                #expect(checked.status == 0, "\(checked.errors)")
            } else {
                print("*** NOT TESTED: there is no zsh, which reads its completions ***")
            }
            if Files.program("fish") != nil {
                let file = "\(completions)/fish/vendor_completions.d/ottava.fish"
                let found = try await run("fish", ["-c", "source '\(file)'; complete -C 'ottava loadbalancer li'"])
                #expect(found.output.contains("listener\t") && found.output.contains("list\t"), "\(found)")
            } else {
                print("*** NOT TESTED: there is no fish, which reads its completions ***")
            }
        }
    }
}
