// The time of day, which expiry of tokens is told in.

internal import FoundationEssentials

enum SystemTime {
    /// Seconds and attoseconds since 1970-01-01T00:00:00 UTC.
    static var sinceEpoch: (seconds: Int64, attoseconds: Int64) {
        let interval = Date.now.timeIntervalSince1970
        let seconds = Int64(interval)
        return (seconds, Int64((interval - Double(seconds)) * 1e18))
    }
}
