// What only a server shows: several processes, sessions that break, a server that goes and comes back.

import DatabaseTestSupport
import Foundation
import LoadBalancing
import Persistence
import PostgreSQLPersistence
import Synchronization
import TestSupport
import Testing

@Suite(
    .serialized, .enabled("PostgreSQL must be installed") { PostgreSQLServer.isInstalled }, .timeLimit(.minutes(5)))
struct PostgreSQLTests {
    private static let counter = Migration(
        "0001-counter",
        ["CREATE TABLE counter (name TEXT PRIMARY KEY NOT NULL, value BIGINT, ratio DOUBLE PRECISION, bytes BYTEA)"])

    /// Runs a test on a server of its own.
    private func withServer(_ body: (PostgreSQLServer, String) async throws -> Void) async throws {
        let server = try PostgreSQLServer()
        let url = try server.makeDatabase()
        let database = PostgreSQLDatabase(url: url)
        try await database.migrate([Self.counter])
        try await database.write { try $0.insert(into: "counter", [("name", "c"), ("value", 0)]) }
        try await database.close()
        try await body(server, url)
    }

    private func value(_ database: any Database) async throws -> Int? {
        try await database.read { try $0.first("SELECT value FROM counter WHERE name = ?", ["c"]) { $0.int(0) } }
    }

    private func increment(_ database: any Database, _ attempts: Counter = Counter()) async throws {
        try await database.write { connection in
            attempts.add()
            let value = try connection.first("SELECT value FROM counter WHERE name = ?", ["c"]) { $0.int(0) }
            try connection.execute("UPDATE counter SET value = ? WHERE name = ?", [(value ?? 0) + 1, "c"])
        }
    }

    @Test func writersOfSeveralProcessesTakeTurns() async throws {
        try await withServer { _, url in
            let databases = (0..<3).map { _ in PostgreSQLDatabase(url: url) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<90 { group.addTask { try await increment(databases[index % 3]) } }
                try await group.waitForAll()
            }
            #expect(try await value(databases[0]) == 90)
            for database in databases { try await database.close() }
        }
    }

