// Tables of slots: fair, alike on all nodes, and steady.

import LoadBalancing
import Testing

@testable import PacketForwarding

@Suite struct SlotTableTests {
    private static func candidates(_ count: Int, weight: (Int) -> Int = { _ in 1 }) -> [SlotTable.Candidate] {
        (0..<count).map { SlotTable.Candidate(member: id(100 + $0), weight: weight($0)) }
    }

    private static func shares(_ slots: [ResourceID]) -> [ResourceID: Int] {
        slots.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    @Test(arguments: [1, 2, 3, 10, 100]) func sharesAreEven(count: Int) {
        let slots = SlotTable.consistent(Self.candidates(count))
        #expect(slots.count == SlotTable.size)
        let shares = Self.shares(slots)
        #expect(shares.count == count)
        let (least, most) = (shares.values.min() ?? 0, shares.values.max() ?? 0)
        #expect(most - least <= 1, "\(shares)")
    }

    @Test func sharesFollowWeights() {
        let slots = SlotTable.consistent(Self.candidates(3) { [1, 2, 5][$0] })
        let shares = Self.shares(slots)
        for (member, weight) in [(100, 1), (101, 2), (102, 5)] {
            let share = Double(shares[id(member)] ?? 0) / Double(slots.count)
            #expect(abs(share - Double(weight) / 8) < 0.02)
        }
    }

    @Test func orderDoesNotMatter() {
        let candidates = Self.candidates(20) { $0 % 3 + 1 }
        #expect(SlotTable.consistent(candidates) == SlotTable.consistent(candidates.reversed()))
        #expect(SlotTable.turns(candidates) == SlotTable.turns(candidates.reversed()))
    }

    /// The numbers must not change with a version: two nodes may run different ones.
    @Test func tableIsFixed() {
        let slots = SlotTable.consistent(Self.candidates(5), size: 13)
        #expect(slots.map { String($0.string.suffix(3)) }.joined(separator: " ") == Self.fixed)
        #expect(Hash.of("ottava") == Hash.of(Array("ottava".utf8)))
    }

    @Test(arguments: [3, 10, 50]) func fewSlotsMove(count: Int) {
        let before = SlotTable.consistent(Self.candidates(count))
        let after = SlotTable.consistent(Self.candidates(count + 1))
        let moved = zip(before, after).filter { $0 != $1 }.count
        let needed = SlotTable.size / (count + 1)
        print(
            "MEASURED slots that move from \(count) to \(count + 1) members: \(moved) of \(SlotTable.size), needed \(needed)"
        )
        // Those that the new member takes have to move; a few more do (Maglev, section 5.3).
        #expect(moved < needed + SlotTable.size / 16)
    }

    @Test func nobodyIsNobody() {
        #expect(SlotTable.consistent([]).isEmpty)
        #expect(SlotTable.consistent(Self.candidates(2) { _ in 0 }).isEmpty)
        #expect(SlotTable.turns([]).isEmpty)
    }

    @Test func turnsAreFairAndMixed() {
        let turns = SlotTable.turns(Self.candidates(3) { [4, 2, 2][$0] })
        #expect(turns.count == 4, "weights are reduced by what divides them all")
        #expect(Self.shares(turns) == [id(100): 2, id(101): 1, id(102): 1])
        #expect(turns[0] != turns[1])
        let many = SlotTable.turns(Self.candidates(1_000) { $0 % 256 + 1 })
        #expect(many.count == SlotTable.longestRound)
    }

    private static let fixed = "101 100 100 103 102 104 101 102 104 103 102 101 100"
}
