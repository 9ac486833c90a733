// The Terraform provider's program.

internal import Foundation
internal import TerraformPlugin
internal import TerraformProvider

if CommandLine.arguments.dropFirst().first == "--documentation" {
    writeDocumentation(Array(CommandLine.arguments.dropFirst(2)))
}
await PluginServer.main(OttavaProvider(), address: OttavaProvider.address)

/// Writes the pages about the provider, then exits: `--documentation FOLDER EXAMPLES`.
func writeDocumentation(_ arguments: [String]) -> Never {
    guard arguments.count == 2 else {
        FileHandle.standardError.write(Data("usage: --documentation FOLDER FOLDER-OF-EXAMPLES\n".utf8))
        exit(2)
    }
    do {
        let documentation = try DocumentationPages(OttavaProvider(), name: "ottava") { name in
            let path = "\(arguments[1])/\(name).tf"
            guard FileManager.default.fileExists(atPath: path) else { return nil }
            return try String(contentsOfFile: path, encoding: .utf8)
        }
        for (path, text) in documentation.pages.sorted(by: { $0.key < $1.key }) {
            let file = URL(fileURLWithPath: "\(arguments[0])/\(path)")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        exit(0)
    } catch {
        FileHandle.standardError.write(Data("\(error)\n".utf8))
        exit(1)
    }
}
