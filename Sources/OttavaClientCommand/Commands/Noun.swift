// What a kind of object needs for the verbs that all kinds have.

internal import ArgumentParser
internal import JSON
internal import LoadBalancerDocuments
internal import OctaviaClient

/// A kind of object on the command line.
protocol Noun: Sendable {
    associatedtype Resource: CloudResource
    associatedtype Parent: ParentOption
    associatedtype Filters: FilterOptions

    /// How help calls it: `listener`.
    static var term: String { get }
    static var listColumns: [String] { get }
    static var showColumns: [String] { get }
    static func collection(_ cloud: Cloud, _ parent: ResourceID) -> ResourceCollection<Resource>
    /// The fields as the columns name them.
    static func columns(of fields: [String: JSONValue]) -> [String: JSONValue]
}

extension Noun {
    static func columns(of fields: [String: JSONValue]) -> [String: JSONValue] { fields }
    static var allColumns: [String] { showColumns + listColumns.filter { !showColumns.contains($0) } }
}

/// Positional arguments before the object's own: the pool of a member, the policy of a rule.
protocol ParentOption: ParsableArguments {
    /// The id; any id when there is no parent.
    func id(_ cloud: Cloud) async throws -> ResourceID
}

struct NoParent: ParentOption {
    func id(_ cloud: Cloud) async throws -> ResourceID { ResourceID(canonical: "") }
}

struct PoolParent: ParentOption {
    @Argument(help: "The pool: name or id.")
    var pool: String

    func id(_ cloud: Cloud) async throws -> ResourceID { try await cloud.pools.find(pool).id }
}

struct L7PolicyParent: ParentOption {
    @Argument(help: "The L7 policy: name or id.")
    var l7policy: String

    func id(_ cloud: Cloud) async throws -> ResourceID { try await cloud.l7Policies.find(l7policy).id }
}

/// The filters of a list.
protocol FilterOptions: ParsableArguments {
    func filters(_ cloud: Cloud) async throws -> [Filter]
    /// Columns beside the usual ones.
    var moreColumns: [String] { get }
}

extension FilterOptions {
    var moreColumns: [String] { [] }
}

struct NoFilters: FilterOptions {
    func filters(_ cloud: Cloud) async throws -> [Filter] { [] }
}

extension Noun {
    static func rows(_ cloud: Cloud, _ parent: ResourceID) -> ResourceCollection<Row<Resource>> {
        collection(cloud, parent).reading(as: Row<Resource>.self)
    }
}
