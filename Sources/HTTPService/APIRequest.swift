// A request as the services see it: parsed, bounded, without sockets.

public import HTTPTypes
public import Identity
public import JSON

/// An HTTP request whose body has been read.
public struct APIRequest: Sendable {
    public var method: HTTPRequest.Method
    /// The decoded segments of the path below the service's prefix, without empty ones.
    public var path: [String]
    /// Decoded query arguments in the order of the URL.
    public var query: [QueryArgument]
    public var headers: HTTPFields
    public var body: [UInt8]
    /// `req-` and a UUID; returned in `x-openstack-request-id`.
    public var requestID: String
    /// Scheme and authority by which the client reached the server, such as `http://127.0.0.1:9876`.
    public var baseURL: String
    /// The address of the other side of the connection: the client's, or a proxy's.
    public var peer = ""
    /// Counts the requests of projects.
    var projectLimit: ProjectLimit?
    /// Who calls; set by ``APIService/admit(_:)`` of services that ask for a token.
    public var subject: AuthenticatedSubject?

    /// One argument of the query.
    public struct QueryArgument: Sendable, Hashable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public init(
        method: HTTPRequest.Method, path: [String], query: [QueryArgument] = [], headers: HTTPFields = [:],
        body: [UInt8] = [], requestID: String = "", baseURL: String = "http://localhost"
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.requestID = requestID
        self.baseURL = baseURL
    }

    /// The first query argument with that name.
    public func queryValue(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// All query arguments with that name.
    public func queryValues(_ name: String) -> [String] { query.filter { $0.name == name }.map(\.value) }

    /// The value of a header by its name, in any case.
    public func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }

    /// The body as JSON.
    public func json() throws(JSONSyntaxError) -> JSONValue { try JSONValue(parsing: body) }
}
