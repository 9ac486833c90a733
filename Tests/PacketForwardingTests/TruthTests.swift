// Rules that somebody else changes or removes are put back; what nobody has touched is left alone.

import Foundation
import LoadBalancing
import ProviderDrivers
import Synchronization
import TestSupport
import Testing

@testable import PacketForwarding

/// Counts what workers find.
private final class FindingCounter: Sendable {
    private let all = Mutex<[String]>([])
    var messages: [String] { all.withLock { $0 } }
    func add(_ finding: DataPlaneFinding) { all.withLock { $0.append(finding.message) } }
}

@Suite(.serialized, .enabled(if: Namespaces.arePossible), .timeLimit(.minutes(3)))
struct PacketTruthTests {
    private static let vip = "127.77.9.1"

    @Test func rulesAreComparedAndPutBack() async throws {
        try await WorkerFixture.run { fixture in
            let place = fixture.place
            guard case .namespace(let namespace) = place else { return }
            let servers = try ["127.66.0.1", "127.66.0.2"].enumerated().map {
                try EchoServer("m\($0.offset + 1)", $0.element, in: place)
            }
            defer { for server in servers { server.stop() } }
            let counter = FindingCounter()
            var services = fixture.services
            services.found = { counter.add($0) }
            let worker = PacketWorker(
                loadBalancer: id(1), policy: .amphora, services: services, place: place,
                file: "\(fixture.folder)/packets.json", logger: WorkerFixture.logger()
            ) {}
            let both = plan(members: members(["127.66.0.1", "127.66.0.2"]))
            _ = try await worker.apply(both, in: place)
            let table = "inet \(services.table(of: id(1)).text)"
            func nft(_ words: String) -> Bool {
                let words = ["ip", "netns", "exec", namespace, "nft"] + words.split(separator: " ").map(String.init)
                return (try? ChildProcess.runAtOnce("/usr/bin/env", words).status) == 0
            }
            func answers() -> Set<String> { Set((0..<8).map { _ in member(Self.vip, in: place) ?? "none" }) }
            func digest() throws -> UInt64 {
                let sets = try PacketFilterReader(place: place).contents(of: services.table(of: id(1))).sets
                return try PacketFilterReader(place: place).digest(
                    of: services.table(of: id(1)), sets: sets.filter { !$0.hasPrefix("clients") }.sorted())
            }
            #expect(answers() == ["m1", "m2"])
            let right = try digest()

            // Traffic, rules of others and changes of our own are nothing to put right.
            await worker.verify()
            #expect(nft("add table inet somebody"))
            await worker.verify()
            _ = try await worker.apply(plan(members: members(["127.66.0.1"]), generation: 2), in: place)
            await worker.verify()
            _ = try await worker.apply(plan(members: members(["127.66.0.1", "127.66.0.2"]), generation: 3), in: place)
            await worker.verify()
            #expect(counter.messages.isEmpty)
            #expect(try digest() == right)

            let contents = try PacketFilterReader(place: place).contents(of: services.table(of: id(1)))
            let chain = try #require(contents.chains.first { $0.hasPrefix("forward4") || $0.hasPrefix("choose4") })
            let targets = try #require(contents.sets.first { $0.hasPrefix("slots4") || $0.hasPrefix("members4") })
            for (what, command) in [
                ("a chain that was emptied", "flush chain \(table) \(chain)"),
                ("a rule that was added", "insert rule \(table) \(chain) drop"),
                ("a set that was emptied", "flush set \(table) \(targets)"),
                ("a table that was removed", "delete table \(table)"),
            ] {
                let before = counter.messages.count
                // Sets and maps are emptied alike.
                let done = nft(command) || nft(command.replacing("flush set", with: "flush map"))
                #expect(done, "\(what): \(command)")
                await worker.verify()
                _ = await worker.observation()
                #expect(counter.messages.count == before + 1, "\(what)")
                #expect(answers() == ["m1", "m2"], "\(what)")
                #expect(try digest() == right, "\(what)")
                await worker.verify()
                #expect(counter.messages.count == before + 1, "\(what) is told once")
            }
            await worker.remove()
        }
    }

    @Test func lookingCostsNextToNothing() async throws {
        try await WorkerFixture.run { fixture in
            let worker = fixture.worker()
            _ = try await worker.apply(plan(members: members(["127.66.0.1"])), in: fixture.place)
            let begin = ContinuousClock.now
            for _ in 0..<100 { await worker.verify() }
            print("MEASURED a look at untouched rules: \((ContinuousClock.now - begin) / 100)")
            await worker.remove()
        }
    }
}
