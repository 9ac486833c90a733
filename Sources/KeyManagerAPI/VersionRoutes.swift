// Documents about the API itself.

internal import HTTPService
internal import HTTPTypes
internal import JSON
internal import KeyManager

extension RouteBuilder {
    /// Adds the version documents, which need no token.
    mutating func addVersions() {
        routes.on(.get, "/") { request, _ in
            let version = try Microversion(request)
            let response = APIResponse.json(.multipleChoices) { writer in
                if version.minor == 0 {
                    writer.objectMember("versions") { writer in
                        writer.arrayMember("values", [version]) { $0.value(VersionView(request, $1)) }
                    }
                } else {
                    writer.arrayMember("versions", [version]) { $0.value(VersionView(request, $1)) }
                }
            }
            return version.mark(response)
        }
        routes.on(.get, "/v1") { request, _ in
            let version = try Microversion(request)
            return version.mark(.json { $0.member("version", VersionView(request, version)) })
        }
    }

    /// Adds the answer of a service with one place for secrets only.
    mutating func addSecretStores() {
        for pattern in ["/v1/secret-stores", "/v1/secret-stores/{id}"] {
            on(.get, pattern) { _, _ in
                throw KeyManagerFault(
                    .notFound, "Not Found. Multiple backends support is not enabled in service configuration.")
            }
        }
    }
}

/// The version document.
private struct VersionView: JSONWritable {
    let href: String
    let version: Microversion

    init(_ request: APIRequest, _ version: Microversion) {
        href = "\(request.baseURL)/key-manager/v1/"
        self.version = version
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", "v1")
            writer.member("status", version.minor == 0 ? "stable" : "CURRENT")
            if version.minor > 0 {
                writer.member("min_version", "1.0")
                writer.member("max_version", "1.\(Microversion.maximum)")
            }
            writer.arrayMember("links", [href]) { writer, href in
                writer.object { writer in
                    writer.member("rel", "self")
                    writer.member("href", href)
                }
            }
            guard version.minor == 0 else { return }
            writer.arrayMember("media-types", ["application/vnd.openstack.key-manager-v1+json"]) { writer, type in
                writer.object { writer in
                    writer.member("base", "application/json")
                    writer.member("type", type)
                }
            }
        }
    }
}
