// Measures a build of the program from outside: `ottava-benchmarks PROGRAM`, or `ottava-benchmarks PROGRAM API` for one part.

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
        Part(title: "Requests through a listener", measure: ThroughputBenchmark.run),
        Part(title: "Kernel provider", measure: KernelBenchmark.run),
        Part(title: "Many members", measure: ScaleBenchmark.batch),
        Part(title: "Many load balancers", measure: ScaleBenchmark.many),
        Part(title: "Command line", measure: CommandLineBenchmark.run),
        Part(title: "Long lists", measure: PagingBenchmark.run),
        Part(title: "Database", measure: DatabaseBenchmark.run),
        Part(title: "Kubernetes", measure: KubernetesBenchmark.run),
        Part(title: "Terraform", measure: TerraformBenchmark.run),
    ]

    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        let chosen = arguments.dropFirst().first ?? ""
        let titles = parts.map(\.title) + [APIComparison.title]
        guard (1...2).contains(arguments.count), let program = arguments.first,
            FileManager.default.isExecutableFile(atPath: program), titles.contains(where: { $0.hasPrefix(chosen) })
        else {
            Output.line("Usage: ottava-benchmarks PROGRAM [START OF A PART'S TITLE]")
            Output.line("For instance: ottava-benchmarks .build/release/ottava API")
            exit(2)
        }
        CleanUp.whenInterrupted()
        let path = URL(filePath: program).standardizedFileURL.path()
        await MachineFacts.show(program: path)

        var table = ReportTable()
        var comparison = ComparisonTable()
        var failures: [String] = []
        func measure(_ title: String, _ body: () async throws -> Void) async {
            guard title.hasPrefix(chosen) else { return }
            let start = ContinuousClock.now
            do {
                try await body()
            } catch {
                failures.append("\(title): \(error)")
            }
            CleanUp.run()
            let seconds = Int(((ContinuousClock.now - start) / .seconds(1)).rounded())
            Output.line("… \(title): \(seconds) s, load average \(MachineFacts.loadAverage)")
        }
        for part in parts {
            await measure(part.title) { table.add(part.title, try await part.measure(path)) }
        }
        await measure(APIComparison.title) { comparison = try await APIComparison.run(path) }
        Output.line("\n\(table.text)\n\(comparison.text)")
        Output.line(Verdict.summary(table.goals + comparison.goals))
        for failure in failures { Output.line("NOT MEASURED  \(failure)") }
        exit(failures.isEmpty ? 0 : 1)
    }
}
