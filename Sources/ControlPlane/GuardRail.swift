// Keeps a mistake about many load balancers from becoming many mistakes.

public import LoadBalancing
internal import Synchronization

/// When a guard rail closes the way.
public struct GuardRailSettings: Sendable, Hashable {
    /// So many steps are always allowed within the window.
    public var minimum: Int
    /// Beyond that, so large a part of the load balancers that there are: 0 to 1.
    public var share: Double
    /// The window in which steps are counted, in seconds.
    public var window: Double
    /// How long the way stays closed after the last step that was held back, in seconds.
    public var pause: Double

    public init(minimum: Int = 5, share: Double = 0.1, window: Double = 60, pause: Double = 30) {
        self.minimum = minimum
        self.share = share
        self.window = window
        self.pause = pause
    }
}

/// What a guard rail does at the moment, for whoever shows it.
public struct GuardRailState: Sendable, Hashable {
    /// What it guards, such as `operating-status`.
    public var name: String
    /// Whether steps are held back.
    public var isHolding: Bool
    /// Since when, if so.
    public var holdingSince: Timestamp?
    /// How many load balancers wait for their step.
    public var held: Int
    /// How often it has begun to hold steps back.
    public var trips: Int
}

/// Counts steps that make things worse for a load balancer, and holds them back once there are too many of them at a
/// time: the more load balancers fail at once, the likelier is it that only the news of them fail.
public final class GuardRail: Sendable {
    private struct Memory {
        /// When steps were taken, oldest first; no older than the window.
        var steps: [Timestamp] = []
        var held: Set<ResourceID> = []
        var holdingSince: Timestamp?
        var lastHeld: Timestamp?
        var trips = 0

        /// Closes the way, or keeps it closed.
        mutating func hold(at now: Timestamp) -> Answer {
            let isFirst = holdingSince == nil
            if isFirst {
                holdingSince = now
                trips += 1
            }
            lastHeld = now
            return .held(isFirst: isFirst)
        }
    }

    public let name: String
    public let settings: GuardRailSettings
    private let memory = Mutex(Memory())

    public init(_ name: String, _ settings: GuardRailSettings = .init()) {
        self.name = name
        self.settings = settings
    }

    /// What it does at the moment.
    public var state: GuardRailState {
        memory.withLock {
            GuardRailState(
                name: name, isHolding: $0.holdingSince != nil, holdingSince: $0.holdingSince, held: $0.held.count,
                trips: $0.trips)
        }
    }

    /// What came of asking for a step.
    enum Answer: Sendable, Hashable {
        case allowed
        /// Held back; `isFirst` when the way has just been closed.
        case held(isFirst: Bool)
    }

    /// Asks for a step.
    ///
    /// - Parameter population: How many load balancers there are.
    func ask(for id: ResourceID, among population: Int, at now: Timestamp) -> Answer {
        memory.withLock { memory in
            let begin = now.advanced(bySeconds: -settings.window)
            // A clock that was set back must not count steps of the future.
            memory.steps.removeAll { $0 < begin || $0 > now }
            let limit = max(settings.minimum, Int(Double(population) * settings.share))
            if memory.holdingSince == nil, memory.steps.count < limit {
                memory.steps.append(now)
                return .allowed
            }
            memory.held.insert(id)
            return memory.hold(at: now)
        }
    }

    /// A load balancer needs its step no more.
    func dismiss(_ id: ResourceID) {
        memory.withLock { memory in
            guard memory.held.remove(id) != nil, memory.held.isEmpty else { return }
            memory.holdingSince = nil
        }
    }

    /// Asks for a step for each of many load balancers: all may go or none.
    ///
    func askForAll(_ ids: Set<ResourceID>, among population: Int, at now: Timestamp) -> Answer {
        memory.withLock { memory in
            let limit = max(settings.minimum, Int(Double(population) * settings.share))
            guard ids.count > limit else {
                memory.held = []
                memory.holdingSince = nil
                return .allowed
            }
            memory.held = ids
            return memory.hold(at: now)
        }
    }

    /// Opens the way again when it has been closed for long enough, and says who waits.
    func release(at now: Timestamp) -> Set<ResourceID>? {
        memory.withLock { memory in
            guard memory.holdingSince != nil, let last = memory.lastHeld,
                last.advanced(bySeconds: settings.pause) <= now || last > now
            else { return nil }
            defer {
                memory.held = []
                memory.holdingSince = nil
                memory.steps = []
            }
            return memory.held
        }
    }
}
