// The same operations on the real OpenStack Octavia and on Ottava, with the same results.

internal import Foundation
internal import OctaviaClient
internal import TestSupport
internal import Testing

/// The real Octavia with the real Keystone, when one runs: `scripts/client-library` starts it.
enum RealOctavia {
    /// The clouds.yaml with its accounts.
    static var cloudsFile: String? { ProcessInfo.processInfo.environment["OTTAVA_TEST_OCTAVIA_CLOUDS"] }

    static func configuration(_ account: String) throws -> CloudConfiguration {
        try CloudConfiguration.load(
            cloud: account, environment: ["OS_CLIENT_CONFIG_FILE": try #require(cloudsFile)])
    }
}

extension OctaviaClientTests {
    @Suite(
        .noOpServer,
        .enabled("OTTAVA_TEST_OCTAVIA_CLOUDS must name the clouds.yaml of a real Octavia (scripts/client-library)") {
            RealOctavia.cloudsFile != nil
        })
    struct RealOctaviaTests {
        /// What is a deployment's own choice.
        private static let ignored: Set<String> = [
            // The network gives ports and networks ids; that of the original has made them up.
            "vipPortID", "vipNetworkID",
            // The drivers that do nothing: of Octavia they report nothing, of Ottava that all is well.
            "operatingStatus",
        ]

        /// Runs something on both services, and expects that the same comes back.
        private func compare(_ body: (SharedOperations) async throws -> Void) async throws {
            func run(_ user: CloudConfiguration, _ admin: CloudConfiguration) async throws -> [String] {
                // One worker does all the work of the original: it may take its time.
                let patient = RetryPolicy(attempts: 100, limit: .seconds(120))
                var (user, admin) = (user, admin)
                (user.retries, admin.retries) = (patient, patient)
                return try await Cloud.with(user) { cloud in
                    try await Cloud.with(admin) { admin in
                        var counts = (address: 10, port: 8000)
                        let operations = SharedOperations(
                            cloud: cloud, admin: admin, subnet: .random(),
                            address: {
                                counts.address += 1
                                return "192.0.2.\(counts.address)"
                            },
                            port: {
                                counts.port += 1
                                return counts.port
                            }, transcript: Transcript(ignoring: Self.ignored))
                        try await body(operations)
                        return operations.transcript.lines
                    }
                }
            }
            let server = try #require(ServerProcess.current)
            let theirs = try await run(RealOctavia.configuration("octavia"), RealOctavia.configuration("octavia-admin"))
            let ours = try await run(server.configuration(), server.configuration("ottava-admin"))
            #expect(!theirs.isEmpty)
            for line in Set(theirs).symmetricDifference(ours).sorted() {
                Issue.record("only \(theirs.contains(line) ? "Octavia" : "Ottava") says: \(line)")
            }
            #expect(ours.count == theirs.count)
        }

        @Test func everyKindOfATreeIsMadeShownChangedAndDeleted() async throws {
            try await compare { try await $0.everyKindOfATreeIsMadeShownChangedAndDeleted() }
        }

        @Test func aWholeTreeIsCreatedInOneCall() async throws {
            try await compare { try await $0.aWholeTreeIsCreatedInOneCall() }
        }

        @Test func operatorsManageOffersQuotasAndAmphorae() async throws {
            try await compare { operations in
                try await operations.operatorsManageOffersAndQuotas()
                try await operations.operatorsManageAmphorae(failsOver: false) { _, _ in }
            }
        }

        @Test func faultsAreTyped() async throws {
            try await compare { try await $0.faultsAreTypedAndSayWhatIsWrong() }
        }

        @Test func listsReadThemselvesPageByPage() async throws {
            try await compare { try await $0.listsReadThemselvesPageByPage(count: 230, pageSizes: [100, 7 * 13]) }
        }

        // MARK: Keystone

        @Test(arguments: [
            "octavia", "credential", "credential-by-name", "token", "trust", "unversioned", "internal",
        ])
        func everyWayToLogInReachesTheProject(account: String) async throws {
            let project = try await Cloud.with(RealOctavia.configuration("octavia")) { try await $0.token().project }
            try await Cloud.with(RealOctavia.configuration(account)) { cloud in
                #expect(try await cloud.token().project == project)
                _ = try await cloud.loadBalancers.list().all()
            }
        }

        @Test func otherScopesHaveNoProject() async throws {
            for account in ["system", "domain"] {
                try await Cloud.with(RealOctavia.configuration(account)) { cloud in
                    let token = try await cloud.token()
                    #expect(token.project == nil && !token.catalog.endpoints.isEmpty, "\(account)")
                }
            }
        }

        @Test func aTokenThatEndsIsReplacedInTheMiddle() async throws {
            try await Cloud.with(RealOctavia.configuration("octavia")) { cloud in
                _ = try await cloud.loadBalancers.list().all()
                let old = try await cloud.token().value
                // Somebody else ends it.
                var other = try RealOctavia.configuration("octavia")
                other.credentials = .token(old, scope: .unscoped)
                try await Cloud.with(other) { other in
                    _ = try await other.token()
                    try await other.logOut()
                }
                _ = try await cloud.loadBalancers.list().all()
                #expect(try await cloud.token().value != old)
            }
        }

        @Test func wrongSecretsAreRefused() async throws {
            var configuration = try RealOctavia.configuration("octavia")
            configuration.credentials = .password(
                user: .name("demo", domain: .default), password: "wrong",
                scope: .project(.name("demo", domain: .default)))
            try await Cloud.with(configuration) { cloud in
                #expect(await code { _ = try await cloud.loadBalancers.list().all() } == .unauthorized)
            }
        }
    }
}
