// A client that creates, changes and deletes load balancers of its own until it is told to end.

internal import Foundation
internal import JSON
internal import Synchronization
internal import TestSupport

/// Tells clients to end.
final class StopFlag: Sendable {
    private let flag = Mutex(false)

    var isSet: Bool { flag.withLock { $0 } }

    func set() { flag.withLock { $0 = true } }
}

struct TortureClient {
    private static let mostLoadBalancers = 4

    let number: Int
    let scenery: Scenery
    let history: History
    var api: APICaller
    var live: [OwnedLoadBalancer] = []
    /// Deleted, or never seen.
    var others: [OwnedLoadBalancer] = []
    private var count = 0

    init(_ number: Int, _ deployment: Deployment, _ scenery: Scenery, _ history: History, seed: UInt64) throws {
        self.number = number
        self.scenery = scenery
        self.history = history
        api = try APICaller(deployment, history, SeededGenerator(seed: seed, stream: number + 1))
    }

    /// Works until the flag is set, and returns all load balancers that it ever asked for.
    mutating func run(until stop: StopFlag) -> [OwnedLoadBalancer] {
        while !stop.isSet {
            step()
            Thread.sleep(forTimeInterval: Double.random(in: 0.01...0.08, using: &api.generator))
        }
        return live + others
    }

    private enum Action {
        case create, describe, addMember, weighMember, removeMember, addListener, removeListener, delete, read, list
        case readOld
    }

    private mutating func step() {
        // What came of a request that was not answered shows later, or never.
        for index in live.indices.reversed() where live[index].id == nil { find(index) }
        guard live.contains(where: { $0.id != nil }) else { return create() }
        let index = live.indices.filter { live[$0].id != nil }.randomElement(using: &api.generator) ?? 0
        // Somebody who does not know whether the deletion was done asks for it again.
        if !live[index].existence.isCertain { return delete(index) }
        let action = api.generator.pick([
            (live.count < Self.mostLoadBalancers ? 25 : 0, Action.create), (20, .describe), (12, .addMember),
            (8, .weighMember), (8, .removeMember), (8, .addListener), (5, .removeListener), (8, .delete), (25, .read),
            (3, .list), (3, .readOld),
        ])
        switch action {
        case .create: create()
        case .describe: describe(index)
        case .addMember: addMember(index)
        case .weighMember: weighMember(index)
        case .removeMember: removeMember(index)
        case .addListener: addListener(index)
        case .removeListener: removeListener(index)
        case .delete: delete(index)
        case .read: read(index)
        case .list: list()
        case .readOld: readOld()
        }
    }

    // MARK: Load balancers

    private mutating func create() {
        count += 1
        let isUDP = api.generator.chance(15)
        var made = OwnedLoadBalancer(
            name: "client\(number)-\(count)", port: Ports.free(), isUDP: isUDP,
            isMonitored: api.generator.chance(50))
        let body = scenery.loadBalancer(
            made.name, port: made.port, isUDP: isUDP, isMonitored: made.isMonitored)
        switch api.send("POST", "loadbalancers", ["loadbalancer": body]) {
        case .refused:
            // Not to be asked for more and more names while nobody is there.
            Thread.sleep(forTimeInterval: 0.1)
        case .doubtful(let mayComeLater): made.existence.doubt(true, mayComeLater: mayComeLater)
        case .answered(let answer):
            guard answer.status == 201 else {
                unexpected("POST", made.name, answer)
                return
            }
            made.existence.acknowledge(true)
            Self.identify(&made, answer.json["loadbalancer"] ?? .null)
        }
        if made.existence.acknowledged || !made.existence.isCertain { live.append(made) } else { others.append(made) }
    }

    private static func identify(_ made: inout OwnedLoadBalancer, _ body: JSONValue) {
        made.id = body["id"]?.string
        made.address = body["vip_address"]?.string ?? ""
        made.pool = body["pools"]?[0]?["id"]?.string ?? ""
    }

    /// Looks for a load balancer whose creation was not answered; gives up when it is not there.
    private mutating func find(_ index: Int) {
        let made = live[index]
        guard case .answered(let answer) = api.send("GET", "loadbalancers?name=\(made.name)") else { return }
        guard let found = answer.json["loadbalancers"]?[0] else {
            // It may come, but nobody will use it.
            others.append(live.remove(at: index))
            return
        }
        _ = live[index].existence.observe(true)
        Self.identify(&live[index], found)
    }

    private mutating func describe(_ index: Int) {
        let version = live[index].lastVersion + 1
        live[index].lastVersion = version
        live[index].isQuiet = false
        let path = "loadbalancers/\(live[index].id ?? "")"
        switch api.send("PUT", path, ["loadbalancer": ["description": .string("v\(version)")]]) {
        case .refused: break
        case .doubtful(let mayComeLater): live[index].version.doubt(version, mayComeLater: mayComeLater)
        case .answered(let answer) where answer.status == 200: live[index].version.acknowledge(version)
        case .answered(let answer): unexpected("PUT", path, answer)
        }
    }

