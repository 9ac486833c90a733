// Watches and leases while the real server stops, forgets and hangs.

import JSON
import KubernetesClient
import Logging
import Synchronization
import TestSupport
import Testing

/// What was told, from any number of tasks.
private final class Notes: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ line: String) { lines.withLock { $0.append(line) } }

    var all: [String] { lines.withLock { $0 } }
}

/// Who leads, as the candidates say themselves.
private final class Terms: Sendable {
    private struct State {
        var leading: Set<String> = []
        var overlaps = 0
        var names: [String] = []
    }

    private let state = Mutex(State())

    func begin(_ name: String) {
        state.withLock { state in
            state.leading.insert(name)
            if state.leading.count > 1 { state.overlaps += 1 }
            state.names.append(name)
        }
    }

    func end(_ name: String) { state.withLock { state in _ = state.leading.remove(name) } }

    var leading: Set<String> { state.withLock { $0.leading } }
    var overlaps: Int { state.withLock { $0.overlaps } }
    var names: [String] { state.withLock { $0.names } }
}

@Suite(.enabled(if: KubernetesServer.isInstalled), .serialized)
struct ServerFailureTests {
    private func secret(_ name: String) -> Secret {
        var secret = Secret()
        secret.metadata = ObjectMeta(namespace: "default", name: name, labels: ["of": "failures"])
        return secret
    }

    /// Restarts, and versions that were forgotten, on one server: each start takes seconds.
    @Test func informersOutliveTheServer() async throws {
        let server = try await KubernetesServer()
        let cluster = try Cluster(.load(kubeconfig: server.kubeconfig))
        let informer = Informer<Secret>(cluster, labels: "of=failures")
        let changes = informer.cache.changes()
        let told = Notes()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await informer.run() }
            group.addTask {
                for await change in changes {
                    switch change {
                    case .added(let object): told.add("+\(object.key.name)")
                    case .updated(_, let object): told.add("~\(object.key.name)")
                    case .deleted(let object): told.add("-\(object.key.name)")
                    }
                }
            }
            defer { group.cancelAll() }
            try await informer.cache.waitUntilSynced()
            try await cluster.create(secret("a"))
            try await eventually("a") { informer.cache.count == 1 }

            // A restart: the new one knows nothing of old versions, but what it has is the same.
            try server.kill()
            let error = await #expect(throws: KubernetesError.self) { try await cluster.list(Secret.self) }
            #expect(error?.code == .cannotConnect && error?.isTemporary == true)
            try await server.start()
            try await cluster.create(secret("b"))
            try await eventually("b after a restart", within: .seconds(60)) { informer.cache.count == 2 }

            // Changes while the watch is cut off, and etcd forgets how they came about. Without its cache the server
            // asks etcd for what a watch has missed.
            try server.kill()
            try await server.start("--watch-cache=false")
            let before = try await cluster.list(Secret.self).resourceVersion
            try await cluster.delete(Secret.self, ObjectKey(namespace: "default", name: "a"))
            try await cluster.create(secret("c"))
            try server.compact()
            let expired = await #expect(throws: KubernetesError.self) {
                for try await _ in cluster.watch(Secret.self, from: before, timeout: .seconds(20)) { break }
            }
            #expect(expired?.code == .expired)
            try await eventually("b and c", within: .seconds(60)) {
                Set(informer.cache.keys.map(\.name)) == ["b", "c"]
            }
        }
        #expect(told.all.sorted() == ["+a", "+b", "+c", "-a"])
        await cluster.shutdown()
    }

    @Test func oneOfTwoLeadsAndTheOtherTakesOver() async throws {
        try await KubernetesServer.alone { server in
            let lease = ObjectKey(namespace: "default", name: "leader-\(Int.random(in: 0..<1_000_000))")
            let settings = LeaderElector.Settings(
                leaseDuration: .seconds(7), renewDeadline: .seconds(5), retryPeriod: .milliseconds(300))
            let terms = Terms()
            let clusters = try (0..<3).map { _ in try Cluster(.load(kubeconfig: server.kubeconfig)) }
            func candidate(_ name: String, _ cluster: Cluster) -> Task<Void, any Error> {
                let elector = LeaderElector(cluster, lease: lease, identity: name, settings: settings)
                return Task {
                    try await elector.run {
                        terms.begin(name)
                        defer { terms.end(name) }
                        try await Task.sleep(for: .seconds(600))
                    }
                }
            }
            let first = candidate("one", clusters[0])
            try await eventually("one leads", within: .seconds(30)) { terms.leading == ["one"] }
            let second = candidate("two", clusters[1])

            // In order: the lease is given back, and nobody waits for its end.
            first.cancel()
            _ = await first.result
            try await eventually("two leads", within: .seconds(30)) { terms.leading == ["two"] }

            // Cut off: the leader stops by itself, before another one may start.
            let third = candidate("three", clusters[2])
            try await Task.sleep(for: .seconds(1))
            await clusters[1].shutdown()
            let result = await second.result
            #expect(throws: LeaderElector.LeadershipLost.self) { try result.get() }
            try await eventually("three leads", within: .seconds(60)) { terms.leading == ["three"] }
            let held = try await clusters[2].get(Lease.self, lease)
            #expect(held.spec.holderIdentity == "three" && held.spec.leaseTransitions >= 2)

            // Somebody else writes the lease: the leader gives way.
            try await clusters[2].patch(Lease.self, lease, .merge(["spec": ["holderIdentity": "four"]]))
            let end = await third.result
            #expect(throws: LeaderElector.LeadershipLost.self) { try end.get() }
            #expect(terms.overlaps == 0)
            #expect(terms.names == ["one", "two", "three"])
            for cluster in clusters { await cluster.shutdown() }
        }
    }

    @Test func aServerThatHangsIsGivenUp() async throws {
        try await KubernetesServer.alone { server in
            var configuration = try ClusterConfiguration.load(kubeconfig: server.kubeconfig)
            configuration.timeout = .seconds(1)
            let cluster = try Cluster(configuration)
            _ = try await cluster.list(Secret.self)
            try server.pause()
            let error = await #expect(throws: KubernetesError.self) { try await cluster.list(Secret.self) }
            try server.resume()
            #expect(error?.code == .timedOut)
            try await eventually("it answers again", within: .seconds(30)) {
                (try? await cluster.list(Secret.self)) != nil
            }
            await cluster.shutdown()
        }
    }
}
