// Lists longer than a page.

internal import OctaviaClient
internal import TestSupport
internal import Testing

extension OctaviaClientTests {
    @Suite(.noOpServer)
    struct PagingTests {
        @Test func listsReadThemselvesPageByPage() async throws {
            try await withCloud { cloud in
                let made = try await cloud.loadBalancers.create(
                    LoadBalancerCreate(
                        name: "many", vip: .subnet(.random(), address: "192.0.2.1"),
                        pools: [PoolCreate(name: "many", poolProtocol: .tcp)]))
                try await cloud.loadBalancers.waitUntilActive(made.id)
                let pool = try #require(made.poolIDs.first)
                let members = cloud.members(of: pool)
                let count = 2_500
                try await members.replace(
                    with: (0..<count).map { number in
                        MemberCreate(
                            name: "m\(number)", address: "192.0.2.\(number % 200 + 2)", protocolPort: 1000 + number)
                    })
                try await cloud.pools.waitUntilActive(pool)
                for size in [7 * 73, 1000] {
                    var seen: Set<ResourceID> = []
                    for try await member in members.list(pageSize: size) { seen.insert(member.id) }
                    #expect(seen.count == count, "\(size)")
                }
                // Filters hold on every page, and so does the order.
                let ports = try await members.list(
                    .field("address", equals: "192.0.2.2"), sortedBy: [SortKey("protocol_port", isDescending: true)],
                    pageSize: 5
                ).all().map(\.protocolPort)
                #expect(ports == stride(from: 3400, through: 1000, by: -200).map { $0 })
                // Only as much is read as is asked for.
                var some = 0
                for try await _ in members.list(pageSize: 10) {
                    some += 1
                    if some == 15 { break }
                }
                #expect(some == 15)
                #expect(try await members.list(.name("nobody")).all().isEmpty)
                try await cloud.loadBalancers.delete(made.id, cascade: true)
            }
        }
    }
}
