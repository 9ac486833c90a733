// The parts of the Networking API v2.0 that load balancing needs.

public import JSON
public import LoadBalancing

/// Networks, subnets, ports and floating IPs.
public struct NetworkService: Sendable {
    let service: ServiceClient

    /// Networks.
    public var networks: ResourceCollection<Network> { ResourceCollection(service: service, path: "networks") }
    /// Subnets.
    public var subnets: ResourceCollection<Subnet> { ResourceCollection(service: service, path: "subnets") }
    /// Ports.
    public var ports: ResourceCollection<Port> { ResourceCollection(service: service, path: "ports") }
    /// Floating IPs.
    public var floatingIPs: ResourceCollection<FloatingIP> {
        ResourceCollection(service: service, path: "floatingips")
    }

    /// Any other list, for names → ids: security groups and QoS policies.
    func id(of name: String, path: String, key: String) async throws -> ResourceID {
        if let id = ResourceID(name) { return id }
        let document = try await service.sendForDocument("GET", path, query: [("name", name), ("fields", "id")])
        let found = try AnswerReader(document, "the answer").objects(key)
        guard found.count < 2 else {
            throw CloudError(.ambiguous, "\(found.count) of \(key) are called '\(name)'; give an id")
        }
        guard let first = found.first else { throw CloudError(.notFound, "'\(name)' is none of \(key)") }
        return try first.id()
    }

    /// The id of a security group with a name or an id.
    public func securityGroupID(_ nameOrID: String) async throws -> ResourceID {
        try await id(of: nameOrID, path: "security-groups", key: "security_groups")
    }

    /// The id of a QoS policy with a name or an id.
    public func qosPolicyID(_ nameOrID: String) async throws -> ResourceID {
        try await id(of: nameOrID, path: "qos/policies", key: "policies")
    }
}

/// A network.
public struct Network: CloudResource, Identifiable {
    public static let key = "network"
    public static let collectionKey = "networks"

    /// What identifies it.
    public var id: ResourceID
    /// Its name; several may have the same.
    public var name: String
    /// The project that it belongs to.
    public var projectID: String
    /// Its subnets.
    public var subnetIDs: [ResourceID]
    /// Whether floating IPs come from it.
    public var isExternal: Bool

    /// What identifies it in paths.
    public var reference: String { id.string }

    /// Reads it from an answer.
    public init(_ answer: AnswerReader) throws(CloudError) {
        id = try answer.id()
        name = try answer.textOrEmpty("name")
        projectID = try answer.textOrEmpty("project_id")
        subnetIDs = try answer.ids("subnets")
        isExternal = try answer.flag("router:external")
    }
}

/// A subnet.
public struct Subnet: CloudResource, Identifiable {
    public static let key = "subnet"
    public static let collectionKey = "subnets"

    /// What identifies it.
    public var id: ResourceID
    /// Its name; several may have the same.
    public var name: String
    /// The project that it belongs to.
    public var projectID: String
    /// The network.
    public var networkID: ResourceID
    /// The addresses that it has: `10.0.0.0/24`.
    public var cidr: String

    /// What identifies it in paths.
    public var reference: String { id.string }

    /// Reads it from an answer.
    public init(_ answer: AnswerReader) throws(CloudError) {
        id = try answer.id()
        name = try answer.textOrEmpty("name")
        projectID = try answer.textOrEmpty("project_id")
        networkID = try answer.id("network_id")
        cidr = try answer.text("cidr")
    }
}

/// A port.
public struct Port: CloudResource, Identifiable {
    public static let key = "port"
    public static let collectionKey = "ports"

    /// What identifies it.
    public var id: ResourceID
    /// Its name; several may have the same.
    public var name: String
    /// The project that it belongs to.
    public var projectID: String
    /// The network.
    public var networkID: ResourceID
    /// Its fixed addresses.
    public var addresses: [String]
    /// The security groups that guard it.
    public var securityGroupIDs: [ResourceID]
    /// Whom it belongs to, in the words of that service.
    public var deviceID: String

