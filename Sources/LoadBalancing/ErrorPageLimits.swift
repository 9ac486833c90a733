// Which pages of their own owners may give to a listener.

/// The limits of pages that a listener answers with by itself, in place of the usual ones.
public enum ErrorPageLimits {
    /// The status codes that may have a page: a request that cannot be understood (400), one that a policy rejects
    /// (403), one that does not come to an end (408), an error of the load balancer (500), a member that talks nonsense
    /// (502), no member (503), a member that is silent (504).
    public static let statuses = [400, 403, 408, 500, 502, 503, 504]
    /// The longest page, in bytes of UTF-8: with its headers it must fit into one of HAProxy's buffers of 16 KiB.
    public static let longest = 8_192
}
