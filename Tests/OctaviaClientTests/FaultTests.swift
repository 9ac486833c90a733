// What happens when something goes wrong.

internal import JSON
internal import Logging
internal import OctaviaClient
internal import Synchronization
internal import TestSupport
internal import Testing

extension OctaviaClientTests {
    @Suite(.server)
    struct FaultTests {
        @Test func waitingEndsWithTheReason() async throws {
            let occupied = Ports.free()
            let address = VirtualAddresses.next()
            let occupant = try TCPSocket.listen(on: address, port: occupied)
            defer { occupant.shutdown() }
            try await withCloud { cloud in
                let made = try await cloud.loadBalancers.create(
                    LoadBalancerCreate(
                        name: "blocked",
                        vip: .subnet(try await cloud.network.subnets.find("private-subnet").id, address: address)))
                let listener = try await cloud.listeners.create(
                    ListenerCreate(listenerProtocol: .tcp, protocolPort: occupied, loadBalancer: made.id))
                do {
                    try await cloud.listeners.waitUntilActive(listener.id, within: .seconds(30))
                    Issue.record("a listener on a port in use is ACTIVE")
                } catch let error as CloudError {
                    #expect(error.code == .resourceFailed, "\(error)")
                    #expect(error.message.contains("\(occupied)"), "\(error)")
                }
                try await cloud.loadBalancers.delete(made.id, cascade: true)
            }
        }

        @Test func aTokenThatEndsIsReplacedInTheMiddle() async throws {
            let server = try #require(ServerProcess.current)
            try await withCloud { cloud in
                _ = try await cloud.loadBalancers.list().all()
                let old = try await cloud.token()
                // Somebody ends the token behind the library's back.
                let answer = try APIClient(port: server.port, token: old.value.revealed).send(
                    "DELETE", "/identity/v3/auth/tokens", bytes: nil,
                    headers: [("X-Subject-Token", old.value.revealed)])
                #expect(answer.status == 204)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<20 { group.addTask { _ = try await cloud.loadBalancers.list().all() } }
                    try await group.waitForAll()
                }
                #expect(try await cloud.token().value != old.value)
                try await cloud.logOut()
                _ = try await cloud.loadBalancers.list().all()
            }
        }

        @Test func aWrongPasswordIsTriedOnce() async throws {
            var configuration = try #require(ServerProcess.current).configuration()
            configuration.credentials = .password(
                user: .name("demo", domain: .default), password: "wrong",
                scope: .project(.name("demo", domain: .default)))
            try await Cloud.with(configuration) { cloud in
                #expect(await code { _ = try await cloud.loadBalancers.list().all() } == .unauthorized)
            }
        }

        @Test func brokenConnectionsAreTriedAgainWhereThatIsSafe() async throws {
            let server = try #require(ServerProcess.current)
            let proxy = try FaultyProxy(to: server.port)
            var configuration = try server.configuration()
            configuration.endpointOverrides["load-balancer"] = "http://127.0.0.1:\(proxy.port)/load-balancer"
            configuration.timeout = .seconds(2)
            configuration.retries = RetryPolicy(attempts: 4, firstPause: .milliseconds(10))
            try await Cloud.with(configuration) { cloud in
                let subnet = try await cloud.network.subnets.find("private-subnet").id
                for fault: FaultyProxy.Fault in [
                    .closedBeforeAnswer, .closedAfterRequest, .cutAnswer, .slow, .answer(status: 503),
                    .answer(status: 429),
                ] {
                    proxy.spoil([fault])
                    let before = proxy.connectionCount
                    _ = try await cloud.loadBalancers.list().all()
                    #expect(proxy.connectionCount == before + 2, "\(fault)")
                }
                // A creation may have happened. Where the service says nothing of keys it is not sent twice, and the error
                // says so in its code.
                proxy.spoil([.closedAfterRequest, .answer(status: 200)])
                let unknown = LoadBalancerCreate(
                    name: "unknown", vip: .subnet(subnet, address: VirtualAddresses.next()))
                #expect(await code { try await cloud.loadBalancers.create(unknown) } == .cannotConnect)
                for made in try await cloud.loadBalancers.list(.name("unknown")).all() {
                    try await cloud.loadBalancers.waitUntilActive(made.id)
                    try await cloud.loadBalancers.delete(made.id)
                }
                // Here its key makes that safe.
                proxy.spoil([.closedAfterRequest])
                let new = LoadBalancerCreate(name: "once", vip: .subnet(subnet, address: VirtualAddresses.next()))
                let created = try await cloud.loadBalancers.create(new)
                let made = try await cloud.loadBalancers.list(.name("once")).all()
                #expect(made.map(\.id) == [created.id])
                let kinds = try await cloud.loadBalancers.events(created.id).all().map(\.type)
                #expect(kinds.first == "created" && kinds.filter { $0 == "created" }.count == 1)
                // A deletion whose answer was lost has happened: 404 of the next attempt is what was wanted.
                let id = try #require(made.first?.id)
                try await cloud.loadBalancers.waitUntilActive(id)
                proxy.spoil([.closedAfterRequest])
                try await cloud.loadBalancers.delete(id)
                // It does not go on for ever.
                proxy.spoil(Array(repeating: .answer(status: 500), count: 10))
                #expect(await code { _ = try await cloud.loadBalancers.list().all() } == .serverFailure)
                proxy.spoil([])
            }
        }

