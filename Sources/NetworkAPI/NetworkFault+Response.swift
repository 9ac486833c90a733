// Faults in Neutron's form.

public import HTTPService
internal import HTTPTypes
internal import JSON
public import Networking

extension NetworkFault: ResponseFault {
    /// `{"NeutronError": {"type": …, "message": …, "detail": ""}}` with the fault's status.
    public var response: APIResponse {
        .neutronError(HTTPResponse.Status(code: status), type: type, message: message)
    }
}

extension APIResponse {
    static func neutronError(_ status: HTTPResponse.Status, type: String, message: String) -> APIResponse {
        .json(status) { writer in
            writer.objectMember("NeutronError") { writer in
                writer.member("type", type)
                writer.member("message", message)
                writer.member("detail", "")
            }
        }
    }
}

/// 401 in the form of Keystone's middleware, which stands in front of Neutron.
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
