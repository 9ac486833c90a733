// Flavors and availability zones: what they may say, and what they mean for load balancers.

import ControlPlane
import LoadBalancing
import OctaviaWire
import Testing

@Suite struct OfferTests {
    private let admin = Caller(userID: "a", projectID: "admin", roles: ["admin"])

    private func profile(_ fixture: ControlPlaneFixture, _ data: String) async throws -> ResourceID {
        let body = #"{"flavorprofile":{"name":"p","provider_name":"amphora","flavor_data":"\#(data)"}}"#
        return try await fixture.service.createFlavorProfile(
            ProfileCreate(body: Array(body.utf8), .flavor), admin
        ).id
    }

    private func flavor(
        _ fixture: ControlPlaneFixture, _ profile: ResourceID, name: String = "f", isEnabled: Bool = true
    ) async throws -> ResourceID {
        let body = #"{"flavor":{"name":"\#(name)","flavor_profile_id":"\#(profile)","enabled":\#(isEnabled)}}"#
        return try await fixture.service.createFlavor(OfferCreate(body: Array(body.utf8), .flavor), admin).id
    }

    @Test(arguments: [
        (#"{\"sriov_vip\": true}"#, 201), (#"{\"sriov_vip\": \"yes\"}"#, 501), (#"{\"unknown\": 1}"#, 501),
        (#"{\"loadbalancer_topology\": \"SINGLE\"}"#, 201), (#"{\"loadbalancer_topology\": \"RING\"}"#, 501),
        ("[]", 400), ("nothing", 400), ("{}", 201),
    ])
    func providersSayWhatFlavorsMaySay(_ data: String, _ status: Int) async throws {
        try await ControlPlaneFixture.run { fixture in
            do {
                _ = try await profile(fixture, data)
                #expect(status == 201)
            } catch let fault as OctaviaFault {
                #expect(fault.status == status)
            }
        }
    }

    @Test func flavorsDecideAboutTheInterfaceAndStayWhileTheyAreUsed() async throws {
        try await ControlPlaneFixture.run { fixture in
            let profile = try await profile(fixture, #"{\"sriov_vip\": true}"#)
            let flavor = try await flavor(fixture, profile)
            let tree = try await fixture.create { $0.flavorID = flavor }
            #expect(tree.loadBalancer.vip.vnicType == "direct")
            await #expect(throws: OctaviaFault.self) { try await fixture.service.deleteFlavor(flavor, admin) }
            await #expect(throws: OctaviaFault.self) {
                try await fixture.service.deleteFlavorProfile(profile, admin)
            }
            try await fixture.service.deleteLoadBalancer(tree.loadBalancer.id, cascade: false, fixture.caller)
            #expect(try await fixture.eventually { try await fixture.isGone(tree.loadBalancer.id) })
            try await fixture.service.deleteFlavor(flavor, admin)
            try await fixture.service.deleteFlavorProfile(profile, admin)
        }
    }

    @Test func flavorsThatAreUnknownOrSwitchedOffAreRefused() async throws {
        try await ControlPlaneFixture.run { fixture in
            let profile = try await profile(fixture, "{}")
            let disabled = try await flavor(fixture, profile, isEnabled: false)
            for id in [disabled, ResourceID.random()] {
                await #expect(throws: OctaviaFault.self) {
                    _ = try await fixture.create { $0.flavorID = id }
                }
            }
            await #expect(throws: OctaviaFault(409, "A flavor of f already exists.")) {
                _ = try await flavor(fixture, profile)
            }
            #expect(try await fixture.vipPorts() == 0)
        }
    }

    @Test func amphoraeChangeWithFailover() async throws {
        try await ControlPlaneFixture.run { fixture in
            let tree = try await fixture.create()
            let first = try await fixture.service.amphorae(ListQuery(), admin)
            #expect(first.map(\.loadBalancerID) == [tree.loadBalancer.id])
            try await fixture.service.failOverLoadBalancer(tree.loadBalancer.id, admin)
            let second = try await fixture.service.amphorae(ListQuery(), admin)
            #expect(second.count == 1)
            #expect(second.map(\.id) != first.map(\.id))
            await #expect(throws: OctaviaFault.forbidden) {
                _ = try await fixture.service.amphorae(ListQuery(), fixture.caller)
            }
        }
    }
}
