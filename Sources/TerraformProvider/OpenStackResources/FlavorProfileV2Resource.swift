// `openstack_lb_flavorprofile_v2`: what a flavor tells a provider.

internal import JSON
internal import OctaviaClient
internal import OctaviaWire
internal import TerraformPlugin

struct FlavorProfileV2Resource: StandaloneResource {
    let typeName = "openstack_lb_flavorprofile_v2"
    let schema = Schema(
        "A flavor profile: what flavors tell a provider; for operators.",
        [
            .id, .region,
            .string("name", .required, "Its name.", rules: [.length(1...255)]),
            .string("provider_name", .required, "The provider.", rules: [.length(1...255)]),
            .string(
                "flavor_data", .required, "What it is told: a JSON object as text. Its form does not count.",
                rules: [.text("a JSON object") { FlavorProfileV2Resource.parse($0)?.object != nil }]),
        ], blocks: [.usualTimeouts])

    private static func parse(_ text: String) -> JSONValue? { try? JSONValue(parsing: Array(text.utf8)) }

    private static func isSame(_ left: Value, _ right: Value) -> Bool {
        guard let left = left.string, let right = right.string else { return left == right }
        guard left != right else { return true }
        guard let first = parse(left), let second = parse(right) else { return false }
        return first == second
    }

    /// The same object written otherwise is no change.
    func plan(_ plan: inout Plan, _ operation: OperationContext<Cloud>) {
        guard !plan.isCreation, Self.isSame(plan.config["flavor_data"], plan.prior["flavor_data"]) else { return }
        plan.planned["flavor_data"] = plan.prior["flavor_data"]
    }

    func collection(_ cloud: Cloud) -> ResourceCollection<FlavorProfile> { cloud.flavorProfiles }
    func creation(_ body: [UInt8]) throws -> ProfileCreate { try ProfileCreate(body: body, .flavor) }
    func change(_ body: [UInt8]) throws -> ProfileUpdate { try ProfileUpdate(body: body, .flavor) }

    func attributes(_ profile: FlavorProfile, known: Value) -> [String: Value] {
        let data = Value.string(profile.data)
        return [
            "name": .string(profile.name), "provider_name": .string(profile.provider),
            "flavor_data": Self.isSame(data, known["flavor_data"]) ? known["flavor_data"] : data,
        ]
    }
}
