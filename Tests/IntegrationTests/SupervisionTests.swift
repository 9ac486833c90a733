// HAProxy and the server are killed, and clients do not notice for long, or not at all.

internal import Foundation
internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite struct SupervisionTests {
        @Test func killedHAProxyIsBackWithinASecond() async throws {
            try await ServerProcess.with { server in
                let served = try ServedLoadBalancer(server.demo(), makeBackends(2))
                let other = try ServedLoadBalancer(server.demo(), makeBackends(1))
                let untouched = server.haproxy(of: other.id)
                for round in 1...2 {
                    #expect(try served.fetch().status == 200)
                    let process = try #require(server.haproxy(of: served.id))
                    ProcessTable.kill(process)
                    let gap = try await eventually("HAProxy is back", every: .milliseconds(2)) {
                        !ProcessTable.isAlive(process) && (try? served.fetch().status) == 200
                    }
                    print("MEASURED HAProxy was back \(gap) after kill -9 (round \(round))")
                    #expect(gap < .seconds(1))
                    #expect(server.haproxy(of: served.id) != process)
                }
                #expect(server.haproxy(of: other.id) == untouched)
                try await served.client.wait(for: "ONLINE", of: .loadBalancers, served.id)
                #expect(server.log.lowercased().contains("haproxy ended"), "the log tells of it")
                // And it can be changed as before.
                try await served.removeMember(served.members[0])
                try served.expectShare(of: 4, ["b2": 4])
            }
        }

        @Test func operatingStatusShowsThatHAProxyCannotRun() async throws {
            let folder = try TemporaryFolder("ottava-haproxy")
            defer { folder.remove() }
            let program = try #require(Files.program("haproxy"))
            let link = folder.file("haproxy")
            try Files.link(link, to: program)
            try await ServerProcess.with(environment: ["OTTAVA_HAPROXY": link]) { server in
                let served = try ServedLoadBalancer(server.demo(), makeBackends(1))
                try await served.client.wait(for: "ONLINE", of: .loadBalancers, served.id)
                #expect(try served.fetch().status == 200)
                try Files.remove(link)
                ProcessTable.kill(try #require(server.haproxy(of: served.id)))
                let noticed = try await served.client.wait(for: "ERROR", of: .loadBalancers, served.id)
                print("MEASURED operating_status ERROR \(noticed) after the end of HAProxy")
                try await served.client.wait(for: "ERROR", of: .listeners, served.listener)
                // The API answers as if nothing had happened.
                #expect(try served.client.get(.loadBalancers, served.id)["provisioning_status"] == "ACTIVE")
                try Files.link(link, to: program)
                try await served.client.wait(for: "ONLINE", of: .loadBalancers, served.id, within: .seconds(15))
                #expect(try served.fetch().status == 200)
            }
        }

        @Test func killedServerDoesNotStopTraffic() async throws {
            try await ServerProcess.with { server in
                let backends = try makeBackends(3)
                let served = try ServedLoadBalancer(server.demo(), Array(backends[..<2]), monitor: [:])
                let process = try #require(server.haproxy(of: served.id))
                let load = LoadGenerator(to: served.address, port: served.port)
                try await Task.sleep(for: .milliseconds(500))
                try await server.killNow()
                try await Task.sleep(for: .milliseconds(500))
                #expect(throws: ConnectionFailure.self) { try fetch("127.0.0.1", server.port) }
                try await server.start()
                #expect(server.haproxy(of: served.id) == process, "the same process serves")

                // Tokens, objects and the data plane are as before.
                #expect(try served.client.get(.loadBalancers, served.id)["provisioning_status"] == "ACTIVE")
                _ = try await served.addMember(backends[2])
                #expect(server.haproxies == [process])
                try await Task.sleep(for: .milliseconds(500))
                let result = try await load.stop()
                print("MEASURED kill -9 and restart of the server under load: \(result)")
                #expect(result.failed == 0, "\(result)")
                #expect(Set(result.answers.keys) == ["b1", "b2", "b3"])
                try await served.client.wait(for: "ONLINE", of: .loadBalancers, served.id)

                // A change that needs a reload, too.
                try await served.update(.pools, served.pool, ["lb_algorithm": "LEAST_CONNECTIONS"])
                #expect(try served.fetch().status == 200)
                try served.delete()
                try await eventually("HAProxy is gone") { server.haproxies.isEmpty }
            }
        }

        @Test func changesAndDeathsWhileTheServerIsAwayAreMadeGood() async throws {
            try await ServerProcess.with { server in
                let client = try server.demo()
                let lost = try ServedLoadBalancer(client, makeBackends(1))
                let kept = try ServedLoadBalancer(client, makeBackends(1))
                try await server.killNow()
                ProcessTable.kill(try #require(server.haproxy(of: lost.id)))
                try await eventually("it is gone") { server.haproxy(of: lost.id) == nil }
                try await server.start()
                try await eventually("the lost one serves again", within: .seconds(5)) {
                    (try? lost.fetch().status) == 200
                }
                #expect(try kept.fetch().status == 200)
                try await client.wait(for: "ONLINE", of: .loadBalancers, lost.id)
            }
        }

        @Test func aServerThatIsKilledWhileHAProxyStartsLeavesOne() async throws {
            try await ServerProcess.with { server in
                let client = try server.demo()
                let served = try ServedLoadBalancer(client, makeBackends(1))
                let folder = "\(server.dataDirectory)/amphora/\(served.id)"
                for round in 0..<6 {
                    // A client that has not finished its request keeps the replaced process alive.
                    let open = try HTTPConnection(to: served.address, port: served.port)
                    let before = Set(ProcessTable.haproxies(below: folder))
                    let change = Thread {
                        _ = try? client.send(
                            "PUT", "listeners/\(served.listener)",
                            ["listener": ["timeout_client_data": .integer(Int64(60_000 + round))]])
                    }
                    change.start()
                    try await eventually("HAProxy begins", within: .seconds(20), every: .milliseconds(1)) {
                        !Set(ProcessTable.haproxies(below: folder)).subtracting(before).isEmpty
                    }
                    // Sooner and later in its start.
                    try await Task.sleep(for: .milliseconds(round * 15))
                    try await server.killNow()
                    try await server.start()
                    let end = ContinuousClock.now + .milliseconds(500)
                    while ContinuousClock.now < end { #expect(try served.fetch().status == 200) }
                    withExtendedLifetime(open) {}
                    try await client.settle(served.id)
                }
                try await eventually("one HAProxy is left", within: .seconds(60)) {
                    ProcessTable.haproxies(below: folder) == [server.haproxy(of: served.id)].compactMap { $0 }
                }
                #expect(try served.fetch().status == 200)
                try served.delete()
                try await eventually("HAProxy is gone", within: .seconds(20)) { server.haproxies.isEmpty }
            }
        }

        @Test func terminatedServerLeavesTheDataPlaneRunning() async throws {
            try await ServerProcess.with { server in
                let served = try ServedLoadBalancer(server.demo(), makeBackends(2))
                let process = try #require(server.haproxy(of: served.id))
                let load = LoadGenerator(to: served.address, port: served.port)
                // A client that holds a connection to the API does not hold up the end.
                let idle = try HTTPConnection(to: "127.0.0.1", port: server.port)
                _ = try idle.request()
                let start = ContinuousClock.now
                #expect(try await server.terminate() == 0)
                print("MEASURED end after SIGTERM: \(ContinuousClock.now - start)")
                withExtendedLifetime(idle) {}
                try await Task.sleep(for: .milliseconds(300))
                try await server.start()
                #expect(server.haproxy(of: served.id) == process)
                try await served.removeMember(served.members[0])
                try served.expectShare(of: 4, ["b2": 4])
                let result = try await load.stop()
                #expect(result.failed == 0, "\(result)")
                #expect(try served.client.get(.loadBalancers, served.id)["provisioning_status"] == "ACTIVE")
            }
        }

        @Test(arguments: [false, true])
        func ephemeralServerLeavesNothing(byInterrupt: Bool) async throws {
            try await ServerProcess.with(isEphemeral: true) { server in
                let served = try ServedLoadBalancer(server.demo(), makeBackends(2), monitor: [:])
                #expect(try served.fetch().status == 200)
                let folder = try #require(server.ephemeralDirectory)
                #expect(Files.exists("\(folder)/clouds.yaml") && Files.exists("\(folder)/openrc"))
                #expect(ProcessTable.haproxies(below: folder).count == 1)
                let open = try HTTPConnection(to: served.address, port: served.port)
                _ = try open.request()

                #expect(try await server.terminate(byInterrupt: byInterrupt) == 0)
                #expect(!Files.exists(folder))
                #expect(ProcessTable.processes(below: folder).isEmpty)
                #expect(throws: ConnectionFailure.self) { try served.fetch() }
                #expect(throws: ConnectionFailure.self) { try fetch("127.0.0.1", server.port) }
                // The addresses can be bound by others at once.
                _ = try TCPSocket.listen(on: served.address, port: served.port)
                withExtendedLifetime(open) {}
            }
        }
    }
}
