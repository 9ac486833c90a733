// Resources, lists and the table of work on a real SQLite file.

import DatabaseTestSupport
import Foundation
import LoadBalancing
import Persistence
import Testing

/// A database in a temporary directory.
final class TemporaryDatabase: Sendable {
    let database: any Database
    private let folder: String

    init() async throws {
        folder = NSTemporaryDirectory() + "ottava-persistence-\(ResourceID.random())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        database = try TestDatabase.open(folder + "/test.db")
        try await database.migrate(LoadBalancingSchema.migrations)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
}

func makeLoadBalancer(
    _ name: String, project: String = "p", tags: [String] = [], at microseconds: Int64 = 1
) -> LoadBalancer {
    LoadBalancer(
        core: ResourceCore(
            id: .random(), projectID: project, tags: tags, createdAt: Timestamp(microseconds: microseconds),
            generation: 1),
        name: name, description: "quotes ' \" and \u{1F600}",
        vip: VirtualIP(address: "127.77.0.10", securityGroupIDs: [.random()]),
        additionalVIPs: [AdditionalVIP(subnetID: .random(), address: "::1", portID: .random())], provider: "amphora")
}

@Suite struct TreeStoreTests {
    @Test func everyResourceReadsBackAsItWasWritten() async throws {
        let temporary = try await TemporaryDatabase()
        let loadBalancer = makeLoadBalancer("lb", tags: ["a", "b,c", ""])
        func core() -> ResourceCore {
            ResourceCore(
                id: .random(), projectID: "p", adminStateUp: false, tags: ["t"],
                createdAt: Timestamp(microseconds: 5), updatedAt: Timestamp(microseconds: 6), generation: 2,
                statusReason: "because")
        }
        let pool = Pool(
            core: core(), loadBalancerID: loadBalancer.id, name: "n", poolProtocol: .proxyV2,
            algorithm: .leastConnections,
            sessionPersistence: SessionPersistence(type: .appCookie, cookieName: "c", timeout: 3, granularity: "g"),
            tls: PoolTLS(isEnabled: true, ciphers: "A:B", versions: ["TLSv1.3"], alpnProtocols: []))
        let tree = LoadBalancerTree(
            loadBalancer: loadBalancer,
            listeners: [
                Listener(
                    core: core(), loadBalancerID: loadBalancer.id, listenerProtocol: .terminatedHTTPS,
                    protocolPort: 443, connectionLimit: nil, defaultPoolID: pool.id,
                    insertHeaders: ["X-Forwarded-For": "true"],
                    tls: ListenerTLS(sniContainerRefs: ["r"], clientAuthentication: .mandatory),
                    allowedCIDRs: ["10.0.0.0/8", "::/0"], hstsMaxAge: 7, hstsPreload: true,
                    errorPages: [503: "<p>\"é\n\\\"</p>", 400: "x"])
            ],
            pools: [pool],
            members: [
                Member(
                    core: core(), loadBalancerID: loadBalancer.id, poolID: pool.id, address: "2001:DB8::1",
                    protocolPort: 1, weight: nil, isBackup: true, subnetID: .random(), monitorAddress: "::2",
                    monitorPort: 9)
            ],
            healthMonitors: [
                HealthMonitor(
                    core: core(), loadBalancerID: loadBalancer.id, poolID: pool.id, type: .tlsHello, delay: 1,
                    timeout: 2, maxRetries: 3, maxRetriesDown: 4, httpMethod: .head, urlPath: "/x",
                    expectedCodes: "200-204", httpVersion: 1.1, domainName: "d")
            ])
        let read = try await temporary.database.write { connection in
            try TreeStore(connection).insert(tree)
            return try TreeStore(connection).tree(of: loadBalancer.id)
        }
        #expect(read == tree)
    }

    @Test func aFailedTransactionLeavesNothing() async throws {
        struct Stop: Error {}
        let temporary = try await TemporaryDatabase()
        let loadBalancer = makeLoadBalancer("lb")
        await #expect(throws: Stop.self) {
            try await temporary.database.write { connection in
                try TreeStore(connection).insert(loadBalancer)
                throw Stop()
            }
        }
        let found = try await temporary.database.read { try TreeStore($0).find(LoadBalancer.self, loadBalancer.id) }
        #expect(found == nil)
    }

