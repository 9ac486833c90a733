// What the caller may reach, and the catalog as lists (Identity API v3 reference, "Service catalog and endpoints").

internal import HTTPService
internal import HTTPTypes
internal import Identity
internal import JSON

extension RouteBuilder {
    /// `/v3/auth/catalog`, `/v3/auth/system`, `/v3/regions`, `/v3/services` and `/v3/endpoints`; all read-only.
    mutating func addCatalogRoutes(options: ServiceCatalog.Options) {
        let identity = identity
        on(.get, "/v3/auth/catalog") { request, _, caller in
            guard caller.scope != .unscoped else {
                throw IdentityFault.forbidden("A scoped token is required to produce a service catalog.")
            }
            return .json { writer in
                writer.key("catalog")
                ServiceCatalog(baseURL: request.baseURL, options: options).write(to: &writer)
                writer.selfLink(Links.ownURL(of: request))
            }
        }
        on(.get, "/v3/auth/system") { request, _, caller in
            let roles = try await identity.listRoles(ofUser: caller.user.id, on: .system, as: caller)
            return .list("system", roles.isEmpty ? [] : [true], for: request) { $0.member("all", $1) }
        }
        on(.get, "/v3/regions") { request, _, _ in
            .list("regions", [options.region], for: request) { Self.writeRegion(to: &$0, $1, Links(request)) }
        }
        on(.get, "/v3/regions/{region_id}") { request, parameters, _ in
            guard parameters["region_id"] == options.region else {
                throw IdentityFault.notFound("region", parameters["region_id"])
            }
            return .json { writer in
                writer.objectMember("region") { Self.writeRegion(to: &$0, options.region, Links(request)) }
            }
        }
        on(.get, "/v3/services") { request, _, caller in
            try Self.requireAdministrator(caller, "list_services")
            let catalog = ServiceCatalog(baseURL: request.baseURL, options: options)
            let (type, name) = (request.queryValue("type"), request.queryValue("name"))
            let services = catalog.services.filter {
                (type == nil || type == $0.type) && (name == nil || name == $0.name)
            }
            return .list("services", services, for: request) { $1.write(to: &$0, Links(request)) }
        }
        on(.get, "/v3/services/{service_id}") { request, parameters, caller in
            try Self.requireAdministrator(caller, "get_service")
            let catalog = ServiceCatalog(baseURL: request.baseURL, options: options)
            guard let service = catalog.services.first(where: { $0.id == parameters["service_id"] }) else {
                throw IdentityFault.notFound("service", parameters["service_id"])
            }
            return .json { writer in
                writer.objectMember("service") { service.write(to: &$0, Links(request)) }
            }
        }
        on(.get, "/v3/endpoints") { request, _, caller in
            try Self.requireAdministrator(caller, "list_endpoints")
            let (interface, region) = (request.queryValue("interface"), request.queryValue("region_id"))
            let serviceID = request.queryValue("service_id")
            let endpoints = Self.endpoints(request, options).filter { service, endpoint in
                (interface == nil || interface == endpoint.interface) && (region == nil || region == endpoint.region)
                    && (serviceID == nil || serviceID == service.id)
            }
            return .list("endpoints", endpoints, for: request) { writer, pair in
                pair.endpoint.write(to: &writer, of: pair.service, Links(request))
            }
        }
        on(.get, "/v3/endpoints/{endpoint_id}") { request, parameters, caller in
            try Self.requireAdministrator(caller, "get_endpoint")
            let endpoints = Self.endpoints(request, options)
            guard let found = endpoints.first(where: { $0.endpoint.id == parameters["endpoint_id"] }) else {
                throw IdentityFault.notFound("endpoint", parameters["endpoint_id"])
            }
            return .json { writer in
                writer.objectMember("endpoint") { found.endpoint.write(to: &$0, of: found.service, Links(request)) }
            }
        }
    }

    private static func requireAdministrator(_ caller: ValidatedToken, _ action: String) throws {
        guard caller.isAdministrator else { throw IdentityFault.forbidden(action: "identity:\(action)") }
    }

    private static func endpoints(
        _ request: APIRequest, _ options: ServiceCatalog.Options
    ) -> [(service: ServiceCatalog.Service, endpoint: ServiceCatalog.Endpoint)] {
        ServiceCatalog(baseURL: request.baseURL, options: options).services.flatMap { service in
            service.endpoints.map { (service, $0) }
        }
    }

    private static func writeRegion(to writer: inout JSONWriter, _ region: String, _ links: Links) {
        writer.member("id", region)
        writer.member("description", "")
        writer.nullMember("parent_region_id")
        writer.selfLink(links.url("regions", region))
    }
}

extension ServiceCatalog.Service {
    fileprivate func write(to writer: inout JSONWriter, _ links: Links) {
        writer.member("id", id)
        writer.member("type", type)
        writer.member("name", name)
        writer.member("description", "")
        writer.member("enabled", true)
        writer.selfLink(links.url("services", id))
    }
}

extension ServiceCatalog.Endpoint {
    fileprivate func write(to writer: inout JSONWriter, of service: ServiceCatalog.Service, _ links: Links) {
        writer.member("id", id)
        writer.member("interface", interface)
        writer.member("region", region)
        writer.member("region_id", region)
        writer.member("service_id", service.id)
        writer.member("url", url)
        writer.member("enabled", true)
        writer.selfLink(links.url("endpoints", id))
    }
}
