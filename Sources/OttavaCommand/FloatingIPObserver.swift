// Tells the load balancers when floating IPs come and go.

internal import ControlPlane
internal import HTTPService
internal import HTTPTypes
internal import JSON
internal import LoadBalancing
internal import Logging
internal import NetworkAPI
internal import Networking

/// The network API, with an eye on floating IPs: the embedded network knows nothing of load balancers, and their
/// listeners must answer at an address as soon as it is tied to the VIP's port.
struct FloatingIPObserver: APIService {
    let inner: NetworkService
    let network: EmbeddedNetwork
    let loadBalancing: LoadBalancingService

    var prefix: String { inner.prefix }
    var routes: RouteTable { inner.routes }

    func canonicalPath(_ path: [String]) -> [String] { inner.canonicalPath(path) }
    func admit(_ request: inout APIRequest) async throws { try await inner.admit(&request) }
    func fault(_ problem: RequestProblem) -> APIResponse { inner.fault(problem) }

    func respond(to received: APIRequest, logger: Logger) async -> APIResponse {
        guard received.path.contains("floatingips"), received.method != .get, received.method != .head else {
            return await inner.respond(to: received, logger: logger)
        }
        var ports: Set<ResourceID> = []
        if let id = received.path.last.flatMap({ ResourceID($0) }),
            let before = try? await network.read(as: .service, { try $0.floatingIP(id).portID })
        {
            ports.insert(before)
        }
        let response = await inner.respond(to: received, logger: logger)
        guard response.status.kind == .successful else { return response }
        let after = (try? JSONValue(parsing: response.body))?["floatingip"]?["port_id"]?.string
        if let port = after.flatMap({ ResourceID($0) }) { ports.insert(port) }
        do {
            try await loadBalancing.floatingAddressesChanged(onPorts: ports)
        } catch {
            logger.error("load balancers do not know of a floating IP yet", metadata: ["error": "\(error)"])
        }
        return response
    }
}
