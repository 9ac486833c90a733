// Use cases of tags.

public import LoadBalancing
internal import Persistence

extension NetworkTransaction {
    /// How many tags one object may have.
    public static let maximumTags = 50

    /// The tags of an object that the caller sees, sorted.
    public func tags(_ resource: NetworkResource, _ id: ResourceID) throws -> [String] {
        guard try exists(resource, id) else { throw NetworkFault.notFound(resource, id) }
        return try tags(of: [id])[id] ?? []
    }

    /// Replaces all tags.
    public func replaceTags(_ resource: NetworkResource, _ id: ResourceID, _ tags: [String]) throws -> [String] {
        try requireOwned(resource, id)
        try connection.execute("DELETE FROM network_tag WHERE resource_id = ?", [id])
        try writeTags(tags, of: id)
        try change(resource, id, [])
        return try self.tags(of: [id])[id] ?? []
    }

    /// Adds a tag; one that is there already is fine.
    public func addTag(_ resource: NetworkResource, _ id: ResourceID, _ tag: String) throws {
        try requireOwned(resource, id)
        let current = try tags(of: [id])[id] ?? []
        guard !current.contains(tag) else { return }
        try check(tags: current + [tag])
        try writeTags([tag], of: id)
        try change(resource, id, [])
    }

    /// Removes a tag.
    ///
    /// - Throws: `TagNotFound`.
    public func removeTag(_ resource: NetworkResource, _ id: ResourceID, _ tag: String) throws {
        try requireOwned(resource, id)
        guard try connection.execute("DELETE FROM network_tag WHERE resource_id = ? AND tag = ?", [id, tag]) > 0 else {
            throw NetworkFault.tagNotFound(tag, resource)
        }
        try change(resource, id, [])
    }

    /// Writes the tags of an object that has none of them yet.
    func writeTags(_ tags: [String], of id: ResourceID) throws {
        try check(tags: tags)
        for tag in Set(tags).sorted() {
            try connection.insert(into: "network_tag", [("resource_id", id), ("tag", tag)])
        }
    }

    private func check(tags: [String]) throws {
        guard tags.count <= Self.maximumTags else {
            throw NetworkFault.invalid(field: "tags", "\(tags.count) exceed the limit of \(Self.maximumTags)")
        }
        if let tag = tags.first(where: { $0.isEmpty || $0.unicodeScalars.count > 255 }) {
            throw NetworkFault.invalid(field: "tags", "'\(tag.prefix(300))' does not have 1 to 255 characters")
        }
    }
}

extension NetworkFault {
    /// 404 for a tag.
    public static func tagNotFound(_ tag: String, _ resource: NetworkResource) -> NetworkFault {
        NetworkFault(.notFound(resource), type: "TagNotFound", "Tag \(tag) could not be found.")
    }
}
