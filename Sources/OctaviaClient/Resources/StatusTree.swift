// The statuses of a load balancer and of everything that traffic passes.

public import LoadBalancing

/// One object of a load balancer with its statuses, and what is below it.
public struct StatusNode: Sendable, Hashable {
    /// What kind of object a node is.
    public enum Kind: String, Sendable, Hashable {
        case loadBalancer = "load balancer"
        case listener, pool, member
        case healthMonitor = "health monitor"
    }

    /// What it is.
    public var kind: Kind
    /// What identifies it.
    public var id: ResourceID
    /// Its name; several may have the same.
    public var name: String
    /// How far the service has come with the last change.
    public var provisioningStatus: ProvisioningStatus
    /// What the object is doing for its users.
    public var operatingStatus: OperatingStatus
    /// Address and port of a member, type of a monitor.
    public var detail: String?
    /// Listeners of a load balancer; pools of a listener; monitor, then members of a pool.
    public var children: [StatusNode]

    init(_ answer: AnswerReader, _ kind: Kind) throws(CloudError) {
        self.kind = kind
        id = try answer.id()
        name = try answer.textOrEmpty("name")
        provisioningStatus = try answer.term("provisioning_status")
        operatingStatus = try answer.termIfAny("operating_status") ?? .offline
        children = []
        switch kind {
        case .loadBalancer:
            for listener in try answer.objects("listeners") {
                children.append(try StatusNode(listener, .listener))
            }
        case .listener:
            for pool in try answer.objects("pools") { children.append(try StatusNode(pool, .pool)) }
        case .pool:
            if let monitor = try answer.objectIfAny("health_monitor") {
                children.append(try StatusNode(monitor, .healthMonitor))
            }
            for member in try answer.objects("members") { children.append(try StatusNode(member, .member)) }
        case .member:
            detail = try "\(answer.textOrEmpty("address")):\(answer.integer("protocol_port"))"
        case .healthMonitor:
            detail = try answer.textIfAny("type")
        }
    }

    /// This object and all below it, from the top.
    public var flattened: [StatusNode] { [self] + children.flatMap(\.flattened) }
}
