// What nftables shall do for one load balancer, as a value. Nothing in it is free text.

package import LoadBalancing

/// One table of nftables (nft(8)): named counters, sets and chains.
package struct PacketFilter: Hashable, Sendable {
    package var counters: Set<ObjectName> = []
    package var sets: [ObjectName: NamedSet] = [:]
    package var chains: [ObjectName: Chain] = [:]

    package init() {}
}

/// Protocols over IP that have ports.
package enum TransportProtocol: String, Hashable, Sendable, CaseIterable, Codable {
    case tcp, udp, sctp

    /// The number in IP headers (IANA, "Protocol Numbers").
    package var number: UInt8 {
        switch self {
        case .tcp: 6
        case .udp: 17
        case .sctp: 132
        }
    }
}

/// The name of a table.
package struct TableName: Hashable, Sendable, Comparable {
    package let text: String

    private static let prefix = "ottava_"

    /// - Parameters:
    ///   - owner: Stands for the agent, so that agents on one machine leave each other's tables alone.
    ///   - loadBalancer: The load balancer that the table serves.
    package init(owner: UInt32, loadBalancer: ResourceID) {
        text = Self.prefix(of: owner) + ObjectName.letters(of: loadBalancer)
    }

    /// A table that an agent has left behind; `nil` when it is somebody else's.
    package init?(found text: String, owner: UInt32) {
        let start = Self.prefix(of: owner)
        guard text.hasPrefix(start), text.utf8.dropFirst(start.utf8.count).allSatisfy(ObjectName.isHexadecimal) else {
            return nil
        }
        self.text = text
    }

    private static func prefix(of owner: UInt32) -> String {
        let digits = String(owner, radix: 16)
        return prefix + String(repeating: "0", count: 8 - digits.count) + digits + "_"
    }

    package static func < (left: TableName, right: TableName) -> Bool { left.text < right.text }
}

/// The name of something in a table.
package struct ObjectName: Hashable, Sendable, Comparable {
    /// What the thing is for.
    package enum Purpose: String, Sendable {
        // Counters.
        case bytesIn, bytesOut, flows
        // Sets and maps.
        case listeners4, listeners6, choices4, choices6, members4, members6
        case slots4, slots6, targets4, targets6, known4, known6, clients4, clients6, allowed4, allowed6, limit
        // Chains.
        case arriving, sending, translateArriving, translateSending, leaving, delivered, disguise
        case guardListener, count, choose4, choose6, forward4, forward6, stray4, stray6
    }

    package let text: String

    /// - Parameters:
    ///   - purpose: What it is for.
    ///   - listener: The listener that it belongs to, if it is not the whole load balancer's.
    ///   - number: Tells apart things whose shape differs.
    package init(_ purpose: Purpose, _ listener: ResourceID? = nil, number: UInt32? = nil) {
        text =
            purpose.rawValue + (listener.map { "_" + Self.letters(of: $0) } ?? "")
            + (number.map { "_" + String($0, radix: 16) } ?? "")
    }

    /// The hexadecimal digits of an id, which are all of it but the dashes.
    fileprivate static func letters(of id: ResourceID) -> String {
        String(decoding: id.string.utf8.filter(isHexadecimal), as: UTF8.self)
    }

    fileprivate static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }

    package static func < (left: ObjectName, right: ObjectName) -> Bool { left.text < right.text }
}

/// An address and a port of one protocol.
package struct TransportEndpoint: Hashable, Sendable {
    package var transport: TransportProtocol
    package var address: IPAddress
    package var port: UInt16

    package init(_ transport: TransportProtocol, _ address: IPAddress, _ port: UInt16) {
        self.transport = transport
        self.address = address
        self.port = port
    }
}

/// Sets and maps, with what is in them.
package enum NamedSet: Hashable, Sendable {
    /// Slot → mark of a member.
    case slots([UInt32])
    /// Mark of a member → where it is.
    case targets(IPAddress.Family, [UInt32: TransportEndpoint])
    /// Marks.
    case marks(Set<UInt32>)
    /// Networks; those that overlap are merged.
    case networks(IPAddress.Family, [IPNetwork])
    /// Where packets go → the chain for them.
    case dispatch(IPAddress.Family, [TransportEndpoint: Verdict])
    /// Places that packets come from.
    case endpoints(IPAddress.Family, Set<TransportEndpoint>)
    /// Client → mark of a member, learnt from traffic and forgotten after so many seconds of silence.
    case clients(IPAddress.Family, timeout: Int)
    /// Counts flows.
    case flowLimit

    /// Whether traffic fills it, so that it must not be emptied.
    package var isLearnt: Bool {
        switch self {
        case .clients, .flowLimit: true
        default: false
        }
    }
}

/// Where a rule leads.
package enum Verdict: Hashable, Sendable {
    case drop
    case jump(ObjectName)
    case goto(ObjectName)
}

/// A chain.
package struct Chain: Hashable, Sendable {
    /// Where in the kernel's way of a packet a chain is asked.
    package struct Hook: Hashable, Sendable {
        package enum Kind: String, Sendable { case filter, nat }
        package enum Place: String, Sendable { case prerouting, input, output, postrouting }

        package var kind: Kind
        package var place: Place
        /// Lower ones are asked first; translation of destinations is at -100, of sources at 100.
        package var priority: Int
    }

    package var hook: Hook?
    package var rules: [Rule]

    package init(hook: Hook? = nil, rules: [Rule]) {
        self.hook = hook
        self.rules = rules
    }
}

/// A rule: what it looks at and does, from left to right.
package struct Rule: Hashable, Sendable {
    package var parts: [Part]

    package init(_ parts: Part...) { self.parts = parts }

    package enum Part: Hashable, Sendable {
        // Conditions.
        case isNewFlow
        case isInvalidFlow
        case isTCPBeginning(Bool)
        case isTransport(TransportProtocol)
        case isFamily(IPAddress.Family)
        case comesFromElsewhere
        case goesElsewhere
        case isTranslated
        case sourceIsNot(in: ObjectName, IPAddress.Family)
        case sourceEndpoint(in: ObjectName, IPAddress.Family)
        case markIsTagged(UInt32, mask: UInt32)
        case mark(in: ObjectName)
        /// True and counted, when there are more flows than that.
        case flows(over: Int, in: ObjectName)
        // Statements.
        case verdict(Verdict)
        case rejectPort
        case resetConnection
        case count(ObjectName)
        case dispatchDestination(ObjectName, IPAddress.Family)
        case dispatchSource(ObjectName, IPAddress.Family)
        /// The mark becomes a number from 0 that the client's address, and its port if so, decides.
        case markByClient(IPAddress.Family, mask: IPAddress?, withPort: Bool, modulus: Int)
        /// The mark becomes the next number from 0.
        case markByTurn(modulus: Int)
        case markByMark(ObjectName)
        case markByKnownClient(ObjectName, IPAddress.Family, mask: IPAddress?)
        case rememberClient(ObjectName, IPAddress.Family, mask: IPAddress?)
        case translateDestination(ObjectName, IPAddress.Family)
        case masquerade
    }
}
