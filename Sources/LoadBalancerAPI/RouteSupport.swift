// What the routes of all resources share.

internal import ControlPlane
internal import HTTPService
internal import HTTPTypes
internal import JSON
internal import LoadBalancing
internal import OctaviaWire

extension APIRequest {
    /// Who calls. Requests without a subject do not get past ``LoadBalancerAPI/admit(_:)``.
    var caller: Caller {
        subject.map { Caller($0, requestID: requestID, idempotencyKey: IdempotentRoutes.key(of: self)) }
            ?? Caller(userID: "", projectID: nil, roles: [])
    }

    /// The names of the fields that the client wants.
    var fields: FieldSelection { FieldSelection(queryValues("fields")) }

    /// The list that the client wants.
    func listQuery(_ kind: ResourceKind) throws(OctaviaFault) -> ListQuery {
        try ListQuery(parsing: query.map { ($0.name, $0.value) }, kind: kind)
    }

    /// The list of other things that the client wants.
    func listQuery(_ schema: ListSchema) throws(OctaviaFault) -> ListQuery {
        try ListQuery(parsing: query.map { ($0.name, $0.value) }, schema: schema)
    }

    /// Ends the request when it has a body that is not JSON, for calls that need none.
    func requireValidBodyIfAny() throws(OctaviaFault) {
        guard !body.isEmpty else { return }
        guard (try? JSONValue(parsing: body)) != nil else { throw .invalidJSON }
    }

    /// Ends the request when its query has an argument that the call does not know.
    func requireNoQuery(but known: Set<String> = []) throws(OctaviaFault) {
        for argument in query where !known.contains(argument.name) {
            throw OctaviaFault(400, "Unknown argument: \"\(argument.name)\"")
        }
    }

    /// A flag of the query: any usual word for true, in any case; everything else, and a flag given twice, is false.
    func flag(_ name: String) -> Bool {
        let words = queryValues(name)
        return words.count == 1 && ["true", "t", "yes", "y", "on", "1"].contains(words[0].lowercased())
    }

    /// Checks the paging arguments, which are validated even where there is nothing to page.
    func requireValidPaging(_ kind: ResourceKind) throws(OctaviaFault) { try requireValidPaging(.of(kind)) }

    /// The same for things outside of trees.
    func requireValidPaging(_ schema: ListSchema) throws(OctaviaFault) {
        let paging = query.filter { ["limit", "sort", "sort_key", "sort_dir"].contains($0.name) }
        guard !paging.isEmpty else { return }
        do {
            _ = try ListQuery(parsing: paging.map { ($0.name, $0.value) }, schema: schema)
        } catch  where error.form != .resource {
            throw error
        } catch {}
    }

    /// The URL of a collection, for links: in the spelling of the request, of which clients use the query only or all.
    func collectionURL(_ path: String) -> String {
        let version = self.path.first == "v2" ? "v2" : "v2.0"
        return "\(baseURL)/load-balancer/\(version)/lbaas/\(path)"
    }
}

extension PathParameters {
    /// An id in the path; text that is none names nothing.
    func id(_ name: String, _ kind: ResourceKind) throws(OctaviaFault) -> ResourceID {
        guard let id = ResourceID(self[name]) else { throw .notFound(kind, self[name]) }
        return id
    }

    /// An id in the path of something outside of trees.
    func id(_ name: String, _ kind: String) throws(OctaviaFault) -> ResourceID {
        guard let id = ResourceID(self[name]) else { throw .notFound(kind, self[name]) }
        return id
    }

    /// The id of the policy that a rule's path goes through.
    func policyID() throws(OctaviaFault) -> ResourceID {
        guard let id = ResourceID(self["policy_id"]) else { throw .missingParent("L7Policy", self["policy_id"]) }
        return id
    }

    /// The id of the pool that a member's path goes through.
    func poolID() throws(OctaviaFault) -> ResourceID {
        guard let id = ResourceID(self["pool_id"]) else { throw .missingParent("Pool", self["pool_id"]) }
        return id
    }
}

extension APIResponse {
    /// One resource.
    static func resource(
        _ status: HTTPResponse.Status, _ view: some ResourceView, _ fields: FieldSelection = .all
    ) -> APIResponse {
        .json(status, view.body(fields: fields))
    }

    /// A page of resources with links to its neighbours.
    static func list<View: ResourceView>(
        _ views: [View], ids: [ResourceID], _ query: ListQuery, url: String
    ) -> APIResponse {
        list(views, keys: ids.map(\.string), query, url: url)
    }

    /// The same for things whose pages are not marked by ids.
    static func list<View: ResourceView>(
        _ views: [View], keys ids: [String], _ query: ListQuery, url: String
    ) -> APIResponse {
        let links = ListLinks.links(url: url, query: query, ids: ids)
        return .json(.ok, View.listBody(views, links: links, fields: FieldSelection(query.fields)))
    }
}

extension RouteTable {
    /// PUT and DELETE on a collection lack the id, which is a fault of its own.
    mutating func refuseChanges(ofCollection pattern: String, but allowed: HTTPRequest.Method? = nil) {
        for method in [HTTPRequest.Method.put, .delete] where method != allowed {
            on(method, pattern) { _, _ in throw OctaviaFault(400, "Missing argument: \"id\"") }
        }
    }
}
