// `openstack_lb_flavor_v2`: a kind of load balancer that users choose.

internal import JSON
internal import OctaviaClient
internal import OctaviaWire
internal import TerraformPlugin

struct FlavorV2Resource: StandaloneResource {
    let typeName = "openstack_lb_flavor_v2"
    let schema = Schema(
        "A flavor: a kind of load balancer that users choose; for operators.",
        [
            .id, .region, .objectDescription,
            .string("name", .required, "Its name.", rules: [.length(1...255)]),
            .reference("flavor_profile_id", .required, "What it tells the provider.", requiresReplacement: true),
            .bool("enabled", .optionalComputed, "Whether users can choose it; true if absent."),
        ], blocks: [.usualTimeouts])

    func collection(_ cloud: Cloud) -> ResourceCollection<Flavor> { cloud.flavors }
    func creation(_ body: [UInt8]) throws -> OfferCreate { try OfferCreate(body: body, .flavor) }
    func change(_ body: [UInt8]) throws -> OfferUpdate { try OfferUpdate(body: body, .flavor) }

    func attributes(_ flavor: Flavor, known: Value) -> [String: Value] {
        [
            "name": .string(flavor.name), "description": .string(flavor.description),
            "flavor_profile_id": .string(flavor.profileID.string), "enabled": .bool(flavor.isEnabled),
        ]
    }
}
