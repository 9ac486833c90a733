// Routes of flavors and their profiles.

internal import ControlPlane
internal import HTTPService
internal import HTTPTypes
internal import OctaviaWire

struct FlavorRoutes {
    let service: LoadBalancingService

    func register(on routes: inout RouteTable) {
        registerProfiles(on: &routes)
        registerOffers(on: &routes)
    }

    private func registerProfiles(on routes: inout RouteTable) {
        let service = self.service
        let all = "/v2/flavorprofiles"
        let one = "\(all)/{id}"
        routes.on(.get, all) { request, _ in
            let query = try request.listQuery(ListSchema.flavorProfile)
            let views = try await service.flavorProfiles(query, request.caller)
            return .list(views, ids: views.map(\.id), query, url: request.collectionURL("flavorprofiles"))
        }
        routes.on(.post, all) { request, _ in
            try request.requireNoQuery()
            let body = try ProfileCreate(body: request.body, .flavor)
            return .resource(.created, try await service.createFlavorProfile(body, request.caller))
        }
        routes.refuseChanges(ofCollection: all)
        routes.on(.get, one) { request, parameters in
            try request.requireValidPaging(ListSchema.flavorProfile)
            return .resource(
                .ok, try await service.flavorProfile(parameters.id("id", "Flavor Profile"), request.caller),
                request.fields)
        }
        routes.on(.put, one) { request, parameters in
            try request.requireNoQuery()
            let body = try ProfileUpdate(body: request.body, .flavor)
            return .resource(
                .ok, try await service.updateFlavorProfile(parameters.id("id", "Flavor Profile"), body, request.caller))
        }
        routes.on(.delete, one) { request, parameters in
            try request.requireNoQuery()
            try await service.deleteFlavorProfile(parameters.id("id", "Flavor Profile"), request.caller)
            return .empty(.noContent)
        }
    }

    private func registerOffers(on routes: inout RouteTable) {
        let service = self.service
        let all = "/v2/flavors"
        let one = "\(all)/{id}"
        routes.on(.get, all) { request, _ in
            let query = try request.listQuery(ListSchema.flavor)
            let views = try await service.flavors(query, request.caller)
            return .list(views, ids: views.map(\.id), query, url: request.collectionURL("flavors"))
        }
        routes.on(.post, all) { request, _ in
            try request.requireNoQuery()
            let body = try OfferCreate(body: request.body, .flavor)
            return .resource(.created, try await service.createFlavor(body, request.caller))
        }
        routes.refuseChanges(ofCollection: all)
        routes.on(.get, one) { request, parameters in
            try request.requireValidPaging(ListSchema.flavor)
            return .resource(
                .ok, try await service.flavor(parameters.id("id", "Flavor"), request.caller), request.fields)
        }
        routes.on(.put, one) { request, parameters in
            try request.requireNoQuery()
            let body = try OfferUpdate(body: request.body, .flavor)
            return .resource(.ok, try await service.updateFlavor(parameters.id("id", "Flavor"), body, request.caller))
        }
        routes.on(.delete, one) { request, parameters in
            try request.requireNoQuery()
            try await service.deleteFlavor(parameters.id("id", "Flavor"), request.caller)
            return .empty(.noContent)
        }
    }
}
