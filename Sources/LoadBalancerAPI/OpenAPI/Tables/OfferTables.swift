// The fields of flavors, availability zones and their profiles.

internal import JSON
internal import OctaviaWire

extension OpenAPI.Resource {
    static let flavorProfile = profile(FlavorProfileView.self, named: "FlavorProfile", data: OfferKind.flavor.dataField)
    static let availabilityZoneProfile = profile(
        AvailabilityZoneProfileView.self, named: "AvailabilityZoneProfile", data: OfferKind.availabilityZone.dataField)

    static let flavor = offer(
        FlavorView.self, named: "Flavor", identity: [.id, name(put: .optional)],
        profile: OfferKind.flavor.profileField)
    static let availabilityZone = offer(
        AvailabilityZoneView.self, named: "AvailabilityZone", identity: [name(put: .refused)],
        profile: OfferKind.availabilityZone.profileField)

    private static func name(put: OpenAPI.Field.Acceptance) -> OpenAPI.Field {
        .init("name", .text(max: 255), "The name.", post: .required, put: put, answer: .always)
    }

    private static func profile<View: ResourceView>(
        _: View.Type, named name: String, data: String
    ) -> OpenAPI.Resource {
        OpenAPI.Resource(
            name: name, key: View.key, collectionKey: View.collectionKey, linksKey: View.linksKey,
            fields: [
                .id, Self.name(put: .optional),
                .init(
                    "provider_name", .text(max: 255), "The provider that understands the data.", post: .required,
                    put: .optional, answer: .always),
                .init(
                    data, .text(max: 4096), "A JSON object, as text.", post: .required, put: .optional,
                    answer: .always),
            ])
    }

    private static func offer<View: ResourceView>(
        _: View.Type, named name: String, identity: [OpenAPI.Field], profile: String
    ) -> OpenAPI.Resource {
        OpenAPI.Resource(
            name: name, key: View.key, collectionKey: View.collectionKey, linksKey: View.linksKey,
            fields: identity + [
                .description,
                .init(
                    "enabled", .bool, "Whether new load balancers may have it.", post: .nullable, put: .optional,
                    standard: true, answer: .always),
                .init(profile, .uuid, "What it stands for.", post: .required, answer: .always),
            ])
    }
}