    @Test func valuesReadBackAsTheyWereWritten() async throws {
        try await withServer { _, url in
            let database = PostgreSQLDatabase(url: url)
            let bytes: [UInt8] = [0, 92, 255, 39, 0]
            try await database.write { connection in
                for (name, value, ratio, blob) in [
                    ("ä'\"?\u{1F600}", Int64.max, 0.1, bytes), ("Z", .min, -1e300, []), ("a", 0, 2, [7]),
                ] {
                    try connection.insert(
                        into: "counter",
                        [("name", name), ("value", value), ("ratio", ratio), ("bytes", DatabaseValue.blob(blob))])
                }
            }
            let rows = try await database.read { connection in
                try connection.query(
                    "SELECT name, value, ratio, bytes FROM counter WHERE name <> ? ORDER BY name", ["c"]
                ) { "\($0.text(0)) \($0.integer(1)) \($0.optionalReal(2) ?? 0) \($0.optionalBlob(3) ?? [1])" }
            }
            // By bytes, as in SQLite: capitals, small letters, then all others.
            #expect(
                rows == [
                    "Z \(Int64.min) -1e+300 []", "a 0 2.0 [7]", "ä'\"?\u{1F600} \(Int64.max) 0.1 \(bytes)",
                ])
            let found = try await database.read { connection in
                (
                    try connection.exists("SELECT 1 FROM counter WHERE name = ?", ["c\0"]),
                    try connection.exists("SELECT 1 FROM counter WHERE value > ?", [-0.0]),
                    try connection.first("SELECT ratio, bytes FROM counter WHERE name = 'c'") {
                        $0.optionalReal(0) == nil && $0.optionalBlob(1) == nil
                    }
                )
            }
            #expect(found.0 == false && found.1 == true && found.2 == true)
            await #expect(throws: DatabaseFault.self) {
                try await database.write { try $0.insert(into: "counter", [("name", "c")]) }
            }
            try await database.close()
        }
    }

    @Test func aSessionThatBreaksIsReplaced() async throws {
        try await withServer { server, url in
            let database = PostgreSQLDatabase(url: url)
            #expect(try await value(database) == 0)
            try await increment(database)
            let killAll = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ottava'"
            try server.query(killAll)
            #expect(try await value(database) == 1)
            try server.query(killAll)
            try await increment(database)
            #expect(try await value(database) == 2)
            // Within a block: what it did is gone, and it runs again.
            let attempts = Counter()
            try await database.write { connection in
                attempts.add()
                try connection.execute("UPDATE counter SET value = value + 1")
                if attempts.count == 1 { try server.query(killAll) }
                try connection.execute("UPDATE counter SET value = value + 10")
            }
            #expect(attempts.count == 2)
            #expect(try await value(database) == 13)
            try await database.close()
        }
    }

    @Test func aTransactionThatWasCommittedUnheardIsNotRepeated() async throws {
        try await withServer { server, url in
            let database = PostgreSQLDatabase(url: url)
            #expect(try await value(database) == 0)
            // COMMIT waits for a second server that does not exist, after it has committed here.
            try server.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
            try server.query("SELECT pg_reload_conf()")
            let attempts = Counter()
            async let change: Void = increment(database, attempts)
            try await Task.sleep(for: .seconds(2))
            try server.query("ALTER SYSTEM RESET synchronous_standby_names")
            try server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
            try server.query("SELECT pg_reload_conf()")
            try await change
            #expect(attempts.count == 1)
            #expect(try await value(database) == 1)
            try await database.close()
        }
    }

    @Test func aTransactionThatFailsAtItsEndIsReportedAsNotDone() async throws {
        try await withServer { server, url in
            let database = PostgreSQLDatabase(url: url)
            try await database.write { connection in
                try connection.execute(
                    """
                    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'
                    """)
                try connection.execute(
                    """
                    CREATE CONSTRAINT TRIGGER die AFTER UPDATE ON counter DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION die()
                    """)
            }
            do {
                try await increment(database)
                Issue.record("the change was acknowledged")
            } catch DatabaseFault.unavailable {
            }
            #expect(try await value(database) == 0)
            try await database.close()
        }
    }

    @Test func anOutageIsToldAtOnceAndEndsByItself() async throws {
        try await withServer { server, url in
            let database = PostgreSQLDatabase(url: url)
            let announcements = try #require(database.announcements)
            let heard = Counter()
            let listening = Task { for await _ in announcements { heard.add() } }
            try await increment(database)
            for isCrash in [false, true] {
                if isCrash { try server.kill() } else { try server.stop() }
                for _ in 0..<10 {
                    let time = try await ContinuousClock().measure {
                        do {
                            try await increment(database)
                            Issue.record("the change was acknowledged")
                        } catch DatabaseFault.unavailable {
                        }
                    }
                    #expect(time < .seconds(5))
                }
                let before = heard.count
                try server.start()
                try await eventually("the database is used again", within: .seconds(10)) {
                    (try? await increment(database)) != nil
                }
                // Announcements may have been lost, so there is one after the interruption.
                try await eventually("the listener is back", within: .seconds(10)) { heard.count > before }
            }
            #expect(try await value(database) == 3)
            listening.cancel()
            try await database.close()
        }
    }

    @Test func announcementsArriveWithTheirTransaction() async throws {
        try await withServer { _, url in
            let (sender, receiver) = (PostgreSQLDatabase(url: url), PostgreSQLDatabase(url: url))
            var announcements = try #require(receiver.announcements).makeAsyncIterator()
            #expect(await announcements.next() == .work)
            struct Stop: Error {}
            let id = ResourceID.random()
            await #expect(throws: Stop.self) {
                try await sender.write { connection in
                    try connection.announce(.settled(id, generation: 1))
                    throw Stop()
                }
            }
            try await sender.write { try $0.announce(.settled(id, generation: 2)) }
            #expect(await announcements.next() == .settled(id, generation: 2))
            try await sender.close()
            try await receiver.close()
        }
    }
}

