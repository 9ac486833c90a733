// Timelines and first answers in the database: what is told once, what is counted, what goes.

import DatabaseTestSupport
import LoadBalancing
import Persistence
import Testing

@Suite struct EventStoreTests {
    private let loadBalancer = ResourceID.random()

    private func event(
        _ kind: LoadBalancerEvent.Kind = .failed, at second: Int64, of id: ResourceID? = nil, _ message: String = "m"
    ) -> LoadBalancerEvent {
        LoadBalancerEvent(
            loadBalancerID: id ?? loadBalancer, projectID: "p", kind, message: message,
            at: Timestamp(microseconds: second * 1_000_000))
    }

    private func all(_ connection: any DatabaseConnection, of id: ResourceID? = nil) throws -> [LoadBalancerEvent] {
        try TreeListing(connection).list(
            LoadBalancerEvent.self,
            ListRequest(conditions: [.init(column: "loadbalancer_id", value: .text((id ?? loadBalancer).string))]))
    }

    @Test func anEventReadsBackAsItWasWritten() async throws {
        let temporary = try await TemporaryDatabase()
        let event = LoadBalancerEvent(
            loadBalancerID: loadBalancer, projectID: "p", .updated, .l7Rule, .random(), userID: "u", requestID: "req-1",
            generation: 7, fields: ["name", "key"], duration: 12, message: "quotes ' \" and \u{1F600}",
            at: Timestamp(microseconds: 1_700_000_000_123_456))
        try await temporary.database.write { try EventStore($0).append(event) }
        let found = try await temporary.database.read { try all($0) }
        #expect(found == [event])
        let id = loadBalancer
        let project = try await temporary.database.read { try EventStore($0).project(of: id) }
        #expect(project == "p")
        let none = try await temporary.database.read { try EventStore($0).project(of: .random()) }
        #expect(none == nil)
    }

    @Test func repetitionsAreToldAFewTimesAndThenCounted() async throws {
        let temporary = try await TemporaryDatabase()
        try await temporary.database.write { connection in
            for second in 1...20 {
                try EventStore(connection).append(
                    event(at: Int64(second), "attempt \(second)"), mergingAfter: 3, within: 100)
            }
            // Another kind is another matter, and so is what comes long afterwards.
            try EventStore(connection).append(event(.healed, at: 21), mergingAfter: 3, within: 100)
            try EventStore(connection).append(event(at: 500), mergingAfter: 3, within: 100)
        }
        let found = try await temporary.database.read { try all($0) }
        #expect(found.map(\.occurrences) == [1, 1, 18, 1, 1])
        #expect(found[2].message == "attempt 20")
        #expect(found[2].updatedAt == Timestamp(microseconds: 20_000_000))
        #expect(found[2].createdAt == Timestamp(microseconds: 3_000_000))
    }

    @Test func aTimelineIsBoundedByCountAndAge() async throws {
        let temporary = try await TemporaryDatabase()
        let other = ResourceID.random()
        let most = EventStore.mostPerLoadBalancer
        try await temporary.database.write { connection in
            for second in 1...(most + 200) { try EventStore(connection).append(event(at: Int64(second))) }
            try EventStore(connection).append(event(at: 10, of: other))
        }
        try await temporary.database.write { _ = try EventStore($0).prune(before: Timestamp(microseconds: 5_000_000)) }
        var found = try await temporary.database.read { try all($0) }
        #expect(found.count == most)
        #expect(found.last?.createdAt == Timestamp(microseconds: Int64(most + 200) * 1_000_000))
        var others = try await temporary.database.read { try all($0, of: other) }
        #expect(others.count == 1)
        let late = Timestamp(microseconds: Int64(most + 100) * 1_000_000)
        try await temporary.database.write { _ = try EventStore($0).prune(before: late) }
        found = try await temporary.database.read { try all($0) }
        #expect(found.count == 101 && found.first?.createdAt == late)
        others = try await temporary.database.read { try all($0, of: other) }
        #expect(others.isEmpty)
    }

    @Test func idsSortByTime() {
        var previous = ResourceID.timeOrdered(at: Timestamp(microseconds: 0))
        for microseconds in stride(from: Int64(1), to: 1_000_000_000_000, by: 1_234_567_891) {
            let time = Timestamp(microseconds: microseconds)
            let id = ResourceID.timeOrdered(at: time)
            #expect(previous < id && ResourceID.lowestTimeOrdered(at: time) <= id)
            #expect(Array(id.string)[14] == "7" && "89ab".contains(Array(id.string)[19]))
            #expect(ResourceID(id.string) == id)
            previous = id
        }
        #expect(ResourceID.timeOrdered(at: Timestamp(microseconds: -5)).string.hasPrefix("00000000-0000-7000"))
    }

    @Test func answersAreKeptForTheirTime() async throws {
        let temporary = try await TemporaryDatabase()
        let answer = IdempotentAnswer(bodyDigest: "b", status: 201, answer: "{\"a\":\"ä\"}")
        @Sendable func time(_ second: Int64) -> Timestamp { Timestamp(microseconds: second * 1_000_000) }
        try await temporary.database.write { try IdempotentAnswerStore($0).keep(answer, under: "k", at: time(10)) }
        func find(since second: Int64) async throws -> IdempotentAnswer? {
            try await temporary.database.read { try IdempotentAnswerStore($0).find("k", since: time(second)) }
        }
        #expect(try await find(since: 10) == answer)
        #expect(try await find(since: 11) == nil)
        // One that is too old gives way.
        let newer = IdempotentAnswer(bodyDigest: "c", status: 201, answer: "{}")
        try await temporary.database.write { try IdempotentAnswerStore($0).keep(newer, under: "k", at: time(20)) }
        #expect(try await find(since: 11) == newer)
        let count = try await temporary.database.write { try IdempotentAnswerStore($0).prune(before: time(21)) }
        #expect(count == 1)
        #expect(try await find(since: 0) == nil)
    }
}
