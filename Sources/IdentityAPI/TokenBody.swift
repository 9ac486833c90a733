// A token as responses show it.

internal import Identity
internal import JSON
internal import LoadBalancing

extension ValidatedToken {
    /// Writes the members of `token`. An unscoped token has no roles and no catalog.
    func write(to writer: inout JSONWriter, catalog: ServiceCatalog?) {
        writer.member("methods", strings: payload.methods.map(\.rawValue).sorted())
        writer.objectMember("user") { writer in
            writer.objectMember("domain") { userDomain.writeReference(to: &$0) }
            writer.member("id", user.id)
            writer.member("name", user.name)
            writer.nullMember("password_expires_at")
        }
        writer.member("audit_ids", strings: payload.auditIDs)
        writer.member("expires_at", payload.expires.iso8601Zulu)
        writer.member("issued_at", payload.issued.iso8601Zulu)
        switch scope {
        case .unscoped: return
        case .project(let project, let domain):
            writer.objectMember("project") { writer in
                writer.objectMember("domain") { domain.writeReference(to: &$0) }
                writer.member("id", project.id)
                writer.member("name", project.name)
            }
            writer.member("is_domain", false)
        case .domain(let domain):
            writer.objectMember("domain") { domain.writeReference(to: &$0) }
        case .system:
            writer.objectMember("system") { $0.member("all", true) }
        }
        writer.arrayMember("roles", roles) { writer, role in
            writer.object { writer in
                writer.member("id", role.id)
                writer.member("name", role.name)
            }
        }
        if let credential = applicationCredential {
            writer.objectMember("application_credential") { writer in
                writer.member("id", credential.id)
                writer.member("name", credential.name)
                writer.member("restricted", !credential.isUnrestricted)
            }
        }
        if let catalog {
            writer.key("catalog")
            catalog.write(to: &writer)
        }
    }
}

extension Domain {
    /// Writes id and name, by which other resources refer to a domain.
    func writeReference(to writer: inout JSONWriter) {
        writer.member("id", id)
        writer.member("name", name)
    }
}

extension ServiceCatalog {
    /// Writes the list of services, as tokens and `/v3/auth/catalog` show it.
    func write(to writer: inout JSONWriter) {
        writer.array(services) { writer, service in
            writer.object { writer in
                writer.member("id", service.id)
                writer.member("type", service.type)
                writer.member("name", service.name)
                writer.arrayMember("endpoints", service.endpoints) { writer, endpoint in
                    writer.object { writer in
                        writer.member("id", endpoint.id)
                        writer.member("interface", endpoint.interface)
                        writer.member("region", endpoint.region)
                        writer.member("region_id", endpoint.region)
                        writer.member("url", endpoint.url)
                    }
                }
            }
        }
    }
}
