// Kills, pauses, restarts and cuts, as the seed says.

internal import Foundation
internal import Glibc
internal import Synchronization
internal import TestSupport

/// A load balancer that nobody changes.
struct SteadyLoadBalancer: Sendable {
    var id: String
    var address: String
    var port: Int
}

struct FaultDriver {
    enum Target: Hashable, Sendable {
        case api(Int)
        case worker(Int)
        case housekeeper, haproxy, postmaster, session, link
    }

    /// What was done to whom, for the counts.
    enum Deed: String, Sendable { case kill, pause, restart, cut, silence }

    /// Targets that a fault is being done to; each has one at a time.
    private final class Busy: Sendable {
        private let targets = Mutex<Set<Target>>([])
        func take(_ target: Target) -> Bool { targets.withLock { $0.insert(target).inserted } }
        func give(_ target: Target) { targets.withLock { _ = $0.remove(target) } }
    }

    let deployment: Deployment
    let scenery: Scenery
    let history: History
    let recoveries: Recoveries
    /// Whose HAProxy is left alone.
    let probed: String
    /// Whose HAProxy is missed measurably.
    let steady: [SteadyLoadBalancer]
    private(set) var counts: [String: [Deed: Int]] = [:]
    private var generator: SeededGenerator
    private let busy = Busy()

    init(
        _ deployment: Deployment, _ scenery: Scenery, _ history: History, _ recoveries: Recoveries, probed: String,
        steady: [SteadyLoadBalancer], seed: UInt64
    ) {
        self.deployment = deployment
        self.scenery = scenery
        self.history = history
        self.recoveries = recoveries
        self.probed = probed
        self.steady = steady
        generator = SeededGenerator(seed: seed)
    }

    var kills: Int { counts.values.reduce(0) { $0 + ($1[.kill] ?? 0) } }

