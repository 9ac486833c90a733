// Tags of all resources.

internal import HTTPService
internal import HTTPTypes
internal import JSON
internal import LoadBalancing
internal import Networking

/// `/v2.0/{type}/{id}/tags` and `/v2.0/{type}/{id}/tags/{tag}`.
struct TagEndpoint: Sendable {
    let network: EmbeddedNetwork
    let gate: AccessGate

    /// The spellings that clients use: with dashes and with underscores.
    private static let types: [(path: String, resource: NetworkResource)] = [
        ("networks", .network), ("subnets", .subnet), ("ports", .port), ("floatingips", .floatingIP),
        ("security-groups", .securityGroup), ("security_groups", .securityGroup), ("policies", .qosPolicy),
        ("qos/policies", .qosPolicy),
    ]

    func add(to routes: inout RouteTable) {
        for (path, resource) in Self.types { add(to: &routes, "/v2.0/\(path)/{id}/tags", resource) }
    }

    private func add(to routes: inout RouteTable, _ path: String, _ resource: NetworkResource) {
        let network = network
        routes.on(
            .get, path,
            gate.admitting { _, parameters, access in
                let id = try Self.identifier(parameters, resource)
                let tags = try await network.read(as: access) { try $0.tags(resource, id) }
                return .json { $0.member("tags", strings: tags) }
            })
        routes.on(
            .put, path,
            gate.admitting { request, parameters, access in
                let id = try Self.identifier(parameters, resource)
                let wanted = try RequestBody(request).texts("tags")
                let tags = try await network.write(as: access) { try $0.replaceTags(resource, id, wanted) }
                return .json { $0.member("tags", strings: tags) }
            })
        routes.on(
            .delete, path,
            gate.admitting { _, parameters, access in
                let id = try Self.identifier(parameters, resource)
                _ = try await network.write(as: access) { try $0.replaceTags(resource, id, []) }
                return .empty(.noContent)
            })
        routes.on(
            .get, "\(path)/{tag}",
            gate.admitting { _, parameters, access in
                let id = try Self.identifier(parameters, resource)
                let tags = try await network.read(as: access) { try $0.tags(resource, id) }
                guard tags.contains(parameters["tag"]) else {
                    throw NetworkFault.tagNotFound(parameters["tag"], resource)
                }
                return .empty(.noContent)
            })
        routes.on(
            .put, "\(path)/{tag}",
            gate.admitting { _, parameters, access in
                let id = try Self.identifier(parameters, resource)
                try await network.write(as: access) { try $0.addTag(resource, id, parameters["tag"]) }
                return .empty(.created)
            })
        routes.on(
            .delete, "\(path)/{tag}",
            gate.admitting { _, parameters, access in
                let id = try Self.identifier(parameters, resource)
                try await network.write(as: access) { try $0.removeTag(resource, id, parameters["tag"]) }
                return .empty(.noContent)
            })
    }

    private static func identifier(_ parameters: PathParameters, _ resource: NetworkResource) throws -> ResourceID {
        guard let id = ResourceID(parameters["id"]) else { throw NetworkFault.notFound(resource, parameters["id"]) }
        return id
    }
}
