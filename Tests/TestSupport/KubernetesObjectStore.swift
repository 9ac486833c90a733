// The memory of the small Kubernetes API of the tests.

internal import Foundation
internal import JSON
internal import Synchronization

/// Where an object of the small API lives, read from a path.
struct KubernetesPlace: Hashable {
    /// Such as `/apis/discovery.k8s.io/v1`.
    var root: String
    var resource: String
    var namespace = ""
    var name = ""
    var subresource = ""

    init?(path: String) {
        let parts = path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        let depth = parts.first == "api" ? 2 : 3
        guard parts.count > depth else { return nil }
        root = "/" + parts[..<depth].joined(separator: "/")
        var rest = parts[depth...]
        if rest.count > 2, rest.first == "namespaces" {
            namespace = rest[depth + 1]
            rest = rest.dropFirst(2)
        }
        resource = rest.removeFirst()
        name = rest.popFirst() ?? ""
        subresource = rest.popFirst() ?? ""
    }

    var apiVersion: String { String(root.drop { $0 == "/" }.split(separator: "/", maxSplits: 1)[1]) }

    static let kinds = [
        "services": "Service", "nodes": "Node", "endpoints": "Endpoints", "pods": "Pod", "secrets": "Secret",
        "events": "Event", "namespaces": "Namespace", "endpointslices": "EndpointSlice", "ingresses": "Ingress",
        "ingressclasses": "IngressClass", "leases": "Lease",
    ]

    var kind: String { Self.kinds[resource] ?? "" }
}

/// Why a call is refused.
struct KubernetesRefusal: Error {
    var status: Int
    var reason: String
    var message: String
}

/// Objects with versions and the history of their changes.
final class KubernetesObjectStore: Sendable {
    struct Change {
        var version: Int
        var type: String
        var place: KubernetesPlace
        var object: JSONValue
    }

    private struct State {
        var version = 1
        var objects: [KubernetesPlace: JSONValue] = [:]
        var history: [Change] = []
        /// Watches from before this version are refused.
        var oldest = 0
        var lastPort = 30_000
    }

    private let state = Mutex(State())

    var version: Int { state.withLock { $0.version } }

    /// Has everything before now count as too old to watch from.
    func forgetHistory() {
        state.withLock { state in
            state.version += 1
            state.oldest = state.version
            state.history = []
        }
    }

    /// Changes after a version; `nil` if it is too old.
    func changes(after version: Int) -> [Change]? {
        state.withLock { state in
            version < state.oldest ? nil : state.history.filter { $0.version > version }
        }
    }

    func get(_ place: KubernetesPlace) throws -> JSONValue {
        var place = place
        place.subresource = ""
        return try state.withLock { state in
            guard let object = state.objects[place] else { throw Self.notFound(place) }
            return object
        }
    }

    /// The objects of a collection in the order of their names, and the version of the store.
    func list(_ place: KubernetesPlace) -> ([JSONValue], Int) {
        state.withLock { state in
            let found = state.objects.filter { other, _ in
                other.root == place.root && other.resource == place.resource
                    && (place.namespace.isEmpty || other.namespace == place.namespace)
            }
            let sorted = found.sorted { ($0.key.namespace, $0.key.name) < ($1.key.namespace, $1.key.name) }
            return (sorted.map(\.value), state.version)
        }
    }

    func create(_ object: JSONValue, in place: KubernetesPlace) throws -> JSONValue {
        guard var fields = object.object, var metadata = fields["metadata"]?.object else {
            throw KubernetesRefusal(status: 400, reason: "BadRequest", message: "an object expected")
        }
        var place = place
        let suffix = String(Int.random(in: 10_000...99_999))
        place.name = metadata["name"]?.string ?? metadata["generateName"]?.string.map { $0 + suffix } ?? ""
        guard !place.name.isEmpty else {
            throw KubernetesRefusal(status: 422, reason: "Invalid", message: "metadata.name: Required value")
        }
        return try state.withLock { state in
            guard state.objects[place] == nil else {
                throw KubernetesRefusal(
                    status: 409, reason: "AlreadyExists", message: "\(place.resource) \"\(place.name)\" already exists")
            }
            metadata["name"] = .string(place.name)
            if !place.namespace.isEmpty { metadata["namespace"] = .string(place.namespace) }
            metadata["uid"] = .string(UUID().uuidString.lowercased())
            metadata["generation"] = 1
            metadata["creationTimestamp"] = .string(Date.now.formatted(.iso8601))
            fields["metadata"] = .object(metadata)
            if ["services", "ingresses"].contains(place.resource) { fields["status"] = ["loadBalancer": [:]] }
            if place.resource == "secrets" { Self.moveTexts(&fields) }
            if place.resource == "services" { Self.fillIn(&fields, &state.lastPort) }
            return Self.store(fields, "ADDED", place, &state)
        }
    }

