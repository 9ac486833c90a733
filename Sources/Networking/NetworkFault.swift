// What can be wrong with a request to the network service.

public import LoadBalancing

/// A refusal of the network service, in the terms of the Network API v2.0 reference.
///
/// Every fault is about what was asked for; failures of the database are `DatabaseFault`.
public struct NetworkFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// What callers decide on.
    public enum Kind: Sendable, Hashable {
        /// The object does not exist, or the caller must not know that it does.
        case notFound(NetworkResource)
        /// A value is malformed or contradicts another one.
        case invalid
        /// The caller sees the object but must not do this.
        case forbidden
        /// The state of something else forbids it: duplicates, default objects.
        case conflict
        /// The object cannot go while others use it.
        case inUse(NetworkResource)
        /// The requested address belongs to another port.
        case addressInUse(IPAddress)
        /// No allocation pool of the subnet has a free address; `nil` when a whole network was asked.
        case addressesExhausted(ResourceID?)
        /// The requested address lies in no subnet that it was asked from.
        case addressNotInSubnet(IPAddress)
        /// `If-Match` named another revision.
        case revisionMismatch
        /// A remote network service did not answer as expected.
        case unavailable
    }

    public let kind: Kind
    /// Neutron's name for the fault, such as `NetworkNotFound`.
    public let type: String
    /// A sentence that names the field, the value and what is allowed.
    public let message: String

    public init(_ kind: Kind, type: String, _ message: String) {
        self.kind = kind
        self.type = type
        self.message = message
    }

    /// The HTTP status that the Network API has for it.
    public var status: Int {
        switch kind {
        case .notFound: 404
        case .invalid, .addressNotInSubnet: 400
        case .forbidden: 403
        case .conflict, .inUse, .addressInUse, .addressesExhausted: 409
        case .revisionMismatch: 412
        case .unavailable: 503
        }
    }

    public var description: String { "\(type): \(message)" }
}

extension NetworkFault {
    /// 404 for an object of that kind.
    public static func notFound(_ resource: NetworkResource, _ id: String) -> NetworkFault {
        NetworkFault(
            .notFound(resource), type: "\(resource.typeName)NotFound", "\(resource.title) \(id) could not be found.")
    }

    static func notFound(_ resource: NetworkResource, _ id: ResourceID) -> NetworkFault {
        notFound(resource, id.string)
    }

    /// 400 with Neutron's general type.
    public static func invalid(_ reason: String) -> NetworkFault {
        NetworkFault(.invalid, type: "InvalidInput", "Invalid input for operation: \(reason).")
    }

    /// 400 for one field of a body or a query.
    public static func invalid(field: String, _ reason: String) -> NetworkFault {
        NetworkFault(.invalid, type: "HTTPBadRequest", "Invalid input for \(field). Reason: \(reason).")
    }

    /// 403 for an attribute or an action that the caller's roles do not allow.
    public static func forbidden(_ rule: String) -> NetworkFault {
        NetworkFault(
            .forbidden, type: "PolicyNotAuthorized",
            "\(rule) is disallowed by policy: it needs the admin role.")
    }

    static func conflict(_ type: String, _ message: String) -> NetworkFault {
        NetworkFault(.conflict, type: type, message)
    }

    static func addressInUse(_ address: IPAddress, network: ResourceID) -> NetworkFault {
        NetworkFault(
            .addressInUse(address), type: "IpAddressInUse",
            "Unable to complete operation for network \(network). The IP address \(address) is in use.")
    }
}
