// Where a load balancer answers.

internal import TestSupport

/// An address and a port that nobody else on this machine uses.
struct VirtualIP: Sendable {
    let address = VirtualAddresses.next()
    let port = Ports.free()

    /// Asks again and again until the answer is 200, on a new connection each time.
    func waitForAnswer() async throws {
        try await eventually("\(address):\(port) answers", within: .seconds(10), every: .milliseconds(2)) {
            (try? fetch(address, port, limit: .milliseconds(500)))?.status == 200
        }
    }
}
