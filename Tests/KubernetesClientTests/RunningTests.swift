// Queues, back-off, the rate limit, lines of a stream.

import Synchronization
import TestSupport
import Testing

@testable import KubernetesClient

/// Counts, from any number of tasks.
private final class Counter: Sendable {
    private let number = Mutex(0)

    /// Counts one more, and returns how many that makes.
    @discardableResult func increase() -> Int {
        number.withLock { number in
            number += 1
            return number
        }
    }

    var value: Int { number.withLock { $0 } }
}

@Suite struct WorkQueueTests {
    @Test func aKeyWaitsOnce() async {
        let queue = WorkQueue<String>()
        for _ in 0..<3 { queue.add("a") }
        queue.add("b")
        #expect(queue.count == 2)
        #expect(await queue.next() == "a")
        #expect(await queue.next() == "b")
        #expect(queue.count == 0)
    }

    @Test func aKeyAddedDuringWorkComesBackAfterIt() async {
        let queue = WorkQueue<String>()
        queue.add("a")
        #expect(await queue.next() == "a")
        queue.add("a")
        queue.add("b")
        // Not yet: a worker has it.
        #expect(await queue.next() == "b")
        queue.done("a")
        #expect(await queue.next() == "a")
        queue.done("a")
        queue.done("b")
        #expect(queue.count == 0)
    }

    /// Notes what workers do.
    private final class Notes: Sendable {
        private struct State {
            var busy: Set<Int> = []
            var overlaps = 0
            var calls = 0
        }

        private let state = Mutex(State())

        func begin(_ key: Int) {
            state.withLock { state in
                if !state.busy.insert(key).inserted { state.overlaps += 1 }
                state.calls += 1
            }
        }

        func end(_ key: Int) { state.withLock { state in _ = state.busy.remove(key) } }

        var isIdle: Bool { state.withLock { $0.busy.isEmpty } }
        var overlaps: Int { state.withLock { $0.overlaps } }
        var calls: Int { state.withLock { $0.calls } }
    }

    @Test func neverTwoWorkersOnOneKey() async throws {
        let queue = WorkQueue<Int>()
        let notes = Notes()
        let work = Task {
            await queue.process(workers: 8) { key in
                notes.begin(key)
                await Task.yield()
                notes.end(key)
                return .done
            }
        }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<4 {
                group.addTask {
                    for round in 0..<500 {
                        queue.add((number + round) % 5)
                        if round % 10 == 0 { await Task.yield() }
                    }
                }
            }
        }
        try await eventually("the queue is empty") { queue.count == 0 && notes.isIdle }
        queue.shutDown()
        await work.value
        #expect(notes.overlaps == 0)
        #expect(notes.calls >= 5)
    }

    @Test func failuresPauseLongerAndSuccessForgets() async throws {
        let queue = WorkQueue<String>(
            backOff: BackOff(first: .milliseconds(10), longest: .milliseconds(40), jitter: 0))
        let calls = Counter()
        queue.add("a")
        let work = Task { await queue.process(workers: 2) { _ in calls.increase() < 4 ? .retry : .done } }
        try await eventually("four calls") { calls.value == 4 }
        try await eventually("the failures are forgotten") { queue.failures(of: "a") == 0 }
        queue.shutDown()
        await work.value
    }

    @Test func theEarliestTimeCounts() async throws {
        let queue = WorkQueue<String>()
        queue.add("a", after: .seconds(600))
        queue.add("a", after: .milliseconds(20))
        queue.add("a", after: .seconds(300))
        #expect(queue.delayedCount == 1)
        #expect(await queue.next() == "a")
        #expect(queue.delayedCount == 0)
        queue.add("b", after: .seconds(600))
        queue.add("b")
        #expect(await queue.next() == "b")
        #expect(queue.delayedCount == 0)
    }

    @Test(arguments: [(Duration.milliseconds(100), true), (.seconds(600), false)])
    func workThatHasBegunHasTimeToEnd(length: Duration, isFinished: Bool) async throws {
        let queue = WorkQueue<String>()
        let (begun, finished) = (Counter(), Counter())
        queue.add("a")
        queue.add("b")
        let work = Task {
            await queue.process(workers: 1, grace: isFinished ? .seconds(60) : .milliseconds(50)) { _ in
                begun.increase()
                if (try? await Task.sleep(for: length)) != nil { finished.increase() }
                return .done
            }
        }
        try await eventually("work has begun") { begun.value == 1 }
        work.cancel()
        await work.value
        #expect(begun.value == 1)
        #expect(finished.value == (isFinished ? 1 : 0))
    }

    @Test func workersEndWithCancellationAndShutDown() async {
        let queue = WorkQueue<String>()
        let waiting = Task { await queue.next() }
        let other = Task { await queue.next() }
        waiting.cancel()
        #expect(await waiting.value == nil)
        queue.shutDown()
        #expect(await other.value == nil)
        queue.add("a")
        #expect(await queue.next() == nil)
    }
}

