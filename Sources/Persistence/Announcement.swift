// What processes that share a database tell each other at once; the tables tell it too, to whoever looks.

public import LoadBalancing

/// A message that arrives when the transaction that sent it is committed. It may get lost: whoever waits for one also
/// looks at the tables from time to time.
public enum Announcement: Sendable, Hashable {
    /// The table of work may have something that is due.
    case work
    /// A load balancer was worked on up to that generation, or an attempt at it failed.
    case settled(ResourceID, generation: Int64)

    /// The form in which it travels.
    public var text: String {
        switch self {
        case .work: "work"
        case .settled(let id, let generation): "settled \(id) \(generation)"
        }
    }

    /// Reads ``text``; `nil` for what only a newer release understands.
    public init?(text: String) {
        let words = text.split(separator: " ")
        switch (words.first, words.count) {
        case ("work", 1): self = .work
        case ("settled", 3):
            guard let id = ResourceID(words[1]), let generation = Int64(words[2]) else { return nil }
            self = .settled(id, generation: generation)
        default: return nil
        }
    }
}

extension Database {
    /// A database that one process uses alone has nothing to announce.
    public var announcements: AsyncStream<Announcement>? { nil }
}

extension DatabaseConnection {
    /// A database that one process uses alone has nobody to tell.
    public func announce(_ announcement: Announcement) throws {}
}
