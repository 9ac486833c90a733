// The version documents (Identity API v3 reference, "API versions").

internal import HTTPService
internal import HTTPTypes
internal import JSON

extension RouteBuilder {
    /// `GET /` and `GET /v3`, for anybody.
    mutating func addVersionRoutes() {
        open(.get, "/") { request, _ in
            .json(.multipleChoices) { writer in
                writer.objectMember("versions") { writer in
                    writer.arrayMember("values", [Links(request)]) { writer, links in
                        writer.object { Self.writeVersion(to: &$0, links) }
                    }
                }
            }
        }
        open(.get, "/v3") { request, _ in
            .json { writer in
                writer.objectMember("version") { Self.writeVersion(to: &$0, Links(request)) }
            }
        }
    }

    /// Clients go on with the address in `links`, so it must be the one by which they came.
    private static func writeVersion(to writer: inout JSONWriter, _ links: Links) {
        writer.member("id", "v3.14")
        writer.member("status", "stable")
        writer.member("updated", "2020-04-07T00:00:00Z")
        writer.arrayMember("links", [links.url() + "/"]) { writer, url in
            writer.object { writer in
                writer.member("rel", "self")
                writer.member("href", url)
            }
        }
        writer.arrayMember("media-types", ["application/vnd.openstack.identity-v3+json"]) { writer, type in
            writer.object { writer in
                writer.member("base", "application/json")
                writer.member("type", type)
            }
        }
    }
}
