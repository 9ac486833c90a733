// One operation on one object.

public import Logging
internal import Synchronization

/// What an operation works with.
public struct OperationContext<Client: Sendable>: Sendable {
    public let client: Client
    /// How long the operation may take in all.
    public let timeout: Duration
    /// Writes to Terraform's log (`TF_LOG=debug`).
    public let logger: Logger
    private let deadline: ContinuousClock.Instant
    private let record: OperationRecord

    init(client: Client, timeout: Duration, logger: Logger, record: OperationRecord) {
        self.client = client
        self.timeout = timeout
        self.logger = logger
        self.record = record
        deadline = .now + timeout
    }

    /// How much of ``timeout`` is left; at least a moment.
    public var remaining: Duration { max(deadline - .now, .milliseconds(1)) }

    /// Has Terraform keep this state if the operation does not end well. Unknown values become null.
    ///
    /// After a failure Terraform counts an object that was to be made as half made, and replaces it. After an
    /// interruption it does not: the next plan compares what is there with what is wanted.
    public func save(_ state: Value) { record.saved.withLock { $0 = state } }

    /// Something that users should know although the operation succeeds.
    public func warn(_ summary: String, _ detail: String = "", at path: AttributePath? = nil) {
        record.diagnostics.withLock { $0.warning(summary, detail, at: path) }
    }

    /// Bytes that Terraform keeps with the state and never shows.
    public var privateState: [UInt8] {
        get { record.privateState.withLock { $0 } }
        nonmutating set { record.privateState.withLock { $0 = newValue } }
    }
}

/// What an operation leaves behind besides its result.
final class OperationRecord: Sendable {
    let saved = Mutex<Value?>(nil)
    let diagnostics = Mutex(Diagnostics())
    let privateState: Mutex<[UInt8]>

    init(privateState: [UInt8] = []) {
        self.privateState = Mutex(privateState)
    }
}
