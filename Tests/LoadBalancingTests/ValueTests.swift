// Identifiers, times and addresses.

import LoadBalancing
import Testing

@Suite struct ResourceIDTests {
    @Test(arguments: [
        "8f14e45f-ceea-4f6b-9b1a-0d2f3a4b5c6d", "8F14E45F-CEEA-4F6B-9B1A-0D2F3A4B5C6D",
        "8f14e45fceea4f6b9b1a0d2f3a4b5c6d", "{8f14e45f-ceea-4f6b-9b1a-0d2f3a4b5c6d}",
        "urn:uuid:8f14e45f-ceea-4f6b-9b1a-0d2f3a4b5c6d",
    ])
    func spellingsAreOne(_ text: String) {
        #expect(ResourceID(text)?.string == "8f14e45f-ceea-4f6b-9b1a-0d2f3a4b5c6d")
    }

    @Test(arguments: [
        "", "8f14e45f", "8f14e45f-ceea-4f6b-9b1a-0d2f3a4b5c6", "8f14e45f-ceea-4f6b-9b1a-0d2f3a4b5c6dd",
        "8f14e45g-ceea-4f6b-9b1a-0d2f3a4b5c6d", "8f14e45f-ceea-4f6b-9b1a-0d2f3a4b5c6d\n", "８f14e45f-ceea",
    ])
    func othersAreNone(_ text: String) {
        #expect(ResourceID(text) == nil)
    }

    @Test func randomOnesAreVersion4AndDiffer() {
        let ids = Set((0..<1000).map { _ in ResourceID.random() })
        #expect(ids.count == 1000)
        for id in ids {
            let characters = Array(id.string)
            #expect(characters.count == 36)
            #expect(characters[14] == "4")
            #expect("89ab".contains(characters[19]))
            #expect(ResourceID(id.string) == id)
        }
    }
}

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00"), (951_782_400, "2000-02-29T00:00:00"), (1_767_225_599, "2025-12-31T23:59:59"),
        (4_102_444_800, "2100-01-01T00:00:00"), (-1, "1969-12-31T23:59:59"),
    ])
    func civilDates(_ seconds: Int64, _ text: String) {
        #expect(Timestamp(microseconds: seconds * 1_000_000).iso8601 == text)
    }

    @Test func fractionsAndZones() {
        let time = Timestamp(microseconds: 1_767_225_599_000_042)
        #expect(time.iso8601 == "2025-12-31T23:59:59")
        #expect(time.iso8601Zulu == "2025-12-31T23:59:59.000042Z")
        #expect(time.iso8601ZuluSeconds == "2025-12-31T23:59:59Z")
    }
}

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("127.77.0.10", "127.77.0.10"), ("255.255.255.255", "255.255.255.255"), ("::", "::"), ("::1", "::1"),
        ("2001:DB8:0::1", "2001:db8::1"), ("fe80:0:0:1:0:0:0:1", "fe80:0:0:1::1"),
        ("::ffff:1.2.3.4", "::ffff:102:304"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1:0:0:2::", "1:0:0:2::"),
    ])
    func canonicalText(_ text: String, _ canonical: String) {
        #expect(IPAddress(text)?.description == canonical)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "1.2.3.-4", " 1.2.3.4", "1.2.3.4\n", ":", ":::", "1::2::3",
        "12345::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::1%eth0", "1.2.3.4::", "g::", "1:2:3:4:5:6:7::8:9",
    ])
    func refused(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func networks() throws {
        let network = try #require(IPNetwork("10.1.2.3/16"))
        #expect(network.description == "10.1.0.0/16")
        #expect(network.lastAddress.description == "10.1.255.255")
        #expect(network.contains(try #require(IPAddress("10.1.200.4"))))
        #expect(!network.contains(try #require(IPAddress("10.2.0.0"))))
        #expect(!network.contains(try #require(IPAddress("::1"))))
        #expect(IPNetwork("1.2.3.4")?.description == "1.2.3.4/32")
        #expect(IPNetwork("::/0")?.contains(try #require(IPAddress("2001:db8::1"))) == true)
        for text in ["1.2.3.4/33", "::/129", "1.2.3.4/", "1.2.3.4/-1", "1.2.3.4/8/8", "/8", "1.2.3.4/ 8"] {
            #expect(IPNetwork(text) == nil, "\(text)")
        }
    }
}