        @Test func nothingListensAndNobodyAnswers() async throws {
            var configuration = try #require(ServerProcess.current).configuration()
            configuration.authURL = "http://127.0.0.1:\(Ports.free())/v3"
            configuration.retries = .never
            try await Cloud.with(configuration) { cloud in
                #expect(await code { _ = try await cloud.token() } == .cannotConnect)
            }
            configuration.authURL = "http://no-such-host.invalid/v3"
            try await Cloud.with(configuration) { cloud in
                #expect(await code { _ = try await cloud.token() } == .cannotConnect)
            }
            // A listener that never answers.
            let port = Ports.free()
            let silent = try TCPSocket.listen(on: "127.0.0.1", port: port)
            defer { silent.shutdown() }
            configuration.authURL = "http://127.0.0.1:\(port)/v3"
            configuration.timeout = .milliseconds(300)
            try await Cloud.with(configuration) { cloud in
                #expect(await code { _ = try await cloud.token() } == .timedOut)
            }
        }

        @Test func cancellationEndsACallAtOnce() async throws {
            var configuration = try #require(ServerProcess.current).configuration()
            let port = Ports.free()
            let silent = try TCPSocket.listen(on: "127.0.0.1", port: port)
            defer { silent.shutdown() }
            configuration.endpointOverrides["load-balancer"] = "http://127.0.0.1:\(port)"
            try await Cloud.with(configuration) { cloud in
                _ = try await cloud.token()
                let start = ContinuousClock.now
                let task = Task { try await cloud.loadBalancers.list().all() }
                try await Task.sleep(for: .milliseconds(200))
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                #expect(ContinuousClock.now - start < .seconds(10))
            }
        }

        @Test func theLogHasNoSecrets() async throws {
            let lines = LogLines()
            var logger = Logger(label: "test") { _ in lines }
            logger.logLevel = .trace
            let configuration = try #require(ServerProcess.current).configuration()
            let token = try await Cloud.with(configuration, logger: logger) { cloud in
                let reference = try await cloud.keyManager.store(
                    name: "s", payload: Array("very secret".utf8), contentType: "text/plain")
                _ = try await cloud.keyManager.payload(reference, contentType: "text/plain")
                try await cloud.keyManager.delete(reference)
                return try await cloud.token().value.revealed
            }
            let text = lines.text
            #expect(text.contains("auth/tokens") && text.contains("<hidden>"))
            for secret in [ServerProcess.demoPassword, token, "very secret"] { #expect(!text.contains(secret)) }
            #expect("\(configuration)".contains("<hidden>") && !"\(configuration)".contains(ServerProcess.demoPassword))
        }
    }
}

/// Keeps what is logged.
private final class LogLines: LogHandler, Sendable {
    private let lines = Mutex<[String]>([])

    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
}
