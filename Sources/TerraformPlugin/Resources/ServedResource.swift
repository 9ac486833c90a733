// A resource as the service needs it: around the author's methods, what all resources have in common.

internal import JSON
internal import Logging
internal import Synchronization

/// What an operation ended with.
struct OperationResult: Sendable {
    var value: Value
    var privateState: [UInt8] = []
    var diagnostics = Diagnostics()
}

struct ServedResource<Client: Sendable>: Sendable {
    private let resource: any Resource<Client>
    let schema: Schema
    let type: ValueType

    init(_ resource: any Resource<Client>) {
        self.resource = resource
        schema = resource.schema
        type = schema.type
    }

    func validate(_ config: Value, _ diagnostics: inout Diagnostics) {
        schema.validate(config, &diagnostics)
        resource.validate(config, &diagnostics)
    }

    func upgrade(_ state: JSONValue, _ version: Int64) throws -> Value {
        try resource.upgrade(state, from: version).settled(onto: .unknown, type)
    }

    func importState(_ id: String, _ client: Client, _ logger: Logger) async throws -> OperationResult {
        let record = OperationRecord()
        let operation = OperationContext(
            client: client, timeout: schema.timeout(.read, of: .null), logger: logger, record: record)
        let state = try await resource.importState(id, operation)
        return OperationResult(
            value: state.settled(onto: .unknown, type), privateState: record.privateState.withLock { $0 })
    }

    /// - Returns: Null if the object is gone.
    func read(
        _ state: Value, _ privateState: [UInt8], _ client: Client, _ logger: Logger
    ) async throws -> OperationResult {
        let record = OperationRecord(privateState: privateState)
        let operation = OperationContext(
            client: client, timeout: schema.timeout(.read, of: state), logger: logger, record: record)
        let resource = resource
        let found = try await withTimeLimit(operation.timeout, "read") { try await resource.read(state, operation) }
        return OperationResult(
            value: found?.keepingTimeouts(of: state).settled(onto: state, type) ?? .null,
            privateState: record.privateState.withLock { $0 }, diagnostics: record.diagnostics.withLock { $0 })
    }

    func plan(
        config: Value, prior: Value, proposed: Value, _ client: Client, _ logger: Logger
    ) async throws -> Plan {
        if proposed.isNull {
            return Plan(config: config, prior: prior, planned: .null, replacements: [], hasChanges: true)
        }
        let (planned, replacements) = Planner.plan(schema, config: config, prior: prior)
        var plan = Plan(
            config: config, prior: prior, planned: planned, replacements: replacements,
            hasChanges: prior.isNull || !planned.isEquivalent(to: prior, type))
        let record = OperationRecord()
        let operation = OperationContext(
            client: client, timeout: schema.timeout(.read, of: .null), logger: logger, record: record)
        try await resource.plan(&plan, operation)
        for diagnostic in record.diagnostics.withLock({ $0 }).all { plan.diagnostics.append(diagnostic) }
        return plan
    }

    /// Makes, changes or deletes. Never throws: what was saved must reach Terraform whatever happened.
    func apply(
        prior: Value, planned: Value, _ client: Client, _ record: OperationRecord, _ logger: Logger,
        _ diagnostic: (any Error) -> Diagnostic
    ) async -> OperationResult {
        let timed: TimedOperation = prior.isNull ? .create : planned.isNull ? .delete : .update
        let operation = OperationContext(
            client: client, timeout: schema.timeout(timed, of: planned.isNull ? prior : planned), logger: logger,
            record: record)
        let resource = resource
        do {
            let state = try await withTimeLimit(operation.timeout, timed.rawValue) {
                switch timed {
                case .create: try await resource.create(planned, operation)
                case .update: try await resource.update(prior, to: planned, operation)
                case .delete, .read:
                    try await { () -> Value in
                        try await resource.delete(prior, operation)
                        return .null
                    }()
                }
            }
            let known = state.isNull ? .null : state.keepingTimeouts(of: planned).settled(onto: planned, type)
            return OperationResult(
                value: known, privateState: record.privateState.withLock { $0 },
                diagnostics: record.diagnostics.withLock { $0 })
        } catch {
            var diagnostics = record.diagnostics.withLock { $0 }
            let saved = record.saved.withLock { $0 }
            if error is CancellationError, timed == .create, saved != nil {
                diagnostics.warning(
                    "Interrupted before the object was ready",
                    "It is in the state; the next plan compares it with what is wanted.")
            } else {
                diagnostics.append(diagnostic(error))
            }
            let value = saved.map { $0.keepingTimeouts(of: planned).settled(onto: planned, type) } ?? prior
            return OperationResult(
                value: value, privateState: record.privateState.withLock { $0 }, diagnostics: diagnostics)
        }
    }
}

extension Value {
    /// With the block `timeouts` as it was, which services know nothing of.
    fileprivate func keepingTimeouts(of known: Value) -> Value {
        guard let timeouts = known.members?["timeouts"], members != nil else { return self }
        var result = self
        result["timeouts"] = timeouts
        return result
    }
}

struct ServedDataSource<Client: Sendable>: Sendable {
    private let source: any DataSource<Client>
    let schema: Schema
    let type: ValueType

    init(_ source: any DataSource<Client>) {
        self.source = source
        schema = source.schema
        type = schema.type
    }

    func validate(_ config: Value, _ diagnostics: inout Diagnostics) {
        schema.validate(config, &diagnostics)
        source.validate(config, &diagnostics)
    }

    func read(_ config: Value, _ client: Client, _ logger: Logger) async throws -> OperationResult {
        let record = OperationRecord()
        let operation = OperationContext(
            client: client, timeout: schema.timeout(.read, of: config), logger: logger, record: record)
        let source = source
        let found = try await withTimeLimit(operation.timeout, "read") { try await source.read(config, operation) }
        // What the configuration has stays as it is there.
        return OperationResult(
            value: found.keepingTimeouts(of: config).settled(onto: config, type),
            diagnostics: record.diagnostics.withLock { $0 })
    }
}
