// The Network API v2.0 below /network.

public import HTTPService
internal import HTTPTypes
public import Identity
internal import JSON
public import Networking

/// The subset of the Network API v2.0 that load-balancing clients use, over the embedded network service.
public struct NetworkService: APIService {
    public let prefix = "network"
    public let routes: RouteTable

    /// - Parameters:
    ///   - network: keeps the objects; its migrations must have run.
    ///   - tokens: tells whose token a request carries.
    public init(network: EmbeddedNetwork, tokens: any TokenValidator) {
        let gate = AccessGate(tokens: tokens)
        var routes = RouteTable()
        Self.addDocuments(to: &routes, gate)
        Endpoints.networks.add(to: &routes, network, gate)
        Endpoints.subnets.add(to: &routes, network, gate)
        Endpoints.ports.add(to: &routes, network, gate)
        Endpoints.floatingIPs.add(to: &routes, network, gate)
        Endpoints.securityGroups.add(to: &routes, network, gate)
        Endpoints.securityGroupRules.add(to: &routes, network, gate)
        Endpoints.qosPolicies.add(to: &routes, network, gate)
        TagEndpoint(network: network, gate: gate).add(to: &routes)
        self.routes = routes
    }

    public func fault(_ problem: RequestProblem) -> APIResponse {
        switch problem {
        case .unknownPath:
            .neutronError(.notFound, type: "HTTPNotFound", message: "The resource could not be found.")
        case .wrongMethod(let allowed):
            APIResponse.neutronError(
                .methodNotAllowed, type: "HTTPMethodNotAllowed",
                message: "The method is not allowed for this resource; allowed:"
                    + " \(allowed.map(\.rawValue).joined(separator: ", "))."
            )
            .with("Allow", allowed.map(\.rawValue).joined(separator: ", "))
        case .bodyTooLarge(let limit):
            .neutronError(
                .contentTooLarge, type: "HTTPRequestEntityTooLarge",
                message: "The request body is longer than \(limit) bytes.")
        case .malformed(let reason):
            .neutronError(.badRequest, type: "HTTPBadRequest", message: "Malformed request: \(reason).")
        case .internalError(let requestID):
            .neutronError(
                .internalServerError, type: "HTTPInternalServerError",
                message: "Request Failed: internal server error while processing your request (\(requestID)).")
        case .overloaded:
            .neutronError(.serviceUnavailable, type: "HTTPServiceUnavailable", message: Self.overloadedMessage)
        case .tooManyRequests:
            .neutronError(.tooManyRequests, type: "HTTPTooManyRequests", message: Self.tooManyRequestsMessage)
        case .unavailable:
            .neutronError(.serviceUnavailable, type: "HTTPServiceUnavailable", message: Self.unavailableMessage)
        case .uncertain(let requestID):
            .neutronError(.gatewayTimeout, type: "HTTPGatewayTimeout", message: Self.uncertainMessage(requestID))
        }
    }
}
