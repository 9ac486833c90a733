// The flows that the kernel tracks: listed, and ended.

import LoadBalancing

/// One tracked flow whose destination was translated.
package struct TrackedFlow: Hashable, Sendable {
    /// Where the client sent its first packet.
    package var listener: TransportEndpoint
    /// Where answers come from.
    package var member: TransportEndpoint
    /// Whether the connection still carries data, or the protocol has none.
    package var isOpen: Bool
    /// What the kernel knows the flow by.
    fileprivate var key: [UInt8]
    fileprivate var family: UInt8
}

/// Connection tracking (linux/netfilter/nfnetlink_conntrack.h).
package struct FlowTable: Sendable {
    package let place: NetworkPlace

    package init(place: NetworkPlace) { self.place = place }

    /// The flows with that mark, under the mask.
    package func flows(mark: UInt32, mask: UInt32) throws(NetlinkError) -> [TrackedFlow] {
        var flows: [TrackedFlow] = []
        // IPCTNL_MSG_CT_GET 1; CTA_MARK 8, CTA_MARK_MASK 21
        let wanted = NetlinkAttribute.bytes(8, mark.networkBytes) + NetlinkAttribute.bytes(21, mask.networkBytes)
        try NetlinkSocket(in: place).list(.connectionTracking, 1, family: 0, attributes: wanted) { attributes in
            // Kernels that do not know the filter send everything.
            let found = attributes.first { $0.type == 8 }?.bigEndian(UInt32.self) ?? 0
            if found & mask == mark, let flow = TrackedFlow(attributes) { flows.append(flow) }
        }
        return flows
    }

    /// Ends flows: the next packet of each makes a new one. Those that are gone already do not matter.
    package func end(_ flows: [TrackedFlow]) throws(NetlinkError) {
        guard !flows.isEmpty else { return }
        let socket = try NetlinkSocket(in: place)
        for flow in flows {
            do throws(NetlinkError) {
                // IPCTNL_MSG_CT_DELETE 2
                try socket.change(.connectionTracking, 2, family: flow.family, attributes: flow.key)
            } catch {
                if error.cause != 2 { throw error }  // ENOENT
            }
        }
    }
}

extension TrackedFlow {
    init?(_ attributes: [NetlinkAttribute]) {
        // CTA_TUPLE_ORIG 1, CTA_TUPLE_REPLY 2, CTA_PROTOINFO 4, CTA_ID 12
        guard let original = attributes.first(where: { $0.type == 1 }),
            let reply = attributes.first(where: { $0.type == 2 }),
            let listener = Self.endpoint(of: original, isDestination: true),
            let member = Self.endpoint(of: reply, isDestination: false)
        else { return nil }
        self.listener = listener
        self.member = member
        // CTA_PROTOINFO_TCP 1, CTA_PROTOINFO_TCP_STATE 1; from LAST_ACK (6) on it is over.
        let state = attributes.first { $0.type == 4 }?.children.first { $0.type == 1 }?.children.first { $0.type == 1 }
        isOpen = listener.transport != .tcp || (state?.value.first ?? 3) < 6
        family = listener.address.family == .ipv4 ? 2 : 10
        key = NetlinkAttribute.bytes(1, original.value, isNested: true)
        // The id makes sure that no later flow of the same client is meant.
        if let id = attributes.first(where: { $0.type == 12 }) { key += NetlinkAttribute.bytes(12, id.value) }
    }

    private static func endpoint(of tuple: NetlinkAttribute, isDestination: Bool) -> TransportEndpoint? {
        // CTA_TUPLE_IP 1 { V4_SRC 1, V4_DST 2, V6_SRC 3, V6_DST 4 }, CTA_TUPLE_PROTO 2 { NUM 1, SRC_PORT 2, DST_PORT 3 }
        let children = tuple.children
        guard let addresses = children.first(where: { $0.type == 1 })?.children,
            let proto = children.first(where: { $0.type == 2 })?.children,
            let number = proto.first(where: { $0.type == 1 })?.value.first,
            let transport = TransportProtocol.allCases.first(where: { $0.number == number }),
            let port = proto.first(where: { $0.type == (isDestination ? 3 : 2) })?.bigEndian(UInt16.self)
        else { return nil }
        if let address = addresses.first(where: { $0.type == (isDestination ? 2 : 1) })?.bigEndian(UInt32.self) {
            return TransportEndpoint(transport, IPAddress(family: .ipv4, value: UInt128(address)), port)
        }
        guard let address = addresses.first(where: { $0.type == (isDestination ? 4 : 3) })?.bigEndian(UInt128.self)
        else { return nil }
        return TransportEndpoint(transport, IPAddress(family: .ipv6, value: address), port)
    }
}
