// Whether a member works, from the results of its checks. Pure.

/// Counts successes and failures in a row, as HAProxy does for its own checks.
package struct MemberHealth: Hashable, Sendable {
    /// A member counts as working until enough checks have failed.
    package private(set) var isUp = true
    /// Results in a row that speak against ``isUp``.
    private var contradictions = 0

    package init(isUp: Bool = true) { self.isUp = isUp }

    /// Takes in one result.
    ///
    /// - Returns: Whether ``isUp`` has changed.
    package mutating func record(_ hasAnswered: Bool, rise: Int, fall: Int) -> Bool {
        guard hasAnswered != isUp else {
            contradictions = 0
            return false
        }
        contradictions += 1
        guard contradictions >= (isUp ? fall : rise) else { return false }
        isUp = hasAnswered
        contradictions = 0
        return true
    }
}
