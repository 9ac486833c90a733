// Documents about the service itself.

internal import HTTPService
internal import HTTPTypes
internal import JSON
internal import Networking

extension NetworkService {
    /// Adds the version list, the list of resources and the extensions.
    static func addDocuments(to routes: inout RouteTable, _ gate: AccessGate) {
        routes.on(.get, "/") { request, _ in
            .json { writer in
                writer.arrayMember("versions", ["v2.0"]) { writer, version in
                    writer.object { writer in
                        writer.member("id", version)
                        writer.member("status", "CURRENT")
                        writer.arrayMember("links", ["\(request.baseURL)/network/\(version)/"]) { writer, href in
                            writer.object { writer in
                                writer.member("rel", "self")
                                writer.member("href", href)
                            }
                        }
                    }
                }
            }
        }
        routes.on(.get, "/v2.0") { request, _ in
            .json { writer in
                writer.arrayMember("resources", NetworkResource.allCases) { writer, resource in
                    writer.object { writer in
                        writer.member("name", resource.key)
                        writer.member("collection", resource.collectionKey)
                        writer.arrayMember("links", ["\(request.baseURL)/network/v2.0/\(resource.path)"]) {
                            writer, href in
                            writer.object { writer in
                                writer.member("rel", "self")
                                writer.member("href", href)
                            }
                        }
                    }
                }
            }
        }
        routes.on(
            .get, "/v2.0/extensions",
            gate.admitting { _, _, _ in
                .json { writer in
                    writer.arrayMember("extensions", NetworkExtension.all) { $0.value($1) }
                }
            })
        routes.on(
            .get, "/v2.0/extensions/{alias}",
            gate.admitting { _, parameters, _ in
                guard let found = NetworkExtension.all.first(where: { $0.alias == parameters["alias"] }) else {
                    throw NetworkFault.extensionNotFound(parameters["alias"])
                }
                return .json { $0.member("extension", found) }
            })
    }
}

/// An extension of the API that the service has.
struct NetworkExtension: JSONWritable, Sendable {
    var alias: String
    var name: String
    var about: String

    static let all = [
        NetworkExtension(alias: "address-pairs", name: "Allowed Address Pairs", about: "Allowed address pairs"),
        NetworkExtension(alias: "binding", name: "Port Binding", about: "Host and kind of a port's interface"),
        NetworkExtension(alias: "external-net", name: "Neutron external network", about: "router:external"),
        NetworkExtension(alias: "extra_dhcp_opt", name: "Extra DHCP options", about: "Extra DHCP options of ports"),
        NetworkExtension(alias: "net-mtu", name: "Network MTU", about: "MTU of networks"),
        NetworkExtension(alias: "port-security", name: "Port Security", about: "Switches packet filters of ports"),
        NetworkExtension(
            alias: "project-id", name: "project_id field enabled", about: "project_id beside tenant_id"),
        NetworkExtension(alias: "provider", name: "Provider Network", about: "Physical side of networks"),
        NetworkExtension(alias: "qos", name: "Quality of Service", about: "Policies without rules"),
        NetworkExtension(
            alias: "revision-if-match", name: "If-Match constraints based on revision_number",
            about: "If-Match on updates"),
        NetworkExtension(alias: "security-group", name: "security-group", about: "Security groups and rules"),
        NetworkExtension(
            alias: "standard-attr-description", name: "standard-attr-description", about: "Descriptions"),
        NetworkExtension(
            alias: "standard-attr-revisions", name: "Resource revision numbers", about: "revision_number"),
        NetworkExtension(alias: "standard-attr-tag", name: "Tag support", about: "Tags on all resources"),
        NetworkExtension(
            alias: "standard-attr-timestamp", name: "Resource timestamps", about: "created_at and updated_at"),
        NetworkExtension(
            alias: "stateful-security-group", name: "Stateful security group", about: "The attribute stateful"),
    ]

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("alias", alias)
            writer.member("name", name)
            writer.member("description", about)
            writer.member("updated", "2026-01-01T00:00:00-00:00")
            writer.member("links", strings: [])
        }
    }
}

extension NetworkFault {
    fileprivate static func extensionNotFound(_ alias: String) -> NetworkFault {
        NetworkFault(
            .notFound(.network), type: "HTTPNotFound", "Extension with alias \(alias) does not exist.")
    }
}
