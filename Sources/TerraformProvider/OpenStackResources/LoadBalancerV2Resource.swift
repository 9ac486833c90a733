// `openstack_lb_loadbalancer_v2`: a load balancer without what is below it.

internal import LoadBalancerDocuments
internal import OctaviaClient
internal import OctaviaWire
internal import TerraformPlugin

struct LoadBalancerV2Resource: TreeResource {
    typealias Object = LoadBalancer

    let typeName = "openstack_lb_loadbalancer_v2"
    let schema = Schema(
        "A load balancer. Listeners and pools are resources of their own.",
        [
            .id, .region, .objectName, .objectDescription, .tenantID, .adminStateUp, .tags,
            .reference(
                "vip_network_id", .optionalComputed, "The network of its address.", requiresReplacement: true),
            .reference("vip_subnet_id", .optionalComputed, "The subnet of its address.", requiresReplacement: true),
            .reference(
                "vip_port_id", .optionalComputed, "The port whose address it takes.", requiresReplacement: true),
            .string(
                "vip_address", .optionalComputed, "Its address; a free one is taken if absent.",
                requiresReplacement: true, rules: [.ipAddress]),
            Attribute.reference("flavor_id", .optionalComputed, "Its flavor.", requiresReplacement: true)
                .stayingAbsent,
            .string(
                "loadbalancer_provider", .optionalComputed, "The provider that serves it.", requiresReplacement: true),
            .string(
                "availability_zone", .optional, "The availability zone that it is made in.", requiresReplacement: true),
            .collection(
                "security_group_ids", of: .set(.string), .optionalComputed, "The security groups of its port.",
                rules: [.each(.idOrNothing)]),
            .reference("vip_qos_policy_id", .optional, "The QoS policy of its port."),
        ], blocks: [.timeouts(create: "10m", update: "10m", delete: "5m")])

    let fieldNames = ["tenant_id": "project_id", "loadbalancer_provider": "provider"]
    let localNames: Set<String> = ["security_group_ids"]

    func validate(_ config: Value, _ diagnostics: inout Diagnostics) {
        diagnostics.requireSome(of: ["vip_subnet_id", "vip_network_id", "vip_port_id"], in: config)
    }

    func collection(_ state: Value, _ cloud: Cloud) -> ResourceCollection<LoadBalancer> { cloud.loadBalancers }

    func loadBalancer(_ state: Value, _ cloud: Cloud) throws -> ResourceID? {
        state["id"].isKnown ? try state.id("id") : nil
    }

    func creation(_ body: [UInt8]) throws -> LoadBalancerCreate { try LoadBalancerCreate(body: body) }
    func change(_ body: [UInt8]) throws -> LoadBalancerUpdate { try LoadBalancerUpdate(body: body) }

    /// One that is ERROR can be deleted.
    func delete(_ state: Value, _ operation: OperationContext<Cloud>) async throws {
        let loadBalancers = operation.client.loadBalancers
        do {
            let id = try state.id("id")
            var patience = 20
            var children = Int.max
            while true {
                do {
                    try await Waiting.whenMutable(nil, operation) {
                        try await loadBalancers.delete(id, cascade: false)
                    }
                    break
                } catch let error as CloudError where error.code == .badRequest {
                    // Listeners and pools may be going at the same time: imports leave no order of deletion.
                    let found = try await loadBalancers.get(id)
                    let count = found.listenerIDs.count + found.poolIDs.count
                    patience = count < children ? 20 : patience - 1
                    children = count
                    guard patience > 0 else { throw error }
                    try await Task.sleep(for: .milliseconds(250))
                }
            }
            try await loadBalancers.waitUntilDeleted(id, within: operation.remaining)
        } catch let error as CloudError where error.code == .notFound {
            return
        }
    }

    // MARK: Security groups, which are the port's

    func complete(
        _ state: inout Value, _ object: Row<LoadBalancer>, known: Value, _ operation: OperationContext<Cloud>
    ) async throws {
        state["security_group_ids"] = []
        // Without security groups there is nothing that a look at the port would say.
        guard known["security_group_ids"] != [], let port = object.resource.vipPortID else { return }
        do {
            let groups = try await operation.client.network.ports.get(port).securityGroupIDs
            state["security_group_ids"] = .strings(groups.map(\.string))
        } catch let error as CloudError where [.notFound, .forbidden, .noEndpoint].contains(error.code) {
            return
        }
    }

    func finish(
        _ prior: Value, _ planned: Value, _ object: LoadBalancer, _ operation: OperationContext<Cloud>
    ) async throws {
        let wanted = planned["security_group_ids"]
        guard wanted.isWhollyKnown, wanted.isKnown,
            Set(wanted.strings) != Set(prior["security_group_ids"].strings), let port = object.vipPortID
        else { return }
        try await operation.client.network.ports.setSecurityGroups(
            port, wanted.strings.compactMap { ResourceID($0) })
    }
}