    private mutating func delete(_ index: Int) {
        let path = "loadbalancers/\(live[index].id ?? "")"
        live[index].isQuiet = false
        let isSure = live[index].existence.isCertain
        switch api.send("DELETE", "\(path)?cascade=true") {
        case .refused: return
        case .doubtful(let mayComeLater): live[index].existence.doubt(false, mayComeLater: mayComeLater)
        case .answered(let answer):
            switch answer.status {
            case 204: live[index].existence.acknowledge(false)
            // Only if an earlier request was done, after all.
            case 404 where !isSure, 409 where !isSure: live[index].existence.acknowledge(false)
            default: return unexpected("DELETE", path, answer)
            }
            others.append(live.remove(at: index))
        }
    }

    // MARK: What is in them

    private mutating func addMember(_ index: Int) {
        let owner = live[index]
        let used = Set(owner.members.map(\.backend))
        guard !owner.isUDP, let backend = (2..<Scenery.backendCount).first(where: { !used.contains($0) }) else {
            return
        }
        var member = OwnedMember(name: "m\(backend)-\(owner.members.count)", backend: backend)
        let path = "pools/\(owner.pool)/members"
        live[index].isQuiet = false
        switch api.send("POST", path, ["member": scenery.member(backend, name: member.name)]) {
        case .refused: return
        case .doubtful(let mayComeLater): member.existence.doubt(true, mayComeLater: mayComeLater)
        case .answered(let answer) where answer.status == 201:
            member.existence.acknowledge(true)
            member.id = answer.json["member"]?["id"]?.string
        case .answered(let answer): return unexpected("POST", path, answer)
        }
        live[index].members.append(member)
    }

    private mutating func chooseMember(_ index: Int) -> Int? {
        let members = live[index].members
        return members.indices.filter {
            members[$0].id != nil && members[$0].existence.acknowledged && members[$0].existence.isCertain
        }.randomElement(using: &api.generator)
    }

    private mutating func weighMember(_ index: Int) {
        guard let member = chooseMember(index), let id = live[index].members[member].id else { return }
        let weight = Int.random(in: 1...50, using: &api.generator)
        let path = "pools/\(live[index].pool)/members/\(id)"
        live[index].isQuiet = false
        switch api.send("PUT", path, ["member": ["weight": .integer(Int64(weight))]]) {
        case .refused: break
        case .doubtful(let mayComeLater): live[index].members[member].weight.doubt(weight, mayComeLater: mayComeLater)
        case .answered(let answer) where answer.status == 200: live[index].members[member].weight.acknowledge(weight)
        case .answered(let answer): unexpected("PUT", path, answer)
        }
    }

    private mutating func removeMember(_ index: Int) {
        guard let member = chooseMember(index), let id = live[index].members[member].id else { return }
        let path = "pools/\(live[index].pool)/members/\(id)"
        live[index].isQuiet = false
        switch api.send("DELETE", path) {
        case .refused: break
        case .doubtful(let mayComeLater):
            live[index].members[member].existence.doubt(false, mayComeLater: mayComeLater)
        case .answered(let answer) where answer.status == 204:
            live[index].members[member].existence.acknowledge(false)
        case .answered(let answer): unexpected("DELETE", path, answer)
        }
    }

    private mutating func addListener(_ index: Int) {
        let owner = live[index]
        guard !owner.isUDP, owner.listeners.count < 12, let id = owner.id else { return }
        var listener = OwnedListener(name: "listener\(owner.listeners.count)", port: Ports.free())
        live[index].isQuiet = false
        let body: JSONValue = [
            "name": .string(listener.name), "loadbalancer_id": .string(id), "protocol": "HTTP",
            "protocol_port": .integer(Int64(listener.port)), "default_pool_id": .string(owner.pool),
        ]
        switch api.send("POST", "listeners", ["listener": body]) {
        case .refused: return
        case .doubtful(let mayComeLater): listener.existence.doubt(true, mayComeLater: mayComeLater)
        case .answered(let answer) where answer.status == 201:
            listener.existence.acknowledge(true)
            listener.id = answer.json["listener"]?["id"]?.string
        case .answered(let answer): return unexpected("POST", "listeners", answer)
        }
        live[index].listeners.append(listener)
    }

