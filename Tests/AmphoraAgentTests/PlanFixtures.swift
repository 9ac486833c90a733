// Plans with predictable ids for tests.

import LoadBalancing

@testable import AmphoraAgent

/// The id whose last digits are the number.
func id(_ number: Int) -> ResourceID {
    let digits = String(number)
    let padding = String(repeating: "0", count: 12 - digits.count)
    return ResourceID(canonical: "00000000-0000-4000-8000-\(padding)\(digits)")
}

/// A plan with one address.
func plan(
    addresses: [String] = ["127.66.1.1"], generation: Int64 = 1, isEnabled: Bool = true, listeners: [ListenerPlan],
    pools: [PoolPlan] = [], loadBalancer: ResourceID = id(1)
) -> LoadBalancerPlan {
    LoadBalancerPlan(
        loadBalancerID: loadBalancer, generation: generation, isEnabled: isEnabled, addresses: addresses,
        listeners: listeners, pools: pools)
}

extension MemberPlan {
    init(_ number: Int, port: Int = 9_000, weight: Int = 1, isBackup: Bool = false, isEnabled: Bool = true) {
        self.init(
            id: AmphoraAgentTests.id(number), address: "127.66.2.\(number % 250)", port: port, weight: weight,
            isBackup: isBackup, isEnabled: isEnabled)
    }
}

extension HAProxyConfigurationBuilder {
    /// The same on every machine.
    static let forTests = HAProxyConfigurationBuilder(
        process: .init(threads: 2, maxConnections: 2_000, hardStopAfter: 1_800, credentials: nil))
}
