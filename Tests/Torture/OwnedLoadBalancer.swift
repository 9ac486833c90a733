// What its only writer knows of a load balancer.

/// A member that was added later.
struct OwnedMember: Sendable {
    var name: String
    var backend: Int
    var id: String?
    var existence = Register(false)
    var weight = Register(1)
}

/// A listener that was added later.
struct OwnedListener: Sendable {
    var name: String
    var port: Int
    var id: String?
    var existence = Register(false)
}

struct OwnedLoadBalancer: Sendable {
    var name: String
    var port: Int
    var isUDP: Bool
    var isMonitored: Bool
    var id: String?
    var address = ""
    var pool = ""
    var existence = Register(false)
    /// The number in the description.
    var version = Register(0)
    var lastVersion = 0
    var members: [OwnedMember] = []
    var listeners: [OwnedListener] = []
    /// Whether ACTIVE was read and nothing was asked for since.
    var isQuiet = false
    /// Whether it was seen on its way out.
    var isSeenGoing = false
    /// Whether it was seen to be gone.
    var isSeenGone = false

    /// Members of the first pool with the least and the most that can be, by name.
    func allowsMembers(_ names: Set<String>) -> String? {
        let first: Set<String> = isUDP ? ["m0"] : ["m0", "m1"]
        guard names.isSuperset(of: first) else { return "the first members are not there: \(names.sorted())" }
        for member in members where !member.existence.allows(names.contains(member.name)) {
            return "member \(member.name) is \(names.contains(member.name) ? "there" : "not there")"
        }
        let known = first.union(members.map(\.name))
        let unknown = names.subtracting(known)
        return unknown.isEmpty ? nil : "members that nobody made: \(unknown.sorted())"
    }
}
