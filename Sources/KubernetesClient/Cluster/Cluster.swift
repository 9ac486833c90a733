// A cluster: the entrance of the library.

internal import JSON
public import Logging

/// A Kubernetes cluster, as its API shows it.
///
/// ```swift
/// let cluster = try Cluster(.load())
/// for service in try await cluster.list(Service.self).items { print(service.key) }
/// ```
/// Nothing is sent before the first call. One value serves any number of tasks.
///
/// All calls throw ``KubernetesError``, and `CancellationError`. Where the server asks to come back later (429, or 503
/// with `Retry-After`) they do so by themselves, for as long as the time limit of the configuration.
public final class Cluster: Sendable {
    public let configuration: ClusterConfiguration
    let transport: ClusterTransport
    let catalog: ResourceCatalog
    public let logger: Logger

    /// - Parameter logger: Gets a line for each answer at level trace.
    /// - Throws: ``KubernetesError/Code/invalidConfiguration``.
    public init(
        _ configuration: ClusterConfiguration,
        logger: Logger = Logger(label: "KubernetesClient") { _ in SwiftLogNoOpLogHandler() }
    ) throws(KubernetesError) {
        self.configuration = configuration
        self.logger = logger
        transport = try ClusterTransport(configuration, logger: logger)
        catalog = ResourceCatalog(transport: transport)
    }

    /// Closes all connections. Calls under way fail, later ones too.
    public func shutdown() async { await transport.shutdown() }

    /// Whether the server says that it is ready (`/readyz`).
    public func isReady() async -> Bool {
        (try? await transport.send(ClusterCall("GET", "/readyz"))) != nil
    }

    /// The version of the server, such as `v1.31.0`.
    public func serverVersion() async throws -> String {
        let answer = try await transport.send(ClusterCall("GET", "/version"))
        return try answer.document()["gitVersion"]?.string ?? ""
    }

    /// Which version of a type the cluster has: the first of ``KubernetesObject/resources`` that it serves.
    ///
    /// - Throws: ``KubernetesError/Code/notFound`` if it has none.
    public func resource<Object: KubernetesObject>(of type: Object.Type) async throws -> ResourceType {
        try await catalog.resource(of: type)
    }

    // MARK: Reading

    public func get<Object: KubernetesObject>(_ type: Object.Type, _ key: ObjectKey) async throws -> Object {
        try await send("GET", type, key)
    }

    /// The object, or `nil` if there is none.
    public func find<Object: KubernetesObject>(_ type: Object.Type, _ key: ObjectKey) async throws -> Object? {
        do {
            return try await get(type, key)
        } catch let error as KubernetesError where error.code == .notFound && error.reason == "NotFound" {
            return nil
        }
    }

    /// All objects of a type, fetched in portions.
    ///
    /// - Parameters:
    ///   - namespace: Absent: all namespaces.
    ///   - labels: A label selector, such as `app=web,tier!=cache`.
    ///   - fields: A field selector, such as `metadata.name=web`.
    ///   - pageSize: Objects per request.
    /// - Throws: ``KubernetesError/Code/expired`` if a portion came too late to belong to the first.
    public func list<Object: KubernetesObject>(
        _ type: Object.Type, namespace: String? = nil, labels: String? = nil, fields: String? = nil,
        pageSize: Int = 500
    ) async throws -> ObjectList<Object> {
        let resource = try await catalog.resource(of: type)
        var items: [Object] = []
        var token: String?
        while true {
            var call = ClusterCall("GET", resource.path(namespace: namespace))
            call.query = [("limit", "\(pageSize)")]
            if let labels { call.query.append(("labelSelector", labels)) }
            if let fields { call.query.append(("fieldSelector", fields)) }
            if let token { call.query.append(("continue", token)) }
            let document = try await transport.send(call).document()
            guard let page = document["items"]?.array ?? (document["items"]?.isNull == false ? nil : []) else {
                throw KubernetesError(.malformedAnswer, "items: an array expected", request: call.description)
            }
            for item in page { items.append(try read(item, call)) }
            let metadata = document["metadata"]
            token = metadata?["continue"]?.string
            guard token?.isEmpty ?? true else { continue }
            return ObjectList(items: items, resourceVersion: metadata?["resourceVersion"]?.string ?? "")
        }
    }

    // MARK: Writing

    /// - Throws: ``KubernetesError/Code/alreadyExists``.
    @discardableResult
    public func create<Object: KubernetesObject>(_ object: Object) async throws -> Object {
        let resource = try await catalog.resource(of: Object.self)
        var call = ClusterCall("POST", resource.path(namespace: namespace(of: object)))
        call.body = body(object, resource)
        return try await answer(to: call)
    }

