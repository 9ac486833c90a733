// Objects with a type and a place in the API.

public import JSON

/// Where objects of a type live in the API.
public struct ResourceType: Sendable, Hashable, CustomStringConvertible {
    /// Empty for the core group.
    public var group: String
    public var version: String
    /// The plural that URLs have, such as `services`.
    public var name: String
    public var isNamespaced: Bool

    public init(group: String = "", version: String, name: String, isNamespaced: Bool = true) {
        self.group = group
        self.version = version
        self.name = name
        self.isNamespaced = isNamespaced
    }

    /// `v1` or `discovery.k8s.io/v1`.
    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// As `kubectl` names it, such as `endpointslices.discovery.k8s.io`.
    public var description: String { group.isEmpty ? name : "\(name).\(group)" }

    /// The path of the collection.
    func path(namespace: String?) -> String {
        let root = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
        guard isNamespaced, let namespace, !namespace.isEmpty else { return "\(root)/\(name)" }
        return "\(root)/namespaces/\(ClusterCall.encode(namespace))/\(name)"
    }
}

/// An object of the API.
public protocol KubernetesObject: JSONRecord {
    static var kind: String { get }
    /// Where such objects live: the newest version first, then those to fall back to on old clusters. Never empty.
    static var resources: [ResourceType] { get }
    var metadata: ObjectMeta { get set }
}

extension KubernetesObject {
    public var key: ObjectKey { ObjectKey(namespace: metadata.namespace, name: metadata.name) }
}

/// Objects as they were at one moment.
public struct ObjectList<Object: KubernetesObject>: Sendable {
    public var items: [Object]
    /// Where a watch goes on from.
    public var resourceVersion: String
}

/// A change of an object, as a watch tells it.
public enum WatchEvent<Object: KubernetesObject>: Sendable, Hashable {
    case added(Object)
    case modified(Object)
    /// The last state before it went.
    case deleted(Object)
    /// Nothing changed up to this version.
    case bookmark(resourceVersion: String)
}

/// A number or a name (`intstr.IntOrString`), such as the port of a container.
public enum IntOrString: JSONElement, CustomStringConvertible, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    case int(Int)
    case string(String)

    public init(integerLiteral value: Int) { self = .int(value) }
    public init(stringLiteral value: String) { self = .string(value) }

    public init(json: JSONValue, path: String) throws(MalformedObject) {
        if let number = json.integer {
            self = .int(Int(number))
        } else if let text = json.string {
            self = .string(text)
        } else {
            throw MalformedObject(path: path, expected: "a number or a string")
        }
    }

    public var json: JSONValue {
        switch self {
        case .int(let number): number.json
        case .string(let text): text.json
        }
    }

    public var description: String {
        switch self {
        case .int(let number): "\(number)"
        case .string(let text): text
        }
    }
}
