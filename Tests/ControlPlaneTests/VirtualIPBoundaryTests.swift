// What a request may say of the VIP and of the offers, and what it may not.

import ControlPlane
import LoadBalancing
import Networking
import OctaviaWire
import Testing

@Suite struct VirtualIPBoundaryTests {
    @Test func addressesOfTheSubnetThatNobodyHas() async throws {
        try await BoundaryFixture.run { fixture in
            let subnet = #""vip_subnet_id":"\#(fixture.base.subnet)""#
            for one in [
                BoundaryCase.passes(#"\#(subnet),"vip_address":"127.77.255.254""#),
                .fails(#"\#(subnet),"vip_address":"127.77.255.254""#, 409, naming: "127.77.255.254"),
                .fails(#"\#(subnet),"vip_address":"127.77.255.255""#, naming: "127.77.255.255"),
                .fails(#"\#(subnet),"vip_address":"127.77.0.0""#, naming: "127.77.0.0"),
                .passes(#"\#(subnet),"vip_address":"127.77.0.1""#),
                .fails(#"\#(subnet),"vip_address":"127.79.0.1""#, naming: "127.79.0.1"),
                .fails(#"\#(subnet),"vip_address":"127.76.255.255""#, naming: "127.76.255.255"),
                .fails(#"\#(subnet),"vip_address":"nowhere""#, naming: "vip_address"),
                .fails(#""name":"n""#, naming: "vip_subnet_id"),
                .fails(#""vip_subnet_id":"\#(ResourceID.random())""#, naming: "subnet"),
                .fails(#""vip_network_id":"\#(ResourceID.random())""#, naming: "network"),
                .fails(#""vip_port_id":"\#(ResourceID.random())""#, naming: "port"),
            ] { await one.check { try await fixture.loadBalancer($0) } }
        }
    }

    @Test func networksAndSubnetsGoTogether() async throws {
        try await BoundaryFixture.run { fixture in
            let access = NetworkAccess(projectID: "p", isAdmin: false)
            let subnet = try #require(try await fixture.base.network.subnet(fixture.base.subnet, as: access))
            let network = #""vip_network_id":"\#(subnet.networkID)""#
            let same = #"{"subnet_id":"\#(subnet.id)"}"#
            for one in [
                BoundaryCase.passes(network),
                .passes(#"\#(network),"vip_subnet_id":"\#(subnet.id)""#),
                .fails(#"\#(network),"vip_subnet_id":"\#(ResourceID.random())""#, naming: "subnet"),
                .passes(#"\#(network),"vip_address":"127.77.9.9""#),
                .fails(#"\#(network),"vip_address":"192.0.2.1""#, naming: "subnet"),
                .fails(#""vip_subnet_id":"\#(subnet.id)","additional_vips":[\#(same)]"#, naming: "subnet"),
                .fails(
                    #""vip_subnet_id":"\#(subnet.id)","additional_vips":[{"subnet_id":"\#(ResourceID.random())"}]"#,
                    naming: "subnet"),
            ] { await one.check { try await fixture.loadBalancer($0) } }
        }
    }

    @Test func portsThatNobodyUses() async throws {
        try await BoundaryFixture.run { fixture in
            let subnet = try #require(
                try await fixture.base.network.subnet(fixture.base.subnet, as: .service))
            let port = try await fixture.base.network.write(as: .service) { transaction in
                var attributes = PortAttributes()
                attributes.projectID = "p"
                attributes.networkID = subnet.networkID
                return try transaction.createPort(attributes)
            }
            let claim = #""vip_port_id":"\#(port.id)""#
            for one in [
                BoundaryCase.fails(#"\#(claim),"vip_address":"127.77.1.2""#, naming: "address"),
                .passes(claim), .fails(claim, naming: port.id.string),
            ] { await one.check { try await fixture.loadBalancer($0) } }
        }
    }

    @Test func offersThatExistAndAreSwitchedOn() async throws {
        let admin = BoundaryFixture.administrator
        try await BoundaryFixture.run { fixture in
            func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
            let service = fixture.service
            let profile = try await service.createFlavorProfile(
                ProfileCreate(
                    body: bytes(#"{"flavorprofile":{"name":"p","provider_name":"amphora","flavor_data":"{}"}}"#),
                    .flavor),
                admin
            ).id
            let zoneProfile = try await service.createAvailabilityZoneProfile(
                ProfileCreate(
                    body: bytes(
                        #"{"availability_zone_profile":{"name":"p","provider_name":"amphora","availability_zone_data":"{}"}}"#
                    ), .availabilityZone), admin
            ).id
            func flavor(_ name: String, _ isEnabled: Bool) async throws -> ResourceID {
                try await service.createFlavor(
                    OfferCreate(
                        body: bytes(
                            #"{"flavor":{"name":"\#(name)","flavor_profile_id":"\#(profile)","enabled":\#(isEnabled)}}"#
                        ),
                        .flavor), admin
                ).id
            }
            func zone(_ name: String, _ isEnabled: Bool) async throws {
                _ = try await service.createAvailabilityZone(
                    OfferCreate(
                        body: bytes(
                            #"{"availability_zone":{"name":"\#(name)","availability_zone_profile_id":"\#(zoneProfile)","enabled":\#(isEnabled)}}"#
                        ), .availabilityZone), admin)
            }
            let (on, off) = (try await flavor("on", true), try await flavor("off", false))
            let unused = try await flavor("unused", true)
            try await zone("on", true)
            try await zone("off", false)
            try await zone("unused", true)
            let vip = #""vip_subnet_id":"\#(fixture.base.subnet)""#
            for one in [
                BoundaryCase.passes(#"\#(vip),"flavor_id":"\#(on)","availability_zone":"on""#),
                .fails(#"\#(vip),"flavor_id":"\#(off)""#, naming: "flavor"),
                .fails(#"\#(vip),"flavor_id":"\#(ResourceID.random())""#, naming: "flavor"),
                .fails(#"\#(vip),"availability_zone":"off""#, naming: "availability"),
                .fails(#"\#(vip),"availability_zone":"none""#, naming: "availability"),
                .passes(#"\#(vip),"provider":"amphora""#),
                .fails(#"\#(vip),"provider":"none""#, naming: "provider"),
            ] { await one.check { try await fixture.loadBalancer($0) } }
            // What a load balancer has stays; what none has can go, and a profile when its last user is gone.
            await BoundaryCase.fails("flavor in use", 409, naming: on.string)
                .check { _ in try await service.deleteFlavor(on, admin) }
            await BoundaryCase.passes("flavor").check { _ in try await service.deleteFlavor(unused, admin) }
            await BoundaryCase.fails("zone in use", 409, naming: "on")
                .check { _ in try await service.deleteAvailabilityZone("on", admin) }
            await BoundaryCase.passes("zone").check { _ in try await service.deleteAvailabilityZone("unused", admin) }
            await BoundaryCase.fails("profile in use", 409, naming: profile.string)
                .check { _ in try await service.deleteFlavorProfile(profile, admin) }
        }
    }
}
