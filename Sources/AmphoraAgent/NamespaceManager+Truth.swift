// Whether namespaces still are what was made of them.

import Glibc
import LoadBalancing
import Logging
import PacketForwarding

extension NamespaceManager {
    /// The load balancers whose interface is no more on the bridge, or down: one run of ip(8) for all of them.
    func cutOff() async -> Set<ResourceID> {
        let known = Array(present.keys)
        guard !known.isEmpty,
            let text = try? await NodeProgram.ip.run(["-j", "link", "show", "master", settings.name.description])
        else { return [] }
        let ports = Set(LinkEntry.entries(text).filter(\.isUp).compactMap(\.ifname))
        return Set(known.filter { !ports.contains(settings.outsideInterface(of: $0).description) })
    }

    /// Whether the namespace, its interface or one of its addresses is gone.
    func hasLost(_ id: ResourceID) -> Bool { lostAddresses(of: id).map { !$0.isEmpty } ?? true }

    /// Counts what is gone as lost, so that it is made anew with the next plan.
    func forgetLost(_ id: ResourceID) {
        guard let addresses = lostAddresses(of: id) else { return forget(id) }
        forget(addresses, of: id)
    }

    /// The addresses that are gone; `nil` when the namespace or its interface is.
    private func lostAddresses(of id: ResourceID) -> Set<InterfaceAddress>? {
        let place = place(of: id)
        guard let addresses = present[id], place.exists, place.hasInterfaceUp(.inside) else { return nil }
        return addresses.filter { !place.holds($0.address) }
    }

    /// Removes a namespace that belongs to no load balancer, with what runs there.
    func removeStray(_ id: ResourceID) async {
        await endProcesses(in: place(of: id))
        await remove(id)
    }
}

extension NetworkPlace {
    /// Whether an address can be bound there.
    fileprivate func holds(_ address: IPAddress) -> Bool {
        let descriptor = socket(domain: address.socketFamily, type: Int32(SOCK_DGRAM.rawValue), protocol: 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return address.withSocketAddress(port: 0) { bind(descriptor, $0, $1) } == 0 || errno != EADDRNOTAVAIL
    }

    /// Whether there is such an interface, and it is up (netdevice(7), SIOCGIFFLAGS).
    fileprivate func hasInterfaceUp(_ name: InterfaceName) -> Bool {
        let descriptor = socket(domain: AF_INET, type: Int32(SOCK_DGRAM.rawValue), protocol: 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // struct ifreq: 16 bytes of name, then a union that begins with the flags.
        var request = [UInt8](repeating: 0, count: 40)
        request.replaceSubrange(0..<name.description.utf8.count, with: name.description.utf8)
        let result = ioctl(descriptor, 0x8913, &request)
        return result == 0 && request[16] & 1 != 0  // IFF_UP
    }
}
