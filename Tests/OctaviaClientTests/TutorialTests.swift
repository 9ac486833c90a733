// The tutorial of docs/client-library.md, compiled and run.

internal import OctaviaClient
internal import TestSupport
internal import Testing

extension OctaviaClientTests {
    @Suite(.server)
    struct TutorialTests {
        @Test func theTutorialWorks() async throws {
            let server = try #require(ServerProcess.current)
            let environment = ["OS_CLIENT_CONFIG_FILE": "\(server.dataDirectory)/clouds.yaml"]
            let port = Ports.free()
            let configuration = try CloudConfiguration.load(cloud: "ottava", environment: environment)
            try await Cloud.with(configuration) { cloud in
                for try await loadBalancer in cloud.loadBalancers.list() {
                    print(loadBalancer.name, loadBalancer.operatingStatus)
                }
            }
            try await Cloud.with(configuration) { cloud in
                let subnet = try await cloud.network.subnets.find("private-subnet")
                let pool = PoolCreate(
                    name: "app", poolProtocol: .http,
                    members: [MemberCreate(name: "a", address: "127.0.0.1", protocolPort: 9001)],
                    healthMonitor: HealthMonitorCreate(type: .tcp, delay: 5, timeout: 2, maxRetries: 2))
                let listener = ListenerCreate(
                    name: "http", listenerProtocol: .http, protocolPort: port, defaultPool: pool)
                let made = try await cloud.loadBalancers.create(
                    LoadBalancerCreate(name: "web", vip: .subnet(subnet.id), listeners: [listener]))
                let web = try await cloud.loadBalancers.waitUntilActive(made.id)

                try await cloud.listeners.update(web.listenerIDs[0]) {
                    $0.connectionLimit = .set(1000)
                    $0.insertHeaders = .set(["X-Forwarded-For": "true"])
                }
                try await cloud.members(of: web.poolIDs[0]).replace(with: [
                    MemberCreate(name: "a", address: "127.0.0.1", protocolPort: 9001, weight: 5),
                    MemberCreate(name: "b", address: "127.0.0.1", protocolPort: 9002),
                ])

                let tree = try await cloud.tree(of: web.id)
                let statistics = try await cloud.loadBalancers.statistics(web.id)
                print(tree.pools.count, statistics.totalConnections)
                try await cloud.loadBalancers.delete(web.id, cascade: true)
                try await cloud.loadBalancers.waitUntilDeleted(web.id)

                do {
                    _ = try await cloud.loadBalancers.find("nothing")
                } catch let error as CloudError where error.code == .notFound {
                    print(error)
                }
            }
        }

        /// What the articles of the reference say beyond the tutorial.
        @Test func theArticlesWork() async throws {
            let server = try #require(ServerProcess.current)
            let url = try server.configuration().authURL
            let password = ServerProcess.demoPassword
            let described = CloudConfiguration(
                authURL: url,
                credentials: .password(
                    user: .name("demo", domain: .default), password: Secret(password),
                    scope: .project(.name("demo", domain: .default))),
                region: "RegionOne")
            let cloud = try Cloud(described)
            let token = try await cloud.token()
            print(token.user.name, token.expiresAt?.iso8601 ?? "never")
            #expect(token.user.name == "demo")

            let subnet = try await cloud.network.subnets.find("private-subnet")
            let made = try await cloud.loadBalancers.create(
                LoadBalancerCreate(
                    name: "web", vip: .subnet(subnet.id), pools: [PoolCreate(name: "app", poolProtocol: .http)]))
            let web = try await cloud.loadBalancers.waitUntilActive(made.id, within: .seconds(120))
            let pool = web.poolIDs[0]
            try await cloud.members(of: pool).replace(
                with: (1...30).map {
                    MemberCreate(name: "m", address: "127.0.0.\($0)", protocolPort: 9001, weight: 100)
                })
            try await cloud.loadBalancers.waitUntilActive(made.id)
            var heavy = 0
            for try await member in cloud.members(of: pool).list(.isEnabled(true), sortedBy: ["address"], pageSize: 100)
            {
                if member.weight == 100 { heavy += 1 }
                if heavy == 10 { break }
            }
            #expect(heavy == 10)
            let tagged = try await cloud.loadBalancers.list(.tags(all: ["production"]), .name("web")).all()
            #expect(tagged.isEmpty)
            // Only compiled: to follow events has no end.
            func watch() async throws {
                for try await event in cloud.loadBalancers.events(web.id) { print(event.type, event.message) }
                for try await event in cloud.loadBalancers.followEvents(web.id) { print(event.type, event.message) }
            }
            _ = watch
            try await cloud.loadBalancers.delete(web.id, cascade: true)
            await cloud.shutdown()

            func bounded(_ configuration: CloudConfiguration) -> CloudConfiguration {
                var configuration = configuration
                configuration.retries = RetryPolicy(attempts: 3, limit: .seconds(10))
                configuration.timeout = .seconds(5)
                return configuration
            }
            #expect(bounded(described).retries.attempts == 3)
        }

        /// Every block of the pages stands in this file, which is compiled: spaces do not count.
        @Test(arguments: [
            "docs/client-library.md", "OctaviaClient", "LoggingIn", "Creating", "Lists", "Waiting",
            "FailuresAndRetries",
        ])
        func thePagesSayWhatIsCompiled(name: String) throws {
            let path = name.hasSuffix(".md") ? name : "Sources/OctaviaClient/OctaviaClient.docc/\(name).md"
            let page = try #require(Files.text(Files.packageRoot + path))
            let source = try #require(Files.text("\(Files.packageRoot)Tests/OctaviaClientTests/TutorialTests.swift"))
            let compiled = source.filter { !$0.isWhitespace }
            let blocks = page.components(fencedAs: "swift")
            #expect(!blocks.isEmpty)
            for block in blocks { #expect(compiled.contains(block.filter { !$0.isWhitespace }), "\(block)") }
        }
    }
}

extension String {
    /// The code blocks of a language.
    fileprivate func components(fencedAs language: String) -> [String] {
        var blocks: [String] = []
        var block: [Substring]?
        for line in split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "```\(language)" {
                block = []
            } else if line == "```", let lines = block {
                blocks.append(lines.joined(separator: "\n"))
                block = nil
            } else {
                block?.append(line)
            }
        }
        return blocks
    }
}
