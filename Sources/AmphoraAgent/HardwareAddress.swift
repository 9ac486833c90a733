// Ethernet addresses that follow from names.

/// A 48-bit Ethernet address.
struct HardwareAddress: Hashable, Sendable, CustomStringConvertible {
    let bytes: [UInt8]

    /// A locally administered unicast address (IEEE 802, section 8.2) made of the seed's low 40 bits.
    init(seed: UInt64) {
        bytes = [2] + (0..<5).map { UInt8(truncatingIfNeeded: seed >> UInt64(32 - 8 * $0)) }
    }

    /// `02:00:5e:10:00:01`.
    var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }
}

/// FNV-1a (draft-eastlake-fnv, section 2) with 64 bits: the same number for the same text, on every machine.
func stableHash(_ text: String) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}
