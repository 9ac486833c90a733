// `ottava loadbalancer event list`: the timeline of a load balancer.

internal import ArgumentParser
internal import JSON
internal import LoadBalancerDocuments
internal import OctaviaClient

struct EventList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists what happened to a load balancer, oldest first.",
        discussion: "Events of a deleted load balancer are there for some weeks, by its id.")
    @Argument(help: "Name or id.") var loadbalancer: String
    @Option(help: "Only of this type, such as 'failed'.") var type: String?
    @Option(help: ArgumentHelp("Only of the object with this id.", valueName: "id")) var object: ResourceID?
    @Option(help: ArgumentHelp("Only the newest: 1–1000.", valueName: "number")) var last: Int?
    @Flag(help: "Go on with what happens, one line for each event, until Ctrl-C.") var follow = false
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    private static let columns = ["created_at", "type", "object_type", "occurrences", "message"]
    private static let allColumns =
        columns + [
            "id", "loadbalancer_id", "project_id", "object_id", "user_id", "request_id", "generation", "fields",
            "duration", "updated_at",
        ]

    func validate() throws { try checked(last, "--last", in: 1...1000) }

    func run() async throws {
        try output.check(Self.allColumns)
        try await cloud.with { cloud in
            let events = cloud.loadBalancers.eventCollection(try await id(cloud))
                .reading(as: Row<LoadBalancerEvent>.self)
            if follow { return try await follow(cloud) }
            var filters: [Filter] = []
            if let type { filters.append(.field("type", equals: type)) }
            if let object { filters.append(.field("object_id", equals: object)) }
            var rows: [[String: JSONValue]] = []
            if let last {
                let newestFirst = events.list(
                    filters, sortedBy: [SortKey("created_at", isDescending: true), SortKey("id", isDescending: true)],
                    pageSize: last)
                for try await row in newestFirst {
                    rows.append(row.fields)
                    if rows.count == last { break }
                }
                rows.reverse()
            } else {
                for try await row in events.list(filters) { rows.append(row.fields) }
            }
            output.show(rows, columns: Self.columns)
        }
    }

    private func follow(_ cloud: Cloud) async throws {
        let columns = output.column.isEmpty ? Self.columns : output.column
        let feed = cloud.loadBalancers.followEvents(try await id(cloud)).reading(as: Row<LoadBalancerEvent>.self)
        for try await row in feed {
            if let type, row.resource.type != type { continue }
            if let object, row.resource.objectID != object { continue }
            let cells = columns.map { Cell.oneLine(row.fields[$0] ?? .null) }
            StandardStreams.output(cells.joined(separator: " ") + "\n")
        }
    }

    /// The load balancer's id, whether it exists or not.
    private func id(_ cloud: Cloud) async throws -> ResourceID {
        do {
            return try await cloud.loadBalancers.find(loadbalancer).id
        } catch let error as CloudError where error.code == .notFound {
            guard let id = ResourceID(loadbalancer) else { throw error }
            return id
        }
    }
}