    /// Replaces an object. With `metadata.resourceVersion` only if it is unchanged.
    ///
    /// - Throws: ``KubernetesError/Code/conflict``.
    @discardableResult
    public func update<Object: KubernetesObject>(_ object: Object) async throws -> Object {
        try await replace(object, subresource: nil)
    }

    /// Replaces the status of an object, and nothing else.
    ///
    /// - Throws: ``KubernetesError/Code/conflict``.
    @discardableResult
    public func updateStatus<Object: KubernetesObject>(_ object: Object) async throws -> Object {
        try await replace(object, subresource: "status")
    }

    private func replace<Object: KubernetesObject>(_ object: Object, subresource: String?) async throws -> Object {
        let resource = try await catalog.resource(of: Object.self)
        let key = ObjectKey(namespace: namespace(of: object), name: object.metadata.name)
        var call = ClusterCall("PUT", try path(resource, key, subresource))
        call.body = body(object, resource)
        return try await answer(to: call)
    }

    /// Changes parts of an object.
    ///
    /// - Parameter subresource: Such as `status`, where types have one; absent for everything else.
    @discardableResult
    public func patch<Object: KubernetesObject>(
        _ type: Object.Type, _ key: ObjectKey, _ patch: Patch, subresource: String? = nil
    ) async throws -> Object {
        let resource = try await catalog.resource(of: type)
        var call = ClusterCall("PATCH", try path(resource, key, subresource))
        call.contentType = patch.contentType
        call.body = patch.body
        return try await answer(to: call)
    }

    /// Asks to delete an object; with finalizers it goes later.
    ///
    /// - Parameter uid: Delete only this one, not a later object of the same name.
    /// - Throws: ``KubernetesError/Code/notFound``.
    public func delete<Object: KubernetesObject>(
        _ type: Object.Type, _ key: ObjectKey, uid: String? = nil, propagation: DeletionPropagation? = nil
    ) async throws {
        let resource = try await catalog.resource(of: type)
        var call = ClusterCall("DELETE", try path(resource, key, nil))
        var options: [String: JSONValue] = ["kind": "DeleteOptions", "apiVersion": "v1"]
        if let uid { options["preconditions"] = ["uid": .string(uid)] }
        if let propagation { options["propagationPolicy"] = .string(propagation.rawValue) }
        call.body = JSONWriter.bytes(of: JSONValue.object(options))
        _ = try await transport.send(call)
    }

    // MARK: Pieces

    private func namespace<Object: KubernetesObject>(of object: Object) -> String {
        object.metadata.namespace.isEmpty && Object.resources[0].isNamespaced
            ? configuration.namespace : object.metadata.namespace
    }

    private func path(
        _ resource: ResourceType, _ key: ObjectKey, _ subresource: String?
    ) throws(KubernetesError) -> String {
        // Names come from objects that anybody may have written; none may lead to another URL.
        for name in [key.namespace, key.name] where [".", ".."].contains(name) || name.contains("/") {
            throw KubernetesError(.invalid, "'\(name)' cannot be the name of an object")
        }
        guard !key.name.isEmpty else { throw KubernetesError(.invalid, "the name of the object is empty") }
        let namespace = key.namespace.isEmpty && resource.isNamespaced ? configuration.namespace : key.namespace
        let path = "\(resource.path(namespace: namespace))/\(ClusterCall.encode(key.name))"
        return subresource.map { "\(path)/\($0)" } ?? path
    }

    private func body<Object: KubernetesObject>(_ object: Object, _ resource: ResourceType) -> [UInt8] {
        guard case .object(var members) = object.json else { return [] }
        members["apiVersion"] = .string(resource.apiVersion)
        members["kind"] = .string(Object.kind)
        return JSONWriter.bytes(of: JSONValue.object(members))
    }

    private func send<Object: KubernetesObject>(
        _ method: String, _ type: Object.Type, _ key: ObjectKey
    ) async throws -> Object {
        let resource = try await catalog.resource(of: type)
        return try await answer(to: ClusterCall(method, try path(resource, key, nil)))
    }

    private func answer<Object: KubernetesObject>(to call: ClusterCall) async throws -> Object {
        try read(try await transport.send(call).document(), call)
    }

    private func read<Object: KubernetesObject>(_ json: JSONValue, _ call: ClusterCall) throws -> Object {
        do {
            return try Object(json: json)
        } catch {
            throw KubernetesError(
                .malformedAnswer, "\(Object.kind): \(error)", request: call.description, underlying: error)
        }
    }
}

/// What becomes of objects that depend on a deleted one.
public enum DeletionPropagation: String, Sendable, Hashable {
    case orphan = "Orphan"
    case background = "Background"
    case foreground = "Foreground"
}