    /// Changes an object; a subresource `status` changes nothing else, and otherwise status stays.
    func change(_ place: KubernetesPlace, _ body: (JSONValue) throws -> JSONValue) throws -> JSONValue {
        let isStatus = place.subresource == "status"
        var place = place
        place.subresource = ""
        return try state.withLock { state in
            guard let old = state.objects[place]?.object else { throw Self.notFound(place) }
            guard let wanted = try body(.object(old)).object else {
                throw KubernetesRefusal(status: 400, reason: "BadRequest", message: "an object expected")
            }
            let version = wanted["metadata"]?["resourceVersion"]?.string ?? ""
            guard version.isEmpty || version == old["metadata"]?["resourceVersion"]?.string else {
                throw KubernetesRefusal(
                    status: 409, reason: "Conflict",
                    message: "the object has been modified; please apply your changes to "
                        + "the latest version and try again")
            }
            var new = isStatus ? old : wanted
            if isStatus { new["status"] = wanted["status"] }
            if !isStatus, ["services", "ingresses", "nodes", "pods"].contains(place.resource) {
                new["status"] = old["status"]
            }
            var metadata = new["metadata"]?.object ?? [:]
            for field in ["uid", "name", "namespace", "creationTimestamp", "deletionTimestamp", "generation"] {
                metadata[field] = old["metadata"]?[field]
            }
            if new["spec"] != old["spec"], let generation = metadata["generation"]?.integer {
                metadata["generation"] = .integer(generation + 1)
            }
            new["metadata"] = .object(metadata)
            if place.resource == "secrets" { Self.moveTexts(&new) }
            if place.resource == "services" { Self.fillIn(&new, &state.lastPort) }
            // Nothing changed: no new version, as in the real one.
            var same = new
            metadata["resourceVersion"] = old["metadata"]?["resourceVersion"]
            same["metadata"] = .object(metadata)
            if same == old { return .object(old) }
            let isGone = metadata["deletionTimestamp"] != nil && (metadata["finalizers"]?.array ?? []).isEmpty
            return Self.store(new, isGone ? "DELETED" : "MODIFIED", place, &state)
        }
    }

    func delete(_ place: KubernetesPlace, uid: String?) throws -> JSONValue {
        try state.withLock { state in
            guard var object = state.objects[place]?.object, var metadata = object["metadata"]?.object else {
                throw Self.notFound(place)
            }
            guard uid == nil || metadata["uid"]?.string == uid else {
                throw KubernetesRefusal(status: 409, reason: "Conflict", message: "the UID in the precondition differs")
            }
            if (metadata["finalizers"]?.array ?? []).isEmpty { return Self.store(object, "DELETED", place, &state) }
            if metadata["deletionTimestamp"] != nil { return .object(object) }
            metadata["deletionTimestamp"] = .string(Date.now.formatted(.iso8601))
            object["metadata"] = .object(metadata)
            return Self.store(object, "MODIFIED", place, &state)
        }
    }

    private static func notFound(_ place: KubernetesPlace) -> KubernetesRefusal {
        KubernetesRefusal(
            status: 404, reason: "NotFound", message: "\(place.resource) \"\(place.name)\" not found")
    }

    private static func store(
        _ fields: [String: JSONValue], _ type: String, _ place: KubernetesPlace, _ state: inout State
    ) -> JSONValue {
        state.version += 1
        var fields = fields
        var metadata = fields["metadata"]?.object ?? [:]
        metadata["resourceVersion"] = .string("\(state.version)")
        fields["metadata"] = .object(metadata)
        fields["apiVersion"] = .string(place.apiVersion)
        fields["kind"] = .string(place.kind)
        let object = JSONValue.object(fields)
        if type == "DELETED" { state.objects.removeValue(forKey: place) } else { state.objects[place] = object }
        state.history.append(Change(version: state.version, type: type, place: place, object: object))
        return object
    }

    private static func moveTexts(_ secret: inout [String: JSONValue]) {
        var data = secret["data"]?.object ?? [:]
        for (key, text) in secret["stringData"]?.object ?? [:] {
            data[key] = .string(Data((text.string ?? "").utf8).base64EncodedString())
        }
        secret["stringData"] = nil
        secret["data"] = .object(data)
    }

    /// What the real server fills in for Services.
    private static func fillIn(_ service: inout [String: JSONValue], _ lastPort: inout Int) {
        var spec = service["spec"]?.object ?? [:]
        func next() -> JSONValue {
            lastPort += 1
            return .integer(Int64(lastPort))
        }
        let type = spec["type"]?.string ?? "ClusterIP"
        spec["type"] = .string(type)
        spec["sessionAffinity"] = spec["sessionAffinity"] ?? "None"
        spec["ipFamilies"] = spec["ipFamilies"] ?? ["IPv4"]
        spec["clusterIP"] = spec["clusterIP"] ?? "10.96.0.10"
        let hasPorts =
            type == "NodePort"
            || (type == "LoadBalancer" && spec["allocateLoadBalancerNodePorts"]?.bool != false)
        spec["ports"] = .array(
            (spec["ports"]?.array ?? []).map { port in
                var port = port.object ?? [:]
                port["protocol"] = port["protocol"] ?? "TCP"
                port["targetPort"] = port["targetPort"] ?? port["port"]
                if hasPorts, port["nodePort"] == nil { port["nodePort"] = next() }
                return .object(port)
            })
        if type == "LoadBalancer" || type == "NodePort" {
            spec["externalTrafficPolicy"] = spec["externalTrafficPolicy"] ?? "Cluster"
        }
        if type == "LoadBalancer", spec["externalTrafficPolicy"] == "Local", spec["healthCheckNodePort"] == nil {
            spec["healthCheckNodePort"] = next()
        }
        service["spec"] = .object(spec)
    }
}
