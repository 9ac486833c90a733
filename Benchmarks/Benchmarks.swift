// Measures a build of the program from outside: `ottava-benchmarks PROGRAM`.

internal import Foundation
internal import TestSupport

@main
struct Benchmarks {
    /// A group of measurements that belong together.
    private struct Part: Sendable {
        var title: String
        var measure: @Sendable (_ program: String) async throws -> [Measurement]
    }

    private static let parts = [
        Part(title: "From nothing to the first answer", measure: CreationBenchmark.run),
        Part(title: "A member added while the pool serves", measure: MemberBenchmark.run),
        Part(title: "Changes under load", measure: ChangesUnderLoad.run),
        Part(title: "At rest", measure: RestBenchmark.run),
        Part(title: "API", measure: APIBenchmark.run),
        Part(title: "Requests through a listener", measure: ThroughputBenchmark.run),
    ]

    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count == 1, let program = arguments.first, FileManager.default.isExecutableFile(atPath: program)
        else {
            Output.line("Usage: ottava-benchmarks PROGRAM, for instance .build/release/ottava")
            exit(2)
        }
        CleanUp.whenInterrupted()
        let path = URL(filePath: program).standardizedFileURL.path()
        await MachineFacts.show(program: path)

        var table = ReportTable()
        var failures: [String] = []
        for part in parts {
            let start = ContinuousClock.now
            do {
                table.add(part.title, try await part.measure(path))
            } catch {
                failures.append("\(part.title): \(error)")
            }
            CleanUp.run()
            let seconds = Int(((ContinuousClock.now - start) / .seconds(1)).rounded())
            Output.line("… \(part.title): \(seconds) s, load average \(MachineFacts.loadAverage)")
        }
        Output.line("\n\(table.text)")
        Output.line(table.summary)
        for failure in failures { Output.line("NOT MEASURED  \(failure)") }
        exit(failures.isEmpty ? 0 : 1)
    }
}