    /// What identifies it in paths.
    public var reference: String { id.string }

    /// Reads it from an answer.
    public init(_ answer: AnswerReader) throws(CloudError) {
        id = try answer.id()
        name = try answer.textOrEmpty("name")
        projectID = try answer.textOrEmpty("project_id")
        networkID = try answer.id("network_id")
        addresses = try answer.objects("fixed_ips").map { address throws(CloudError) in try address.text("ip_address") }
        securityGroupIDs = try answer.ids("security_groups")
        deviceID = try answer.textOrEmpty("device_id")
    }
}

/// An address that leads to a port.
public struct FloatingIP: CloudResource, Identifiable {
    public static let key = "floatingip"
    public static let collectionKey = "floatingips"
    /// What messages call it.
    public static let term = "floating IP"

    /// What identifies it.
    public var id: ResourceID
    /// An IPv4 or IPv6 address.
    public var address: String
    /// The network.
    public var networkID: ResourceID
    /// The port that it leads to; absent while it leads nowhere.
    public var portID: ResourceID?
    /// The address that it leads to.
    public var fixedAddress: String?
    /// Free text.
    public var description: String
    /// The status in the words of the service.
    public var status: String?

    /// What identifies it in paths.
    public var reference: String { id.string }
    /// Its name; several may have the same.
    public var name: String { "" }

    /// Reads it from an answer.
    public init(_ answer: AnswerReader) throws(CloudError) {
        id = try answer.id()
        address = try answer.text("floating_ip_address")
        networkID = try answer.id("floating_network_id")
        portID = try answer.idIfAny("port_id")
        fixedAddress = try answer.textIfAny("fixed_ip_address")
        description = try answer.textOrEmpty("description")
        status = try answer.textIfAny("status")
    }
}

/// A floating IP to be made.
public struct FloatingIPCreate: Sendable, Hashable, JSONWritable {
    /// The external network.
    public var networkID: ResourceID
    /// The subnet that the address is in.
    public var subnetID: ResourceID?
    /// The port that it leads to.
    public var portID: ResourceID?
    /// A wish, for operators.
    public var address: String?
    /// Free text.
    public var description: String

    /// Makes one; parameters that are not given have their usual values.
    public init(
        networkID: ResourceID, subnetID: ResourceID? = nil, portID: ResourceID? = nil, address: String? = nil,
        description: String = ""
    ) {
        self.networkID = networkID
        self.subnetID = subnetID
        self.portID = portID
        self.address = address
        self.description = description
    }

    /// Writes the fields of a request.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("floating_network_id", networkID.string)
            if let subnetID { writer.member("subnet_id", subnetID.string) }
            if let portID { writer.member("port_id", portID.string) }
            if let address { writer.member("floating_ip_address", address) }
            if !description.isEmpty { writer.member("description", description) }
        }
    }
}

extension FloatingIP: CreatableResource {
    public typealias Creation = FloatingIPCreate
}

extension ResourceCollection<FloatingIP> {
    /// Leads an address to a port.
    @discardableResult
    public func attach(_ id: ResourceID, to port: ResourceID) async throws -> FloatingIP {
        try await update(id.string, Self.body(port))
    }

    /// Leads an address to nothing.
    @discardableResult
    public func detach(_ id: ResourceID) async throws -> FloatingIP { try await update(id.string, Self.body(nil)) }

    private static func body(_ port: ResourceID?) -> [UInt8] {
        JSONWriter.object { $0.objectMember(FloatingIP.key) { $0.member("port_id", port?.string) } }
    }
}

extension ResourceCollection<Port> {
    /// Gives a port these security groups and no others.
    @discardableResult
    public func setSecurityGroups(_ id: ResourceID, _ groups: [ResourceID]) async throws -> Port {
        let body = JSONWriter.object { writer in
            writer.objectMember(Port.key) { $0.member("security_groups", strings: groups.map(\.string)) }
        }
        return try await update(id.string, body)
    }
}
