// Routes of load balancers.

internal import ControlPlane
internal import HTTPService
internal import HTTPTypes
internal import JSON
internal import LoadBalancing
internal import OctaviaWire

struct LoadBalancerRoutes {
    let service: LoadBalancingService

    func register(on routes: inout RouteTable) {
        let service = self.service
        let one = "/v2/loadbalancers/{id}"
        routes.on(.get, "/v2/loadbalancers") { request, _ in
            let query = try request.listQuery(.loadBalancer)
            let views = try await service.loadBalancers(query, request.caller)
            return .list(
                views, ids: views.map(\.loadBalancer.id), query, url: request.collectionURL("loadbalancers"))
        }
        routes.on(.post, "/v2/loadbalancers") { request, _ in
            try request.requireNoQuery()
            let body = try LoadBalancerCreate(body: request.body)
            let tree = try await service.createLoadBalancer(body, request.caller)
            return .json(.created, FullLoadBalancerView(tree).body())
        }
        routes.refuseChanges(ofCollection: "/v2/loadbalancers")
        routes.on(.get, one) { request, parameters in
            try request.requireValidPaging(.loadBalancer)
            return .resource(
                .ok, try await service.loadBalancer(parameters.id("id", .loadBalancer), request.caller),
                request.fields)
        }
        routes.on(.put, one) { request, parameters in
            try request.requireNoQuery()
            let body = try LoadBalancerUpdate(body: request.body)
            let id = try parameters.id("id", .loadBalancer)
            return .resource(.ok, try await service.updateLoadBalancer(id, body, request.caller))
        }
        routes.on(.delete, one) { request, parameters in
            try request.requireNoQuery(but: ["cascade"])
            try await service.deleteLoadBalancer(
                parameters.id("id", .loadBalancer), cascade: request.flag("cascade"), request.caller)
            return .empty(.noContent)
        }
        for word in ["status", "statuses"] {
            routes.on(.get, "\(one)/\(word)") { request, parameters in
                try request.requireNoQuery()
                let tree = try await service.statusTree(parameters.id("id", .loadBalancer), request.caller)
                return .json(.ok, StatusTreeView(tree).body)
            }
        }
        routes.on(.get, "\(one)/events") { request, parameters in
            let query = try request.listQuery(.event)
            let id = try parameters.id("id", .loadBalancer)
            let views = try await service.events(ofLoadBalancer: id, query, request.caller)
            return .list(
                views, ids: views.map(\.event.id), query, url: request.collectionURL("loadbalancers/\(id)/events"))
        }
        routes.on(.get, "\(one)/stats") { request, parameters in
            try request.requireNoQuery()
            let statistics = try await service.statistics(
                ofLoadBalancer: parameters.id("id", .loadBalancer), request.caller)
            return .json(.ok, StatisticsView(statistics).body)
        }
        routes.on(.put, "\(one)/failover") { request, parameters in
            try request.requireNoQuery()
            try request.requireValidBodyIfAny()
            try await service.failOverLoadBalancer(parameters.id("id", .loadBalancer), request.caller)
            return .empty(.accepted)
        }
    }
}
