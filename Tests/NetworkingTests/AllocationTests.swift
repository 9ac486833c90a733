// Addresses: none twice, none lost.

import LoadBalancing
import Networking
import Testing

@Suite struct AllocationTests {
    @Test func lowestFreeAddressIsTakenAndReused() async throws {
        try await NetworkFixture.run { fixture in
            let network = try await fixture.network(fixture.alice)
            let subnet = try await fixture.subnet(fixture.alice, network.id, "10.0.0.0/24")
            #expect(subnet.gateway?.description == "10.0.0.1")
            #expect(subnet.allocationPools.map(\.first.description) == ["10.0.0.2"])
            #expect(subnet.allocationPools.map(\.last.description) == ["10.0.0.254"])
            var ports: [Port] = []
            for _ in 0..<4 { ports.append(try await fixture.port(fixture.alice, network.id)) }
            #expect(
                ports.flatMap(\.fixedAddresses).map(\.address.description)
                    == ["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"])
            #expect(try await fixture.service.freeAddressCount(ofSubnet: subnet.id) == 249)
            for index in [2, 0, 1] { try await fixture.delete(fixture.alice, port: ports[index].id) }
            #expect(try await fixture.service.freeAddressCount(ofSubnet: subnet.id) == 252)
            for expected in ["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.6"] {
                let port = try await fixture.port(fixture.alice, network.id)
                #expect(port.fixedAddresses.map(\.address.description) == [expected])
            }
        }
    }

    @Test func smallestSubnetRunsOut() async throws {
        try await NetworkFixture.run { fixture in
            let network = try await fixture.network(fixture.alice)
            let subnet = try await fixture.subnet(fixture.alice, network.id, "192.0.2.0/30")
            let only = try await fixture.port(fixture.alice, network.id)
            #expect(only.fixedAddresses.map(\.address.description) == ["192.0.2.2"])
            do {
                _ = try await fixture.port(fixture.alice, network.id)
                Issue.record("a full subnet gave an address")
            } catch let fault as NetworkFault {
                #expect(fault.kind == .addressesExhausted(subnet.id))
                #expect(fault.status == 409)
                #expect(fault.type == "IpAddressGenerationFailure")
            }
            #expect(try await fixture.service.freeAddressCount(ofSubnet: subnet.id) == 0)
            let all = try await fixture.service.read(as: fixture.alice) { try $0.ports(ListQuery()).items }
            #expect(all.count == 1, "a failed request leaves nothing behind")
            try await fixture.delete(fixture.alice, port: only.id)
            #expect(try await fixture.port(fixture.alice, network.id).fixedAddresses == only.fixedAddresses)
        }
    }

    @Test func oddSizesHaveTheAddressesOfTheirHosts() async throws {
        try await NetworkFixture.run { fixture in
            for (cidr, gateway, free) in [
                ("198.51.100.0/31", "198.51.100.0", 1), ("198.51.100.9/32", nil, 1),
                ("2001:db8::/126", "2001:db8::1", 2), ("2001:db8::8/128", nil, 1),
                ("2001:db8:1::/64", "2001:db8:1::1", Int.max), ("0.0.0.0/1", "0.0.0.1", 2_147_483_645),
            ] as [(String, String?, Int)] {
                let network = try await fixture.network(fixture.alice)
                let subnet = try await fixture.subnet(fixture.alice, network.id, cidr)
                #expect(subnet.gateway?.description == gateway, "\(cidr)")
                #expect(try await fixture.service.freeAddressCount(ofSubnet: subnet.id) == free, "\(cidr)")
                #expect(try await fixture.port(fixture.alice, network.id).fixedAddresses.count == 1)
            }
        }
    }

    @Test func wantedAddressesAreCheckedAndKept() async throws {
        try await NetworkFixture.run { fixture in
            let network = try await fixture.network(fixture.alice)
            let subnet = try await fixture.subnet(fixture.alice, network.id, "10.0.0.0/24")
            let wanted = try address("10.0.0.7")
            let port = try await fixture.port(fixture.alice, network.id, [.init(address: wanted)])
            #expect(port.fixedAddresses == [FixedAddress(subnetID: subnet.id, address: wanted)])
            do {
                _ = try await fixture.port(fixture.alice, network.id, [.init(subnetID: subnet.id, address: wanted)])
                Issue.record("an address was given twice")
            } catch let fault as NetworkFault {
                #expect(fault.kind == .addressInUse(wanted))
                #expect(fault.status == 409)
            }
            for (text, type) in [
                ("10.0.1.1", "InvalidIpForNetwork"), ("10.0.0.0", "InvalidIpForSubnet"),
                ("10.0.0.255", "InvalidIpForSubnet"), ("::1", "InvalidIpForNetwork"),
            ] {
                let outside = try address(text)
                let found = await faultType {
                    _ = try await fixture.port(fixture.alice, network.id, [.init(address: outside)])
                }
                #expect(found == type, "\(text)")
            }
            // A certain address is not given away to an earlier request of the same port.
            let both = try await fixture.port(
                fixture.alice, network.id, [.init(subnetID: subnet.id), .init(address: try address("10.0.0.2"))])
            #expect(both.fixedAddresses.map(\.address.description) == ["10.0.0.3", "10.0.0.2"])
            #expect(try await fixture.port(fixture.alice, network.id, []).fixedAddresses.isEmpty)
        }
    }

    @Test func bothFamiliesAreServed() async throws {
        try await NetworkFixture.run { fixture in
            let network = try await fixture.network(fixture.alice)
            _ = try await fixture.subnet(fixture.alice, network.id, "2001:db8::/64")
            _ = try await fixture.subnet(fixture.alice, network.id, "10.0.0.0/24")
            let port = try await fixture.port(fixture.alice, network.id)
            #expect(port.fixedAddresses.map(\.address.description) == ["10.0.0.2", "2001:db8::2"])
        }
    }

    @Test func updatesKeepWhatTheyName() async throws {
        try await NetworkFixture.run { fixture in
            let network = try await fixture.network(fixture.alice)
            let subnet = try await fixture.subnet(fixture.alice, network.id, "10.0.0.0/24")
            let port = try await fixture.port(fixture.alice, network.id)
            var attributes = PortAttributes()
            attributes.fixedAddresses = [
                .init(subnetID: subnet.id), .init(subnetID: subnet.id, address: try address("10.0.0.9")),
            ]
            let first = attributes
            let changed = try await fixture.service.write(as: fixture.alice) { try $0.updatePort(port.id, first) }
            #expect(Set(changed.fixedAddresses.map(\.address.description)) == ["10.0.0.2", "10.0.0.9"])
            #expect(changed.header.revision == port.header.revision + 1)
            attributes.fixedAddresses = [.init(address: try address("10.0.0.9"))]
            let second = attributes
            _ = try await fixture.service.write(as: fixture.alice) { try $0.updatePort(port.id, second) }
            #expect(try await fixture.port(fixture.alice, network.id).fixedAddresses == port.fixedAddresses)
        }
    }

    @Test func changedPoolsLeaveUsedAddressesAlone() async throws {
        try await NetworkFixture.run { fixture in
            let network = try await fixture.network(fixture.alice)
            let subnet = try await fixture.subnet(fixture.alice, network.id, "10.0.0.0/24")
            for _ in 0..<3 { _ = try await fixture.port(fixture.alice, network.id) }
            var attributes = SubnetAttributes()
            attributes.allocationPools = [
                AddressRange(first: try address("10.0.0.20"), last: try address("10.0.0.21")),
                AddressRange(first: try address("10.0.0.3"), last: try address("10.0.0.5")),
            ]
            let change = attributes
            let changed = try await fixture.service.write(as: fixture.alice) { try $0.updateSubnet(subnet.id, change) }
            #expect(changed.allocationPools.map(\.first.description) == ["10.0.0.3", "10.0.0.20"])
            for expected in ["10.0.0.5", "10.0.0.20", "10.0.0.21"] {
                let port = try await fixture.port(fixture.alice, network.id)
                #expect(port.fixedAddresses.map(\.address.description) == [expected])
            }
            #expect(
                await faultType { _ = try await fixture.port(fixture.alice, network.id) }
                    == "IpAddressGenerationFailure")
        }
    }

    @Test func twoHundredAtOnceGetDistinctAddresses() async throws {
        try await NetworkFixture.run { fixture in
            let network = try await fixture.network(fixture.alice)
            _ = try await fixture.subnet(fixture.alice, network.id, "10.0.0.0/24")
            let ports = try await withThrowingTaskGroup(of: Port.self) { group in
                for _ in 0..<200 { group.addTask { try await fixture.port(fixture.alice, network.id) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(ports.flatMap(\.fixedAddresses).map(\.address)).count == 200)
            #expect(Set(ports.map(\.macAddress)).count == 200)
            #expect(ports.allSatisfy { $0.macAddress.hasPrefix("fa:16:3e:") })
        }
    }

    @Test func twentyThousandUsedAddressesDoNotSlowIt() async throws {
        try await NetworkFixture.run { fixture in
            let network = try await fixture.network(fixture.alice)
            let subnet = try await fixture.subnet(fixture.alice, network.id, "10.0.0.0/16")
            // Two ports share each block of 128 addresses: one has the even ones, one the odd ones.
            let odd = try await fixture.service.write(as: fixture.alice) { transaction in
                var attributes = PortAttributes()
                attributes.networkID = network.id
                return try (0..<160).map { block in
                    let ids = try (0..<2).map { parity in
                        attributes.fixedAddresses = (0..<64).map {
                            let low = UInt128(2 + block * 128 + $0 * 2 + parity)
                            return FixedAddressRequest(address: IPAddress(family: .ipv4, value: 10 << 24 | low))
                        }
                        return try transaction.createPort(attributes).id
                    }
                    return ids[1]
                }
            }
            #expect(try await fixture.service.freeAddressCount(ofSubnet: subnet.id) == 65_533 - 20_480)
            // Every second one free: the most ranges that there can be.
            try await fixture.service.write(as: fixture.alice) { transaction in
                for id in odd { try transaction.deletePort(id) }
            }
            #expect(try await fixture.service.freeAddressCount(ofSubnet: subnet.id) == 65_533 - 10_240)
            let clock = ContinuousClock()
            let duration = try await clock.measure {
                for _ in 0..<100 { _ = try await fixture.port(fixture.alice, network.id) }
            }
            print("allocation with 10,240 used addresses and as many gaps: \(duration / 100) each")
            #expect(duration < .seconds(5))
            let list = try await clock.measure {
                let found = try await fixture.service.read(as: fixture.alice) { transaction in
                    var query = ListQuery()
                    query.filters = [.init("fixed_ips", ["ip_address=10.0.0.4"])]
                    return try transaction.ports(query).items
                }
                #expect(found.count == 1)
            }
            print("one port by address: \(list)")
        }
    }
}
