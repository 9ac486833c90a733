// Routes of availability zones and their profiles.

internal import ControlPlane
internal import HTTPService
internal import HTTPTypes
internal import OctaviaWire

struct AvailabilityZoneRoutes {
    let service: LoadBalancingService

    func register(on routes: inout RouteTable) {
        registerProfiles(on: &routes)
        registerOffers(on: &routes)
    }

    private func registerProfiles(on routes: inout RouteTable) {
        let service = self.service
        let all = "/v2/availabilityzoneprofiles"
        let one = "\(all)/{id}"
        routes.on(.get, all) { request, _ in
            let query = try request.listQuery(ListSchema.availabilityZoneProfile)
            let views = try await service.availabilityZoneProfiles(query, request.caller)
            return .list(views, ids: views.map(\.id), query, url: request.collectionURL("availabilityzoneprofiles"))
        }
        routes.on(.post, all) { request, _ in
            try request.requireNoQuery()
            let body = try ProfileCreate(body: request.body, .availabilityZone)
            return .resource(.created, try await service.createAvailabilityZoneProfile(body, request.caller))
        }
        routes.refuseChanges(ofCollection: all)
        routes.on(.get, one) { request, parameters in
            try request.requireValidPaging(ListSchema.availabilityZoneProfile)
            return .resource(
                .ok,
                try await service.availabilityZoneProfile(
                    parameters.id("id", "Availability Zone Profile"), request.caller), request.fields)
        }
        routes.on(.put, one) { request, parameters in
            try request.requireNoQuery()
            let body = try ProfileUpdate(body: request.body, .availabilityZone)
            return .resource(
                .ok,
                try await service.updateAvailabilityZoneProfile(
                    parameters.id("id", "Availability Zone Profile"), body, request.caller))
        }
        routes.on(.delete, one) { request, parameters in
            try request.requireNoQuery()
            try await service.deleteAvailabilityZoneProfile(
                parameters.id("id", "Availability Zone Profile"), request.caller)
            return .empty(.noContent)
        }
    }

    private func registerOffers(on routes: inout RouteTable) {
        let service = self.service
        let all = "/v2/availabilityzones"
        let one = "\(all)/{id}"
        routes.on(.get, all) { request, _ in
            let query = try request.listQuery(ListSchema.availabilityZone)
            let views = try await service.availabilityZones(query, request.caller)
            return .list(views, keys: views.map(\.name), query, url: request.collectionURL("availabilityzones"))
        }
        routes.on(.post, all) { request, _ in
            try request.requireNoQuery()
            let body = try OfferCreate(body: request.body, .availabilityZone)
            return .resource(.created, try await service.createAvailabilityZone(body, request.caller))
        }
        routes.refuseChanges(ofCollection: all)
        routes.on(.get, one) { request, parameters in
            try request.requireValidPaging(ListSchema.availabilityZone)
            return .resource(.ok, try await service.availabilityZone(parameters["id"], request.caller), request.fields)
        }
        routes.on(.put, one) { request, parameters in
            try request.requireNoQuery()
            let body = try OfferUpdate(body: request.body, .availabilityZone)
            return .resource(.ok, try await service.updateAvailabilityZone(parameters["id"], body, request.caller))
        }
        routes.on(.delete, one) { request, parameters in
            try request.requireNoQuery()
            try await service.deleteAvailabilityZone(parameters["id"], request.caller)
            return .empty(.noContent)
        }
    }
}
