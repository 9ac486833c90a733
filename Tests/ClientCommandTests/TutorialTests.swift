// The tutorial of docs/command-line.md, run by a shell.

internal import TestSupport
internal import Testing

extension ClientCommandTests {
    @Suite(.server)
    struct TutorialTests {
        @Test func theTutorialWorks() async throws {
            let server = try #require(ServerProcess.current)
            let page = try #require(Files.text("\(Files.packageRoot)docs/command-line.md"))
            var lines: [Substring] = []
            var isInside = false
            for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
                if line == "```sh" {
                    isInside = true
                } else if line == "```" {
                    isInside = false
                } else if isInside {
                    lines.append(line)
                }
            }
            #expect(lines.count > 15)
            let folder = try TemporaryFolder("ottava-tutorial")
            defer { folder.remove() }
            // Tests of other programs use the port of the page too.
            let script = lines.joined(separator: "\n").replacing("18080", with: "\(Ports.free())")
            try Files.link(folder.file("ottava"), to: ServerProcess.program)
            let result = try await ChildProcess.run(
                "/bin/sh", ["-c", "cd '\(folder.path)' && PATH=\"$PWD:$PATH\" && set -eux\n\(script)"],
                environment: PythonClients.environment(of: server, cloud: "ottava"))
            #expect(result.status == 0, "\(result.errors)\n\(result.output)")
            #expect(result.output.contains("~ health monitor of pool app: delay 5 → 10"), "\(result.output)")
        }
    }
}
