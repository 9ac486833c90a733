// Routes of pools and health monitors.

internal import ControlPlane
internal import HTTPService
internal import HTTPTypes
internal import LoadBalancing
internal import OctaviaWire

struct PoolRoutes {
    let service: LoadBalancingService

    func register(on routes: inout RouteTable) {
        let service = self.service
        let one = "/v2/pools/{pool_id}"
        routes.on(.get, "/v2/pools") { request, _ in
            let query = try request.listQuery(.pool)
            let views = try await service.pools(query, request.caller)
            return .list(views, ids: views.map(\.pool.id), query, url: request.collectionURL("pools"))
        }
        routes.on(.post, "/v2/pools") { request, _ in
            try request.requireNoQuery()
            let body = try PoolCreate(body: request.body)
            return .resource(.created, try await service.createPool(body, request.caller))
        }
        routes.refuseChanges(ofCollection: "/v2/pools")
        routes.on(.get, one) { request, parameters in
            try request.requireValidPaging(.pool)
            return .resource(
                .ok, try await service.pool(parameters.id("pool_id", .pool), request.caller), request.fields)
        }
        routes.on(.put, one) { request, parameters in
            try request.requireNoQuery()
            let body = try PoolUpdate(body: request.body)
            let id = try parameters.id("pool_id", .pool)
            return .resource(.ok, try await service.updatePool(id, body, request.caller))
        }
        routes.on(.delete, one) { request, parameters in
            try request.requireNoQuery()
            try await service.deletePool(parameters.id("pool_id", .pool), request.caller)
            return .empty(.noContent)
        }
    }
}

struct HealthMonitorRoutes {
    let service: LoadBalancingService

    func register(on routes: inout RouteTable) {
        let service = self.service
        let one = "/v2/healthmonitors/{id}"
        routes.on(.get, "/v2/healthmonitors") { request, _ in
            let query = try request.listQuery(.healthMonitor)
            let views = try await service.healthMonitors(query, request.caller)
            return .list(
                views, ids: views.map(\.healthMonitor.id), query, url: request.collectionURL("healthmonitors"))
        }
        routes.on(.post, "/v2/healthmonitors") { request, _ in
            try request.requireNoQuery()
            let body = try HealthMonitorCreate(body: request.body)
            return .resource(.created, try await service.createHealthMonitor(body, request.caller))
        }
        routes.refuseChanges(ofCollection: "/v2/healthmonitors")
        routes.on(.get, one) { request, parameters in
            try request.requireValidPaging(.healthMonitor)
            return .resource(
                .ok, try await service.healthMonitor(parameters.id("id", .healthMonitor), request.caller),
                request.fields)
        }
        routes.on(.put, one) { request, parameters in
            try request.requireNoQuery()
            let body = try HealthMonitorUpdate(body: request.body)
            let id = try parameters.id("id", .healthMonitor)
            return .resource(.ok, try await service.updateHealthMonitor(id, body, request.caller))
        }
        routes.on(.delete, one) { request, parameters in
            try request.requireNoQuery()
            try await service.deleteHealthMonitor(parameters.id("id", .healthMonitor), request.caller)
            return .empty(.noContent)
        }
    }
}
