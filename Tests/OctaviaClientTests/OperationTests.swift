// Every operation of the API.

internal import OctaviaClient
internal import TestSupport
internal import Testing

extension OctaviaClientTests {
    @Suite(.server)
    struct OperationTests {
        private func subnet(_ cloud: Cloud) async throws -> ResourceID {
            try await cloud.network.subnets.find("private-subnet").id
        }

        /// The operations that all services have, on a server with a data plane.
        private func withOperations(_ body: (SharedOperations) async throws -> Void) async throws {
            try await withCloud { cloud in
                try await withCloud("ottava-admin") { admin in
                    try await body(
                        SharedOperations(
                            cloud: cloud, admin: admin, subnet: try await subnet(cloud), address: VirtualAddresses.next,
                            port: Ports.free))
                }
            }
        }

        @Test func everyKindOfATreeIsMadeShownChangedAndDeleted() async throws {
            try await withOperations { try await $0.everyKindOfATreeIsMadeShownChangedAndDeleted() }
        }

        @Test func aWholeTreeIsCreatedInOneCall() async throws {
            try await withOperations { try await $0.aWholeTreeIsCreatedInOneCall() }
        }

        @Test func operatorsManageOffersQuotasAndAmphorae() async throws {
            try await withOperations { operations in
                try await operations.operatorsManageOffersAndQuotas()
                try await operations.operatorsManageAmphorae { amphora, listener in
                    try await eventually("the amphora has counters", within: .seconds(20)) {
                        (try? await operations.admin.amphorae.statistics(amphora))?.map(\.listenerID) == [listener]
                    }
                }
            }
        }

        @Test func faultsAreTypedAndSayWhatIsWrong() async throws {
            try await withOperations { try await $0.faultsAreTypedAndSayWhatIsWrong() }
        }

        @Test func floatingIPsAndSecrets() async throws {
            try await withCloud { cloud in
                let external = try #require(
                    try await cloud.network.networks.list(.field("router:external", equals: true)).all().first)
                #expect(external.isExternal && external.name == "public")
                let made = try await cloud.loadBalancers.create(
                    LoadBalancerCreate(
                        name: "floating", vip: .subnet(try await subnet(cloud), address: VirtualAddresses.next())))
                try await cloud.loadBalancers.waitUntilActive(made.id)
                let port = try #require(made.vipPortID)
                #expect(try await cloud.network.ports.get(port).addresses == [made.vipAddress])
                let floating = try await cloud.network.floatingIPs.create(FloatingIPCreate(networkID: external.id))
                #expect(try await cloud.network.floatingIPs.attach(floating.id, to: port).portID == port)
                #expect(try await cloud.network.floatingIPs.list(.field("port_id", equals: port)).all().count == 1)
                #expect(try await cloud.network.floatingIPs.detach(floating.id).portID == nil)
                try await cloud.network.floatingIPs.delete(floating.id)
                try await cloud.loadBalancers.delete(made.id)

                let payload: [UInt8] = [0, 1, 2, 255]
                let reference = try await cloud.keyManager.store(name: "bundle", payload: payload)
                #expect(try await cloud.keyManager.payload(reference) == payload)
                #expect(try await cloud.keyManager.secret(reference).name == "bundle")
                #expect(try await cloud.keyManager.secrets(named: "bundle").map(\.reference) == [reference])
                try await cloud.keyManager.delete(reference)
                #expect(await code { _ = try await cloud.keyManager.secret(reference) } == .notFound)
            }
        }
    }
}
