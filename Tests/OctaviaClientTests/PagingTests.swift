// Lists longer than a page.

internal import OctaviaClient
internal import TestSupport
internal import Testing

extension OctaviaClientTests {
    @Suite(.noOpServer)
    struct PagingTests {
        @Test func listsReadThemselvesPageByPage() async throws {
            try await withCloud { cloud in
                let operations = SharedOperations(
                    cloud: cloud, admin: cloud, subnet: .random(), address: { "192.0.2.1" }, port: Ports.free)
                try await operations.listsReadThemselvesPageByPage(count: 2_500, pageSizes: [7 * 73, 1000])
            }
        }
    }
}
