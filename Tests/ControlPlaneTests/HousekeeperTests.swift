// What the housekeeper forgets, and what it does not.

import KeyManager
import LoadBalancing
import Persistence
import ProviderDrivers
import Testing

@testable import ControlPlane

@Suite struct HousekeeperTests {
    private func housekeeper(_ fixture: ControlPlaneFixture, daysLater days: Double = 0) -> Housekeeper {
        Housekeeper(
            database: fixture.database, network: fixture.network, drivers: DriverRegistry([]),
            expiredSecretLifetime: 90 * 86_400, logger: silentLogger,
            now: { fixture.service.now().advanced(bySeconds: days * 86_400) })
    }

    @Test func secretsThatExpiredLongAgoAreDeleted() async throws {
        try await ControlPlaneFixture.run { fixture in
            let now = fixture.service.now()
            let (expired, lasting) = (ResourceID.random(), ResourceID.random())
            try await fixture.database.write { connection in
                for (id, expiration) in [(expired, now as Timestamp?), (lasting, nil)] {
                    try connection.execute(
                        """
                        INSERT INTO key_manager_secret
                            (id, project_id, creator_id, created_at, updated_at, secret_type, expiration)
                        VALUES (?, 'p', 'u', ?, ?, 'opaque', ?)
                        """, [id, now, now, expiration])
                }
            }
            func kept() async throws -> Set<ResourceID> {
                Set(
                    try await fixture.database.read {
                        try $0.query("SELECT id FROM key_manager_secret", []) { $0.resourceID(0) }
                    })
            }
            // A clock that was two months ahead for a while costs nothing.
            try await housekeeper(fixture, daysLater: 60).forget()
            #expect(try await kept() == [expired, lasting])
            try await housekeeper(fixture, daysLater: 91).forget()
            #expect(try await kept() == [lasting])
        }
    }

    @Test func workDoesNotWaitForATimeThatWasTakenBack() async throws {
        // Without a reconciler that would take the work.
        try await ControlPlaneFixture.run(reconciler: ReconcilerSettings(concurrency: 0)) { fixture in
            let now = fixture.service.now()
            let (held, delayed) = (ResourceID.random(), ResourceID.random())
            let later = now.advanced(bySeconds: 60 * 86_400)
            try await fixture.database.write { connection in
                let store = WorkStore(connection)
                try store.record(held, generation: 1, at: now)
                #expect(try store.claim(lease: "w/1", until: later, at: now)?.loadBalancerID == held)
                try store.record(delayed, generation: 1, at: later)
            }
            func claim() async throws -> [ResourceID] {
                try await fixture.database.write { connection in
                    var found: [ResourceID] = []
                    let end = now.advanced(bySeconds: 30)
                    while let item = try WorkStore(connection).claim(lease: "w/2", until: end, at: now) {
                        found.append(item.loadBalancerID)
                    }
                    return found
                }
            }
            #expect(try await claim().isEmpty)
            // What another worker holds rightly, it keeps.
            let other = ResourceID.random()
            try await fixture.database.write { connection in
                try WorkStore(connection).record(other, generation: 1, at: now)
                _ = try WorkStore(connection).claim(lease: "w/3", until: now.advanced(bySeconds: 30), at: now)
            }
            try await Housekeeper(
                database: fixture.database, network: fixture.network, drivers: DriverRegistry([]),
                logger: silentLogger, now: { now }
            ).mendTimes()
            #expect(try await Set(claim()) == [held, delayed])
        }
    }
}
