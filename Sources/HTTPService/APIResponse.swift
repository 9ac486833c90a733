// A response as the services make it.

public import HTTPTypes
public import JSON

/// An HTTP response with its whole body.
public struct APIResponse: Sendable {
    public var status: HTTPResponse.Status
    public var headers: HTTPFields
    public var body: [UInt8]

    public init(status: HTTPResponse.Status, headers: HTTPFields = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A response with a JSON body.
    public static func json(_ status: HTTPResponse.Status = .ok, _ body: [UInt8]) -> APIResponse {
        APIResponse(status: status, headers: [.contentType: "application/json"], body: body)
    }

    /// A response whose body is one JSON object.
    public static func json(_ status: HTTPResponse.Status = .ok, _ body: (inout JSONWriter) -> Void) -> APIResponse {
        .json(status, JSONWriter.object(body))
    }

    /// A response without a body.
    public static func empty(_ status: HTTPResponse.Status) -> APIResponse { APIResponse(status: status) }

    /// The same response with one more header.
    public func with(_ name: String, _ value: String) -> APIResponse {
        var copy = self
        if let field = HTTPField.Name(name) { copy.headers[field] = value }
        return copy
    }
}

/// An error that knows the response a client gets for it.
public protocol ResponseFault: Error {
    /// The response.
    var response: APIResponse { get }
}
