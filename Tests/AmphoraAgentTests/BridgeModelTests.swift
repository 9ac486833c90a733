// Names, commands and frames of the network mode `bridge`, without a network.

import LoadBalancing
import Testing

@testable import AmphoraAgent

@Suite struct BridgeModelTests {
    @Test(arguments: ["eth0", "br-lan", "a", "enp3s0.100", "ottava0", "abcdefghijklmno"])
    func interfaceNames(name: String) {
        #expect(InterfaceName(name)?.description == name)
    }

    @Test(arguments: [
        "", "abcdefghijklmnop", "0eth", "-x", "eth 0", "eth0;", "eth\"0", "lo", "all", "default", "a/b", "é", "a\nb",
        "a\0",
    ])
    func noInterfaceNames(name: String) {
        #expect(InterfaceName(name) == nil)
    }

    @Test func namesOfLoadBalancersAreDistinctAndFit() throws {
        let settings = try BridgeFixture().settings
        var names: Set<String> = []
        var addresses: Set<String> = []
        for number in 1...2_000 {
            let name = settings.outsideInterface(of: id(number)).description
            #expect(name.utf8.count == 15 && InterfaceName(name) != nil)
            names.insert(name)
            let address = settings.hardwareAddress(of: id(number))
            #expect(address.bytes.count == 6 && address.bytes[0] == 2)
            addresses.insert(address.description)
            let namespace = settings.namespace(of: id(number))
            #expect(settings.loadBalancer(ofNamespace: namespace) == id(number))
        }
        #expect(names.count == 2_000 && addresses.count == 2_000)
        // Of another bridge whose name begins alike, and other names that people give.
        for name in ["\(settings.name)-x-\(id(1))", "\(settings.name)\(id(1))", "\(settings.name)-", "ottava-\(id(1))"]
        {
            #expect(settings.loadBalancer(ofNamespace: name) == nil)
        }
        #expect(settings.loadBalancer(ofNamespace: "\(settings.name)-00000000000040008000000000000001") == nil)
    }

    @Test func onlyAddressesOfThePoolAreServed() throws {
        let fixture = try BridgeFixture()
        func serves(_ text: String) throws -> Bool {
            fixture.settings.interfaceAddress(try #require(IPAddress(text))) != nil
        }
        for good in [fixture.virtual(10), fixture.virtual(254), fixture.floating(20), fixture.virtual6(1000)] {
            #expect(try serves(good))
        }
        for bad in [fixture.host, fixture.virtual(9), fixture.virtual6(1), "8.8.8.8", "127.0.0.1", "::1", "::"] {
            #expect(try !serves(bad))
        }
    }

    @Test func commands() throws {
        let name = try #require(InterfaceName("br1"))
        let settings = BridgeSettings(name: name, subnets: [])
        let pair = LinkCommand.addPair(of: id(1), settings).text
        #expect(
            pair == "link add \(settings.outsideInterface(of: id(1))) up master br1 type veth peer name eth0 address "
                + "\(settings.hardwareAddress(of: id(1))) netns br1-\(id(1))")
        let six = InterfaceAddress(address: try #require(IPAddress("FD77:0::0A")), prefixLength: 64)
        #expect(
            LinkCommand.script([
                .addAddress(six, .inside), .deleteAddress(six, .inside),
                .setDefaultRoute(via: try #require(IPAddress("10.0.0.1")), .inside), .setUp(.loopback),
            ]) == """
                addr replace fd77::a/64 dev eth0 nodad
                addr del fd77::a/64 dev eth0
                route replace default via 10.0.0.1 dev eth0
                link set lo up

                """)
    }

    @Test func announcementsAreWhatTheStandardsSay() throws {
        let hardware = HardwareAddress(seed: 0x01_02_03_04_05)
        #expect(hardware.description == "02:01:02:03:04:05")
        let four = NeighbourAnnouncement.frame(of: try #require(IPAddress("10.1.2.3")), at: hardware)
        #expect(
            four == [
                255, 255, 255, 255, 255, 255, 2, 1, 2, 3, 4, 5, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 1, 2, 3, 4, 5, 10, 1,
                2,
                3, 0, 0, 0, 0, 0, 0, 10, 1, 2, 3,
            ])
        let six = NeighbourAnnouncement.frame(of: try #require(IPAddress("fd77::a")), at: hardware)
        #expect(six.count == 86)
        #expect(Array(six[..<14]) == [0x33, 0x33, 0, 0, 0, 1, 2, 1, 2, 3, 4, 5, 0x86, 0xDD])
        #expect(Array(six[14..<22]) == [0x60, 0, 0, 0, 0, 32, 58, 255])
        #expect(Array(six[54..<56]) == [136, 0])
        #expect(six[58] == 0x20 && Array(six[78...]) == [2, 1, 2, 1, 2, 3, 4, 5])
        // With its checksum in it, the sum over pseudo header and message is all ones (RFC 1071).
        let summed = Array(six[22..<54]) + [0, 0, 0, 32, 0, 0, 0, 58] + Array(six[54...])
        var sum = 0
        for index in stride(from: 0, to: summed.count, by: 2) {
            sum += Int(summed[index]) << 8 | Int(summed[index + 1])
        }
        while sum >> 16 != 0 { sum = (sum & 0xFFFF) + (sum >> 16) }
        #expect(sum == 0xFFFF)
    }
}
