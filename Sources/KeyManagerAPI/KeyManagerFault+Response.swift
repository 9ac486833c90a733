// Faults in Barbican's form.

public import HTTPService
internal import HTTPTypes
internal import JSON
public import KeyManager

extension KeyManagerFault: ResponseFault {
    /// `{"title": …, "description": …, "code": …}` with the fault's status.
    public var response: APIResponse { .keyManagerFault(HTTPResponse.Status(code: status), message) }
}

extension APIResponse {
    static func keyManagerFault(_ status: HTTPResponse.Status, _ description: String) -> APIResponse {
        .json(status) { writer in
            writer.member("title", title(of: status))
            writer.member("description", description)
            writer.member("code", status.code)
        }
    }
}

/// The name of a status that faults have.
private func title(of status: HTTPResponse.Status) -> String {
    switch status.code {
    case 400: "Bad Request"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 409: "Conflict"
    case 413: "Request Entity Too Large"
    case 415: "Unsupported Media Type"
    default: status.reasonPhrase
    }
}

/// 401 in the form of Keystone's middleware, which stands in front of Barbican.
struct AuthenticationRequired: ResponseFault {
    /// Scheme and authority of the server.
    let baseURL: String

    var response: APIResponse {
        APIResponse.json(.unauthorized) { writer in
            writer.objectMember("error") { writer in
                writer.member("code", 401)
                writer.member("title", "Unauthorized")
                writer.member("message", "The request you have made requires authentication.")
            }
        }.with("WWW-Authenticate", "Keystone uri=\"\(baseURL)/identity\"")
    }
}
