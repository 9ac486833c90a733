// Which cloud, and how much to say about the requests.

internal import ArgumentParser
internal import Foundation
internal import Logging
internal import OctaviaClient

/// Options of every command that talks to a cloud.
struct CloudOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The cloud in clouds.yaml. Default: OS_CLOUD", valueName: "name"))
    var osCloud: String?

    @Option(help: ArgumentHelp("The region. Default: OS_REGION_NAME, else the cloud's", valueName: "name"))
    var osRegionName: String?

    @Option(help: ArgumentHelp("public, internal or admin. Default: the cloud's", valueName: "interface"))
    var osInterface: EndpointInterface?

    @Option(help: ArgumentHelp("A PEM file with the authorities to trust.", valueName: "file"))
    var osCacert: String?

    @Flag(help: "Accept any certificate. Anybody on the way can read your password.")
    var insecure = false

    @Flag(help: "Show requests and answers on standard error, without secrets.")
    var debug = false

    @OptionGroup(visibility: .hidden) var login: LoginOptions

    func validate() throws {
        if insecure && login.verify { throw ValidationError("--insecure and --verify exclude each other") }
    }

    func configuration() throws(CloudError) -> CloudConfiguration {
        let variable = ProcessInfo.processInfo.environment["OS_REGION_NAME"].flatMap { $0.isEmpty ? nil : $0 }
        let region = osRegionName ?? variable
        var configuration = try CloudConfiguration.load(cloud: osCloud, region: region, overrides: login.keys)
        if let osInterface { configuration.interfaces = [osInterface] }
        if let osCacert { configuration.tls.authoritiesFile = osCacert }
        if insecure { configuration.tls.verifiesServer = false }
        return configuration
    }

    func with(_ body: (Cloud) async throws -> Void) async throws {
        var logger = Logger(label: "ottava") { label -> any LogHandler in
            guard debug else { return SwiftLogNoOpLogHandler() }
            return StreamLogHandler.standardError(label: label)
        }
        if debug { logger.logLevel = .trace }
        try await Cloud.with(try configuration(), tokens: Self.tokens, logger: logger, body)
    }

    /// The tokens of earlier commands, unless `OTTAVA_TOKEN_CACHE` says no.
    private static var tokens: TokenFiles? {
        let environment = ProcessInfo.processInfo.environment
        if ["0", "no", "off", "false", "never"].contains(environment["OTTAVA_TOKEN_CACHE"]?.lowercased()) {
            return nil
        }
        return TokenFiles.standardFolder(environment: environment).map { TokenFiles(folder: $0) }
    }
}