    /// Does faults until there were enough kills or the time is over; returns when everything was started again.
    mutating func run(kills wanted: Int, until end: ContinuousClock.Instant) async throws {
        let isShared = deployment.options.engine == .postgresql
        try await withThrowingTaskGroup(of: Void.self) { group in
            var reported = ContinuousClock.now
            while kills < wanted, ContinuousClock.now < end {
                if ContinuousClock.now - reported > .seconds(30) {
                    reported = .now
                    let counts = history.counts
                    Output.line(
                        "[\(history.time)] \(kills) kills, \(counts.acknowledgedWrites) acknowledged writes, \(history.violations.count) properties violated"
                    )
                }
                startDatabaseAgain(in: &group)
                let deed = generator.pick([(70, Deed.kill), (14, .pause), (8, .restart), (5, .cut), (3, .silence)])
                let api = Int.random(in: 0..<deployment.apis.count, using: &generator)
                let worker = Int.random(in: 0..<deployment.workers.count, using: &generator)
                let target: Target =
                    switch deed {
                    case .cut, .silence: .link
                    case .kill, .pause, .restart:
                        generator.pick([
                            (30, .api(api)), (isShared ? 30 : 0, .worker(worker)), (isShared ? 3 : 0, .housekeeper),
                            (25, .haproxy), (isShared ? 4 : 0, .postmaster), (isShared ? 5 : 0, .session),
                        ])
                    }
                let length = Duration.milliseconds(Int.random(in: 50...1_500, using: &generator))
                let number = Int.random(in: 0..<1_000_000, using: &generator)
                let pause = Duration.milliseconds(Int.random(in: 50...deployment.options.pause, using: &generator))
                if isShared || target != .link, busy.take(target) {
                    let (name, isDone) = await begin(deed, target, number: number)
                    if isDone { counts[name, default: [:]][deed, default: 0] += 1 }
                    let driver = self
                    group.addTask {
                        defer { driver.busy.give(target) }
                        if isDone { try await driver.end(deed, target, after: length, number: number) }
                    }
                }
                try await Task.sleep(for: pause)
            }
            try await group.waitForAll()
        }
        // It takes five seconds to give up.
        let end = ContinuousClock.now + .seconds(isShared ? 8 : 0)
        while ContinuousClock.now < end {
            try await withThrowingTaskGroup(of: Void.self) { group in
                startDatabaseAgain(in: &group)
                try await group.waitForAll()
            }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    /// PostgreSQL gives up when one of its parts is killed while it recovers from the end of another one ("shutting down due
    /// to startup process failure"); whoever looks after it on a real machine starts it again.
    private func startDatabaseAgain(in group: inout ThrowingTaskGroup<Void, any Error>) {
        guard let database = deployment.database, busy.take(.postmaster) else { return }
        guard database.postmaster == nil else { return busy.give(.postmaster) }
        Output.line("note: PostgreSQL has given up in its recovery; it is started again")
        group.addTask { [busy] in
            defer { busy.give(.postmaster) }
            _ = try await inParallel(1, within: .seconds(120)) { _ in try database.start() }
        }
    }

    private func process(_ target: Target) -> ServiceProcess? {
        switch target {
        case .api(let index): deployment.apis[index]
        case .worker(let index): deployment.workers[index]
        case .housekeeper: deployment.housekeepers.first
        default: nil
        }
    }

    private func name(of target: Target) -> String {
        switch target {
        case .api: deployment.options.engine == .sqlite ? "serve" : "api"
        case .worker: "worker"
        case .housekeeper: "housekeeper"
        case .haproxy: "HAProxy"
        case .postmaster: "PostgreSQL"
        case .session: "PostgreSQL session"
        case .link: "database connection"
        }
    }

    /// - Returns: false when there was nobody to do it to.
    private func begin(_ deed: Deed, _ target: Target, number: Int) async -> (String, Bool) {
        let name = name(of: target)
        switch target {
        case .link:
            if deed == .cut { deployment.link?.cut() } else { deployment.link?.silence() }
            return (name, true)
        case .haproxy:
            return (name, hitHAProxy(deed == .restart ? .kill : deed, number))
        case .session:
            let sessions = deployment.database?.children ?? []
            guard !sessions.isEmpty else { return (name, false) }
            let victim = sessions[number % sessions.count]
            if deed == .pause { pause(victim, number) } else { ProcessTable.kill(victim) }
            return (name, true)
        case .postmaster:
            guard let database = deployment.database, let postmaster = database.postmaster else { return (name, false) }
            switch deed {
            case .pause: for pid in [postmaster] + database.children { ProcessTable.signal(pid, SIGSTOP) }
            case .restart: ProcessTable.signal(postmaster, SIGINT)
            default: ProcessTable.kill(postmaster)
            }
            return (name, true)
        case .api, .worker, .housekeeper:
            guard let process = process(target), process.isRunning else { return (name, false) }
            process.signal(deed == .kill ? SIGKILL : deed == .pause ? SIGSTOP : SIGTERM)
            return (name, true)
        }
    }

    /// Undoes what was done, after some time.
    private func end(_ deed: Deed, _ target: Target, after length: Duration, number: Int) async throws {
        switch target {
        case .link:
            try await Task.sleep(for: length)
            deployment.link?.mend()
        case .haproxy, .session: break
        case .postmaster:
            guard let database = deployment.database else { return }
            try await Task.sleep(for: length)
            if deed == .pause {
                for pid in [database.postmaster].compactMap({ $0 }) + database.children {
                    ProcessTable.signal(pid, SIGCONT)
                }
            } else {
                try await eventually("PostgreSQL ends", within: .seconds(60)) { database.postmaster == nil }
                // Blocking: on a thread of its own.
                _ = try await inParallel(1, within: .seconds(120)) { _ in try database.start() }
            }
        case .api, .worker, .housekeeper:
            guard let process = process(target) else { return }
            switch deed {
            case .pause:
                // Longer than a transaction may be held, now and then.
                try await Task.sleep(for: number % 3 == 0 ? length * 4 : length)
                process.signal(SIGCONT)
            case .restart:
                let status = try await process.child?.wait(within: .seconds(90)) ?? 0
                if status != 0 { history.violate(.processes, "\(process.name) ended with \(status) after SIGTERM") }
                try await start(process)
            default:
                _ = try await process.child?.wait(within: .seconds(30))
                try await Task.sleep(for: length)
                try await start(process)
            }
        }
    }

    /// A start may fail while the database is away for long, as a supervisor sees it; then it is repeated.
    private func start(_ process: ServiceProcess) async throws {
        let begin = ContinuousClock.now
        var attempts = 0
        while true {
            attempts += 1
            try process.start()
            do {
                try await process.waitUntilReady()
                break
            } catch let problem as CannotStart {
                guard attempts < 5 else {
                    history.violate(.processes, problem.description)
                    return
                }
                Output.line("note, started again: \(problem.description.suffix(300))")
                try await Task.sleep(for: .milliseconds(500))
            }
        }
        recoveries.add("\(process.name.prefix { !$0.isNumber }), from its start to ready", ContinuousClock.now - begin)
    }

    /// Stops a process for up to two seconds, whatever becomes of its parent meanwhile.
    private func pause(_ pid: Int32, _ number: Int) {
        ProcessTable.signal(pid, SIGSTOP)
        let seconds = Double(number % 2_000) / 1_000
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: seconds)
            ProcessTable.signal(pid, SIGCONT)
        }
    }

    /// Kills or pauses a HAProxy: often one that is missed measurably, otherwise any but the probed one's.
    private func hitHAProxy(_ deed: Deed, _ number: Int) -> Bool {
        let victims = deployment.haproxies.filter { deployment.loadBalancer(ofHAProxy: $0) != probed }
        guard !victims.isEmpty else { return false }
        let lasting = victims.filter { pid in steady.contains { $0.id == deployment.loadBalancer(ofHAProxy: pid) } }
        let choice = number % 2 == 0 && !lasting.isEmpty ? lasting : victims
        let victim = choice[number / 2 % choice.count]
        if deed == .pause {
            pause(victim, number)
            return true
        }
        let hit = steady.first { $0.id == deployment.loadBalancer(ofHAProxy: victim) }
        ProcessTable.kill(victim)
        if let hit {
            let begin = ContinuousClock.now
            Thread.detachNewThread { [scenery, recoveries] in
                while ContinuousClock.now - begin < .seconds(120) {
                    if scenery.serves(hit.address, hit.port, isUDP: false, limit: .seconds(1)) { break }
                    Thread.sleep(forTimeInterval: 0.01)
                }
                recoveries.add("HAProxy, from its end to an answer", ContinuousClock.now - begin)
            }
        }
        return true
    }
}
