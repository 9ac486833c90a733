// The data sources for flavors and their profiles, by the existing names and schemas.

internal import LoadBalancerDocuments
internal import OctaviaClient
internal import TerraformPlugin

enum FlavorDataSources {
    static let flavor = flavor(named: "openstack_lb_flavor_v2")
    /// The name that it had first.
    static let loadBalancerFlavor = flavor(
        named: "openstack_loadbalancer_flavor_v2", deprecation: "Use openstack_lb_flavor_v2 instead.")

    private static func flavor(named typeName: String, deprecation: String? = nil) -> LookupDataSource<Flavor> {
        LookupDataSource(
            typeName: typeName,
            schema: Schema(
                "Finds a flavor: a kind of load balancer that users choose.",
                Attribute.lookup("flavor_id", "flavor") + [
                    .shownDescription, .shown("enabled", "Whether users can choose it.", .bool),
                    .shown("flavor_profile_id", "What it tells the provider."),
                ], deprecation: deprecation),
            idName: "flavor_id", conditions: [], collection: { _, cloud in cloud.flavors })
    }

    static let profile = LookupDataSource<FlavorProfile>(
        typeName: "openstack_lb_flavorprofile_v2",
        schema: Schema(
            "Finds a flavor profile: what flavors tell a provider; for operators.",
            [
                .id, .place,
                .reference(
                    "flavorprofile_id", .optionalComputed,
                    "The id of the flavor profile. It excludes `name` and `provider_name`."),
                .asked("name", "Its name."), .asked("provider_name", "The provider."),
                .shown("flavor_data", "What the provider is told: a JSON object as text."),
            ]),
        idName: "flavorprofile_id", conditions: [], alternatives: ["name", "provider_name"], needsOne: false,
        collection: { _, cloud in cloud.flavorProfiles })
}
