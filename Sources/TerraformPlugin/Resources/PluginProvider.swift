// What a provider's author writes once.

/// A provider: its settings, and the resources and data sources that it has.
public protocol PluginProvider: Sendable {
    associatedtype Client: Sendable

    /// The settings in `provider "…" { }`.
    var schema: Schema { get }
    var resources: [any Resource<Client>] { get }
    var dataSources: [any DataSource<Client>] { get }

    func validate(_ config: Value, _ diagnostics: inout Diagnostics)

    /// Makes what operations are done with. Settings may be unknown while a plan is made.
    func configure(_ config: Value, _ diagnostics: inout Diagnostics) async throws -> Client

    /// What users are told of an error.
    func diagnostic(for error: any Error) -> Diagnostic
}

extension PluginProvider {
    public func validate(_ config: Value, _ diagnostics: inout Diagnostics) {}
    public func diagnostic(for error: any Error) -> Diagnostic { Diagnostic(.error, "\(error)") }
}
