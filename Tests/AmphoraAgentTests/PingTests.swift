// Echo requests to real addresses.

import LoadBalancing
import Testing

@testable import AmphoraAgent

@Suite struct PingTests {
    @Test func loopbackAnswers() async throws {
        let pinger = try ICMPPinger()
        if pinger.canPing("127.66.40.1") {
            #expect(await pinger.ping("127.66.40.1", within: .seconds(2)))
        }
        await pinger.stop()
    }

    @Test func manyAtOnce() async throws {
        let pinger = try ICMPPinger()
        var pool = PoolPlan(id: id(20), poolProtocol: .tcp)
        pool.members = (1...20).map { MemberPlan(id: id(30 + $0), address: "127.66.40.\($0)", port: 1) }
        pool.members.append(MemberPlan(id: id(99), address: "255.255.255.255", port: 1))
        pool.healthMonitor = HealthMonitorPlan(id: id(40), type: .ping, delay: 1, timeout: 1, maxRetries: 1)
        let monitor = try #require(PingMonitor(pool: pool))
        let answers = await monitor.round(with: pinger)
        if pinger.canPing("127.66.40.1") {
            #expect(answers.count == 21)
            #expect(answers.filter { !$0.value }.keys.sorted() == [id(99)])
        }
        await pinger.stop()
    }
}
