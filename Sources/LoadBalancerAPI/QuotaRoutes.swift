// Routes of quotas.

internal import ControlPlane
internal import HTTPService
internal import HTTPTypes
internal import OctaviaWire

struct QuotaRoutes {
    let service: LoadBalancingService

    func register(on routes: inout RouteTable) {
        let service = self.service
        let one = "/v2/quotas/{project_id}"
        routes.on(.get, "/v2/quotas") { request, _ in
            let query = try request.listQuery(ListSchema.quota)
            let views = try await service.quotas(query, request.caller)
            return .list(views, keys: views.map(\.projectID), query, url: request.collectionURL("quotas"))
        }
        routes.refuseChanges(ofCollection: "/v2/quotas")
        routes.on(.get, one) { request, parameters in
            try request.requireNoQuery()
            return .resource(.ok, try await service.quota(ofProject: parameters["project_id"], request.caller))
        }
        routes.on(.put, one) { request, parameters in
            try request.requireNoQuery()
            let body = try QuotaUpdate(body: request.body)
            return .resource(
                .accepted, try await service.setQuota(ofProject: parameters["project_id"], body, request.caller))
        }
        routes.on(.delete, one) { request, parameters in
            try request.requireNoQuery()
            try await service.deleteQuota(ofProject: parameters["project_id"], request.caller)
            return .empty(.accepted)
        }
        routes.on(.get, "\(one)/default") { request, parameters in
            try request.requireNoQuery()
            return .resource(.ok, try service.defaultQuota(ofProject: parameters["project_id"], request.caller))
        }
    }
}
