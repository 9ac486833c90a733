// The service that Terraform calls: one method for each step of its work.

internal import FoundationEssentials
internal import GRPCCore
internal import JSON
internal import Logging
internal import SwiftProtobuf
internal import Synchronization
internal import TerraformPluginProtocol

/// Serves a provider.
struct ProviderService<Wrapped: PluginProvider>: Tfplugin6_Provider.SimpleServiceProtocol {
    typealias Client = Wrapped.Client

    let provider: Wrapped
    private let providerSchema: Schema
    private let resources: [String: ServedResource<Client>]
    private let dataSources: [String: ServedDataSource<Client>]
    private let client = ClientHolder<Client>()
    let operations = RunningOperations()
    let logger: Logger

    init(_ provider: Wrapped, logger: Logger) {
        self.provider = provider
        self.logger = logger
        providerSchema = provider.schema
        resources = Dictionary(
            provider.resources.map { ($0.typeName, ServedResource($0)) }, uniquingKeysWith: { first, _ in first })
        dataSources = Dictionary(
            provider.dataSources.map { ($0.typeName, ServedDataSource($0)) }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: What there is

    private var capabilities: Tfplugin6_ServerCapabilities {
        .with {
            $0.getProviderSchemaOptional = true
            $0.moveResourceState = true
        }
    }

    func getMetadata(
        request: Tfplugin6_GetMetadata.Request, context: ServerContext
    ) async throws -> Tfplugin6_GetMetadata.Response {
        .with {
            $0.serverCapabilities = capabilities
            $0.resources = resources.keys.sorted().map { name in .with { $0.typeName = name } }
            $0.dataSources = dataSources.keys.sorted().map { name in .with { $0.typeName = name } }
        }
    }

    func getProviderSchema(
        request: Tfplugin6_GetProviderSchema.Request, context: ServerContext
    ) async throws -> Tfplugin6_GetProviderSchema.Response {
        .with {
            $0.serverCapabilities = capabilities
            $0.provider = providerSchema.message
            $0.resourceSchemas = resources.mapValues(\.schema.message)
            $0.dataSourceSchemas = dataSources.mapValues(\.schema.message)
        }
    }

    // MARK: Configuration

    func validateProviderConfig(
        request: Tfplugin6_ValidateProviderConfig.Request, context: ServerContext
    ) async throws -> Tfplugin6_ValidateProviderConfig.Response {
        .with {
            $0.diagnostics = diagnose { diagnostics in
                let config = try Value(request.config, providerSchema.type)
                providerSchema.validate(config, &diagnostics)
                provider.validate(config, &diagnostics)
            }
        }
    }

    func validateResourceConfig(
        request: Tfplugin6_ValidateResourceConfig.Request, context: ServerContext
    ) async throws -> Tfplugin6_ValidateResourceConfig.Response {
        .with {
            $0.diagnostics = diagnose { diagnostics in
                let served = try resource(request.typeName)
                try served.validate(Value(request.config, served.type), &diagnostics)
            }
        }
    }

    func validateDataResourceConfig(
        request: Tfplugin6_ValidateDataResourceConfig.Request, context: ServerContext
    ) async throws -> Tfplugin6_ValidateDataResourceConfig.Response {
        .with {
            $0.diagnostics = diagnose { diagnostics in
                let served = try dataSource(request.typeName)
                try served.validate(Value(request.config, served.type), &diagnostics)
            }
        }
    }

    func configureProvider(
        request: Tfplugin6_ConfigureProvider.Request, context: ServerContext
    ) async throws -> Tfplugin6_ConfigureProvider.Response {
        var diagnostics = Diagnostics()
        do {
            let config = try Value(request.config, providerSchema.type)
            let made = try await provider.configure(config, &diagnostics)
            client.value.withLock { $0 = made }
        } catch {
            diagnostics.append(diagnostic(for: error))
        }
        return .with { $0.diagnostics = diagnostics.messages }
    }

    // MARK: State

    func upgradeResourceState(
        request: Tfplugin6_UpgradeResourceState.Request, context: ServerContext
    ) async throws -> Tfplugin6_UpgradeResourceState.Response {
        .with { response in
            response.diagnostics = diagnose { _ in
                let served = try resource(request.typeName)
                response.upgradedState =
                    try served.upgrade(Self.state(request.rawState), request.version).message
            }
        }
    }

    /// The state of the same kind of resource of another provider: that of the provider which this one replaces.
    func moveResourceState(
        request: Tfplugin6_MoveResourceState.Request, context: ServerContext
    ) async throws -> Tfplugin6_MoveResourceState.Response {
        .with { response in
            response.diagnostics = diagnose { _ in
                guard request.sourceTypeName == request.targetTypeName else {
                    throw Diagnostic(
                        .error, "\(request.sourceTypeName) cannot become \(request.targetTypeName)",
                        "Only resources of the same type can be moved here from another provider.")
                }
                let served = try resource(request.targetTypeName)
                response.targetState =
                    try served.upgrade(Self.state(request.sourceState), request.sourceSchemaVersion).message
            }
        }
    }

    private static func state(_ raw: Tfplugin6_RawState) throws -> JSONValue {
        guard !raw.json.isEmpty else {
            throw Diagnostic(
                .error, "The state is of Terraform before 0.12",
                "Run terraform apply with Terraform 0.12 or 0.13 first.")
        }
        return try JSONValue(parsing: Array(raw.json))
    }

    func importResourceState(
        request: Tfplugin6_ImportResourceState.Request, context: ServerContext
    ) async throws -> Tfplugin6_ImportResourceState.Response {
        let (result, diagnostics) = await run {
            let served = try resource(request.typeName)
            return try await served.importState(request.id, try configured(), logger)
        }
        return .with {
            $0.diagnostics = diagnostics.messages
            guard let result else { return }
            $0.importedResources = [
                .with {
                    $0.typeName = request.typeName
                    $0.state = result.value.message
                    $0.private = Data(result.privateState)
                }
            ]
        }
    }

    // MARK: Life cycle

    func readResource(
        request: Tfplugin6_ReadResource.Request, context: ServerContext
    ) async throws -> Tfplugin6_ReadResource.Response {
        let (result, diagnostics) = await run {
            let served = try resource(request.typeName)
            let state = try Value(request.currentState, served.type)
            return try await served.read(state, Array(request.private), try configured(), logger)
        }
        return .with {
            $0.diagnostics = (result?.diagnostics.messages ?? []) + diagnostics.messages
            $0.newState = result?.value.message ?? request.currentState
            $0.private = result.map { Data($0.privateState) } ?? request.private
        }
    }

    func planResourceChange(
        request: Tfplugin6_PlanResourceChange.Request, context: ServerContext
    ) async throws -> Tfplugin6_PlanResourceChange.Response {
        let (plan, diagnostics) = await run {
            let served = try resource(request.typeName)
            return try await served.plan(
                config: try Value(request.config, served.type), prior: try Value(request.priorState, served.type),
                proposed: try Value(request.proposedNewState, served.type), try configured(), logger)
        }
        return .with {
            $0.plannedPrivate = request.priorPrivate
            $0.diagnostics = (plan?.diagnostics.messages ?? []) + diagnostics.messages
            $0.plannedState = plan?.planned.message ?? request.proposedNewState
            $0.requiresReplace = plan?.replacements.map(\.message).filter { !$0.steps.isEmpty } ?? []
        }
    }

    func applyResourceChange(
        request: Tfplugin6_ApplyResourceChange.Request, context: ServerContext
    ) async throws -> Tfplugin6_ApplyResourceChange.Response {
        let (result, diagnostics) = await run {
            let served = try resource(request.typeName)
            let prior = try Value(request.priorState, served.type)
            let planned = try Value(request.plannedState, served.type)
            let record = OperationRecord(privateState: Array(request.plannedPrivate))
            let client = try configured()
            return await served.apply(prior: prior, planned: planned, client, record, logger) { diagnostic(for: $0) }
        }
        return .with {
            $0.diagnostics = (result?.diagnostics.messages ?? []) + diagnostics.messages
            $0.newState = result?.value.message ?? request.priorState
            $0.private = result.map { Data($0.privateState) } ?? request.plannedPrivate
        }
    }

    func readDataSource(
        request: Tfplugin6_ReadDataSource.Request, context: ServerContext
    ) async throws -> Tfplugin6_ReadDataSource.Response {
        let (result, diagnostics) = await run {
            let served = try dataSource(request.typeName)
            let config = try Value(request.config, served.type)
            return try await served.read(config, try configured(), logger)
        }
        return .with {
            $0.diagnostics = (result?.diagnostics.messages ?? []) + diagnostics.messages
            if let result { $0.state = result.value.message }
        }
    }

    // MARK: What there is not

    func validateEphemeralResourceConfig(
        request: Tfplugin6_ValidateEphemeralResourceConfig.Request, context: ServerContext
    ) async throws -> Tfplugin6_ValidateEphemeralResourceConfig.Response {
        .with { $0.diagnostics = [Self.noEphemeral(request.typeName).message] }
    }

    func openEphemeralResource(
        request: Tfplugin6_OpenEphemeralResource.Request, context: ServerContext
    ) async throws -> Tfplugin6_OpenEphemeralResource.Response {
        .with { $0.diagnostics = [Self.noEphemeral(request.typeName).message] }
    }

    private static func noEphemeral(_ name: String) -> Diagnostic {
        Diagnostic(.error, "There is no ephemeral resource \(name)", "This provider has no ephemeral resources.")
    }

    func getFunctions(
        request: Tfplugin6_GetFunctions.Request, context: ServerContext
    ) async throws -> Tfplugin6_GetFunctions.Response { .init() }

    func callFunction(
        request: Tfplugin6_CallFunction.Request, context: ServerContext
    ) async throws -> Tfplugin6_CallFunction.Response {
        .with { $0.error.text = "There is no function \(request.name): this provider has no functions." }
    }

    // MARK: Interruption

    func stopProvider(
        request: Tfplugin6_StopProvider.Request, context: ServerContext
    ) async throws -> Tfplugin6_StopProvider.Response {
        logger.info("interrupted")
        operations.cancelAll()
        return .init()
    }

    // MARK: Helpers

    private func resource(_ name: String) throws -> ServedResource<Client> {
        guard let resource = resources[name] else { throw Diagnostic(.error, "There is no resource \(name)") }
        return resource
    }

    private func dataSource(_ name: String) throws -> ServedDataSource<Client> {
        guard let source = dataSources[name] else { throw Diagnostic(.error, "There is no data source \(name)") }
        return source
    }

    private func configured() throws -> Client {
        guard let client = client.value.withLock({ $0 }) else {
            throw Diagnostic(.error, "The provider is not configured", "See the errors of its configuration.")
        }
        return client
    }

    private func diagnostic(for error: any Error) -> Diagnostic {
        switch error {
        case let diagnostic as Diagnostic: diagnostic
        case let timeout as TimeLimitError: Diagnostic(.error, "\(timeout)")
        case is CancellationError: Diagnostic(.error, "Interrupted", "Terraform was asked to stop.")
        case let mismatch as ValueMismatch:
            Diagnostic(.error, "A value does not fit the schema", "\(mismatch)", at: mismatch.path)
        default: provider.diagnostic(for: error)
        }
    }

    private func diagnose(_ body: (inout Diagnostics) throws -> Void) -> [Tfplugin6_Diagnostic] {
        var diagnostics = Diagnostics()
        do { try body(&diagnostics) } catch { diagnostics.append(diagnostic(for: error)) }
        return diagnostics.messages
    }

    /// Runs an operation so that an interruption cancels it; an error becomes a diagnostic.
    private func run<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async -> (Result?, Diagnostics) {
        var diagnostics = Diagnostics()
        do {
            return (try await operations.run(body), diagnostics)
        } catch {
            diagnostics.append(diagnostic(for: error))
            return (nil, diagnostics)
        }
    }
}

/// What the provider was configured to.
private final class ClientHolder<Client: Sendable>: Sendable {
    let value = Mutex<Client?>(nil)
}
