// Reading HAProxy's tables, and what reports say of them.

import Glibc
import LoadBalancing
import PacketForwarding
import Testing

@testable import AmphoraAgent

@Suite struct ObservationTests {
    private static let header = "# pxname,svname,scur,slim,stot,bin,bout,ereq,status,type,\n"

    @Test func tableIsReadByNames() throws {
        let text = Self.header + "f,FRONTEND,1,2,3,4,5,6,OPEN,0,\n\"a,b\",\"s\"\"1\",,,,,,,UP 1/3,2,\nx,BACKEND,\n"
        let rows = try #require(StatisticsTable.rows(of: text))
        #expect(
            rows == [
                StatisticsRow(
                    proxy: "f", name: "FRONTEND", kind: .frontend, status: "OPEN", currentSessions: 1, sessionLimit: 2,
                    totalSessions: 3, bytesIn: 4, bytesOut: 5, requestErrors: 6),
                StatisticsRow(
                    proxy: "a,b", name: "s\"1", kind: .server, status: "UP 1/3", currentSessions: 0, sessionLimit: 0,
                    totalSessions: 0, bytesIn: 0, bytesOut: 0, requestErrors: 0),
            ])
        #expect(StatisticsTable.rows(of: "Unknown command") == nil)
        #expect(StatisticsTable.rows(of: "") == nil)
    }

    @Test func answersAreSplitAtEmptyLines() {
        #expect(
            HAProxyRuntimeClient.answers(in: "New server registered.\n\n\nNo such server.\n\n") == [
                "New server registered.", "", "No such server.",
            ])
        #expect(HAProxyRuntimeClient.answers(in: "\n\n") == ["", ""])
        #expect(HAProxyRuntimeClient.answers(in: "") == [])
    }

    @Test(arguments: [
        ("UP", MemberObservation.up), ("UP 1/3", .up), ("NOLB", .up), ("DOWN", .down), ("DOWN 1/2", .down),
        ("DRAIN", .draining), ("MAINT", .maintenance), ("MAINT (via a/b)", .maintenance), ("no check", .unmonitored),
    ])
    func memberStates(status: String, expected: MemberObservation) throws {
        let builder = try Self.reportBuilder(status: status)
        #expect(builder.report().members[id(20)]?[id(30)] == expected)
    }

    @Test func plannedStatesWin() throws {
        let weight = try Self.reportBuilder(status: "UP", member: .init(30, weight: 0))
        #expect(weight.report().members[id(20)]?[id(30)] == .draining)
        let off = try Self.reportBuilder(status: "DOWN", member: .init(30, isEnabled: false))
        #expect(off.report().members[id(20)]?[id(30)] == .maintenance)
        let new = try Self.reportBuilder(status: nil)
        #expect(new.report().members[id(20)]?[id(30)] == .up)
    }

    @Test func fullListener() throws {
        var builder = try Self.reportBuilder(status: "UP")
        builder.rows[0].currentSessions = 5
        builder.rows[0].sessionLimit = 5
        #expect(builder.report().listeners[id(10)]?.state == .open)
        builder.plan.listeners[0].connectionLimit = 5
        #expect(builder.report().listeners[id(10)]?.state == .full)
        builder.isServing = false
        #expect(builder.report().listeners[id(10)]?.state == .closed)
    }

    private static func reportBuilder(status: String?, member: MemberPlan = .init(30)) throws -> ReportBuilder {
        let plan = plan(
            listeners: [.init(id: id(10), listenerProtocol: .http, port: 80, defaultPoolID: id(20))],
            pools: [
                .init(
                    id: id(20), poolProtocol: .http, members: [member],
                    healthMonitor: .init(id: id(40), type: .tcp, delay: 5, timeout: 3, maxRetries: 2))
            ])
        var table = header + "\(id(10)),FRONTEND,0,9,0,0,0,0,OPEN,0,\n"
        if let status { table += "\(id(20)):\(id(10)),\(id(30)),0,,0,0,0,,\(status),2,\n" }
        return ReportBuilder(
            plan: plan, isServing: true,
            rows: try #require(StatisticsTable.rows(of: table)), ledger: .init(), pings: [:], previous: nil)
    }

    @Test func countersGrowOverProcesses() throws {
        var ledger = StatisticsLedger()
        let one = try #require(ProcessIdentity(pid: getpid()))
        let two = try #require(ProcessIdentity(pid: getppid()))
        ledger.observe(["l": .init(bytesIn: 10, activeConnections: 3, totalConnections: 5)], of: one)
        ledger.observe(["l": .init(bytesIn: 20, activeConnections: 2, totalConnections: 6)], of: one)
        ledger.observe(["l": .init(bytesIn: 1, activeConnections: 1, totalConnections: 1)], of: two)
        #expect(ledger.total(of: "l") == .init(bytesIn: 21, activeConnections: 1, totalConnections: 7))
        ledger.finishProcess()
        #expect(ledger.total(of: "l") == .init(bytesIn: 21, activeConnections: 0, totalConnections: 7))
        ledger.retain([])
        #expect(ledger.total(of: "l") == .init())
    }

    @Test func stateTableCarriesResultsOnly() throws {
        func configuration(_ members: [MemberPlan]) throws -> HAProxyConfiguration {
            let monitor = HealthMonitorPlan(id: id(40), type: .tcp, delay: 5, timeout: 3, maxRetries: 2)
            return try HAProxyConfigurationBuilder.forTests.configuration(
                for: plan(
                    listeners: [],
                    pools: [.init(id: id(20), poolProtocol: .tcp, members: members, healthMonitor: monitor)]))
        }
        let running = try configuration([.init(30), .init(31), .init(32)])
        let wanted = try configuration([.init(30, weight: 7), .init(31, isEnabled: false), .init(32, port: 1)])
        let lines = [30, 31, 32].map { "3 \(id(20)) 1 \(id($0)) 127.66.2.30 0 1 1 1 17 2 0 6 0" }
        let text = "1\n# be_id be_name\n" + lines.joined(separator: "\n") + "\n\n"
        #expect(
            ServerStateTable.carriedOver(text, from: running, to: wanted)
                == "1\n# be_id be_name\n3 \(id(20)) 1 \(id(30)) 127.66.2.30 0 0 7 7 17 2 0 6 0\n")
    }

    @Test func pingsCountInARow() {
        var health = MemberHealth()
        #expect(
            [false, true, false, false].map { health.record($0, rise: 1, fall: 2) } == [false, false, false, true])
        #expect(!health.isUp)
        #expect([true, false, true, true].map { health.record($0, rise: 2, fall: 2) } == [false, false, false, true])
        #expect(health.isUp)
    }

    @Test func echoRequestsAreRecognised() {
        var reply = ICMPPinger.request(0x1234_5678_9ABC_DEF0, family: .ipv4)
        #expect(ICMPPinger.number(in: reply[...], family: .ipv4) == nil, "a request is no reply")
        reply[0] = 0
        #expect(ICMPPinger.number(in: reply[...], family: .ipv4) == 0x1234_5678_9ABC_DEF0)
        let raw = [0x45] + [UInt8](repeating: 0, count: 19) + reply
        #expect(ICMPPinger.number(in: raw[...], family: .ipv4) == 0x1234_5678_9ABC_DEF0)
    }

    @Test func bindFailuresAreUnderstood() {
        let output = """
            [NOTICE]   (1) : haproxy version is 2.6.12
            [ALERT]    (1) : Binding [/x/h.cfg:27] for frontend f1: cannot bind socket (Address already in use) for [127.66.9.2:9001]
            [ALERT]    (1) : Binding [/x/h.cfg:28] for frontend f1: cannot bind socket (Cannot assign requested address) for [2001:db8::1:80]
            [ALERT]    (1) : [haproxy.main()] Some protocols failed to start their listeners! Exiting.
            """
        guard case .cannotBind(let endpoints) = HAProxyLauncher.failure(for: output, status: "1") else {
            Issue.record("not understood")
            return
        }
        #expect(
            endpoints.values.sorted() == [
                "Address 2001:db8::1 is not local to this machine, so port 80 cannot be opened on it.",
                "Port 9001 on 127.66.9.2 is already used by another program on this machine.",
            ])
    }
}