    @Test func pagesFollowEachOtherInAnyOrder() async throws {
        let temporary = try await TemporaryDatabase()
        try await temporary.database.write { connection in
            for index in 0..<25 {
                try TreeStore(connection).insert(
                    makeLoadBalancer("lb\(index % 5)", tags: ["t\(index % 3)"], at: Int64(index / 2)))
            }
        }
        for order in [
            [("created_at", false), ("id", false)], [("name", true), ("created_at", false), ("id", false)],
            [("updated_at", false), ("id", true)],
        ] {
            let keys = order.map { ListRequest.Order(column: $0.0, isDescending: $0.1) }
            let all = try await temporary.database.read {
                try TreeListing($0).list(LoadBalancer.self, ListRequest(order: keys)).map(\.id)
            }
            #expect(all.count == 25)
            var paged: [ResourceID] = []
            while true {
                let marker = paged.last?.string
                let page = try await temporary.database.read {
                    try TreeListing($0).list(
                        LoadBalancer.self, ListRequest(order: keys, limit: 4, marker: marker)
                    ).map(\.id)
                }
                if page.isEmpty { break }
                paged += page
            }
            #expect(paged == all)
        }
    }

    @Test func tagFilters() async throws {
        let temporary = try await TemporaryDatabase()
        try await temporary.database.write { connection in
            for tags in [["a", "b"], ["a"], ["c"], []] {
                try TreeStore(connection).insert(makeLoadBalancer(tags.joined(), tags: tags))
            }
        }
        func names(_ request: ListRequest) async throws -> Set<String> {
            Set(try await temporary.database.read { try TreeListing($0).list(LoadBalancer.self, request).map(\.name) })
        }
        #expect(try await names(ListRequest(tags: ["a", "b"])) == ["ab"])
        #expect(try await names(ListRequest(tagsAny: ["b", "c"])) == ["ab", "c"])
        #expect(try await names(ListRequest(notTags: ["a", "b"])) == ["a", "c", ""])
        #expect(try await names(ListRequest(notTagsAny: ["a", "c"])) == [""])
    }

    @Test func unknownColumnsAndMarkersAreFaults() async throws {
        let temporary = try await TemporaryDatabase()
        await #expect(throws: ListFault.unknownColumn("x; DROP TABLE load_balancer")) {
            try await temporary.database.read {
                try TreeListing($0).list(
                    LoadBalancer.self,
                    ListRequest(conditions: [.init(column: "x; DROP TABLE load_balancer", value: .text("y"))]))
            }
        }
        let marker = ResourceID.random().string
        await #expect(throws: ListFault.unknownMarker(marker)) {
            try await temporary.database.read {
                try TreeListing($0).list(LoadBalancer.self, ListRequest(marker: marker))
            }
        }
    }
}

@Suite struct WorkStoreTests {
    private let start = Timestamp(microseconds: 1_000_000)

