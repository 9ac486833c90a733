// From what is to be forwarded to chains and maps of nftables. Pure.

package import LoadBalancing

/// Makes the table of one load balancer.
///
/// A packet to a listener meets two chains. The first, before addresses are translated, asks who may come, counts flows against the
/// limit, and counts bytes. The second is asked for the first packet of a flow only: it chooses a member and leaves the
/// member's mark on the flow; the kernel translates all further packets alike. So members that stop taking
/// flows keep those they have.
package struct PacketFilterBuilder: Sendable {
    let table: ForwardingTable

    package init(_ table: ForwardingTable) { self.table = table }

    /// The upper bits of all marks of a load balancer; the lower ones tell its members apart.
    package static let tagMask: UInt32 = 0xFFF0_0000

    package static func tag(of loadBalancer: ResourceID) -> UInt32 {
        // Never zero, which is the mark of flows that nobody has marked.
        UInt32(truncatingIfNeeded: Hash.of(loadBalancer.string) % 0xFFF + 1) << 20
    }

    /// Member → mark, for one listener. A mark depends on its id alone, but for the rare case that two would get the same.
    package static func marks(of listener: ForwardedListener, tag: UInt32) -> [ResourceID: UInt32] {
        var taken: Set<UInt32> = []
        var result: [ResourceID: UInt32] = [:]
        for target in listener.targets {
            var number = UInt32(truncatingIfNeeded: Hash.of(target.member.string)) & ~tagMask
            while !taken.insert(number).inserted { number = (number + 1) & ~tagMask }
            result[target.member] = tag | number
        }
        return result
    }

    /// The table. Without listeners it is empty and can go.
    package func packetFilter() -> PacketFilter {
        var filter = PacketFilter()
        guard !table.listeners.isEmpty else { return filter }
        for listener in table.listeners { add(listener, to: &filter) }
        addStrays(to: &filter)
        addHooks(to: &filter)
        return filter
    }

    private var families: [IPAddress.Family] {
        let used = Set(table.listeners.flatMap { $0.addresses.map(\.family) })
        return [.ipv4, .ipv6].filter(used.contains)
    }

    private func add(_ listener: ForwardedListener, to filter: inout PacketFilter) {
        let bytesIn = ObjectName(.bytesIn, listener.id)
        let bytesOut = ObjectName(.bytesOut, listener.id)
        filter.counters.formUnion([bytesIn, bytesOut, ObjectName(.flows, listener.id)])
        let guardChain = ObjectName(.guardListener, listener.id)
        let countChain = ObjectName(.count, listener.id)
        var guarding: [Rule] = [Rule(.isInvalidFlow, .verdict(.drop))]
        if !listener.allowed.isEmpty {
            for family in [IPAddress.Family.ipv4, .ipv6] {
                let set = ObjectName(family == .ipv4 ? .allowed4 : .allowed6, listener.id)
                let networks = listener.allowed.filter { $0.address.family == family }
                filter.sets[set] = .networks(family, networks)
                guarding.append(Rule(.sourceIsNot(in: set, family), .verdict(.drop)))
            }
        }
        for family in [IPAddress.Family.ipv4, .ipv6]
        where listener.addresses.contains(where: { $0.family == family })
            && !listener.candidates.contains(where: { $0.address.family == family })
        {
            let refusal: Rule.Part = listener.transport == .tcp ? .resetConnection : .rejectPort
            guarding.append(
                Rule(.isFamily(family), .isNewFlow, .isTransport(listener.transport), refusal))
        }
        if let limit = listener.flowLimit {
            let set = ObjectName(.limit, listener.id, number: UInt32(clamping: limit))
            filter.sets[set] = .flowLimit
            guarding.append(Rule(.isNewFlow, .flows(over: limit, in: set), .verdict(.drop)))
        }
        guarding.append(Rule(.count(bytesIn)))
        filter.chains[guardChain] = Chain(rules: guarding)
        filter.chains[countChain] = Chain(rules: [Rule(.count(bytesOut))])
        for address in listener.addresses {
            let endpoint = listener.endpoint(at: address)
            let names = Names(address.family)
            filter.insert(endpoint, leadingTo: .jump(guardChain), in: names.listeners)
            filter.insert(endpoint, leadingTo: .jump(countChain), in: names.members)
        }
        for family in families { addChoice(of: listener, family, to: &filter) }
    }

    /// The chains that the first packet of a flow meets.
    private func addChoice(of listener: ForwardedListener, _ family: IPAddress.Family, to filter: inout PacketFilter) {
        let addresses = listener.addresses.filter { $0.family == family }
        var own = listener
        own.targets = listener.targets.filter { $0.address.family == family }
        guard !addresses.isEmpty, !own.candidates.isEmpty else { return }
        let names = Names(family)
        let marks = Self.marks(of: listener, tag: Self.tag(of: table.loadBalancer))
        let choose = ObjectName(names.choose, listener.id)
        let forward = ObjectName(names.forward, listener.id)
        let slots = ObjectName(names.slots, listener.id)
        let targets = ObjectName(names.targets, listener.id)
        let candidates = own.candidates.map { SlotTable.Candidate(member: $0.member, weight: $0.weight) }

        var choosing: [Rule] = []
        var forwarding: [Rule] = [Rule(.count(ObjectName(.flows, listener.id)))]
        if let memory = listener.memory {
            let mask = memory.mask.flatMap { $0.family == family ? $0 : nil }
            // Another time or mask makes another map, since the kernel cannot change them.
            let shape = UInt32(truncatingIfNeeded: Hash.of("\(memory.timeout) \(mask.map(\.description) ?? "")"))
            let clients = ObjectName(names.clients, listener.id, number: shape)
            let known = ObjectName(names.known, listener.id)
            filter.sets[clients] = .clients(family, timeout: memory.timeout)
            filter.sets[known] = .marks(Set(own.targets.compactMap { marks[$0.member] }))
            choosing.append(Rule(.markByKnownClient(clients, family, mask: mask)))
            choosing.append(Rule(.mark(in: known), .verdict(.goto(forward))))
            forwarding.append(Rule(.rememberClient(clients, family, mask: mask)))
        }
        let members: [ResourceID]
        switch listener.choice {
        case .turns, .fewestFlows:
            let isEven = listener.choice == .turns
            members = SlotTable.turns(isEven ? candidates : FewestFlows.shares(candidates, flows: listener.flows))
            choosing.append(Rule(.markByTurn(modulus: members.count)))
        case .addressAndPort:
            members = SlotTable.consistent(candidates)
            choosing.append(
                Rule(.markByClient(family, mask: nil, withPort: true, modulus: members.count)))
        case .address(let mask):
            members = SlotTable.consistent(candidates)
            choosing.append(
                Rule(
                    .markByClient(
                        family, mask: mask.flatMap { $0.family == family ? $0 : nil }, withPort: false,
                        modulus: members.count)))
        }
        choosing.append(Rule(.markByMark(slots)))
        choosing.append(Rule(.verdict(.goto(forward))))
        forwarding.append(Rule(.isTransport(listener.transport), .translateDestination(targets, family)))
        filter.sets[slots] = .slots(members.compactMap { marks[$0] })
        filter.sets[targets] = .targets(
            family,
            Dictionary(
                own.targets.compactMap { target in marks[target.member].map { ($0, own.endpoint(of: target)) } },
                uniquingKeysWith: { first, _ in first }))
        filter.chains[choose] = Chain(rules: choosing)
        filter.chains[forward] = Chain(rules: forwarding)
        for address in addresses {
            filter.insert(listener.endpoint(at: address), leadingTo: .goto(choose), in: names.choices)
        }
    }

    /// Answers of members to clients that this node has not heard from: another node has just handed the address over. An
    /// answer must not make a flow of its own, which would be in the way of the real one.
    private func addStrays(to filter: inout PacketFilter) {
        guard table.policy.keepsClientAddress else { return }
        for family in families {
            var endpoints: Set<TransportEndpoint> = []
            for listener in table.listeners {
                for target in listener.targets where target.address.family == family {
                    endpoints.insert(listener.endpoint(of: target))
                }
            }
            filter.sets[ObjectName(family == .ipv4 ? .stray4 : .stray6)] = .endpoints(family, endpoints)
        }
    }

    private func addHooks(to filter: inout PacketFilter) {
        func chain(
            _ purpose: ObjectName.Purpose, _ kind: Chain.Hook.Kind, _ place: Chain.Hook.Place, _ priority: Int,
            _ rules: [Rule]
        ) {
            filter.chains[ObjectName(purpose)] = Chain(
                hook: .init(kind: kind, place: place, priority: priority), rules: rules)
        }
        let toListeners = families.map { Rule(.dispatchDestination(ObjectName(Names($0).listeners), $0)) }
        let toChoices = families.filter { filter.sets[ObjectName(Names($0).choices)] != nil }
            .map { Rule(.dispatchDestination(ObjectName(Names($0).choices), $0)) }
        let fromMembers = families.map { Rule(.dispatchSource(ObjectName(Names($0).members), $0)) }
        var strays: [Rule] = []
        if table.policy.keepsClientAddress {
            for family in families {
                let set = ObjectName(family == .ipv4 ? .stray4 : .stray6)
                let answers: Rule.Part = .sourceEndpoint(in: set, family)
                strays.append(Rule(.comesFromElsewhere, answers, .isInvalidFlow, .verdict(.drop)))
                strays.append(
                    Rule(
                        .comesFromElsewhere, answers, .isNewFlow, .isTransport(.tcp), .isTCPBeginning(false),
                        .verdict(.drop)))
                for transport in [TransportProtocol.udp, .sctp] {
                    strays.append(
                        Rule(.comesFromElsewhere, answers, .isNewFlow, .isTransport(transport), .verdict(.drop)))
                }
            }
        }
        // Between connection tracking (-200) and translation of destinations (-100); answers are looked at
        // after they have got the listener's address back (100).
        chain(.arriving, .filter, .prerouting, -150, strays + toListeners)
        chain(.sending, .filter, .output, -150, toListeners)
        chain(.translateArriving, .nat, .prerouting, -100, toChoices)
        chain(.translateSending, .nat, .output, -100, toChoices)
        chain(.leaving, .filter, .postrouting, 110, fromMembers)
        // What this node itself has asked for; on the loopback device it has just been counted as leaving.
        chain(
            .delivered, .filter, .input, 110,
            families.map { Rule(.comesFromElsewhere, .dispatchSource(ObjectName(Names($0).members), $0)) })
        if !table.policy.keepsClientAddress {
            chain(
                .disguise, .nat, .postrouting, 100,
                [
                    Rule(
                        .goesElsewhere, .isTranslated,
                        .markIsTagged(Self.tag(of: table.loadBalancer), mask: Self.tagMask), .masquerade)
                ])
        }
    }

    /// The names that differ by family.
    private struct Names {
        let listeners, choices, members, slots, targets, known, clients, choose, forward: ObjectName.Purpose

        init(_ family: IPAddress.Family) {
            let isOld = family == .ipv4
            listeners = isOld ? .listeners4 : .listeners6
            choices = isOld ? .choices4 : .choices6
            members = isOld ? .members4 : .members6
            slots = isOld ? .slots4 : .slots6
            targets = isOld ? .targets4 : .targets6
            known = isOld ? .known4 : .known6
            clients = isOld ? .clients4 : .clients6
            choose = isOld ? .choose4 : .choose6
            forward = isOld ? .forward4 : .forward6
        }
    }
}

extension PacketFilter {
    fileprivate mutating func insert(
        _ endpoint: TransportEndpoint, leadingTo verdict: Verdict, in purpose: ObjectName.Purpose
    ) {
        let name = ObjectName(purpose)
        var places: [TransportEndpoint: Verdict] = [:]
        if case .dispatch(_, let known) = sets[name] { places = known }
        places[endpoint] = verdict
        sets[name] = .dispatch(endpoint.address.family, places)
    }
}
