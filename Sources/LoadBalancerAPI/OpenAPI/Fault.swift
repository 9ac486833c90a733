// The faults of the API: which statuses there are, and their bodies.

internal import JSON

extension OpenAPI {
    /// A status that means that a request was not carried out.
    enum Fault: Int, Sendable, CaseIterable {
        case badRequest = 400
        case unauthorized = 401
        case forbidden = 403
        case notFound = 404
        case notAcceptable = 406
        case conflict = 409
        case bodyTooLarge = 413
        case unsupportedMediaType = 415
        case keyUsed = 422
        case serverError = 500
        case notImplemented = 501
        case unavailable = 503

        /// The name of the component.
        var name: String {
            switch self {
            case .badRequest: "BadRequest"
            case .unauthorized: "Unauthorized"
            case .forbidden: "Forbidden"
            case .notFound: "NotFound"
            case .notAcceptable: "NotAcceptable"
            case .conflict: "Conflict"
            case .bodyTooLarge: "BodyTooLarge"
            case .unsupportedMediaType: "UnsupportedMediaType"
            case .keyUsed: "KeyUsed"
            case .serverError: "ServerError"
            case .notImplemented: "NotImplemented"
            case .unavailable: "Unavailable"
            }
        }

        private var summary: String {
            switch self {
            case .badRequest: "The request is malformed, or its values do not go together."
            case .unauthorized: "There is no valid token in `X-Auth-Token`."
            case .forbidden: "The caller may not do this, or a quota has been met."
            case .notFound: "There is no such object. Objects of other projects answer 403."
            case .notAcceptable: "The client accepts no JSON."
            case .conflict: "The object is in use, is being changed, or clashes with another."
            case .bodyTooLarge: "The body is too long."
            case .unsupportedMediaType: "The body is not declared as `application/json`."
            case .keyUsed: "The `Idempotency-Key` was used for another request."
            case .serverError: "The server failed."
            case .notImplemented: "The provider cannot do this."
            case .unavailable: "Try again later."
            }
        }

        private var schema: Schema {
            switch self {
            case .badRequest, .notFound: Schema(.anyOf([.component("Fault"), .component("RoutingFault")]))
            case .notAcceptable: .component("RoutingFault")
            case .unauthorized: .component("AuthenticationFault")
            default: .component("Fault")
            }
        }

        /// Appends the members of `components/responses`.
        static func writeComponents(to writer: inout JSONWriter) {
            for fault in allCases {
                writer.objectMember(fault.name) { writer in
                    writer.member("description", fault.summary)
                    if fault == .unauthorized {
                        writer.objectMember("headers") { writer in
                            writer.objectMember("WWW-Authenticate") { writer in
                                writer.member("description", "Where tokens are to be had.")
                                writer.member("schema", Schema.text())
                            }
                        }
                    }
                    writer.content(fault.schema)
                }
            }
        }

        /// The three forms of a body.
        static let components: [Resource.Component] = [
            (
                "Fault",
                Schema.object([
                    .init(name: "faultcode", schema: .choice(["Client", "Server"]), isRequired: true),
                    .init(name: "faultstring", schema: .text(), isRequired: true),
                    .init(name: "debuginfo", schema: .null, isRequired: true),
                ]).described("A fault that the resource itself raised.")
            ),
            (
                "RoutingFault",
                Schema.object([
                    .init(name: "code", schema: .integer(400...599), isRequired: true),
                    .init(name: "title", schema: .text(), isRequired: true),
                    .init(name: "description", schema: .text().nullable(), isRequired: true),
                ]).described("A fault on the way to the resource.")
            ),
            (
                "AuthenticationFault",
                Schema.envelope(
                    "error",
                    .object([
                        .init(name: "code", schema: .choice([401]), isRequired: true),
                        .init(name: "title", schema: .text(), isRequired: true),
                        .init(name: "message", schema: .text(), isRequired: true),
                    ])
                ).described("The fault of a request without a valid token.")
            ),
        ]
    }
}
