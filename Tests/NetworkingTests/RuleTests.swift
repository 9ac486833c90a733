// The rules of networks, subnets, floating IPs and security groups.

import LoadBalancing
import Networking
import Testing

@Suite struct RuleTests {
    @Test func subnetsOfANetworkDoNotOverlap() async throws {
        try await NetworkFixture.run { fixture in
            let network = try await fixture.network(fixture.alice)
            _ = try await fixture.subnet(fixture.alice, network.id, "10.0.0.0/16")
            for cidr in ["10.0.0.0/16", "10.0.5.0/24", "10.0.0.0/8"] {
                do {
                    _ = try await fixture.subnet(fixture.alice, network.id, cidr)
                    Issue.record("\(cidr) was accepted")
                } catch let fault as NetworkFault {
                    #expect(fault.status == 400)
                    #expect(fault.message.contains("overlaps with another subnet"))
                }
            }
            _ = try await fixture.subnet(fixture.alice, network.id, "10.1.0.0/16")
            _ = try await fixture.subnet(fixture.alice, network.id, "::/64")
            let other = try await fixture.network(fixture.alice)
            _ = try await fixture.subnet(fixture.alice, other.id, "10.0.0.0/16")
        }
    }

    @Test func poolsAndGatewaysMustFit() async throws {
        try await NetworkFixture.run { fixture in
            let network = try await fixture.network(fixture.alice)
            func pool(_ first: String, _ last: String) throws -> AddressRange {
                AddressRange(first: try address(first), last: try address(last))
            }
            for (pools, type) in [
                ([try pool("10.0.0.9", "10.0.0.2")], "InvalidAllocationPool"),
                ([try pool("10.0.0.2", "10.0.1.2")], "OutOfBoundsAllocationPool"),
                ([try pool("10.0.0.2", "10.0.0.255")], "OutOfBoundsAllocationPool"),
                ([try pool("10.0.0.1", "10.0.0.5")], "GatewayConflictWithAllocationPools"),
                ([try pool("10.0.0.2", "10.0.0.5"), try pool("10.0.0.5", "10.0.0.9")], "OverlappingAllocationPools"),
                ([try pool("2001:db8::1", "2001:db8::2")], "InvalidAllocationPool"),
            ] {
                let found = await faultType {
                    _ = try await fixture.subnet(fixture.alice, network.id, "10.0.0.0/24", pools: pools)
                }
                #expect(found == type)
            }
            for gateway in ["10.0.0.0", "10.0.0.255", "::1"] {
                let gateway = try address(gateway)
                let found = await faultType {
                    _ = try await fixture.subnet(fixture.alice, network.id, "10.0.0.0/24", gateway: .value(gateway))
                }
                #expect(found == "InvalidInput")
            }
            for cidr in ["0.0.0.0/0", "224.0.0.0/24", "ff00::/8"] {
                let found = await faultType { _ = try await fixture.subnet(fixture.alice, network.id, cidr) }
                #expect(found == "HTTPBadRequest")
            }
            let open = try await fixture.subnet(fixture.alice, network.id, "10.0.0.0/24", gateway: .null)
            #expect(open.gateway == nil)
            #expect(open.allocationPools == [try pool("10.0.0.1", "10.0.0.254")])
        }
    }

    @Test func whatIsInUseStays() async throws {
        try await NetworkFixture.run { fixture in
            let network = try await fixture.network(fixture.alice)
            let subnet = try await fixture.subnet(fixture.alice, network.id, "10.0.0.0/24")
            let port = try await fixture.port(fixture.alice, network.id)
            let group = try #require(port.securityGroupIDs.first)
            func delete(_ body: @escaping @Sendable (NetworkTransaction) throws -> Void) async -> String? {
                await faultType { try await fixture.service.write(as: fixture.admin, body) }
            }
            #expect(await delete { try $0.deleteSubnet(subnet.id) } == "SubnetInUse")
            #expect(await delete { try $0.deleteNetwork(network.id) } == "NetworkInUse")
            #expect(await delete { try $0.deleteSecurityGroup(group) } == "SecurityGroupInUse")
            try await fixture.delete(fixture.alice, port: port.id)
            #expect(await delete { try $0.deleteNetwork(network.id) } == "NetworkInUse", "its subnet is left")
            #expect(await delete { try $0.deleteSubnet(subnet.id) } == nil)
            #expect(await delete { try $0.deleteNetwork(network.id) } == nil)
            #expect(await delete { try $0.deleteNetwork(network.id) } == "NetworkNotFound")
        }
    }

