// Routes of providers and of what can be told to them.

internal import ControlPlane
internal import HTTPService
internal import HTTPTypes
internal import OctaviaWire
internal import ProviderDrivers

struct ProviderRoutes {
    let service: LoadBalancingService

    func register(on routes: inout RouteTable) {
        let service = self.service
        routes.on(.get, "/v2/providers") { request, _ in
            let providers = try service.providers(request.caller)
            let view = ProviderListView(providers.map { .init(name: $0.name, description: $0.description) })
            return .json(.ok, view.body(fields: request.fields))
        }
        routes.on(.get, "/v2/providers/{provider}/flavor_capabilities") { request, parameters in
            let all = try service.flavorCapabilities(ofProvider: parameters["provider"], request.caller)
            return Self.list("flavor_capabilities", all, request)
        }
        routes.on(.get, "/v2/providers/{provider}/availability_zone_capabilities") { request, parameters in
            let all = try service.availabilityZoneCapabilities(ofProvider: parameters["provider"], request.caller)
            return Self.list("availability_zone_capabilities", all, request)
        }
    }

    /// Capabilities with the name and the description that the query asks for, if it does.
    private static func list(_ key: String, _ all: [ProviderCapability], _ request: APIRequest) -> APIResponse {
        let name = request.queryValue("name")
        let description = request.queryValue("description")
        let wanted = all.filter {
            (name == nil || $0.name == name) && (description == nil || $0.description == description)
        }
        let view = CapabilityListView(
            key: key, wanted.map { .init(name: $0.name, description: $0.description) })
        return .json(.ok, view.body(fields: request.fields))
    }
}
