// All objects of one kind: list, look up, create, change, delete.

public import LoadBalancing

/// The objects of one kind that a cloud, a pool or a policy has.
///
/// All calls throw ``CloudError``, and `CancellationError` when their task is cancelled.
public struct ResourceCollection<Resource: CloudResource>: Sendable {
    let service: ServiceClient
    let path: String

    /// The objects that meet all conditions.
    ///
    /// - Parameters:
    ///   - filters: The conditions; none takes all.
    ///   - sort: What comes first; the service's own order if empty.
    ///   - pageSize: How many to read at a time: 1–1000.
    public func list(
        _ filters: Filter..., sortedBy sort: [SortKey] = [], pageSize: Int = 500
    ) -> ResourceList<Resource> {
        list(filters, sortedBy: sort, pageSize: pageSize)
    }

    /// The objects that meet all conditions.
    public func list(
        _ filters: [Filter], sortedBy sort: [SortKey] = [], pageSize: Int = 500
    ) -> ResourceList<Resource> {
        ResourceList(
            service: service, path: path, filters: filters, sort: sort, pageSize: min(max(pageSize, 1), 1000))
    }

    /// The object with a name or an id.
    ///
    /// - Throws: ``CloudError/Code/notFound``, and ``CloudError/Code/ambiguous`` when several have the name.
    public func find(_ nameOrID: String, _ filters: Filter...) async throws -> Resource {
        if !Resource.hasName { return try await show(nameOrID) }
        if ResourceID(nameOrID) != nil || !Resource.hasPages {
            do {
                return try await show(nameOrID)
            } catch let error as CloudError where error.code == .notFound {
                // A name may look like an id.
            }
        }
        if Resource.hasPages {
            let found = try await list([.name(nameOrID)] + filters, pageSize: 20).all()
            if found.count > 1 {
                let ids = found.prefix(5).map(\.reference).joined(separator: ", ")
                throw CloudError(
                    .ambiguous, "\(found.count) \(Resource.term)s are called '\(nameOrID)'; give an id: \(ids)")
            }
            if let first = found.first { return first }
        }
        throw CloudError(.notFound, "there is no \(Resource.term) '\(nameOrID)'")
    }

    /// The same objects, read as another type: for fields that this library does not have.
    public func reading<Other: CloudResource>(as type: Other.Type) -> ResourceCollection<Other> {
        ResourceCollection<Other>(service: service, path: path)
    }

    /// The object with a reference: an id, or a name where that is what identifies it.
    public func object(_ reference: String) async throws -> Resource { try await show(reference) }

    func show(_ reference: String) async throws -> Resource {
        let path = "\(path)/\(URLText.encode(reference))"
        let value = try await service.sendForValue("GET", path, key: Resource.key)
        return try Resource(AnswerReader(value, Resource.term))
    }

    func create(_ body: [UInt8]) async throws -> Resource {
        let value = try await service.sendForValue("POST", path, body: body, key: Resource.key)
        return try Resource(AnswerReader(value, Resource.term))
    }

    func update(_ reference: String, _ body: [UInt8]) async throws -> Resource {
        let path = "\(path)/\(URLText.encode(reference))"
        let value = try await service.sendForValue("PUT", path, body: body, key: Resource.key)
        return try Resource(AnswerReader(value, Resource.term))
    }

    func remove(_ reference: String, query: [(String, String)] = []) async throws {
        _ = try await service.send("DELETE", "\(path)/\(URLText.encode(reference))", query: query)
    }
}

extension ResourceCollection where Resource: Identifiable, Resource.ID == ResourceID {
    /// One object.
    public func get(_ id: ResourceID) async throws -> Resource { try await show(id.string) }
}

extension ResourceCollection where Resource: Identifiable, Resource.ID == String {
    /// One object.
    public func get(_ id: String) async throws -> Resource { try await show(id) }
}
