// Routes of the members of a pool.

internal import ControlPlane
internal import HTTPService
internal import HTTPTypes
internal import LoadBalancing
internal import OctaviaWire

struct MemberRoutes {
    let service: LoadBalancingService

    func register(on routes: inout RouteTable) {
        let service = self.service
        let all = "/v2/pools/{pool_id}/members"
        let one = "\(all)/{id}"
        routes.on(.get, all) { request, parameters in
            let query = try request.listQuery(.member)
            let poolID = try parameters.poolID()
            let views = try await service.members(pool: poolID, query, request.caller)
            return .list(
                views, ids: views.map(\.member.id), query, url: request.collectionURL("pools/\(poolID)/members"))
        }
        routes.on(.post, all) { request, parameters in
            try request.requireNoQuery()
            let body = try MemberCreate(body: request.body)
            return .resource(
                .created, try await service.createMember(body, pool: parameters.poolID(), request.caller))
        }
        routes.on(.put, all) { request, parameters in
            try request.requireNoQuery(but: ["additive_only"])
            let body = try MemberBatch(body: request.body)
            try await service.replaceMembers(
                body.members, pool: parameters.poolID(), isAdditive: request.flag("additive_only"), request.caller)
            return .empty(.accepted)
        }
        routes.refuseChanges(ofCollection: all, but: .put)
        routes.on(.get, one) { request, parameters in
            try request.requireValidPaging(.member)
            let poolID = try parameters.poolID()
            return .resource(
                .ok, try await service.member(parameters.id("id", .member), pool: poolID, request.caller),
                request.fields)
        }
        routes.on(.put, one) { request, parameters in
            try request.requireNoQuery()
            let body = try MemberUpdate(body: request.body)
            let poolID = try parameters.poolID()
            let id = try parameters.id("id", .member)
            return .resource(.ok, try await service.updateMember(id, pool: poolID, body, request.caller))
        }
        routes.on(.delete, one) { request, parameters in
            try request.requireNoQuery()
            let poolID = try parameters.poolID()
            try await service.deleteMember(parameters.id("id", .member), pool: poolID, request.caller)
            return .empty(.noContent)
        }
    }
}
