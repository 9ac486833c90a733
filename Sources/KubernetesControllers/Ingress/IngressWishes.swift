// What the annotations of an Ingress ask for.

internal import KubernetesClient
internal import OctaviaClient

internal import struct LoadBalancing.IPNetwork

/// The names of annotations of Ingresses; all but the last two are octavia-ingress-controller's.
enum IngressAnnotation {
    static let prefix = "octavia.ingress.kubernetes.io/"
    static let group = prefix + "group"
    static let redirect = prefix + "ssl-redirect"
}

/// The Ingresses that share a load balancer: all of a group, or one that is in none.
enum IngressGroup: Sendable, Hashable, CustomStringConvertible {
    case single(ObjectKey)
    case named(String)

    init(_ ingress: Ingress) {
        let name = ingress.metadata.annotations[IngressAnnotation.group]?.trimmingSpaces() ?? ""
        self = name.isEmpty ? .single(ingress.key) : .named(name)
    }

    var description: String {
        switch self {
        case .single(let key): "\(key)"
        case .named(let name): "group \(name)"
        }
    }

    var isNamed: Bool { if case .named = self { true } else { false } }

    /// The name of the load balancer; namespaces have no dots, so that groups and single Ingresses cannot meet.
    func loadBalancerName(_ settings: LoadBalancerSettings) -> String {
        switch self {
        case .single(let key): "kube_ingress_\(settings.clusterName)_\(key.namespace)_\(key.name)".cutTo255
        case .named(let name): "kube_ingress_\(settings.clusterName)_.group_\(name)".cutTo255
        }
    }
}

/// Settings of a load balancer for Ingresses. In a group each is the one of the oldest Ingress that has it.
struct IngressWishes: Sendable, Hashable {
    var isInternal = true
    var keepsFloatingIP = false
    var floatingIP: String?
    /// Networks that may connect; empty is everybody.
    var sourceRanges: [String] = []
    var timeouts = ListenerTimeouts()
    private(set) var problems: [ObjectKey: [Problem]] = [:]

    /// - Parameter ingresses: The oldest first.
    /// - Throws: ``Problem`` that makes the load balancer impossible.
    init(_ ingresses: [Ingress], _ settings: LoadBalancerSettings) throws(Problem) {
        for ingress in ingresses.reversed() {
            var reader = AnnotationReader(ingress.metadata.annotations, prefix: IngressAnnotation.prefix)
            isInternal = reader.flag("internal", isInternal)
            keepsFloatingIP = reader.flag("keep-floatingip", keepsFloatingIP)
            floatingIP = reader.text("floatingip") ?? floatingIP
            let limits = 0...86_400_000
            timeouts.clientData = reader.number("timeout-client-data", timeouts.clientData, limits)
            timeouts.memberData = reader.number("timeout-member-data", timeouts.memberData, limits)
            timeouts.memberConnect = reader.number("timeout-member-connect", timeouts.memberConnect, limits)
            timeouts.tcpInspect = reader.number("timeout-tcp-inspect", timeouts.tcpInspect, limits)
            if let ranges = reader.text("whitelist-source-range") {
                sourceRanges = []
                for text in ranges.commaSeparated {
                    guard let network = IPNetwork(text) else {
                        throw .refusal(
                            "annotation \(IngressAnnotation.prefix)whitelist-source-range of \(ingress.key) has '\(text)', "
                                + "which is no network such as 192.0.2.0/24", reason: EventReason.ingressFailed)
                    }
                    if !sourceRanges.contains(network.description) { sourceRanges.append(network.description) }
                }
                if sourceRanges.contains(where: { $0.hasSuffix("/0") }) { sourceRanges = [] }
            }
            if !reader.problems.isEmpty { problems[ingress.key] = reader.problems }
        }
    }

    /// Whether plain HTTP is redirected for the hosts of an Ingress.
    static func redirects(_ ingress: Ingress, _ settings: IngressSettings) -> Bool {
        ingress.metadata.annotations[IngressAnnotation.redirect].map { $0 != "false" } ?? settings.redirectsToHTTPS
    }
}
