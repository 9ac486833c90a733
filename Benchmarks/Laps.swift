// A clock that is pressed after every step.

struct Laps {
    private(set) var durations: [Duration] = []
    private var last = ContinuousClock.now

    mutating func next() {
        let now = ContinuousClock.now
        durations.append(now - last)
        last = now
    }
}
