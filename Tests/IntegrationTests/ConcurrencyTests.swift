// Many clients at once.

internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite(.server) struct ConcurrencyTests {
        @Test func sixteenClientsCreateAndDelete() async throws {
            let server = try currentServer()
            let client = try server.demo()
            let backend = try HTTPBackend("b1")
            let start = ContinuousClock.now
            // With so much at once, a check that is answered after a second is no failure yet.
            let monitor: ServedLoadBalancer.Fields = ["delay": 10, "timeout": 10, "max_retries_down": 3]
            let made = try await inParallel(16) { index in
                let served = try ServedLoadBalancer(
                    client, [backend], loadBalancer: ["name": .string("lb \(index)")], monitor: monitor)
                return (served, try served.fetch().status)
            }
            print("MEASURED 16 clients made 16 load balancers in \(ContinuousClock.now - start)")
            #expect(made.map(\.1) == Array(repeating: 200, count: 16))
            #expect(server.haproxies.count == 16)
            let listed = try client.list(.loadBalancers)
            #expect(listed.count == 16)
            #expect(listed.allSatisfy { $0["provisioning_status"] == "ACTIVE" })
            #expect(Set(listed.map { $0["vip_address"] }).count == 16)
            _ = try await inParallel(16) { index in try made[index].0.delete() }
            for (served, _) in made {
                #expect(try client.send("GET", "loadbalancers/\(served.id)").status == 404)
            }
            try await eventually("no HAProxy is left", within: .seconds(5)) { server.haproxies.isEmpty }
            #expect(try client.list(.loadBalancers).isEmpty && client.list(.pools).isEmpty)
        }

        @Test func addressesAreGivenOnce() async throws {
            let client = try currentServer().demo()
            let subnet = try client.privateSubnet()
            let made = try await inParallel(16) { _ in
                try client.create(.loadBalancers, ["vip_subnet_id": .string(subnet)])
            }
            #expect(Set(made.map { $0["vip_address"] }).count == 16)
            // One address, many clients: one has it.
            let wanted = JSONValue.string(VirtualAddresses.next())
            let answers = try await inParallel(8) { _ in
                try client.send(
                    "POST", "loadbalancers",
                    ["loadbalancer": ["vip_subnet_id": .string(subnet), "vip_address": wanted]])
            }
            #expect(answers.map(\.status).sorted() == [201] + Array(repeating: 409, count: 7))
            for loadBalancer in try client.list(.loadBalancers) {
                try client.delete(.loadBalancers, loadBalancer["id"]?.string ?? "")
            }
        }

        @Test func changesOfOneLoadBalancerAtTheSameTimeAreAllAccepted() async throws {
            let client = try currentServer().demo()
            let backends = try makeBackends(9)
            let served = try ServedLoadBalancer(client, [backends[8]])
            let ports = (0..<4).map { _ in Ports.free() }
            let added = try await inParallel(8) { index in
                try client.send(
                    "POST", "pools/\(served.pool)/members",
                    ["member": .object(ServedLoadBalancer.member(backends[index]))])
            }
            #expect(added.map(\.status) == Array(repeating: 201, count: 8), "\(added.map(\.text))")
            let listeners = try await inParallel(4) { index in
                try client.send(
                    "POST", "listeners",
                    [
                        "listener": [
                            "loadbalancer_id": .string(served.id), "protocol": "HTTP",
                            "protocol_port": .integer(Int64(ports[index])), "default_pool_id": .string(served.pool),
                        ]
                    ])
            }
            #expect(listeners.map(\.status) == Array(repeating: 201, count: 4), "\(listeners.map(\.text))")
            let both = try await inParallel(2) { index in
                try client.send(
                    "PUT", "loadbalancers/\(served.id)",
                    ["loadbalancer": [index == 0 ? "name" : "description": "changed"]])
            }
            #expect(both.map(\.status) == [200, 200], "\(both.map(\.text))")
            try await client.settle(served.id)
            let loadBalancer = try client.get(.loadBalancers, served.id)
            #expect(loadBalancer["name"] == "changed" && loadBalancer["description"] == "changed")
            #expect(loadBalancer["listeners"]?.array?.count == 5)
            _ = try served.share(of: 9)
            let share = try served.share(of: 90)
            #expect(share.count == 9, "\(share)")
            for port in ports { #expect(try fetch(served.address, port).status == 200) }
            // Two members with one address: one wins.
            let extra = try HTTPBackend("extra")
            let same = try await inParallel(4) { _ in
                try client.send(
                    "POST", "pools/\(served.pool)/members", ["member": .object(ServedLoadBalancer.member(extra))])
            }
            #expect(same.map(\.status).sorted() == [201, 409, 409, 409])
            // Delete and change at the same time: nothing is left over, nothing is a fault of the server.
            let race = try await inParallel(6) { index in
                index == 0
                    ? try client.send("DELETE", "loadbalancers/\(served.id)?cascade=true")
                    : try client.send("PUT", "pools/\(served.pool)", ["pool": ["name": .string("n\(index)")]])
            }
            #expect(race[0].status == 204 || race[0].status == 409, "\(race[0].text)")
            #expect(race.allSatisfy { $0.status < 500 }, "\(race.map(\.status))")
            if race[0].status == 409 {
                try await client.settle(served.id)
                try served.delete()
            }
            try await eventually("it is gone") { try client.send("GET", "pools/\(served.pool)").status == 404 }
        }
    }
}
