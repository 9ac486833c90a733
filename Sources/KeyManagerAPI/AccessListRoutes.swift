// Access control lists.

internal import HTTPService
internal import HTTPTypes
internal import JSON
internal import KeyManager
internal import LoadBalancing

extension RouteBuilder {
    mutating func addAccessLists(of resource: KeyResource) {
        let path = "/v1/\(resource.collection)/{id}/acl"
        on(.get, path) { manager, call in
            let id = try call.id(resource)
            let list = try await manager.read(as: call.access) { try $0.accessList(of: resource, id) }
            return .json { $0.objectMember("read") { write(list, to: &$0) } }
        }
        on(.put, path) { manager, call in
            let id = try call.id(resource)
            let wish = try AccessWish(RequestBody(call.request, schema: "ACL"))
            try await manager.write(as: call.access) { transaction in
                if let wish {
                    // Replaces the whole list: what is not mentioned goes back to its default.
                    try transaction.setAccessList(
                        of: resource, id, projectAccess: wish.projectAccess ?? true, users: wish.users ?? [])
                } else {
                    try transaction.deleteAccessList(of: resource, id)
                }
            }
            return .json { $0.member("acl_ref", "\(call.url(resource, id))/acl") }
        }
        on(.patch, path) { manager, call in
            let id = try call.id(resource)
            let wish = try AccessWish(RequestBody(call.request, schema: "ACL"))
            try await manager.write(as: call.access) { transaction in
                guard let wish else { return try transaction.requireChangeableAccessList(of: resource, id) }
                try transaction.setAccessList(
                    of: resource, id, projectAccess: wish.projectAccess, users: wish.users)
            }
            return .json { $0.member("acl_ref", "\(call.url(resource, id))/acl") }
        }
        on(.delete, path) { manager, call in
            let id = try call.id(resource)
            try await manager.write(as: call.access) { try $0.deleteAccessList(of: resource, id) }
            return .empty(.ok)
        }
    }
}

private func write(_ list: AccessControlList?, to writer: inout JSONWriter) {
    writer.member("project-access", list?.projectAccess ?? true)
    guard let list else { return }
    writer.member("users", strings: list.users)
    writer.member("created", list.createdAt.iso8601)
    writer.member("updated", list.updatedAt.iso8601)
}

/// What a request says of the list for reading, the only one there is.
private struct AccessWish: Sendable {
    var projectAccess: Bool?
    var users: [String]?

    /// `nil` when it says nothing of it.
    init?(_ body: RequestBody) throws(KeyManagerFault) {
        try body.allow(only: ["read"])
        guard let read = try body.object("read") else { return nil }
        try read.allow(only: ["users", "project-access"])
        guard !read.values.isEmpty else { return nil }
        projectAccess = try read.bool("project-access")
        guard let elements = try read.array("users") else { return }
        var users: [String] = []
        for element in elements {
            guard let user = element.string, (1...255).contains(user.unicodeScalars.count) else {
                throw read.fail("users are texts of 1 to 255 characters", "users")
            }
            users.append(user)
        }
        self.users = users
    }
}
