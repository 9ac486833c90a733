// Routes of L7 policies and their rules.

internal import ControlPlane
internal import HTTPService
internal import HTTPTypes
internal import LoadBalancing
internal import OctaviaWire

struct L7Routes {
    let service: LoadBalancingService

    func register(on routes: inout RouteTable) {
        registerPolicies(on: &routes)
        registerRules(on: &routes)
    }

    private func registerPolicies(on routes: inout RouteTable) {
        let service = self.service
        let one = "/v2/l7policies/{policy_id}"
        routes.on(.get, "/v2/l7policies") { request, _ in
            let query = try request.listQuery(.l7Policy)
            let views = try await service.l7Policies(query, request.caller)
            return .list(views, ids: views.map(\.policy.id), query, url: request.collectionURL("l7policies"))
        }
        routes.on(.post, "/v2/l7policies") { request, _ in
            try request.requireNoQuery()
            let body = try L7PolicyCreate(body: request.body)
            return .resource(.created, try await service.createL7Policy(body, request.caller))
        }
        routes.refuseChanges(ofCollection: "/v2/l7policies")
        routes.on(.get, one) { request, parameters in
            try request.requireValidPaging(.l7Policy)
            return .resource(
                .ok, try await service.l7Policy(parameters.id("policy_id", .l7Policy), request.caller),
                request.fields)
        }
        routes.on(.put, one) { request, parameters in
            try request.requireNoQuery()
            let body = try L7PolicyUpdate(body: request.body)
            let id = try parameters.id("policy_id", .l7Policy)
            return .resource(.ok, try await service.updateL7Policy(id, body, request.caller))
        }
        routes.on(.delete, one) { request, parameters in
            try request.requireNoQuery()
            try await service.deleteL7Policy(parameters.id("policy_id", .l7Policy), request.caller)
            return .empty(.noContent)
        }
    }

    private func registerRules(on routes: inout RouteTable) {
        let service = self.service
        let all = "/v2/l7policies/{policy_id}/rules"
        let one = "\(all)/{id}"
        routes.on(.get, all) { request, parameters in
            let query = try request.listQuery(.l7Rule)
            let policyID = try parameters.policyID()
            let views = try await service.l7Rules(policy: policyID, query, request.caller)
            return .list(
                views, ids: views.map(\.rule.id), query, url: request.collectionURL("l7policies/\(policyID)/rules"))
        }
        routes.on(.post, all) { request, parameters in
            try request.requireNoQuery()
            let body = try L7RuleCreate(body: request.body)
            return .resource(
                .created, try await service.createL7Rule(body, policy: parameters.policyID(), request.caller))
        }
        routes.refuseChanges(ofCollection: all)
        routes.on(.get, one) { request, parameters in
            try request.requireValidPaging(.l7Rule)
            let policyID = try parameters.policyID()
            return .resource(
                .ok, try await service.l7Rule(parameters.id("id", .l7Rule), policy: policyID, request.caller),
                request.fields)
        }
        routes.on(.put, one) { request, parameters in
            try request.requireNoQuery()
            let body = try L7RuleUpdate(body: request.body)
            let policyID = try parameters.policyID()
            let id = try parameters.id("id", .l7Rule)
            return .resource(.ok, try await service.updateL7Rule(id, policy: policyID, body, request.caller))
        }
        routes.on(.delete, one) { request, parameters in
            try request.requireNoQuery()
            let policyID = try parameters.policyID()
            try await service.deleteL7Rule(parameters.id("id", .l7Rule), policy: policyID, request.caller)
            return .empty(.noContent)
        }
    }
}
