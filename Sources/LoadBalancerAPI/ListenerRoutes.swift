// Routes of listeners.

internal import ControlPlane
internal import HTTPService
internal import HTTPTypes
internal import JSON
internal import LoadBalancing
internal import OctaviaWire

struct ListenerRoutes {
    let service: LoadBalancingService

    func register(on routes: inout RouteTable) {
        let service = self.service
        let one = "/v2/listeners/{id}"
        routes.on(.get, "/v2/listeners") { request, _ in
            let query = try request.listQuery(.listener)
            let views = try await service.listeners(query, request.caller)
            return .list(views, ids: views.map(\.listener.id), query, url: request.collectionURL("listeners"))
        }
        routes.on(.post, "/v2/listeners") { request, _ in
            try request.requireNoQuery()
            let body = try ListenerCreate(body: request.body)
            return .resource(.created, try await service.createListener(body, request.caller))
        }
        routes.refuseChanges(ofCollection: "/v2/listeners")
        routes.on(.get, one) { request, parameters in
            try request.requireValidPaging(.listener)
            return .resource(
                .ok, try await service.listener(parameters.id("id", .listener), request.caller), request.fields)
        }
        routes.on(.put, one) { request, parameters in
            try request.requireNoQuery()
            let body = try ListenerUpdate(body: request.body)
            let id = try parameters.id("id", .listener)
            return .resource(.ok, try await service.updateListener(id, body, request.caller))
        }
        routes.on(.delete, one) { request, parameters in
            try request.requireNoQuery()
            try await service.deleteListener(parameters.id("id", .listener), request.caller)
            return .empty(.noContent)
        }
        routes.on(.get, "\(one)/stats") { request, parameters in
            try request.requireNoQuery()
            let statistics = try await service.statistics(
                ofListener: parameters.id("id", .listener), request.caller)
            return .json(.ok, StatisticsView(statistics).body)
        }
    }
}
