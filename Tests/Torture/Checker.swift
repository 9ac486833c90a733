// Compares what clients were told with what the service says and with what is on the machine.

internal import Foundation
internal import JSON
internal import TestSupport

/// One look at everything: violations by property.
struct Checker {
    let deployment: Deployment
    let scenery: Scenery
    /// What clients asked for.
    let owned: [OwnedLoadBalancer]
    /// Load balancers that the run made itself, which serve HTTP.
    let lasting: [SteadyLoadBalancer]
    let machine: MachineState

    private var found: [(Property, String)] = []
    private var ids: Set<String> = []
    private var withHAProxy: Set<String> = []
    private var withRules: Set<String> = []

    init(
        _ deployment: Deployment, _ scenery: Scenery, owned: [OwnedLoadBalancer], lasting: [SteadyLoadBalancer],
        machine: MachineState
    ) {
        self.deployment = deployment
        self.scenery = scenery
        self.owned = owned
        self.lasting = lasting
        self.machine = machine
    }

    /// All that is wrong now.
    mutating func look() async -> [(Property, String)] {
        found = []
        (ids, withHAProxy, withRules) = ([], [], [])
        do {
            let client = try deployment.login("demo", limit: .seconds(20))
            let all = try client.list(.loadBalancers)
            for port in deployment.apiPorts {
                let health = try HTTPConnection(to: "127.0.0.1", port: port).request("GET", "/healthcheck")
                if health.status != 200 { found.append((.answers, "/healthcheck: \(health.status) \(health.text)")) }
                let other = try APIClient(port: port, token: client.token).list(.loadBalancers)
                if other != all { found.append((.views, "two API processes list different load balancers")) }
            }
            ids = Set(all.compactMap { $0["id"]?.string })
            try checkStatuses(client, all)
            try checkWrites(client, all)
            try await checkMachine()
        } catch {
            found.append((.answers, "the check could not be made: \(error)"))
        }
        return found
    }

    private mutating func checkStatuses(_ client: APIClient, _ all: [JSONValue]) throws {
        var resources = all.map { ("load balancer", $0) }
        for (kind, collection) in [
            ("listener", Collection.listeners), ("pool", .pools), ("health monitor", .healthMonitors),
        ] {
            let listed = try client.list(collection)
            resources += listed.map { (kind, $0) }
            if kind == "pool" {
                for pool in listed {
                    resources += try client.list(.members(of: pool["id"]?.string ?? "")).map { ("member", $0) }
                }
            }
        }
        for (kind, resource) in resources {
            let status = resource["provisioning_status"]?.string ?? "nothing"
            let what = "\(kind) \(resource["name"]?.string ?? "") \(resource["id"]?.string ?? "") is \(status)"
            let reason = resource["status_reason"]?.string ?? "no cause"
            if status.hasPrefix("PENDING") { found.append((.pending, "\(what) (\(reason))")) }
            if status == "ERROR" { found.append((.errors, "\(what): \(reason)")) }
            let operating = resource["operating_status"]?.string ?? "nothing"
            if !["ONLINE", "NO_MONITOR"].contains(operating) {
                found.append((.serves, "\(what), operating_status \(operating)"))
            }
        }
    }

    private mutating func checkWrites(_ client: APIClient, _ all: [JSONValue]) throws {
        let byName = Dictionary(grouping: all) { $0["name"]?.string ?? "" }
        let lastingIDs = Set(lasting.map(\.id))
        for one in lasting {
            withHAProxy.insert(one.id)
            if !ids.contains(one.id) { found.append((.writes, "\(one.id), which nobody deleted, is not there")) }
            if !scenery.serves(one.address, one.port, isUDP: false) {
                found.append((.serves, "\(one.id) at \(one.address):\(one.port)"))
            }
        }
        let known = Set(owned.map(\.name))
        for body in all where !lastingIDs.contains(body["id"]?.string ?? "") {
            let name = body["name"]?.string ?? ""
            if !known.contains(name) { found.append((.wholes, "nobody asked for load balancer '\(name)'")) }
        }
        for one in owned {
            let bodies = byName[one.name] ?? []
            if bodies.count > 1 { found.append((.wholes, "\(one.name) is there \(bodies.count) times")) }
            let isThere = !bodies.isEmpty
            guard one.existence.allows(isThere) else {
                let property =
                    one.existence.isCertain && !one.existence.acknowledged && one.id == nil
                    ? Property.wholes : .writes
                found.append((property, "\(one.name) (\(one.id ?? "")) is \(isThere ? "there" : "not there")"))
                continue
            }
            guard let body = bodies.first else { continue }
            if let id = one.id, body["id"]?.string != id {
                found.append((.wholes, "\(one.name) has another id than it had: \(id)"))
            }
            try check(client, one, body)
        }
    }

