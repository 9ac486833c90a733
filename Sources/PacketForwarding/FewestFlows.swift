// Shares of new flows, so that members come to have as many flows as they are worth. Pure.

package import LoadBalancing

/// LEAST_CONNECTIONS where nobody can look at all flows for each new one: flows are counted now and then, and members take
/// turns in between, more often the fewer flows they have.
package enum FewestFlows {
    /// Shares are whole numbers up to this, so that small movements change nothing.
    private static let largestShare = 8

    /// How often each member is to take its turn until flows are counted again.
    ///
    /// Half as many flows again are expected to come; they go where all would be even then.
    ///
    /// - Parameters:
    ///   - candidates: Members that take new flows.
    ///   - flows: Open flows by member; absent is none.
    /// - Returns: The candidates with their shares as weights, without those that have more flows than their share already.
    ///   Never empty if there are candidates.
    package static func shares(
        _ candidates: [SlotTable.Candidate], flows: [ResourceID: Int]
    ) -> [SlotTable.Candidate] {
        let candidates = candidates.filter { $0.weight > 0 }
        let open = candidates.reduce(0) { $0 + (flows[$1.member] ?? 0) }
        guard open > 0 else { return candidates }
        let expected = max(2 * candidates.count, open / 2)
        let perWeight = Double(open + expected) / Double(candidates.reduce(0) { $0 + $1.weight })
        let missing = candidates.map { perWeight * Double($0.weight) - Double(flows[$0.member] ?? 0) }
        // Positive: together they miss what is expected.
        guard let most = missing.max(), most > 0 else { return candidates }
        return zip(candidates, missing).compactMap { candidate, missing in
            guard missing > 0 else { return nil }
            let share = (missing / most * Double(largestShare)).rounded()
            return SlotTable.Candidate(member: candidate.member, weight: max(1, Int(share)))
        }
    }
}
