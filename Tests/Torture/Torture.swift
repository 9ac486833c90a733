// Kills, pauses and restarts everything while clients work, then compares: `ottava-torture --seed 1 --kills 100`.

internal import Foundation
internal import Glibc
internal import JSON
internal import TestSupport

@main
struct Torture {
    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        let options: TortureOptions
        do {
            options = try TortureOptions(Array(CommandLine.arguments.dropFirst()))
        } catch {
            Output.line("\(error)\n\(TortureOptions.usage)")
            exit(2)
        }
        do {
            let isSound =
                if let seconds = options.outage {
                    try await Outage.run(options, seconds: seconds)
                } else {
                    try await TortureRun(options).run()
                }
            exit(isSound ? 0 : 1)
        } catch {
            Output.line("\(error)\n0 passed, 1 failed")
            exit(1)
        }
    }
}
