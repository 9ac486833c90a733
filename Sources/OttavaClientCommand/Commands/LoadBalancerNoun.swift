// `ottava loadbalancer create|list|show|set|unset`.

internal import ArgumentParser
internal import OctaviaClient

enum LoadBalancerNoun: UpdatableNoun {
    typealias Resource = LoadBalancer
    typealias Parent = NoParent

    static let term = "load balancer"
    static let listColumns = [
        "id", "name", "project_id", "vip_address", "provisioning_status", "operating_status", "provider",
    ]
    static let showColumns = [
        "admin_state_up", "availability_zone", "created_at", "description", "flavor_id", "id", "listeners", "name",
        "operating_status", "pools", "project_id", "provider", "provisioning_status", "updated_at", "vip_address",
        "vip_network_id", "vip_port_id", "vip_qos_policy_id", "vip_subnet_id", "vip_vnic_type", "vip_sg_ids", "tags",
        "additional_vips",
    ]

    static func collection(_ cloud: Cloud, _ parent: ResourceID) -> ResourceCollection<LoadBalancer> {
        cloud.loadBalancers
    }

    struct Filters: FilterOptions {
        @Option var name: String?
        @Flag(help: "Only those that are switched on.") var enable = false
        @Flag(help: "Only those that are switched off.") var disable = false
        @Option(help: "Name or id.") var project: String?
        @Option(help: "Name or id.") var vipNetworkId: String?
        @Option(help: "Name or id.") var vipSubnetId: String?
        @Option(help: "Name or id.") var vipQosPolicyId: String?
        @Option(help: "Name or id.") var vipPortId: String?
        @Option var provisioningStatus: ProvisioningStatus?
        @Option var operatingStatus: OperatingStatus?
        @Option var provider: String?
        @Option(help: "Name or id.") var flavor: String?
        @Option var availabilityZone: String?
        @OptionGroup var tags: TagFilters

        func filters(_ cloud: Cloud) async throws -> [Filter] {
            var result = tags.filters
            func add(_ field: String, _ value: (any CustomStringConvertible)?) {
                if let value { result.append(.field(field, equals: "\(value)")) }
            }
            add("name", name)
            if enable != disable { result.append(.isEnabled(enable)) }
            if let project { add("project_id", try await cloud.projectID(project)) }
            if let vipNetworkId { add("vip_network_id", try await cloud.network.networks.find(vipNetworkId).id) }
            if let vipSubnetId { add("vip_subnet_id", try await cloud.network.subnets.find(vipSubnetId).id) }
            if let vipQosPolicyId { add("vip_qos_policy_id", try await cloud.network.qosPolicyID(vipQosPolicyId)) }
            if let vipPortId { add("vip_port_id", try await cloud.network.ports.find(vipPortId).id) }
            add("provisioning_status", provisioningStatus?.rawValue)
            add("operating_status", operatingStatus?.rawValue)
            add("provider", provider)
            if let flavor { add("flavor_id", try await cloud.flavors.find(flavor).id) }
            add("availability_zone", availabilityZone)
            return result
        }
    }

    struct CreateOptions: CreationOptions {
        @Option var name: String?
        @Option var description: String?
        @Option(help: "The address; else one of the subnet's.") var vipAddress: String?
        @Option(help: "The port of the address: name or id.") var vipPortId: String?
        @Option(help: "The subnet of the address: name or id.") var vipSubnetId: String?
        @Option(help: "The network of the address: name or id.") var vipNetworkId: String?
        @Option(help: "Name or id.") var vipQosPolicyId: String?
        @Option(help: "One more address; repeatable.") var additionalVip: [AdditionalVIPArgument] = []
        @Option(help: "A security group: name or id; repeatable.") var vipSgId: [String] = []
        @Option(help: "The project, for operators: name or id.") var project: String?
        @Option var provider: String?
        @Option var availabilityZone: String?
        @Option(help: "Name or id.") var flavor: String?
        @OptionGroup var state: EnableOptions
        @OptionGroup var tags: TagOptions

