// Times as the API writes them (RFC 3339 in UTC).

internal import FoundationEssentials

/// Times as texts. They order like the times that they stand for.
public enum KubernetesTime {
    /// Now, in whole seconds (`metav1.Time`).
    public static func now() -> String { Date.now.formatted(.iso8601) }

    /// Now, in microseconds (`metav1.MicroTime`).
    public static func nowWithMicroseconds() -> String {
        let time = Date.now.timeIntervalSince1970
        let seconds = time.rounded(.down)
        let fraction = String(Int((time - seconds) * 1_000_000))
        let text = Date(timeIntervalSince1970: seconds).formatted(.iso8601).dropLast()
        return "\(text).\(String(repeating: "0", count: max(0, 6 - fraction.count)))\(fraction)Z"
    }
}
