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
            var command = try root.parseAsRoot()
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
