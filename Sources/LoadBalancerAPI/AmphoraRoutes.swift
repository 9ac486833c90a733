// Routes of amphorae, the only ones below `octavia`.

internal import ControlPlane
internal import HTTPService
internal import HTTPTypes
internal import OctaviaWire

struct AmphoraRoutes {
    let service: LoadBalancingService

    private static let kind = "Amphora"

    func register(on routes: inout RouteTable) {
        let service = self.service
        let all = "/v2/octavia/amphorae"
        let one = "\(all)/{id}"
        routes.on(.get, all) { request, _ in
            let query = try request.listQuery(ListSchema.amphora)
            let views = try await service.amphorae(query, request.caller)
            let url = "\(request.baseURL)/load-balancer/v2.0/octavia/amphorae"
            return .list(views, ids: views.map(\.id), query, url: url)
        }
        routes.on(.get, one) { request, parameters in
            try request.requireValidPaging(ListSchema.amphora)
            return .resource(
                .ok, try await service.amphora(parameters.id("id", Self.kind), request.caller), request.fields)
        }
        routes.on(.delete, one) { request, parameters in
            try request.requireNoQuery()
            try await service.deleteAmphora(parameters.id("id", Self.kind), request.caller)
            return .empty(.noContent)
        }
        routes.on(.get, "\(one)/stats") { request, parameters in
            let view = try await service.amphoraStatistics(parameters.id("id", "Amphora stats for"), request.caller)
            return .json(.ok, view.body)
        }
        routes.on(.put, "\(one)/failover") { request, parameters in
            try request.requireNoQuery()
            try request.requireValidBodyIfAny()
            try await service.failOverAmphora(parameters.id("id", Self.kind), request.caller)
            return .empty(.accepted)
        }
        routes.on(.put, "\(one)/config") { request, parameters in
            try request.requireNoQuery()
            try request.requireValidBodyIfAny()
            try await service.configureAmphora(parameters.id("id", Self.kind), request.caller)
            return .empty(.accepted)
        }
    }
}
