// Which handler answers which method and path.

public import HTTPTypes

/// Handlers by method and path.
///
/// Kept apart from the HTTP server's own router because clients expect 405 for a known path with a wrong method, and
/// faults in the form of the service whose path it is, for unknown paths too.
public struct RouteTable: Sendable {
    /// Answers one route.
    public typealias Handler = @Sendable (APIRequest, PathParameters) async throws -> APIResponse

    /// The tree with value semantics: built once, then only read.
    private indirect enum Tree: Sendable {
        case node(
            literals: [String: Tree], parameter: Parameter?, handlers: [HTTPRequest.Method: Handler], pattern: String)

        struct Parameter: Sendable {
            var name: String
            var tree: Tree
        }
    }

    /// A path and a method that has a handler.
    public struct Route: Sendable, Hashable {
        public var method: HTTPRequest.Method
        /// Such as `/v2/lbaas/pools/{pool_id}/members`.
        public var pattern: String
    }

    /// What a path leads to.
    public enum Match: Sendable {
        case found(Handler, PathParameters)
        case wrongMethod(allowed: [HTTPRequest.Method])
        case unknownPath
    }

    private var tree: Tree = .node(literals: [:], parameter: nil, handlers: [:], pattern: "")
    /// All routes in the order of their registration.
    public private(set) var routes: [Route] = []

    /// What is put around handlers that are added from now on, by method.
    private var decorations: [HTTPRequest.Method: @Sendable (@escaping Handler) -> Handler] = [:]

    public init() {}

    /// Puts something around each handler of a method that is added from now on.
    public mutating func decorate(
        _ method: HTTPRequest.Method, _ decoration: @escaping @Sendable (@escaping Handler) -> Handler
    ) {
        decorations[method] = decoration
    }

    /// Adds a handler. A segment in braces matches any one segment and gives it that name.
    public mutating func on(_ method: HTTPRequest.Method, _ pattern: String, _ handler: @escaping Handler) {
        routes.append(Route(method: method, pattern: pattern))
        let segments = pattern.split(separator: "/").map(String.init)
        tree = Self.inserting(decorations[method]?(handler) ?? handler, method, pattern, segments[...], into: tree)
    }

    /// The pattern that a path fits, whatever the method; `nil` for unknown paths.
    public func pattern(of path: [String]) -> String? {
        var parameters: [String: String] = [:]
        guard case .node(_, _, let handlers, let pattern)? = Self.find(path[...], in: tree, &parameters),
            !handlers.isEmpty
        else { return nil }
        return pattern
    }

    /// Finds the handler for a method and a path. Literal segments win over parameters.
    public func match(_ method: HTTPRequest.Method, _ path: [String]) -> Match {
        var parameters: [String: String] = [:]
        guard case .node(_, _, let handlers, _)? = Self.find(path[...], in: tree, &parameters), !handlers.isEmpty else {
            return .unknownPath
        }
        guard let handler = handlers[method] else {
            return .wrongMethod(allowed: handlers.keys.sorted { $0.rawValue < $1.rawValue })
        }
        return .found(handler, PathParameters(values: parameters))
    }

    private static func inserting(
        _ handler: @escaping Handler, _ method: HTTPRequest.Method, _ whole: String, _ path: ArraySlice<String>,
        into tree: Tree
    ) -> Tree {
        guard case .node(var literals, var parameter, var handlers, let pattern) = tree else { return tree }
        guard let segment = path.first else {
            handlers[method] = handler
            return .node(literals: literals, parameter: parameter, handlers: handlers, pattern: whole)
        }
        let empty = Tree.node(literals: [:], parameter: nil, handlers: [:], pattern: "")
        if segment.hasPrefix("{"), segment.hasSuffix("}") {
            let name = String(segment.dropFirst().dropLast())
            let below = inserting(handler, method, whole, path.dropFirst(), into: parameter?.tree ?? empty)
            parameter = .init(name: name, tree: below)
        } else {
            literals[segment] = inserting(handler, method, whole, path.dropFirst(), into: literals[segment] ?? empty)
        }
        return .node(literals: literals, parameter: parameter, handlers: handlers, pattern: pattern)
    }

    private static func find(
        _ path: ArraySlice<String>, in tree: Tree, _ parameters: inout [String: String]
    ) -> Tree? {
        guard let segment = path.first else { return tree }
        guard case .node(let literals, let parameter, _, _) = tree else { return nil }
        if let next = literals[segment], let found = find(path.dropFirst(), in: next, &parameters) { return found }
        guard let parameter, let found = find(path.dropFirst(), in: parameter.tree, &parameters) else { return nil }
        parameters[parameter.name] = segment
        return found
    }
}

/// The segments of a path that stood for names in braces.
public struct PathParameters: Sendable, Hashable {
    private let values: [String: String]

    public init(values: [String: String]) {
        self.values = values
    }

    /// The segment for that name; empty when the route's pattern has no such name.
    public subscript(name: String) -> String { values[name] ?? "" }
}