        func validate() throws {
            if vipPortId == nil, vipSubnetId == nil, vipNetworkId == nil {
                throw ValidationError("one of --vip-subnet-id, --vip-network-id and --vip-port-id is needed")
            }
        }

        func creation(_ cloud: Cloud) async throws -> LoadBalancerCreate {
            var creation = LoadBalancerCreate()
            creation.name = name ?? ""
            creation.description = description ?? ""
            creation.adminStateUp = state.value ?? true
            if let project { creation.projectID = try await cloud.projectID(project) }
            creation.vipAddress = vipAddress
            if let vipPortId { creation.vipPortID = try await cloud.network.ports.find(vipPortId).id }
            if let vipSubnetId { creation.vipSubnetID = try await cloud.network.subnets.find(vipSubnetId).id }
            if let vipNetworkId { creation.vipNetworkID = try await cloud.network.networks.find(vipNetworkId).id }
            if let vipQosPolicyId { creation.vipQoSPolicyID = try await cloud.network.qosPolicyID(vipQosPolicyId) }
            for vip in additionalVip {
                let subnet = try await cloud.network.subnets.find(vip.subnet).id
                creation.additionalVIPs.append(AdditionalVIP(subnetID: subnet, address: vip.address))
            }
            for group in vipSgId {
                creation.vipSecurityGroupIDs = (creation.vipSecurityGroupIDs ?? [])
                creation.vipSecurityGroupIDs?.append(try await cloud.network.securityGroupID(group))
            }
            creation.provider = provider
            creation.availabilityZone = availabilityZone
            if let flavor { creation.flavorID = try await cloud.flavors.find(flavor).id }
            creation.tags = tags.tag
            return creation
        }
    }

    struct SetOptions: UpdateOptions {
        @Option var name: String?
        @Option var description: String?
        @Option(help: "Name or id; 'none' removes it.") var vipQosPolicyId: String?
        @Option(help: "A security group: name or id; repeatable.") var vipSgId: [String] = []
        @OptionGroup var state: EnableOptions
        @OptionGroup var tags: TagOptions

        func apply(to update: inout LoadBalancerUpdate, of current: LoadBalancer, _ cloud: Cloud) async throws {
            update.name = .given(name)
            update.description = .given(description)
            update.adminStateUp = .given(state.value)
            update.tags = tags.change(current.tags)
            if let vipQosPolicyId {
                let isNone = ["none", "null", "void"].contains(vipQosPolicyId.lowercased())
                update.vipQoSPolicyID = .set(isNone ? nil : try await cloud.network.qosPolicyID(vipQosPolicyId))
            }
            guard !vipSgId.isEmpty else { return }
            var groups: [ResourceID] = []
            for group in vipSgId { groups.append(try await cloud.network.securityGroupID(group)) }
            update.vipSecurityGroupIDs = .set(groups)
        }
    }

    struct UnsetOptions: UpdateOptions {
        @Flag var name = false
        @Flag var description = false
        @Flag var vipQosPolicyId = false
        @Flag var vipSgId = false
        @OptionGroup var tags: UntagOptions

        func apply(to update: inout LoadBalancerUpdate, of current: LoadBalancer, _ cloud: Cloud) async throws {
            if name { update.name = .set("") }
            if description { update.description = .set("") }
            if vipQosPolicyId { update.vipQoSPolicyID = .set(nil) }
            if vipSgId { update.vipSecurityGroupIDs = .set([]) }
            update.tags = tags.change(current.tags)
        }
    }
}

/// `subnet-id=NAME-OR-ID,ip-address=ADDRESS`.
struct AdditionalVIPArgument: ExpressibleByArgument {
    var subnet: String
    var address: String?

    init?(argument: String) {
        guard let fields = try? pairs(argument, "--additional-vip"), let subnet = fields["subnet-id"] else {
            return nil
        }
        self.subnet = subnet
        address = fields["ip-address"]
    }
}