@Suite struct MigrationTests {
    @Test(.enabled("PostgreSQL must be installed") { !TestDatabase.isPostgreSQL || PostgreSQLServer.isInstalled })
    func severalProcessesAtOnceAndNewerSchemas() async throws {
        let folder = try TemporaryFolder("ottava-migrations")
        defer { folder.remove() }
        let databases = try (0..<4).map { _ in try TestDatabase.open(folder.file("db")) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for database in databases {
                group.addTask { try await database.migrate(LoadBalancingSchema.migrations) }
            }
            try await group.waitForAll()
        }
        // A newer release adds a column; the older one goes on.
        let addition = Migration("0900-addition", ["ALTER TABLE load_balancer ADD COLUMN colour TEXT"])
        try await databases[0].migrate(LoadBalancingSchema.migrations + [addition])
        try await databases[1].migrate(LoadBalancingSchema.migrations)
        try await databases[1].write { try TreeStore($0).insert(makeLoadBalancer("lb")) }
        // Another one breaks what the older one needs, and says so.
        let change = Migration("0901-change", ["ALTER TABLE load_balancer DROP COLUMN colour"], isBreaking: true)
        try await databases[0].migrate(LoadBalancingSchema.migrations + [addition, change])
        do {
            try await databases[2].migrate(LoadBalancingSchema.migrations)
            Issue.record("the older release went on")
        } catch DatabaseFault.engine(let text) {
            #expect(text.contains("0901-change"))
        }
        for database in databases { try await database.close() }
    }

    @Test func everythingIsCopied() async throws {
        let folder = try TemporaryFolder("ottava-copy")
        defer { folder.remove() }
        let first = try SQLiteDatabase(path: folder.file("first"))
        let second = try TestDatabase.open(folder.file("second"))
        let third = try SQLiteDatabase(path: folder.file("third"))
        for database in [first, second, third] as [any Database] {
            try await database.migrate(LoadBalancingSchema.migrations)
        }
        let loadBalancer = makeLoadBalancer("lb", tags: ["a", ""])
        let pool = Pool(
            core: ResourceCore(id: .random(), projectID: "p", createdAt: Timestamp(microseconds: 1), generation: 1),
            loadBalancerID: loadBalancer.id, name: "n", poolProtocol: .http, algorithm: .roundRobin)
        let tree = LoadBalancerTree(
            loadBalancer: loadBalancer, listeners: [], pools: [pool], members: [], healthMonitors: [])
        try await first.write { connection in
            try TreeStore(connection).insert(tree)
            try WorkStore(connection).record(loadBalancer.id, generation: 1, at: Timestamp(microseconds: 1))
        }
        let there = try await DatabaseCopy(from: first, to: second).run()
        let back = try await DatabaseCopy(from: second, to: third).run()
        #expect(there.map(\.rows).reduce(0, +) == 5)
        #expect(back.map(\.rows) == there.map(\.rows))
        #expect(try await third.read { try TreeStore($0).tree(of: loadBalancer.id) } == tree)
        #expect(try await DatabaseCheck.problems(of: second, expecting: LoadBalancingSchema.migrations).isEmpty)
        // Never over something.
        await #expect(throws: DatabaseFault.self) { try await DatabaseCopy(from: first, to: second).run() }
        _ = try await second.write { try $0.execute("DELETE FROM work") }
        #expect(try await DatabaseCheck.problems(of: second, expecting: LoadBalancingSchema.migrations).count == 1)
        for database in [first, second, third] as [any Database] { try await database.close() }
    }
}

/// Counts from any thread.
final class Counter: Sendable {
    private let value = Mutex(0)

    var count: Int { value.withLock { $0 } }

    func add() { value.withLock { $0 += 1 } }
}