@Suite struct LimitTests {
    @Test func pausesGrowUpToTheLongest() {
        let backOff = BackOff(first: .seconds(1), longest: .seconds(5), jitter: 0)
        #expect([1, 2, 3, 4, 1000].map { backOff.pause(after: $0) } == [1, 2, 4, 5, 5].map { .seconds($0) })
        let random = BackOff(first: .seconds(8), longest: .seconds(8), jitter: 0.5)
        for _ in 0..<50 { #expect((.seconds(4)...Duration.seconds(8)).contains(random.pause(after: 1))) }
    }

    @Test func aBurstPassesThenTheRate() {
        let gate = RequestGate(RateLimit(perSecond: 10, burst: 3))
        let now = ContinuousClock.now
        #expect((0..<3).map { _ in gate.take(at: now) } == [.zero, .zero, .zero])
        let waits = (1...3).map { _ in gate.take(at: now) / .milliseconds(1) }
        for (wait, expected) in zip(waits, [100.0, 200, 300]) { #expect(abs(wait - expected) < 1) }
        #expect(gate.take(at: now + .seconds(10)) == .zero)
    }

    @Test func whatIsRefusedTakesNoPlace() {
        let gate = RequestGate(RateLimit(perSecond: 1, burst: 2))
        let now = ContinuousClock.now
        #expect((0..<100).count { _ in gate.takeAtOnce(at: now) } == 2)
        #expect(gate.takeAtOnce(at: now + .milliseconds(1001)))
    }

    @Test(arguments: 1...9) func linesComeWholeInWhateverPieces(size: Int) throws {
        let text = Array("one\n\ntwo and more\nthree\nrest".utf8)
        var splitter = LineSplitter(limit: 12)
        var lines: [String] = []
        for start in stride(from: 0, to: text.count, by: size) {
            splitter.append(text[start..<min(start + size, text.count)])
            while let line = try splitter.next() { lines.append(String(decoding: line, as: UTF8.self)) }
        }
        #expect(lines == ["one", "", "two and more", "three"])
    }

    @Test func aLineThatDoesNotEndIsGivenUp() throws {
        var splitter = LineSplitter(limit: 10)
        splitter.append(Array(repeating: 1, count: 10))
        #expect(try splitter.next() == nil)
        splitter.append([1])
        #expect(throws: LineTooLong.self) { try splitter.next() }
    }
}

@Suite struct CacheTests {
    private func service(_ name: String, version: Int, uid: String = "u", type: String = "") -> Service {
        var service = Service()
        service.metadata = ObjectMeta(namespace: "a", name: name)
        service.metadata.resourceVersion = "\(version)"
        service.metadata.uid = uid
        service.spec.type = type
        return service
    }

    private func describe(_ change: CacheChange<Service>) -> String {
        switch change {
        case .added(let object): "+\(object.metadata.name)\(object.metadata.resourceVersion)"
        case .updated(let old, let new): "\(old.metadata.resourceVersion)→\(new.metadata.resourceVersion)"
        case .deleted(let object): "-\(object.metadata.name)\(object.metadata.resourceVersion)"
        }
    }

    @Test func listsTellDifferencesOnly() async {
        let cache = Cache<Service>()
        cache.put(service("x", version: 1))
        let changes = cache.changes()
        cache.replace(with: [service("x", version: 1), service("y", version: 2)])
        cache.replace(with: [service("x", version: 3), service("y", version: 4, uid: "another")])
        cache.remove(service("x", version: 5))
        cache.end()
        var told: [String] = []
        for await change in changes { told.append(describe(change)) }
        #expect(told == ["+x1", "+y2", "1→3", "-y2", "+y4", "-x5"])
        #expect(cache.isSynced)
        var later: [String] = []
        for await change in cache.changes() { later.append(describe(change)) }
        #expect(later == ["+y4"])
    }

    @Test func indexesFollowChanges() {
        let cache = Cache<Service>(indexers: ["type": { [$0.spec.type] }])
        cache.put(service("x", version: 1, type: "LoadBalancer"))
        cache.put(service("y", version: 2, type: "LoadBalancer"))
        #expect(Set(cache.objects("type", "LoadBalancer").map(\.metadata.name)) == ["x", "y"])
        cache.put(service("x", version: 3, type: "ClusterIP"))
        cache.remove(service("y", version: 4))
        #expect(cache.objects("type", "LoadBalancer").isEmpty)
        #expect(cache.keys("type", "ClusterIP") == [ObjectKey(namespace: "a", name: "x")])
        #expect(cache.objects("other", "x").isEmpty)
    }
}
