// Lists, tags, and input that means harm.

import LoadBalancing
import Testing

@testable import Networking

@Suite struct ListAndHostileInputTests {
    @Test func filtersSortsAndPages() async throws {
        try await NetworkFixture.run { fixture in
            try await fixture.service.write(as: fixture.alice) { transaction in
                for index in 0..<25 {
                    var attributes = NetworkAttributes()
                    attributes.name = "n\(index % 5)"
                    attributes.tags = index.isMultiple(of: 2) ? ["even", "x"] : ["odd", "x"]
                    _ = try transaction.createNetwork(attributes)
                }
            }
            func list(_ edit: (inout ListQuery) -> Void) async throws -> NetworkPage<Network> {
                var query = ListQuery()
                edit(&query)
                let final = query
                return try await fixture.service.read(as: fixture.alice) { try $0.networks(final) }
            }
            #expect(try await list { $0.filters = [.init("name", ["n1", "n2"])] }.items.count == 10)
            #expect(try await list { $0.filters = [.init("shared", ["False"])] }.items.count == 25)
            #expect(try await list { $0.filters = [.init("router:external", ["true"])] }.items.isEmpty)
            #expect(try await list { $0.tags = ["even", "x"] }.items.count == 13)
            #expect(try await list { $0.tagsAny = ["even", "odd"] }.items.count == 25)
            #expect(try await list { $0.notTags = ["even", "x"] }.items.count == 12)
            #expect(try await list { $0.notTagsAny = ["even", "y"] }.items.count == 12)
            var seen: [Network] = []
            while true {
                let marker = seen.last?.id.string
                let page = try await list {
                    $0.sort = [.init("name", isDescending: true), .init("created_at")]
                    $0.limit = 7
                    $0.marker = marker
                }
                seen += page.items
                if !page.hasMore { break }
            }
            #expect(Set(seen.map(\.id)).count == 25 && seen.count == 25)
            #expect(seen.map(\.header.name) == seen.map(\.header.name).sorted(by: >))
            #expect(await faultType { _ = try await list { $0.filters = [.init("1=1; --", ["x"])] } } == "InvalidInput")
            #expect(await faultType { _ = try await list { $0.sort = [.init("id; DROP TABLE x")] } } == "InvalidInput")
            #expect(await faultType { _ = try await list { $0.marker = "nowhere" } } == "NetworkNotFound")
            #expect(
                await faultType { _ = try await list { $0.filters = [.init("mtu", ["much"])] } } == "HTTPBadRequest")
            let many = (0..<501).map { "\($0)" }
            #expect(await faultType { _ = try await list { $0.filters = [.init("name", many)] } } == "HTTPBadRequest")
            #expect(try await list { $0.filters = [.init("name", ["' OR '1'='1"])] }.items.isEmpty)
        }
    }

    @Test func everyAttributeCanBeSortedByAndHasAColumn() async throws {
        try await NetworkFixture.run { fixture in
            try await fixture.service.bootstrap(projectID: "admin")
            try await fixture.service.read(as: fixture.bob) { transaction in
                func list(_ resource: NetworkResource, _ query: ListQuery) throws -> Int {
                    switch resource {
                    case .network: try transaction.networks(query).items.count
                    case .subnet: try transaction.subnets(query).items.count
                    case .port: try transaction.ports(query).items.count
                    case .floatingIP: try transaction.floatingIPs(query).items.count
                    case .securityGroup: try transaction.securityGroups(query).items.count
                    case .securityGroupRule: try transaction.securityGroupRules(query).items.count
                    case .qosPolicy: try transaction.qosPolicies(query).items.count
                    }
                }
                for resource in NetworkResource.allCases {
                    let all = try list(resource, ListQuery())
                    for (name, column) in AttributeColumn.byResource[resource] ?? [:] {
                        var query = ListQuery()
                        if column.isSortable {
                            query.sort = [.init(name, isDescending: true)]
                            #expect(try list(resource, query) == all)
                        }
                        guard column.kind != .time else { continue }
                        query.filters = [.init(name, ["1"])]
                        #expect(try list(resource, query) <= all, "\(resource) \(name)")
                    }
                }
                var query = ListQuery()
                query.filters = [.init("router:external", ["true"])]
                #expect(try transaction.subnets(query).items.map(\.header.name) == ["public-subnet"])
                for (name, value) in [
                    ("device_id", ""), ("fixed_ips", "ip_address=1.2.3.4"), ("fixed_ips", "subnet_id=x"),
                    ("security_groups", "x"), ("mac_address", "x"), ("status", "DOWN"), ("qos_policy_id", ""),
                    ("binding:vnic_type", "normal"), ("fixed_ips", "ip_address_substr=1."),
                    ("binding:vif_type", "unbound"),
                ] {
                    var query = ListQuery()
                    query.filters = [.init(name, [value])]
                    _ = try transaction.ports(query)
                }
            }
        }
    }

    @Test func tagsComeBackSorted() async throws {
        try await NetworkFixture.run { fixture in
            let network = try await fixture.network(fixture.alice)
            let tags = try await fixture.service.write(as: fixture.alice) { transaction in
                _ = try transaction.replaceTags(.network, network.id, ["b", "a", "b"])
                try transaction.addTag(.network, network.id, "0")
                try transaction.addTag(.network, network.id, "a")
                try transaction.removeTag(.network, network.id, "b")
                return try transaction.network(network.id).header.tags
            }
            #expect(tags == ["0", "a"])
            let missing = await faultType {
                try await fixture.service.write(as: fixture.alice) { try $0.removeTag(.network, network.id, "b") }
            }
            #expect(missing == "TagNotFound")
            let foreign = await faultType {
                try await fixture.service.write(as: fixture.bob) { try $0.addTag(.network, network.id, "b") }
            }
            #expect(foreign == "NetworkNotFound")
        }
    }

    @Test func textsComeBackAsTheyWere() async throws {
        try await NetworkFixture.run { fixture in
            let network = try await fixture.network(fixture.alice)
            let nasty = ["", "\\", "\\n", "a\nb", "\r\n", "'; DROP TABLE network_port; --", "é😀", "\\e"]
            let options = nasty.map { DHCPOption(name: "o\($0)", value: $0, ipVersion: 4) }
            let port = try await fixture.service.write(as: fixture.alice) { transaction in
                var attributes = PortAttributes()
                attributes.networkID = network.id
                attributes.name = nasty[5]
                attributes.extraDHCPOptions = options
                return try transaction.createPort(attributes)
            }
            #expect(port.extraDHCPOptions == options)
            #expect(port.header.name == nasty[5])
        }
    }

    @Test func policiesInUseStay() async throws {
        try await NetworkFixture.run { fixture in
            let policy = try await fixture.service.write(as: fixture.admin) { transaction in
                var attributes = QoSPolicyAttributes()
                attributes.name = "gold"
                return try transaction.createQoSPolicy(attributes)
            }
            #expect(try await !fixture.service.qosPolicyExists(policy.id, as: fixture.bob))
            #expect(try await fixture.service.qosPolicyExists(policy.id, as: fixture.admin))
            let network = try await fixture.service.write(as: fixture.admin) { transaction in
                var attributes = NetworkAttributes()
                attributes.qosPolicyID = .value(policy.id)
                return try transaction.createNetwork(attributes)
            }
            func delete() async -> String? {
                await faultType {
                    try await fixture.service.write(as: fixture.admin) { try $0.deleteQoSPolicy(policy.id) }
                }
            }
            #expect(await delete() == "QosPolicyInUse")
            try await fixture.service.write(as: fixture.admin) { try $0.deleteNetwork(network.id) }
            #expect(await delete() == nil)
        }
    }
}
