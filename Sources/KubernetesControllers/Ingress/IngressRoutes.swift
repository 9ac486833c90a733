// Routes of Ingresses in the order in which Kubernetes wants them tried.

internal import KubernetesClient
internal import OctaviaClient

/// Where requests with a host and a path go.
struct IngressRoute: Sendable, Hashable {
    enum PathMatch: Int, Sendable, Hashable {
        // In the order of precedence.
        case exact, prefix, begin
    }

    /// In lower case; empty is every host, `*.` at the start stands for one label.
    var host: String
    var match: PathMatch
    /// Begins with a slash.
    var path: String
    var backend: BackendReference
    /// The Ingress that has the route.
    var ingress: ObjectKey

    /// What no two policies can share.
    var condition: String { "\(match.name) \(host)\(path)" }

    /// The name of its policy.
    var policyName: String { condition.count <= 255 ? condition : condition.sha256 }

    /// The rules of its policy; all must match.
    var rules: [L7RuleCreate] {
        var rules: [L7RuleCreate] = []
        if !host.isEmpty { rules.append(Self.hostRule(host)) }
        switch match {
        case .exact: rules.append(L7RuleCreate(type: .path, compareType: .equalTo, value: path))
        case .begin where path != "/": rules.append(L7RuleCreate(type: .path, compareType: .startsWith, value: path))
        case .prefix where path != "/":
            // Whole elements: /shop is /shop and /shop/cart, but not /shopping. A slash at the end means nothing.
            let trimmed = path.hasSuffix("/") ? String(path.dropLast()) : path
            rules.append(
                L7RuleCreate(type: .path, compareType: .regex, value: "^\(trimmed.escapedForExpression)(/|$)"))
        case .begin, .prefix:
            if rules.isEmpty { rules.append(L7RuleCreate(type: .path, compareType: .startsWith, value: "/")) }
        }
        return rules
    }

    /// Octavia looks at the header as it is sent, with a port if there is one.
    static func hostRule(_ host: String) -> L7RuleCreate {
        let name =
            host.hasPrefix("*.") ? "[^.]+\(String(host.dropFirst()).escapedForExpression)" : host.escapedForExpression
        return L7RuleCreate(type: .hostName, compareType: .regex, value: "^\(name)(:[0-9]+)?$")
    }

    /// Exact hosts before wildcards before all hosts; the longest path first, exact before prefix.
    static func precedes(_ left: IngressRoute, _ right: IngressRoute) -> Bool {
        func rank(_ host: String) -> Int { host.isEmpty ? 2 : host.hasPrefix("*.") ? 1 : 0 }
        if rank(left.host) != rank(right.host) { return rank(left.host) < rank(right.host) }
        if left.host != right.host { return left.host < right.host }
        // A slash at the end of a prefix does not make it longer.
        func length(_ route: IngressRoute) -> Int {
            route.match == .prefix && route.path.hasSuffix("/") && route.path != "/"
                ? route.path.count - 1 : route.path.count
        }
        if length(left) != length(right) { return length(left) > length(right) }
        if left.match != right.match { return left.match.rawValue < right.match.rawValue }
        return left.path < right.path
    }
}

extension IngressRoute.PathMatch {
    fileprivate var name: String {
        switch self {
        case .exact: "Exact"
        case .prefix: "Prefix"
        case .begin: "Begin"
        }
    }
}

/// A port of a Service.
struct BackendReference: Sendable, Hashable {
    var service: ObjectKey
    /// Its number or its name.
    var port: String

    init(service: ObjectKey, port: String) {
        self.service = service
        self.port = port
    }

    init(_ backend: IngressServiceBackend, namespace: String) {
        service = ObjectKey(namespace: namespace, name: backend.name)
        port = backend.port.name.isEmpty ? "\(backend.port.number)" : backend.port.name
    }
}

/// The routes of Ingresses that share a load balancer.
struct IngressRoutes: Sendable {
    /// In order.
    private(set) var routes: [IngressRoute] = []
    private(set) var defaultBackend: BackendReference?
    private(set) var problems: [ObjectKey: [Problem]] = [:]

    /// - Parameter ingresses: The oldest first: it wins where two say different things.
    init(_ ingresses: [Ingress]) {
        var seen: [String: IngressRoute] = [:]
        for ingress in ingresses {
            if let backend = ingress.spec.defaultBackend { take(default: backend, of: ingress) }
            for rule in ingress.spec.rules {
                for path in rule.http?.paths ?? [] {
                    guard let route = route(rule.host, path, ingress) else { continue }
                    guard let first = seen[route.condition] else {
                        seen[route.condition] = route
                        continue
                    }
                    if first.backend != route.backend {
                        note(
                            ingress,
                            "the rule for host '\(route.host)' and path '\(route.path)' is left out: "
                                + "Ingress \(first.ingress), which is older, has the same one")
                    }
                }
            }
        }
        routes = seen.values.sorted(by: IngressRoute.precedes)
    }

    private mutating func take(default backend: IngressBackend, of ingress: Ingress) {
        guard let service = backend.service else {
            note(ingress, "the default backend is left out: only Services can be backends")
            return
        }
        let reference = BackendReference(service, namespace: ingress.metadata.namespace)
        if defaultBackend == nil {
            defaultBackend = reference
        } else if defaultBackend != reference {
            note(ingress, "the default backend is left out: an older Ingress of the group has another one")
        }
    }

    private mutating func route(_ host: String, _ path: HTTPIngressPath, _ ingress: Ingress) -> IngressRoute? {
        let text = path.path.isEmpty ? "/" : path.path
        guard let service = path.backend.service else {
            note(ingress, "path '\(text)' is left out: only Services can be backends")
            return nil
        }
        guard text.hasPrefix("/"), text.allSatisfy({ $0.isASCII && !$0.isWhitespace && $0 != "\u{7F}" }) else {
            note(ingress, "path '\(text)' is left out: it must begin with a slash and have no blanks")
            return nil
        }
        let match: IngressRoute.PathMatch =
            switch path.pathType {
            case "Exact": .exact
            case "Prefix": .prefix
            // As octavia-ingress-controller takes all paths.
            default: .begin
            }
        return IngressRoute(
            host: host.lowercased(), match: match, path: text,
            backend: BackendReference(service, namespace: ingress.metadata.namespace), ingress: ingress.key)
    }

    private mutating func note(_ ingress: Ingress, _ message: String) {
        problems[ingress.key, default: []].append(.warning(EventReason.ingressRuleIgnored, message))
    }
}

extension String {
    /// Itself as a regular expression.
    var escapedForExpression: String {
        reduce(into: "") { text, character in
            if #"\.+*?()|[]{}^$"#.contains(character) { text.append("\\") }
            text.append(character)
        }
    }
}
