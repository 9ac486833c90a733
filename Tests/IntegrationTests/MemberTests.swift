// Members come, change and go while the pool serves.

internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite(.server) struct MemberTests {
        @Test func membersAreAddedChangedAndRemovedWithoutReload() async throws {
            let server = try currentServer()
            let backends = try makeBackends(3)
            let served = try ServedLoadBalancer(server.demo(), Array(backends[..<2]))
            let process = server.haproxy(of: served.id)
            #expect(process != nil)
            try served.expectShare(of: 10, ["b1": 5, "b2": 5])

            let third = try await served.addMember(backends[2])
            try served.expectShare(of: 9, ["b1": 3, "b2": 3, "b3": 3])

            try await served.update(served.membersCollection, third, ["weight": 2])
            try served.expectShare(of: 40, ["b1": 10, "b2": 10, "b3": 20])

            // Weight 0 gets no new clients, and says so.
            try await served.update(served.membersCollection, third, ["weight": 0])
            try served.expectShare(of: 10, ["b1": 5, "b2": 5])

            try await served.update(served.membersCollection, served.members[0], ["admin_state_up": false])
            try served.expectShare(of: 5, ["b2": 5])
            try await served.client.wait(for: "OFFLINE", of: served.membersCollection, served.members[0])

            try await served.update(served.membersCollection, third, ["weight": 1])
            try await served.removeMember(served.members[1])
            try served.expectShare(of: 5, ["b3": 5])
            try await served.update(served.membersCollection, served.members[0], ["admin_state_up": true])
            // Who comes back is served first for a while, so as to catch up.
            _ = try served.share(of: 20)
            try served.expectShare(of: 10, ["b1": 5, "b3": 5])
            #expect(server.haproxy(of: served.id) == process, "these changes need no new process")

            let status = try served.client.send("GET", "pools/\(served.pool)/members/\(served.members[1])").status
            #expect(status == 404)
            try served.delete()
        }

        @Test func weightZeroIsDraining() async throws {
            let served = try ServedLoadBalancer(currentServer().demo(), makeBackends(2), monitor: [:])
            try await served.update(served.membersCollection, served.members[0], ["weight": 0])
            try await served.client.wait(for: "DRAINING", of: served.membersCollection, served.members[0])
            try served.expectShare(of: 6, ["b2": 6])
            try served.delete()
        }

        @Test func backupServesOnlyWhenTheOthersAreDown() async throws {
            let backends = try makeBackends(3)
            let served = try ServedLoadBalancer(currentServer().demo(), Array(backends[..<2]), monitor: [:])
            _ = try await served.addMember(backends[2], ["backup": true])
            try served.expectShare(of: 10, ["b1": 5, "b2": 5])
            backends[0].stop()
            backends[1].stop()
            for member in served.members {
                try await served.client.wait(for: "ERROR", of: served.membersCollection, member)
            }
            try served.expectShare(of: 5, ["b3": 5])
            try backends[0].start()
            try await eventually("b1 serves again, the backup no more") {
                try served.share(of: 4) == ["b1": 4]
            }
            try served.delete()
        }

        @Test func batchReplacesAndAdds() async throws {
            let backends = try makeBackends(4)
            let served = try ServedLoadBalancer(currentServer().demo(), Array(backends[..<2]), member: ["weight": 5])
            func batch(_ members: [ServedLoadBalancer.Fields], query: String = "") async throws -> HTTPAnswer {
                let answer = try served.client.send(
                    "PUT", "pools/\(served.pool)/members\(query)",
                    ["members": .array(members.map { .object($0) })])
                try await served.client.settle(served.id)
                return answer
            }
            func ids() throws -> [String: String] {
                Dictionary(
                    try served.client.list(served.membersCollection).map {
                        ("\($0["protocol_port"]?.integer ?? 0)", $0["id"]?.string ?? "")
                    }, uniquingKeysWith: { $1 })
            }
            let fields = backends.map { ServedLoadBalancer.member($0) }

            // b1 goes, b2 stays with its id and gets the default weight, b3 comes.
            let replaced = try await batch([fields[1], fields[2]])
            #expect(replaced.status == 202 && replaced.body.isEmpty, "\(replaced.status) \(replaced.text)")
            let afterReplace = try ids()
            #expect(afterReplace.count == 2)
            #expect(afterReplace["\(backends[1].port)"] == served.members[1])
            #expect(try served.client.get(served.membersCollection, served.members[1])["weight"] == 1)
            _ = try served.share(of: 20)
            try served.expectShare(of: 10, ["b2": 5, "b3": 5])

            let added = try await batch([fields[3]], query: "?additive_only=True")
            #expect(added.status == 202)
            #expect(try ids().count == 3)
            try served.expectShare(of: 9, ["b2": 3, "b3": 3, "b4": 3])

            // One bad entry, and nothing happens.
            var bad = fields[0]
            bad["weight"] = 257
            #expect(try await batch([fields[0], bad]).status == 400)
            #expect(try await batch([fields[1], fields[1]]).status == 400)
            #expect(try await batch([fields[0], fields[0]]).status == 409)
            #expect(try ids().count == 3)
            try served.expectShare(of: 9, ["b2": 3, "b3": 3, "b4": 3])

            #expect(try await batch([]).status == 202)
            #expect(try ids().isEmpty)
            try served.expectShare(of: 2, ["503": 2])
            #expect(try await batch([fields[0]]).status == 202)
            try served.expectShare(of: 2, ["b1": 2])
            try served.delete()
        }
    }
}
