// Use cases of timelines.

public import LoadBalancing
public import OctaviaWire
internal import Persistence

extension LoadBalancingService {
    /// A page of what happened to a load balancer, for whoever may see the load balancer; for a while after its end, too.
    public func events(
        ofLoadBalancer id: ResourceID, _ query: ListQuery, _ caller: Caller
    ) async throws -> [EventView] {
        let access = settings.access
        let request = ListRequest(
            conditions: [.init(column: "loadbalancer_id", value: .text(id.string))]
                + query.filters.map { ListRequest.Condition($0, kind: nil) },
            order: query.sort.map { ListRequest.Order(column: $0.field, isDescending: $0.isDescending) },
            limit: query.limit, marker: query.marker, isPageReversed: query.isPageReversed)
        return try await database.read { connection in
            if let loadBalancer = try TreeStore(connection).find(LoadBalancer.self, id) {
                try access.require(caller, .loadBalancerShow, projectID: loadBalancer.projectID)
            } else {
                guard let project = try EventStore(connection).project(of: id) else {
                    throw OctaviaFault.notFound(.loadBalancer, id)
                }
                try access.require(caller, .loadBalancerShow, projectID: project)
            }
            return try TreeListing(connection).page(LoadBalancerEvent.self, request).map { EventView($0) }
        }
    }
}
