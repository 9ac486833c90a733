// Shares of new flows for members that have different numbers of flows.

import LoadBalancing
import TestSupport
import Testing

@testable import PacketForwarding

@Suite struct FewestFlowsTests {
    private static func candidates(_ weights: [Int]) -> [SlotTable.Candidate] {
        weights.enumerated().map { SlotTable.Candidate(member: id(100 + $0.offset), weight: $0.element) }
    }

    private static func candidates(_ weights: [Int], with flows: [Int]) -> [SlotTable.Candidate] {
        let counted = flows.enumerated().map { (id(100 + $0.offset), $0.element) }
        return FewestFlows.shares(candidates(weights), flows: Dictionary(uniqueKeysWithValues: counted))
    }

    private static func shares(_ weights: [Int], _ flows: [Int]) -> [Int] {
        let found = candidates(weights, with: flows)
        return weights.indices.map { index in found.first { $0.member == id(100 + index) }?.weight ?? 0 }
    }

    @Test func withoutFlowsWeightsCount() {
        #expect(Self.shares([1, 2, 5], [0, 0, 0]) == [1, 2, 5])
        #expect(FewestFlows.shares([], flows: [id(100): 3]).isEmpty)
    }

    @Test func evenMembersHaveEvenShares() {
        #expect(Set(Self.shares([1, 1, 1], [40, 40, 40])).count == 1)
        #expect(Self.shares([1, 2, 4], [10, 20, 40]) == [2, 4, 8])
    }

    @Test func whoHasMoreThanItsShareGetsNothing() {
        #expect(Self.shares([1, 1, 1], [20, 20, 0]) == [0, 0, 8])
        #expect(Self.shares([1, 1], [60, 40]) == [3, 8])
        #expect(Self.shares([0, 1], [0, 50]) == [0, 8])
    }

    @Test func smallMovementsChangeNothing() {
        #expect(Self.shares([1, 1, 1], [100, 101, 99]) == Self.shares([1, 1, 1], [100, 100, 100]))
    }

    /// Flows of one member last ten times as long: taking turns would give it ten times as many.
    @Test func slowMembersDoNotDrown() {
        let weights = [1, 1, 2]
        let ends = [0.02, 0.2, 0.2]
        var random = SeededGenerator(seed: 7)
        var flows = [0, 0, 0]
        for _ in 0..<300 {
            let turns = SlotTable.turns(Self.candidates(weights, with: flows))
            for number in 0..<60 {
                let member = turns[number % turns.count]
                flows[(0..<3).first { id(100 + $0) == member } ?? 0] += 1
            }
            for index in flows.indices {
                flows[index] -= (0..<flows[index]).count { _ in Double.random(in: 0..<1, using: &random) < ends[index] }
            }
        }
        let share = Double(flows[0]) / Double(flows.reduce(0, +))
        #expect(share > 0.15 && share < 0.4, "\(flows)")
        #expect(flows[2] > flows[1], "\(flows)")
    }
}
