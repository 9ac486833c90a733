// One resource's five routes.

internal import HTTPService
internal import HTTPTypes
internal import JSON
internal import LoadBalancing
internal import Networking

/// How the objects of one kind are listed, read, made, changed and removed.
struct Endpoint<Element: Sendable, Attributes: Sendable>: Sendable {
    let resource: NetworkResource
    /// Every attribute of the API, to tell read-only ones from unknown ones.
    let known: Set<String>
    let id: @Sendable (Element) -> ResourceID
    let list: @Sendable (NetworkTransaction, ListQuery) throws -> NetworkPage<Element>
    let get: @Sendable (NetworkTransaction, ResourceID) throws -> Element
    let create: @Sendable (NetworkTransaction, Attributes) throws -> Element
    /// `nil` for objects that never change.
    let update: (@Sendable (NetworkTransaction, ResourceID, Attributes) throws -> Element)?
    let delete: @Sendable (NetworkTransaction, ResourceID) throws -> Void
    /// Reads what a request says.
    let read: @Sendable (inout AttributeReader) throws -> Attributes
    /// Writes the members of one object.
    let write: @Sendable (Element, FieldSelection, inout JSONWriter) -> Void

    /// How many objects one request may make.
    static var maximumBulk: Int { 1000 }

    /// Adds the routes.
    func add(to routes: inout RouteTable, _ network: EmbeddedNetwork, _ gate: AccessGate) {
        let path = "/v2.0/\(resource.path)"
        routes.on(.get, path, gate.admitting { request, _, access in try await show(request, access, network) })
        routes.on(
            .get, "\(path)/{id}",
            gate.admitting { request, parameters, access in
                let id = try identifier(parameters)
                let element = try await network.read(as: access) { try get($0, id) }
                return .json(.ok, object(element, ListRequest.fields(of: request)))
            })
        routes.on(.post, path, gate.admitting { request, _, access in try await make(request, access, network) })
        routes.on(
            .delete, "\(path)/{id}",
            gate.admitting { _, parameters, access in
                let id = try identifier(parameters)
                try await network.write(as: access) { try delete($0, id) }
                return .empty(.noContent)
            })
        guard let update else { return }
        routes.on(
            .put, "\(path)/{id}",
            gate.admitting { request, parameters, access in
                let id = try identifier(parameters)
                let body = try RequestBody(request)
                let attributes = try attributes(
                    body.object(resource.key), isCreation: false, expectedRevision: body.expectedRevision)
                let element = try await network.write(as: access) { try update($0, id, attributes) }
                return .json(.ok, object(element, FieldSelection(names: nil)))
            })
    }

    private func identifier(_ parameters: PathParameters) throws -> ResourceID {
        guard let id = ResourceID(parameters["id"]) else { throw NetworkFault.notFound(resource, parameters["id"]) }
        return id
    }

    private func attributes(
        _ object: [String: JSONValue], isCreation: Bool, expectedRevision: Int64? = nil
    ) throws -> Attributes {
        var reader = AttributeReader(object, isCreation: isCreation, expectedRevision: expectedRevision)
        let attributes = try read(&reader)
        try reader.finish(known: known)
        return attributes
    }

    private func object(_ element: Element, _ fields: FieldSelection) -> [UInt8] {
        JSONWriter.object { writer in
            writer.objectMember(resource.key) { write(element, fields, &$0) }
        }
    }

    private func show(
        _ request: APIRequest, _ access: NetworkAccess, _ network: EmbeddedNetwork
    ) async throws -> APIResponse {
        let asked = try ListRequest(request, resource)
        let query = asked.query
        if resource == .securityGroup, let project = access.projectID {
            // The first look makes the default group.
            let exists = try await network.read(as: access) { try $0.defaultSecurityGroup(ofProject: project) != nil }
            if !exists {
                _ = try await network.write(as: access) { try $0.ensureDefaultSecurityGroup(ofProject: project) }
            }
        }
        let page = try await network.read(as: access) { try list($0, query) }
        return .json { writer in
            writer.arrayMember(resource.collectionKey, page.items) { writer, element in
                writer.object { write(element, asked.fields, &$0) }
            }
            if page.hasMore, let last = page.items.last {
                writer.arrayMember("\(resource.collectionKey)_links", [asked.nextPage(after: id(last).string)]) {
                    writer, href in
                    writer.object { writer in
                        writer.member("rel", "next")
                        writer.member("href", href)
                    }
                }
            }
        }
    }

    /// One object, or a list of them that is made whole or not at all.
    private func make(
        _ request: APIRequest, _ access: NetworkAccess, _ network: EmbeddedNetwork
    ) async throws -> APIResponse {
        let body = try RequestBody(request)
        guard let objects = try body.objects(resource.collectionKey) else {
            let attributes = try attributes(body.object(resource.key), isCreation: true)
            let element = try await network.write(as: access) { try create($0, attributes) }
            return .json(.created, object(element, FieldSelection(names: nil)))
        }
        guard (1...Self.maximumBulk).contains(objects.count) else {
            throw NetworkFault.invalid(
                field: resource.collectionKey, "1 to \(Self.maximumBulk) objects are allowed")
        }
        let attributes = try objects.map { try self.attributes($0, isCreation: true) }
        let elements = try await network.write(as: access) { transaction in
            try attributes.map { try create(transaction, $0) }
        }
        return .json(.created) { writer in
            writer.arrayMember(resource.collectionKey, elements) { writer, element in
                writer.object { write(element, FieldSelection(names: nil), &$0) }
            }
        }
    }
}
