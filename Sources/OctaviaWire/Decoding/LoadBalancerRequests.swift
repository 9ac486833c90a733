// Bodies of POST and PUT of load balancers.

internal import LoadBalancing

extension LoadBalancerCreate {
    static let fieldNames: Set<String> = FieldNames.create.union([
        "name", "description", "vip_address", "vip_port_id", "vip_subnet_id", "vip_network_id", "vip_qos_policy_id",
        "vip_sg_ids", "additional_vips", "provider", "flavor_id", "availability_zone", "listeners", "pools",
    ])

    /// Decodes the body of `POST /loadbalancers` with the tree below it. Repeated security groups are dropped.
    public init(body: [UInt8]) throws(OctaviaFault) {
        let reader = try RequestEnvelope.loadBalancer.fields(of: body, known: Self.fieldNames)
        self.init()
        name = try reader.text("name")
        description = try reader.text("description")
        adminStateUp = try reader.adminStateUp()
        tags = try reader.tags()
        projectID = try reader.projectID()
        vipAddress = try reader.optional("vip_address", .address)
        vipPortID = try reader.optional("vip_port_id", .uuid)
        vipSubnetID = try reader.optional("vip_subnet_id", .uuid)
        vipNetworkID = try reader.optional("vip_network_id", .uuid)
        vipQoSPolicyID = try reader.optional("vip_qos_policy_id", .uuid)
        vipSecurityGroupIDs = try reader.optional("vip_sg_ids", .uniqueList(of: .uuid))
        additionalVIPs = try reader.value("additional_vips", .list(of: .additionalVIP), default: [])
        if reader.mentions("provider") {
            provider = try reader.value("provider", .text(max: 64), default: "amphora")
        }
        flavorID = try reader.presentOrAbsent("flavor_id", .uuid, reason: FieldType<ResourceID>.uuidReason)
        availabilityZone = try reader.presentOrAbsent(
            "availability_zone", .text(max: 255), reason: "Value should be string")
        listeners = try reader.value("listeners", .list(of: .nestedListener), default: [])
        pools = try reader.value("pools", .list(of: .nestedPoolDefinition), default: [])
    }
}

extension FieldType where Value == AdditionalVIP {
    static var additionalVIP: Self {
        Self { value, location throws(OctaviaFault) in
            let reader = try ObjectReader(value, at: location, known: ["subnet_id", "ip_address", "port_id"])
            return AdditionalVIP(
                subnetID: try reader.required("subnet_id", .uuid), address: try reader.optional("ip_address", .address),
                portID: try reader.optional("port_id", .uuid))
        }
    }
}

extension LoadBalancerUpdate {
    static let fieldNames: Set<String> = FieldNames.update.union([
        "name", "description", "vip_qos_policy_id", "vip_sg_ids",
    ])

    /// Decodes the body of `PUT /loadbalancers/{id}`. Repeated security groups are dropped.
    public init(body: [UInt8]) throws(OctaviaFault) {
        let reader = try RequestEnvelope.loadBalancer.fields(of: body, known: Self.fieldNames)
        self.init()
        name = try reader.textChange("name")
        description = try reader.textChange("description")
        adminStateUp = try reader.adminStateUpChange()
        tags = try reader.tagsChange()
        vipQoSPolicyID = try reader.change("vip_qos_policy_id", optional: .uuid)
        vipSecurityGroupIDs = try reader.change("vip_sg_ids", .uniqueList(of: .uuid), null: [])
    }
}
