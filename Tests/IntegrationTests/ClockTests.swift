// A clock that jumps between two starts of the server.

internal import Foundation
internal import JSON
internal import TestSupport
internal import Testing

/// A library that has a program see another time of day; clocks that only measure stay as they are.
///
/// It is of our own because libfaketime changes the environment before Swift's runtime looks for the arguments beside it, and
/// the program may find none.
private struct MovedClock {
    static let compiler: String? = {
        let found = Files.program("clang") ?? Files.program("cc")
        if found == nil { print("SKIPPED: tests that move the clock, because there is no C compiler") }
        return found
    }()

    private static let source = """
        #define _GNU_SOURCE
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>
        static long offset(void) {
            const char *text = getenv("CLOCK_OFFSET");
            return text ? atol(text) : 0;
        }
        int clock_gettime(clockid_t clock, struct timespec *now) {
            int result = syscall(SYS_clock_gettime, clock, now);
            if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) now->tv_sec += offset();
            return result;
        }
        int gettimeofday(struct timeval *now, void *zone) {
            struct timespec time;
            (void)zone;
            clock_gettime(CLOCK_REALTIME, &time);
            now->tv_sec = time.tv_sec;
            now->tv_usec = time.tv_nsec / 1000;
            return 0;
        }
        time_t time(time_t *result) {
            struct timespec time;
            clock_gettime(CLOCK_REALTIME, &time);
            if (result) *result = time.tv_sec;
            return time.tv_sec;
        }
        """

    private let library: String

    init(in folder: TemporaryFolder) async throws {
        library = folder.file("moved-clock.so")
        try Files.write(Self.source, to: folder.file("moved-clock.c"))
        let result = try await ChildProcess.run(
            try #require(Self.compiler), ["-shared", "-fPIC", "-o", library, folder.file("moved-clock.c")])
        guard result.status == 0 else { throw CannotStart(description: "the C compiler: \(result.errors)") }
    }

    func environment(days: Int) -> [String: String] {
        ["LD_PRELOAD": library, "CLOCK_OFFSET": "\(days * 86_400)"]
    }
}

extension IntegrationTests {
    @Suite(.enabled(if: MovedClock.compiler != nil && TestMaterial.canBeMade)) struct ClockTests {
        @Test(arguments: [false, true]) func sixtyDaysForwardAndBack(isShared: Bool) async throws {
            guard !isShared || PostgreSQLServer.isInstalled else { return }
            let environment = isShared ? ["OTTAVA_DATABASE": try PostgreSQLServer.ofThisRun().makeDatabase()] : [:]
            try await TestMaterial.with { material in
                try await ServerProcess.with(environment: environment) { server in
                    // Valid for a day.
                    let certificate = try await material.issue("one.test")
                    let client = try server.demo()
                    let backends = try makeBackends(2)
                    let plain = try ServedLoadBalancer(client, [backends[0]], monitor: [:])
                    let secured = try ServedLoadBalancer(
                        client, [backends[0]], protocol: "TERMINATED_HTTPS",
                        listener: ["default_tls_container_ref": .string(try client.storeSecret(certificate.combined))],
                        pool: ["protocol": "HTTP"])
                    let clock = try await MovedClock(in: server.folder)
                    for days in [60, 0] {
                        let isForward = days > 0
                        // Those that changes of before have replaced end by themselves.
                        try await eventually("each load balancer has one HAProxy", within: .seconds(30)) {
                            server.haproxies.count == 2
                        }
                        let processes = server.haproxies
                        // Killed right after an answer, so that work may be under way.
                        try client.updateSoon(plain.id)
                        try await server.killNow()
                        try await server.start(with: clock.environment(days: days))
                        let now = try server.demo()
                        // The worker of this process may not have started yet; but no work has waited for two months.
                        var health = ""
                        try await eventually("it is healthy", within: .seconds(60), every: .milliseconds(20)) {
                            let answer = try now.send("GET", "/healthcheck")
                            health += answer.text
                            return answer.status == 200
                        }
                        #expect(!health.contains("no worker has taken"), "\(health)")
                        if isForward {
                            #expect(try client.send("GET", "loadbalancers").status == 401, "the old token")
                        }
                        #expect(server.haproxies == processes, "all are adopted")
                        try await now.settle(plain.id)
                        #expect(try plain.fetch().status == 200)
                        // An expired certificate is the client's to judge; it is served as long as nobody replaces it.
                        #expect(
                            try await material.serial(at: secured.address, secured.port) == certificate.serial)
                        // What is there can be changed and extended…
                        let member = try now.create(
                            plain.membersCollection, .object(ServedLoadBalancer.member(backends[1])))
                        try now.update(.loadBalancers, secured.id, ["description": .string("day \(days)")])
                        try now.update(
                            .listeners, secured.listener, ["timeout_client_data": .integer(isForward ? 41_000 : 42_000)]
                        )
                        try await now.settle(plain.id)
                        try await now.settle(secured.id)
                        #expect(try now.get(.listeners, secured.listener)["provisioning_status"] == "ACTIVE")
                        #expect(try Set((0..<8).map { _ in try plain.fetch().text }) == ["b1", "b2"])
                        // …and something new is made and goes again.
                        let fresh = try ServedLoadBalancer(now, [backends[0]], monitor: [:])
                        #expect(try fresh.fetch().status == 200)
                        try now.delete(.loadBalancers, fresh.id, query: "?cascade=true")
                        try await eventually("the new one is gone") {
                            try now.send("GET", "loadbalancers/\(fresh.id)").status == 404
                        }
                        try now.delete(plain.membersCollection, try #require(member["id"]?.string))
                        try await now.settle(plain.id)
                        for listed in try now.list(.loadBalancers) {
                            #expect(listed["provisioning_status"] == "ACTIVE")
                            #expect(listed["operating_status"] == "ONLINE")
                        }
                    }
                }
            }
        }
    }
}

extension APIClient {
    /// Asks for a change with whatever token is good now, and does not wait for its work.
    fileprivate func updateSoon(_ id: String) throws {
        let fresh = try APIClient(port: port, user: "demo", password: ServerProcess.demoPassword, project: "demo")
        _ = try fresh.send("PUT", "loadbalancers/\(id)", ["loadbalancer": ["description": "soon"]])
    }
}
