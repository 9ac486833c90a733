// Runs the program: one line for what is wrong, and an exit status that says which kind it is.

public import ArgumentParser
internal import Glibc
internal import LoadBalancerDocuments
internal import OctaviaClient

/// Parses and runs the command line.
public enum CommandRunner {
    /// Runs a command with the program's arguments, and ends the program.
    public static func main(_ root: any AsyncParsableCommand.Type) async -> Never {
        do {
            let arguments = GlobalOptions.moved(CommandLine.arguments.dropFirst())
            try checkWords(arguments, root)
            var command = try root.parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            exit(ExitStatus.success.rawValue)
        } catch {
            exit(report(error, root))
        }
    }

    /// Refuses words that are no command, with those there are.
    private static func checkWords(_ arguments: [String], _ root: any ParsableCommand.Type) throws {
        var command = root
        var path = [root.configuration.commandName ?? "ottava"]
        for word in arguments {
            let members = command.configuration.subcommands
            guard !members.isEmpty, !word.hasPrefix("-"), word != "help" else { return }
            let names = members.compactMap { $0.configuration.commandName }
            guard let member = members.first(where: { $0.configuration.commandName == word }) else {
                let nearest = Spelling.nearest(to: word, among: names).map { "; did you mean '\($0)'?" } ?? ""
                throw UsageError(
                    "'\(path.joined(separator: " "))' has no command '\(word)'\(nearest)"
                        + (nearest.isEmpty ? "; there are: \(names.joined(separator: ", "))" : ""))
            }
            command = member
            path.append(word)
        }
    }

    private static func report(_ error: any Error, _ root: any AsyncParsableCommand.Type) -> Int32 {
        switch error {
        case let error as CloudError:
            say("ottava: \(error)\(advice(error))")
            return ExitStatus(error).rawValue
        case let error as UsageError:
            say("ottava: \(error)")
            return ExitStatus.usage.rawValue
        case let error as DocumentError:
            say("ottava: \(error)")
            return ExitStatus.usage.rawValue
        case let code as ExitCode:
            return code.rawValue
        case is CancellationError:
            return 130
        default:
            let code = root.exitCode(for: error)
            guard code != .success else {
                // Help, versions and completion scripts are what was asked for.
                print(root.fullMessage(for: error))
                return ExitStatus.success.rawValue
            }
            let lines = root.message(for: error).split(whereSeparator: \.isNewline)
            say("ottava: " + lines.map { $0.drop { $0 == " " } }.joined(separator: " "))
            return code == .validationFailure ? ExitStatus.usage.rawValue : ExitStatus.failed.rawValue
        }
    }

    /// What to do next.
    private static func advice(_ error: CloudError) -> String {
        switch error.code {
        case .unauthorized: "; check the password or secret of the cloud (--os-cloud, clouds.yaml, OS_PASSWORD)"
        case .cannotConnect: "; is the service running, and is auth_url right?"
        case .immutable: "; wait until it is ACTIVE (--wait) and try again"
        case .quotaExceeded: "; see 'ottava loadbalancer quota show'"
        default: ""
        }
    }

    static func say(_ text: String) { StandardStreams.error(text + "\n") }
}
