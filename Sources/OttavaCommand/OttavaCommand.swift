// The command line: nouns and verbs.

public import ArgumentParser
internal import OttavaClientCommand

/// `ottava`.
public struct OttavaCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "ottava", abstract: "Load balancing as a service: the OpenStack Octavia v2 API on HAProxy.",
        version: BuildInformation.version, subcommands: [ServeCommand.self, DatabaseCommand.self] + ClientCommands.all)

    public init() {}
}
