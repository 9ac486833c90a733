// Addresses as text that sorts.

import LoadBalancing

/// An address as 32 hexadecimal digits, so that text order is address order in every database.
struct AddressKey: Hashable, Comparable {
    let value: UInt128

    init(_ address: IPAddress) { value = address.value }

    init(value: UInt128) { self.value = value }

    /// Reads what ``text`` wrote.
    init(stored text: String) { value = UInt128(text, radix: 16) ?? 0 }

    var text: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 32 - digits.utf8.count) + digits
    }

    func address(_ family: IPAddress.Family) -> IPAddress { IPAddress(family: family, value: value) }

    static func < (left: AddressKey, right: AddressKey) -> Bool { left.value < right.value }
}
