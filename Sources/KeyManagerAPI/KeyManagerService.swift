// The key manager's API.

public import HTTPService
internal import HTTPTypes
public import Identity
public import KeyManager

/// The subset of the Key Manager API v1 that load-balancing clients use, over the embedded key manager.
public struct KeyManagerService: APIService {
    public let prefix = "key-manager"
    public let routes: RouteTable

    /// - Parameters:
    ///   - manager: keeps the secrets; its migrations must have run.
    ///   - tokens: tells whose token a request carries.
    public init(manager: EmbeddedKeyManager, tokens: any TokenValidator) {
        var builder = RouteBuilder(manager: manager, gate: AccessGate(tokens: tokens))
        builder.addVersions()
        builder.addSecrets()
        builder.addPayloads()
        builder.addMetadata()
        builder.addContainers()
        builder.addConsumers()
        for resource in KeyResource.allCases { builder.addAccessLists(of: resource) }
        builder.addSecretStores()
        routes = builder.routes
    }

    public func fault(_ problem: RequestProblem) -> APIResponse {
        switch problem {
        case .unknownPath:
            .keyManagerFault(.notFound, "The resource could not be found.")
        case .wrongMethod(let allowed):
            APIResponse.keyManagerFault(
                .methodNotAllowed,
                "The method is not allowed for this resource; allowed:"
                    + " \(allowed.map(\.rawValue).joined(separator: ", "))."
            )
            .with("Allow", allowed.map(\.rawValue).joined(separator: ", "))
        case .bodyTooLarge(let limit):
            .keyManagerFault(
                .contentTooLarge, "Provided information too large to process: a request has at most \(limit) bytes.")
        case .malformed(let reason):
            .keyManagerFault(.badRequest, "Malformed request: \(reason)")
        case .internalError(let requestID):
            .keyManagerFault(
                .internalServerError,
                "Request failure seen - please contact site administrator (\(requestID)).")
        case .overloaded: .keyManagerFault(.serviceUnavailable, Self.overloadedMessage)
        case .tooManyRequests: .keyManagerFault(.tooManyRequests, Self.tooManyRequestsMessage)
        case .unavailable: .keyManagerFault(.serviceUnavailable, Self.unavailableMessage)
        case .uncertain(let requestID): .keyManagerFault(.gatewayTimeout, Self.uncertainMessage(requestID))
        }
    }
}