    @Test func oneHolderAtATimeAndTakeOverWhenTheLeaseEnds() async throws {
        let temporary = try await TemporaryDatabase()
        let id = ResourceID.random()
        let start = self.start
        try await temporary.database.write { connection in
            let work = WorkStore(connection)
            try work.record(id, generation: 1, at: start)
            let first = try #require(
                try work.claim(lease: "one", until: start.advanced(bySeconds: 10), at: start))
            #expect(first.generation == 1)
            #expect(try work.claim(lease: "two", until: start.advanced(bySeconds: 10), at: start) == nil)
            let later = start.advanced(bySeconds: 11)
            let second = try #require(try work.claim(lease: "two", until: later.advanced(bySeconds: 10), at: later))
            // The first holder comes back too late: nothing that it says counts.
            #expect(try !work.renew(first, until: later))
            #expect(try !work.finish(first, retryAt: nil, at: later))
            #expect(try !work.fail(first, retryAt: later))
            #expect(try work.finish(second, retryAt: nil, at: later))
            #expect(try work.claim(lease: "three", until: later, at: later.advanced(bySeconds: 60)) == nil)
        }
    }

    @Test func aChangeDuringTheWorkMakesMoreWorkAtOnce() async throws {
        let temporary = try await TemporaryDatabase()
        let id = ResourceID.random()
        let start = self.start
        try await temporary.database.write { connection in
            let work = WorkStore(connection)
            try work.record(id, generation: 1, at: start)
            let item = try #require(try work.claim(lease: "one", until: start.advanced(bySeconds: 10), at: start))
            try work.record(id, generation: 2, at: start.advanced(bySeconds: 0.001))
            #expect(try work.fail(item, retryAt: start.advanced(bySeconds: 60)))
            let soon = start.advanced(bySeconds: 1)
            let next = try #require(try work.claim(lease: "two", until: start.advanced(bySeconds: 10), at: soon))
            #expect(next.generation == 2)
            #expect(next.attempts == 0)
        }
    }

    @Test func aRequestToRepeatDuringTheWorkIsNotLost() async throws {
        let temporary = try await TemporaryDatabase()
        let loadBalancer = makeLoadBalancer("lb")
        let start = self.start
        try await temporary.database.write { connection in
            var withPort = loadBalancer
            let port = ResourceID.random()
            withPort.vip.portID = port
            try TreeStore(connection).insert(withPort)
            let work = WorkStore(connection)
            try work.record(loadBalancer.id, generation: 1, at: start)
            let end = start.advanced(bySeconds: 10)
            let item = try #require(try work.claim(lease: "one", until: end, at: start))
            let soon = start.advanced(bySeconds: 1)
            try work.repeatWork(onPort: port, at: soon)
            #expect(try work.finish(item, retryAt: nil, at: soon))
            let again = try #require(try work.claim(lease: "two", until: end, at: soon))
            #expect(try work.finish(again, retryAt: nil, at: soon))
            #expect(try work.claim(lease: "three", until: end, at: end) == nil)
        }
    }

    @Test func changesComeBeforeWhatIsComparedAgain() async throws {
        let temporary = try await TemporaryDatabase()
        let ids = (0..<3).map { _ in ResourceID.random() }
        let start = self.start
        let (later, end) = (start.advanced(bySeconds: 2), start.advanced(bySeconds: 30))
        try await temporary.database.write { connection in
            let work = WorkStore(connection)
            for id in ids {
                try work.record(id, generation: 1, at: start)
                let item = try #require(try work.claim(lease: "\(id)", until: end, at: start))
                #expect(try work.finish(item, retryAt: nil, at: start))
            }
            try work.repeatAll(at: start.advanced(bySeconds: 1))
            try work.record(ids[1], generation: 2, at: later)
            #expect(try work.claim(lease: "one", until: end, at: later)?.loadBalancerID == ids[1])
            // Without a preference, and without changes, the oldest comes first.
            try work.record(ids[2], generation: 2, at: later)
            #expect(
                try work.claim(lease: "two", until: end, at: later, prefersChanges: false)?.loadBalancerID == ids[0])
            #expect(try work.claim(lease: "three", until: end, at: later)?.loadBalancerID == ids[2])
            #expect(try !work.isAnyDue(at: later))
        }
    }

    @Test func failuresWaitAndCount() async throws {
        let temporary = try await TemporaryDatabase()
        let id = ResourceID.random()
        let start = self.start
        try await temporary.database.write { connection in
            let work = WorkStore(connection)
            try work.record(id, generation: 1, at: start)
            let item = try #require(try work.claim(lease: "one", until: start.advanced(bySeconds: 10), at: start))
            let retry = start.advanced(bySeconds: 5)
            #expect(try work.fail(item, retryAt: retry))
            #expect(try !work.isAnyDue(at: start.advanced(bySeconds: 4)))
            #expect(try work.isAnyDue(at: retry))
            #expect(try work.claim(lease: "two", until: retry, at: start.advanced(bySeconds: 4)) == nil)
            #expect(try work.claim(lease: "two", until: retry.advanced(bySeconds: 9), at: retry)?.attempts == 1)
        }
    }
}
