// What a provider's author writes for a kind of object.

public import JSON

/// A kind of object that Terraform manages.
///
/// ```swift
/// struct FileResource: Resource {
///     let typeName = "disk_file"
///     let schema = Schema("A file.", [.string("path", .required, "Where it is.", requiresReplacement: true), …])
///
///     func create(_ planned: Value, _ operation: OperationContext<Disk>) async throws -> Value {
///         try operation.client.write(planned["content"].string ?? "", to: planned["path"].string ?? "")
///         return planned
///     }
///     …
/// }
/// ```
///
/// Values have every attribute and block of the schema. What an operation returns may leave out attributes, and have
/// null for an empty text or list, and the other way round: the form of the plan is kept. Thrown errors become what
/// ``PluginProvider/diagnostic(for:)`` makes of them; throw a ``Diagnostic`` to say where in the configuration.
///
/// When Terraform is interrupted, or the time of the operation is over, its task is cancelled.
public protocol Resource<Client>: Sendable {
    /// What operations are done with; ``PluginProvider/configure(_:_:)`` makes it.
    associatedtype Client: Sendable

    /// With the provider's prefix: `disk_file`.
    var typeName: String { get }
    var schema: Schema { get }
    /// What users give to `terraform import`, for documentation: `ID` unless it is written.
    var importForm: String { get }

    /// Checks what the schema cannot say, at `terraform validate` and again at `plan`. Values may be unknown.
    func validate(_ config: Value, _ diagnostics: inout Diagnostics)

    /// Adjusts a plan; see ``Plan``. Not called for deletions.
    func plan(_ plan: inout Plan, _ operation: OperationContext<Client>) async throws

    /// Makes the object.
    ///
    /// Give ``OperationContext/save(_:)`` the state as soon as there is an object, so that Terraform knows of it whatever
    /// happens next.
    /// - Returns: The state: what was planned, with a value for everything that was unknown.
    func create(_ planned: Value, _ operation: OperationContext<Client>) async throws -> Value

    /// Looks at the object.
    ///
    /// - Returns: The state as it is; `nil` if the object is gone.
    func read(_ state: Value, _ operation: OperationContext<Client>) async throws -> Value?

    /// Changes the object in place.
    func update(_ prior: Value, to planned: Value, _ operation: OperationContext<Client>) async throws -> Value

    /// Deletes the object; one that is gone already is no error.
    func delete(_ state: Value, _ operation: OperationContext<Client>) async throws

    /// Begins an import: the least state with which ``read(_:_:)`` can do the rest.
    ///
    /// - Parameter id: What the user gave to `terraform import`.
    func importState(_ id: String, _ operation: OperationContext<Client>) async throws -> Value

    /// Converts state that another version, or another provider, wrote.
    ///
    /// - Parameters:
    ///   - state: By the attributes' names of then.
    ///   - version: That of the schema then.
    func upgrade(_ state: JSONValue, from version: Int64) throws -> Value
}

extension Resource {
    public var importForm: String { "ID" }
    public func validate(_ config: Value, _ diagnostics: inout Diagnostics) {}
    public func plan(_ plan: inout Plan, _ operation: OperationContext<Client>) async throws {}

    /// Without an update of its own, every attribute of a resource should require replacement.
    public func update(_ prior: Value, to planned: Value, _ operation: OperationContext<Client>) async throws -> Value {
        planned
    }

    /// The id alone.
    public func importState(_ id: String, _ operation: OperationContext<Client>) async throws -> Value {
        ["id": .string(id)]
    }

    /// Takes over attributes that are still there.
    public func upgrade(_ state: JSONValue, from version: Int64) throws -> Value {
        Value(lenient: state, schema.type)
    }
}

/// A kind of object that Terraform only looks at.
public protocol DataSource<Client>: Sendable {
    associatedtype Client: Sendable

    var typeName: String { get }
    var schema: Schema { get }

    func validate(_ config: Value, _ diagnostics: inout Diagnostics)

    /// Looks the object up.
    ///
    /// - Parameter config: Wholly known.
    func read(_ config: Value, _ operation: OperationContext<Client>) async throws -> Value
}

extension DataSource {
    public func validate(_ config: Value, _ diagnostics: inout Diagnostics) {}
}

/// What an apply will do to one object.
public struct Plan: Sendable {
    /// As written; null where nothing is written.
    public let config: Value
    /// Null for an object that is to be made.
    public let prior: Value
    /// What the object will be: by the schema's rules when ``Resource/plan(_:_:)`` is called. Only what the
    /// configuration leaves to the provider may be changed.
    public var planned: Value
    /// The attributes whose change needs a new object.
    public var replacements: [AttributePath]
    public var diagnostics = Diagnostics()

    public var isCreation: Bool { prior.isNull }
    /// Whether the apply will change the object.
    public let hasChanges: Bool
}