    @Test func projectsAreApart() async throws {
        try await NetworkFixture.run { fixture in
            let network = try await fixture.network(fixture.alice)
            let subnet = try await fixture.subnet(fixture.alice, network.id, "10.0.0.0/24")
            let port = try await fixture.port(fixture.alice, network.id)
            let service = fixture.service
            #expect(try await service.network(network.id, as: fixture.bob) == nil)
            #expect(try await service.subnet(subnet.id, as: fixture.bob) == nil)
            #expect(try await service.port(port.id, as: fixture.bob) == nil)
            #expect(try await service.port(port.id, as: .service) != nil)
            #expect(try await service.subnets(ofNetwork: network.id, as: fixture.bob).isEmpty)
            #expect(try await service.network(network.id, as: NetworkAccess(projectID: nil)) == nil)
            let group = port.securityGroupIDs[0]
            #expect(try await service.securityGroupExists(group, as: fixture.alice))
            #expect(try await !service.securityGroupExists(group, as: fixture.bob))
            #expect(await faultType { try await fixture.delete(fixture.bob, port: port.id) } == "PortNotFound")
            #expect(await faultType { _ = try await fixture.port(fixture.bob, network.id) } == "NetworkNotFound")
            var foreign = NetworkAttributes()
            foreign.projectID = "alice"
            let attributes = foreign
            let found = await faultType {
                try await service.write(as: fixture.bob) { _ = try $0.createNetwork(attributes) }
            }
            #expect(found == "PolicyNotAuthorized")
            #expect(
                await faultType { _ = try await fixture.network(fixture.bob, shared: true) } == "PolicyNotAuthorized")

            let shared = try await fixture.network(fixture.admin, shared: true)
            _ = try await fixture.subnet(fixture.admin, shared.id, "10.9.0.0/24")
            let guest = try await fixture.port(fixture.bob, shared.id)
            #expect(guest.header.projectID == "bob")
            #expect(try await service.port(guest.id, as: fixture.alice) == nil)
            let taken = await faultType { try await service.write(as: fixture.bob) { try $0.deleteNetwork(shared.id) } }
            #expect(taken == "NetworkNotFound")
        }
    }

    @Test func floatingIPsAreTiedOnce() async throws {
        try await NetworkFixture.run { fixture in
            try await fixture.service.bootstrap(projectID: "admin")
            let networks = try await fixture.service.read(as: fixture.alice) { try $0.networks(ListQuery()).items }
            let inner = try #require(networks.first { $0.header.name == "private" })
            let outer = try #require(networks.first { $0.isExternal })
            let port = try await fixture.port(fixture.alice, inner.id)
            func create(_ access: NetworkAccess, _ edit: (inout FloatingIPAttributes) -> Void) async throws
                -> FloatingIP
            {
                var attributes = FloatingIPAttributes()
                attributes.networkID = outer.id
                edit(&attributes)
                let final = attributes
                return try await fixture.service.write(as: access) { try $0.createFloatingIP(final) }
            }
            let first = try await create(fixture.alice) { $0.portID = .value(port.id) }
            #expect(first.address.description == "127.78.0.10")
            #expect(first.fixedAddress == port.fixedAddresses.first?.address)
            #expect(first.status == "ACTIVE")
            #expect(try await fixture.service.floatingAddresses(ofPort: port.id) == ["127.78.0.10"])
            #expect(
                await faultType { _ = try await create(fixture.alice) { $0.portID = .value(port.id) } }
                    == "FloatingIPPortAlreadyAssociated")
            #expect(
                await faultType { _ = try await create(fixture.alice) { $0.networkID = inner.id } } == "BadRequest")
            #expect(
                await faultType { _ = try await create(fixture.bob) { $0.portID = .value(port.id) } }
                    == "PortNotFound")
            let wanted = try address("127.78.1.1")
            #expect(try await create(fixture.bob) { $0.address = wanted }.address == wanted)
            #expect(await faultType { _ = try await create(fixture.bob) { $0.address = wanted } } == "IpAddressInUse")
            #expect(
                await faultType { try await fixture.delete(fixture.admin, port: first.holderPortID) }
                    == "ServicePortInUse")

            func update(_ edit: (inout FloatingIPAttributes) -> Void) async throws -> FloatingIP {
                var attributes = FloatingIPAttributes()
                edit(&attributes)
                let final = attributes
                return try await fixture.service.write(as: fixture.alice) { try $0.updateFloatingIP(first.id, final) }
            }
            #expect(try await update { _ in }.portID == port.id, "an empty update changes nothing")
            let untied = try await update { $0.portID = .null }
            #expect(untied.portID == nil && untied.fixedAddress == nil && untied.status == "DOWN")
            #expect(try await update { $0.portID = .value(port.id) }.status == "ACTIVE")
            try await fixture.delete(fixture.alice, port: port.id)
            let left = try await fixture.service.read(as: fixture.alice) { try $0.floatingIP(first.id) }
            #expect(left.portID == nil && left.status == "DOWN")
            try await fixture.service.write(as: fixture.alice) { try $0.deleteFloatingIP(first.id) }
            #expect(try await create(fixture.alice) { _ in }.address.description == "127.78.0.10")
        }
    }

    @Test func securityGroupsHaveTheirRules() async throws {
        try await NetworkFixture.run { fixture in
            let group = try await fixture.service.write(as: fixture.alice) { transaction in
                var attributes = SecurityGroupAttributes()
                attributes.name = "web"
                return try transaction.createSecurityGroup(attributes)
            }
            #expect(group.rules.map(\.direction) == [.egress, .egress])
            #expect(Set(group.rules.map(\.etherType)) == [.ipv4, .ipv6])
            func add(_ edit: (inout SecurityGroupRuleAttributes) -> Void) async throws {
                var attributes = SecurityGroupRuleAttributes()
                attributes.groupID = group.id
                attributes.direction = .ingress
                edit(&attributes)
                let final = attributes
                _ = try await fixture.service.write(as: fixture.alice) { try $0.createSecurityGroupRule(final) }
            }
            func web(_ rule: inout SecurityGroupRuleAttributes) {
                rule.transport = "tcp"
                rule.portRangeMinimum = 80
                rule.portRangeMaximum = 80
            }
            try await add(web)
            #expect(await faultType { try await add(web) } == "SecurityGroupRuleExists")
            let numbered = await faultType {
                try await add {
                    web(&$0)
                    $0.transport = "6"
                }
            }
            #expect(numbered == "SecurityGroupRuleExists")
            #expect(await faultType { try await add { $0.direction = .egress } } == "SecurityGroupRuleExists")
            for (type, edit) in [
                ("SecurityGroupInvalidPortRange", { $0.portRangeMaximum = 79 }),
                ("SecurityGroupInvalidPortRange", { $0.portRangeMinimum = 0 }),
                ("SecurityGroupRuleInvalidProtocol", { $0.transport = "256" }),
                ("SecurityGroupProtocolRequiredWithPorts", { $0.transport = nil }),
                ("SecurityGroupRuleParameterConflict", { $0.remotePrefix = IPNetwork("::/0") }),
                ("SecurityGroupNotFound", { $0.remoteGroupID = .random() }),
            ] as [(String, (inout SecurityGroupRuleAttributes) -> Void)] {
                let found = await faultType {
                    try await add {
                        web(&$0)
                        edit(&$0)
                    }
                }
                #expect(found == type)
            }
            let all = try await fixture.service.read(as: fixture.alice) { try $0.securityGroups(ListQuery()).items }
            #expect(all.map(\.header.name).sorted() == ["default", "web"])
            let second = await faultType {
                try await fixture.service.write(as: fixture.alice) { transaction in
                    var attributes = SecurityGroupAttributes()
                    attributes.name = "default"
                    _ = try transaction.createSecurityGroup(attributes)
                }
            }
            #expect(second == "SecurityGroupDefaultAlreadyExists")
        }
    }

    @Test func bootstrapTwiceIsBootstrapOnce() async throws {
        try await NetworkFixture.run { fixture in
            try await fixture.service.bootstrap(projectID: "admin")
            try await fixture.service.bootstrap(projectID: "admin")
            let service = fixture.service
            let networks = try await service.read(as: fixture.bob) { try $0.networks(ListQuery()).items }
            #expect(networks.map(\.header.name) == ["private", "public"])
            let subnets = try await service.read(as: fixture.bob) { try $0.subnets(ListQuery()).items }
            #expect(subnets.map(\.header.name) == ["private-subnet", "public-subnet"])
            #expect(subnets.map(\.cidr.description) == ["127.77.0.0/16", "127.78.0.0/16"])
            #expect(subnets.allSatisfy { $0.gateway == nil && !$0.enableDHCP })
            let request = PortRequest(
                virtualAddressOf: .random(), projectID: "bob", networkID: networks[0].id,
                fixedAddresses: [.init(subnetID: subnets[0].id)])
            let port = try await fixture.ports { try $0.createPort(request) }
            #expect(port.fixedAddresses.map(\.address.description) == ["127.77.0.10"])
            #expect(port.deviceOwner == "Octavia" && port.status == "ACTIVE")
            #expect(try await service.port(port.id, as: fixture.bob) == port)
            #expect(try await service.ports(ownedBy: "Octavia").map(\.id) == [port.id])
            let claim = PortUpdate.claim(for: .random())
            #expect(
                await faultType { _ = try await fixture.ports { try $0.updatePort(port.id, claim) } } == "PortInUse")
            try await fixture.ports { try $0.giveBack(port.id, isOwn: false) }
            #expect(try await service.port(port.id, as: fixture.bob)?.deviceOwner.isEmpty == true)
            try await fixture.ports { try $0.giveBack(port.id, isOwn: true) }
            #expect(try await service.port(port.id, as: fixture.bob) == nil)
            try await fixture.ports { try $0.giveBack(port.id, isOwn: true) }
            // What the transaction of the load balancer does not keep is not kept of the port.
            struct Refused: Error {}
            await #expect(throws: Refused.self) {
                try await fixture.ports { ports in
                    _ = try ports.createPort(request)
                    throw Refused()
                }
            }
            #expect(try await service.ports(ownedBy: "Octavia").isEmpty)
        }
    }
}
