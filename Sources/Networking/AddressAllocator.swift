// Which addresses of a subnet are free.

import LoadBalancing
import Persistence

/// The ledger of one subnet's free addresses.
///
/// Free addresses are kept as ranges: taking one and giving one back cost a few index look-ups however many addresses
/// are in use, where a search for a gap would walk over all of them. Every change happens in the write transaction of
/// the port that it serves, so ledger and ports cannot drift apart.
struct AddressAllocator {
    let connection: any DatabaseConnection
    let subnetID: ResourceID
    let family: IPAddress.Family

    /// Takes the lowest free address out of the ledger; `nil` when there is none.
    func takeLowest() throws -> IPAddress? {
        let lowest = try range(
            "SELECT first_key, last_key FROM network_free_range WHERE subnet_id = ? ORDER BY first_key LIMIT 1", [])
        guard let lowest else { return nil }
        try take(lowest.first, outOf: lowest)
        return lowest.first.address(family)
    }

    /// Whether there is a free address.
    func hasFree() throws -> Bool {
        try connection.exists("SELECT 1 FROM network_free_range WHERE subnet_id = ? LIMIT 1", [subnetID])
    }

    /// Takes a certain address out of the ledger, if a pool has it. Whether it is in use is for the caller to check.
    func take(_ address: IPAddress) throws {
        let key = AddressKey(address)
        if let holder = try rangeHolding(key) { try take(key, outOf: holder) }
    }

    /// Gives an address back; one outside the pools is forgotten.
    func release(_ address: IPAddress) throws {
        let key = AddressKey(address)
        let pool = try connection.first(
            """
            SELECT first_key, last_key FROM network_allocation_pool
            WHERE subnet_id = ? AND first_key <= ? ORDER BY first_key DESC LIMIT 1
            """, [subnetID, key.text], Self.range)
        guard let pool, key <= pool.last, try rangeHolding(key) == nil else { return }
        var merged = (first: key, last: key)
        // Ranges of neighbouring pools may merge too: only their union matters.
        if key.value > 0, let before = try rangeHolding(AddressKey(value: key.value - 1)) {
            merged.first = before.first
            try remove(before)
        }
        if key.value < .max, let after = try rangeHolding(AddressKey(value: key.value + 1)) {
            merged.last = after.last
            try remove(after)
        }
        try insert(merged)
    }

    /// Writes the pools and works out the ledger anew from the addresses in use.
    func reset(pools: [AddressRange]) throws {
        try connection.execute("DELETE FROM network_allocation_pool WHERE subnet_id = ?", [subnetID])
        try connection.execute("DELETE FROM network_free_range WHERE subnet_id = ?", [subnetID])
        let used = try connection.query(
            "SELECT address_key FROM network_address WHERE subnet_id = ? ORDER BY address_key", [subnetID]
        ) { AddressKey(stored: $0.text(0)).value }
        var next = used[...]
        for pool in pools.sorted(by: { $0.first < $1.first }) {
            try connection.insert(
                into: "network_allocation_pool",
                [
                    ("subnet_id", subnetID), ("first_key", AddressKey(pool.first).text),
                    ("last_key", AddressKey(pool.last).text),
                ])
            var start: UInt128? = pool.first.value
            while let address = next.first, address <= pool.last.value {
                next.removeFirst()
                guard let first = start, address >= first else { continue }
                if address > first { try insert((AddressKey(value: first), AddressKey(value: address - 1))) }
                start = address == .max ? nil : address + 1
            }
            if let first = start, first <= pool.last.value {
                try insert((AddressKey(value: first), AddressKey(pool.last)))
            }
        }
    }

    /// How many addresses of the pools are not in use; at most `Int.max`.
    func freeCount() throws -> Int {
        let pools = try connection.query(
            "SELECT first_key, last_key FROM network_allocation_pool WHERE subnet_id = ?", [subnetID], Self.range)
        var free: UInt128 = 0
        for pool in pools {
            let used = try connection.first(
                "SELECT COUNT(*) FROM network_address WHERE subnet_id = ? AND address_key >= ? AND address_key <= ?",
                [subnetID, pool.first.text, pool.last.text]
            ) { $0.integer(0) }
            let span = pool.last.value - pool.first.value
            let size = span == .max ? span : span + 1
            let left = size - min(size, UInt128(used ?? 0))
            free = free > .max - left ? .max : free + left
        }
        return Int(clamping: free)
    }

    // MARK: Ranges

    private typealias Range = (first: AddressKey, last: AddressKey)

    private static func range(_ row: borrowing DatabaseRow) -> Range {
        (AddressKey(stored: row.text(0)), AddressKey(stored: row.text(1)))
    }

    private func range(_ sql: String, _ arguments: [any DatabaseValueConvertible]) throws -> Range? {
        try connection.first(sql, [subnetID] + arguments, Self.range)
    }

    private func rangeHolding(_ key: AddressKey) throws -> Range? {
        let candidate = try range(
            """
            SELECT first_key, last_key FROM network_free_range
            WHERE subnet_id = ? AND first_key <= ? ORDER BY first_key DESC LIMIT 1
            """, [key.text])
        guard let candidate, key <= candidate.last else { return nil }
        return candidate
    }

    private func take(_ key: AddressKey, outOf range: Range) throws {
        try remove(range)
        if range.first < key { try insert((range.first, AddressKey(value: key.value - 1))) }
        if key < range.last { try insert((AddressKey(value: key.value + 1), range.last)) }
    }

    private func remove(_ range: Range) throws {
        try connection.execute(
            "DELETE FROM network_free_range WHERE subnet_id = ? AND first_key = ?", [subnetID, range.first.text])
    }

    private func insert(_ range: Range) throws {
        try connection.insert(
            into: "network_free_range",
            [("subnet_id", subnetID), ("first_key", range.first.text), ("last_key", range.last.text)])
    }
}
