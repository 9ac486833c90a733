// The members that a port of a Service gets: nodes or pods.

internal import KubernetesClient
internal import OctaviaClient

internal import struct LoadBalancing.IPAddress

/// What members are made of.
struct MemberSource: Sendable {
    /// Every node of the cluster; those that may be members are picked here.
    var nodes: [Node] = []
    /// The EndpointSlices of the Service; looked at only when pods are members.
    var endpointSlices: [EndpointSlice] = []
    var kind = LoadBalancerSettings.MemberKind.nodePorts

    /// The nodes at a port.
    ///
    /// - Parameter monitorPort: Where nodes say whether they have pods.
    func nodeMembers(
        _ requirements: [NodeRequirement], port: Int, families: [IPAddress.Family], monitorPort: Int?,
        subnet: ResourceID?, isIngress: Bool = false
    ) -> [MemberCreate] {
        // A port without node port has no members.
        guard port > 0 else { return [] }
        return nodes.compactMap { node -> MemberCreate? in
            guard isIngress ? node.isIngressMember : node.isMember(requirements) else { return nil }
            guard let address = node.address(families) else { return nil }
            var member = MemberCreate(name: node.metadata.name, address: address, protocolPort: port)
            member.monitorPort = monitorPort
            member.subnetID = subnet
            return member.mentioned
        }.sorted { ($0.name, $0.address) < ($1.name, $1.address) }
    }

    /// The pods behind a port of the Service. A pod that terminates but still answers is drained: it keeps its connections
    /// and gets no new ones. If no other pods are left, it gets them after all, as from kube-proxy.
    func podMembers(
        portName: String, transport: String, families: [IPAddress.Family], subnet: ResourceID?
    ) -> [MemberCreate] {
        var ready: [MemberCreate] = []
        var draining: [MemberCreate] = []
        var seen: Set<String> = []
        for slice in endpointSlices where families.contains(where: { slice.addressType == $0.kubernetesName }) {
            let ports = slice.ports.filter {
                $0.name == portName && ($0.protocol.isEmpty ? "TCP" : $0.protocol) == transport
            }
            for endpoint in slice.endpoints {
                guard let address = endpoint.addresses.first else { continue }
                for port in ports.compactMap(\.port) {
                    let isReady = endpoint.conditions.isReady
                    let drains = endpoint.conditions.isTerminating && endpoint.conditions.isServing
                    guard isReady || drains, seen.insert("\(address) \(port)").inserted else { continue }
                    var member = MemberCreate(
                        name: endpoint.targetRef?.name ?? address, address: address, protocolPort: port,
                        weight: isReady ? 1 : 0)
                    member.subnetID = subnet
                    if isReady { ready.append(member.mentioned) } else { draining.append(member.mentioned) }
                }
            }
        }
        if ready.isEmpty {
            for index in draining.indices { draining[index].weight = 1 }
        }
        return (ready + draining).sorted {
            ($0.name, $0.address, $0.protocolPort) < ($1.name, $1.address, $1.protocolPort)
        }
    }
}

extension MemberCreate {
    /// With name and subnet in batches, too, where a member that exists would keep its own.
    var mentioned: MemberCreate {
        var member = self
        member.mentionsName = true
        member.mentionsSubnet = subnetID != nil
        return member
    }
}

extension IPAddress.Family {
    /// As Kubernetes writes it.
    var kubernetesName: String { self == .ipv4 ? "IPv4" : "IPv6" }
    /// Everybody, as a network.
    var everybody: String { self == .ipv4 ? "0.0.0.0/0" : "::/0" }
}