    /// Checks the tree of one load balancer that may be there, and is.
    private mutating func check(_ client: APIClient, _ one: OwnedLoadBalancer, _ body: JSONValue) throws {
        let id = body["id"]?.string ?? ""
        let address = body["vip_address"]?.string ?? ""
        let what = "\(one.name) (\(id))"
        if one.isUDP { withRules.insert(id) } else { withHAProxy.insert(id) }
        if let number = body["description"]?.string.flatMap({ Int($0.dropFirst()) }), !one.version.allows(number) {
            found.append((.writes, "\(what): description v\(number) instead of v\(one.version.acknowledged)"))
        }
        let pools = try client.list(.pools, query: "?loadbalancer_id=\(id)")
        guard pools.count == 1, pools[0]["name"] == "pool", let pool = pools[0]["id"]?.string else {
            return found.append((.wholes, "\(what) has \(pools.count) pools"))
        }
        if one.isMonitored, !one.isUDP, pools[0]["healthmonitor_id"]?.string == nil {
            found.append((.wholes, "\(what) has no health monitor"))
        }
        let members = try client.list(.members(of: pool))
        if let problem = one.allowsMembers(Set(members.compactMap { $0["name"]?.string })) {
            found.append((.writes, "\(what): \(problem)"))
        }
        for member in one.members {
            guard let body = members.first(where: { $0["name"]?.string == member.name }) else { continue }
            let weight = Int(body["weight"]?.integer ?? -1)
            if !member.weight.allows(weight) {
                found.append((.writes, "\(what): \(member.name) has the weight \(weight)"))
            }
        }
        let listeners = Set(
            try client.list(.listeners, query: "?load_balancer_id=\(id)").compactMap { $0["name"]?.string })
        if !listeners.contains("first") { found.append((.wholes, "\(what) has lost its first listener")) }
        if !scenery.serves(address, one.port, isUDP: one.isUDP) {
            found.append((.serves, "\(what) at \(address):\(one.port)\(one.isUDP ? ", UDP" : "")"))
        }
        for listener in one.listeners {
            let isThere = listeners.contains(listener.name)
            guard listener.existence.allows(isThere) else {
                found.append((.writes, "\(what): \(listener.name) is \(isThere ? "there" : "not there")"))
                continue
            }
            if isThere != scenery.serves(address, listener.port, isUDP: false, limit: .seconds(2)) {
                found.append((.serves, "\(what): \(listener.name) at \(address):\(listener.port), there: \(isThere)"))
            }
        }
    }

    private mutating func checkMachine() async throws {
        func compare(_ what: String, _ present: [String], _ wanted: Set<String>) {
            for (id, count) in Dictionary(grouping: present, by: { $0 }).mapValues(\.count).sorted(by: {
                $0.key < $1.key
            }) {
                if !wanted.contains(id) { found.append((.leftovers, "\(what) of \(id), which does not exist")) }
                if count > 1 { found.append((.leftovers, "\(count) times \(what) of \(id)")) }
            }
            for id in wanted.subtracting(present).sorted() { found.append((.serves, "no \(what) of \(id)")) }
        }
        compare("HAProxy", deployment.haproxies.compactMap { deployment.loadBalancer(ofHAProxy: $0) }, withHAProxy)
        let all = Files.below("\(deployment.dataDirectory)/amphora")
        // Beside them stand the agent's lock and its sockets for logs.
        let own = ["agent.lock", "state-log"]
        compare(
            "folder", all.filter { !$0.contains("/") && !own.contains($0) && !$0.hasPrefix("access-log") }, ids)
        for file in all + Files.below("\(deployment.dataDirectory)/kernel")
        where file.hasSuffix(".tmp") || file.hasSuffix(".new") {
            found.append((.leftovers, "the file \(file)"))
        }
        for name in try await machine.news(bridge: deployment.bridge) {
            switch name {
            case .rules(let id): if !withRules.contains(id) { found.append((.leftovers, "rules of \(id)")) }
            case .namespace(let id): if !ids.contains(id) { found.append((.leftovers, "the namespace of \(id)")) }
            case .other(let text): found.append((.leftovers, text))
            }
        }
        let ports = try deployment.login("admin", limit: .seconds(20)).send("GET", "/network/v2.0/ports")
        let owners = (ports.json["ports"]?.array ?? []).filter { $0["device_owner"] == "Octavia" }
            .compactMap { $0["device_id"]?.string }
        compare("VIP port", owners.map { $0.hasPrefix("lb-") ? String($0.dropFirst(3)) : $0 }, ids)
    }
}
