// Lists of what does not belong to a tree.

internal import LoadBalancing
internal import OctaviaWire
internal import Persistence

extension LoadBalancingService {
    /// A page of rows of one table.
    func catalogPage<Record: ListedRecord>(
        _ type: Record.Type, _ query: ListQuery, _ conditions: [ListRequest.Condition] = []
    ) async throws -> [Record] {
        var marker: ResourceID?
        if let text = query.marker {
            // What has no id cannot be paged by it.
            guard Record.columns.first == "id", let id = ResourceID(text) else {
                throw OctaviaFault.invalidMarker(text)
            }
            marker = id
        }
        let request = ListRequest(
            conditions: conditions + query.filters.map { ListRequest.Condition($0, kind: nil) },
            order: query.sort.map { ListRequest.Order(column: $0.field, isDescending: $0.isDescending) },
            limit: query.limit, marker: marker, isPageReversed: query.isPageReversed)
        return try await database.read { connection in
            do {
                return try TreeListing(connection).list(type, request)
            } catch ListFault.unknownMarker(let marker) {
                throw OctaviaFault.invalidMarker(marker.string)
            } catch ListFault.unknownColumn {
                throw OctaviaFault.invalidListArguments
            }
        }
    }
}