    private mutating func removeListener(_ index: Int) {
        let listeners = live[index].listeners
        let candidates = listeners.indices.filter {
            listeners[$0].id != nil && listeners[$0].existence.acknowledged && listeners[$0].existence.isCertain
        }
        guard let listener = candidates.randomElement(using: &api.generator), let id = listeners[listener].id else {
            return
        }
        live[index].isQuiet = false
        switch api.send("DELETE", "listeners/\(id)") {
        case .refused: break
        case .doubtful(let mayComeLater):
            live[index].listeners[listener].existence.doubt(false, mayComeLater: mayComeLater)
        case .answered(let answer) where answer.status == 204:
            live[index].listeners[listener].existence.acknowledge(false)
        case .answered(let answer): unexpected("DELETE", "listeners/\(id)", answer)
        }
    }

    // MARK: Views

    /// Looks at a load balancer that must be there.
    private mutating func read(_ index: Int) {
        let id = live[index].id ?? ""
        if case .answered(let answer) = api.send("GET", "loadbalancers/\(id)") {
            live[index].judge(answer, history)
        }
        guard case .answered(let answer) = api.send("GET", "pools/\(live[index].pool)/members") else { return }
        let members = answer.json["members"]?.array ?? []
        // What is on its way out is not there any more as far as its owner is concerned.
        let names = members.filter { $0["provisioning_status"] != "PENDING_DELETE" }.compactMap { $0["name"]?.string }
        if let problem = live[index].allowsMembers(Set(names)) {
            history.violate(.views, "\(live[index].name) (\(id)): \(problem)")
        }
    }

    /// Looks at a load balancer that must not be there.
    private mutating func readOld() {
        let indices = others.indices.filter { others[$0].id != nil }
        guard let index = indices.randomElement(using: &api.generator) else { return }
        guard case .answered(let answer) = api.send("GET", "loadbalancers/\(others[index].id ?? "")") else { return }
        others[index].judge(answer, history)
    }

    /// All load balancers that must be there are in a list.
    private mutating func list() {
        guard case .answered(let answer) = api.send("GET", "loadbalancers?fields=id") else { return }
        let ids = Set((answer.json["loadbalancers"]?.array ?? []).compactMap { $0["id"]?.string })
        for one in live where one.existence.acknowledged && one.existence.isCertain {
            if let id = one.id, !ids.contains(id) { history.violate(.views, "\(one.name) (\(id)) is not in a list") }
        }
        for one in others where one.isSeenGone {
            if let id = one.id, ids.contains(id) { history.violate(.views, "\(one.name) (\(id)) is in a list again") }
        }
    }

    private func unexpected(_ method: String, _ path: String, _ answer: HTTPAnswer) {
        history.violate(.answers, "\(method) \(path): \(answer.status) \(answer.text.prefix(300))")
    }
}

extension OwnedLoadBalancer {
    /// Judges one answer to GET. What is forward for its only writer:
    ///
    /// - it is there from the answer to its creation until it is deleted, then PENDING_DELETE, then gone for ever;
    /// - a description that was acknowledged or read is never followed by an older one;
    /// - after ACTIVE it is not PENDING again unless something was asked for;
    /// - an ERROR has a cause.
    mutating func judge(_ answer: HTTPAnswer, _ history: History) {
        let what = "\(name) (\(id ?? ""))"
        if answer.status == 404 {
            if !existence.allows(false) { history.violate(.views, "\(what) is not there") }
            _ = existence.observe(false)
            isSeenGone = true
            return
        }
        guard answer.status == 200, let body = answer.json["loadbalancer"] else {
            return history.violate(.answers, "GET \(what): \(answer.status) \(answer.text.prefix(300))")
        }
        let status = body["provisioning_status"]?.string ?? ""
        if isSeenGone { return history.violate(.views, "\(what) was gone and is \(status) now") }
        if status == "ERROR" {
            let reason = body["status_reason"]?.string ?? ""
            history.count { $0.errorsSeen[reason, default: 0] += 1 }
            if reason.isEmpty { history.violate(.errors, "\(what) is ERROR without a cause") }
        }
        if status == "PENDING_DELETE" {
            if !existence.allows(false) { history.violate(.views, "\(what) is PENDING_DELETE") }
            isSeenGoing = true
            return
        }
        if isSeenGoing || !existence.allows(true), status != "ERROR" {
            history.violate(.views, "\(what) was deleted and is \(status) now")
        }
        let text = body["description"]?.string ?? ""
        if let number = Int(text.dropFirst()), !version.observe(number) {
            history.violate(.views, "\(what) has the description \(text) after v\(version.acknowledged)")
        }
        if status == "ACTIVE" {
            isQuiet = isCertain
        } else if isQuiet, status.hasPrefix("PENDING") {
            history.violate(.views, "\(what) was ACTIVE, nothing was asked for, and it is \(status) now")
        }
    }

    /// Whether nothing that was asked for can still come.
    private var isCertain: Bool {
        existence.isCertain && version.isCertain && members.allSatisfy { $0.existence.isCertain && $0.weight.isCertain }
            && listeners.allSatisfy(\.existence.isCertain)
    }
}
