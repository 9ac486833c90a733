// Which member a flow goes to: tables of slots that all nodes fill alike. Pure.

package import LoadBalancing

/// Fills tables of slots with members; a flow belongs to the slot that its hash, or its number, names.
package enum SlotTable {
    /// A member that takes new flows.
    package struct Candidate: Hashable, Sendable {
        package var member: ResourceID
        /// 1–256.
        package var weight: Int

        package init(member: ResourceID, weight: Int) {
            self.member = member
            self.weight = weight
        }
    }

    /// How many slots a hash chooses from: a prime, so that every step visits every slot.
    package static let size = 1_021
    /// The longest list of turns.
    package static let longestRound = 2_048

    /// Members by slot, such that each has a share by its weight and few slots change owners when a member comes or goes.
    ///
    /// This is the table of Maglev (Eisenbud et al., NSDI 2016, section 3.4): members take turns, and each takes the next
    /// free slot of an order of its own, which follows from its id alone. Heavier members take turns more often. The result depends on
    /// nothing but the arguments, not even on their order.
    package static func consistent(_ candidates: [Candidate], size: Int = size) -> [ResourceID] {
        let candidates = candidates.filter { $0.weight > 0 }.sorted { $0.member < $1.member }
        guard let heaviest = candidates.map(\.weight).max() else { return [] }
        let steps = candidates.map { candidate in
            let hash = Hash.of(candidate.member.string)
            return (offset: Int(hash % UInt64(size)), skip: Int((hash >> 32) % UInt64(size - 1)) + 1)
        }
        var next = [Int](repeating: 0, count: candidates.count)
        var credit = [Int](repeating: 0, count: candidates.count)
        var slots = [Int?](repeating: nil, count: size)
        var filled = 0
        while true {
            for index in candidates.indices {
                credit[index] += candidates[index].weight
                guard credit[index] >= heaviest else { continue }
                credit[index] -= heaviest
                var slot: Int
                repeat {
                    slot = (steps[index].offset + next[index] * steps[index].skip) % size
                    next[index] += 1
                } while slots[slot] != nil
                slots[slot] = index
                filled += 1
                if filled == size { return slots.compactMap { $0.map { candidates[$0].member } } }
            }
        }
    }

    /// Members in the order of their turns, heavier ones more often and never in a row where that can be helped.
    ///
    /// One round is as long as the weights, reduced by what divides all of them, add up to; rounds that would be longer than
    /// ``longestRound`` are shortened, so that shares are off by a fraction.
    package static func turns(_ candidates: [Candidate]) -> [ResourceID] {
        var candidates = candidates.filter { $0.weight > 0 }.sorted { $0.member < $1.member }
        guard !candidates.isEmpty else { return [] }
        let divisor = candidates.reduce(0) { greatestCommonDivisor($0, $1.weight) }
        for index in candidates.indices { candidates[index].weight /= divisor }
        let total = candidates.reduce(0) { $0 + $1.weight }
        let length = min(total, max(longestRound, candidates.count))
        var current = [Int](repeating: 0, count: candidates.count)
        var result: [ResourceID] = []
        for _ in 0..<length {
            var best = 0
            for index in candidates.indices {
                current[index] += candidates[index].weight
                if current[index] > current[best] { best = index }
            }
            current[best] -= total
            result.append(candidates[best].member)
        }
        return result
    }

    private static func greatestCommonDivisor(_ left: Int, _ right: Int) -> Int {
        right == 0 ? left : greatestCommonDivisor(right, left % right)
    }
}

/// A hash that is the same in every process and on every node.
package enum Hash {
    /// FNV-1a with 64 bits, and a final mix since its high bits are weak.
    package static func of(_ text: String) -> UInt64 { of(text.utf8) }

    package static func of(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
        return hash ^ hash >> 33
    }
}
