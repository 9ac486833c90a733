// Lists of what does not belong to a tree.

internal import LoadBalancing
internal import OctaviaWire
internal import Persistence

extension LoadBalancingService {
    /// A page of rows of one table.
    func catalogPage<Record: ListedRecord>(
        _ type: Record.Type, _ query: ListQuery, _ conditions: [ListRequest.Condition] = []
    ) async throws -> [Record] {
        let request = ListRequest(
            conditions: conditions + query.filters.map { ListRequest.Condition($0, kind: nil) },
            order: query.sort.map { ListRequest.Order(column: $0.field, isDescending: $0.isDescending) },
            limit: query.limit, marker: query.marker, isPageReversed: query.isPageReversed)
        return try await database.read { try TreeListing($0).page(type, request) }
    }
}

extension TreeListing {
    /// A list whose problems are faults of the API.
    func page<Record: ListedRecord>(_ type: Record.Type, _ request: ListRequest) throws -> [Record] {
        do {
            return try list(type, request)
        } catch ListFault.unknownMarker(let marker) {
            throw OctaviaFault.invalidMarker(marker)
        } catch ListFault.unknownColumn {
            throw OctaviaFault.invalidListArguments
        }
    }
}
