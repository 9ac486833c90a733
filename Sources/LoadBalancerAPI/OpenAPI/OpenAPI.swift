// The OpenAPI 3.1 document of the API.

internal import HTTPTypes
internal import JSON
internal import OctaviaWire

/// Describes the API for programs: which operations there are, what they take and what they answer.
///
/// The document follows from tables of fields and operations. Tests compare these with the routes, with what the
/// decoders of requests accept, and with what the views write, so that none can change without the others.
public enum OpenAPI {
    /// All operations.
    public static let operations: [Operation] =
        versionOperations + frontOperations + backOperations + l7Operations + quotaOperations + providerOperations
        + offerOperations + amphoraOperations

    /// All resources.
    static let resources: [Resource] = [
        .loadBalancer, .listener, .pool, .member, .healthMonitor, .l7Policy, .l7Rule, .quota, .flavor, .flavorProfile,
        .availabilityZone, .availabilityZoneProfile, .amphora, .event,
    ]

    /// The document, in JSON.
    public static let document: [UInt8] = JSONWriter.object { writer in
        writer.member("openapi", "3.1.0")
        writeInformation(to: &writer)
        writer.arrayMember("servers", CollectionOfOne("/load-balancer")) { writer, url in
            writer.object { $0.member("url", url) }
        }
        writer.arrayMember("security", CollectionOfOne("token")) { writer, name in
            writer.object { $0.member(name, strings: []) }
        }
        writer.arrayMember("tags", tags) { writer, tag in
            writer.object { $0.member("name", tag) }
        }
        writePaths(to: &writer)
        writeComponents(to: &writer)
    }

    private static func writeInformation(to writer: inout JSONWriter) {
        writer.objectMember("info") { writer in
            writer.member("title", "Ottava load-balancer API")
            writer.member("version", VersionListView.current)
            writer.member(
                "description",
                """
                The OpenStack load-balancer API (Octavia v2). Tokens come from the identity service.

                Requests must not have fields that an operation does not know. Beside what this document names, the \
                service takes numbers as decimal text, truth values as the usual words, and identifiers in any usual \
                spelling. Text must not hold U+0000. `lbaas` may be left out of paths, and `v2.0` is `v2`.
                """)
        }
    }

    /// The tags in the order of the operations.
    private static var tags: [String] {
        var seen: Set<String> = []
        return operations.map(\.tag).filter { seen.insert($0).inserted }
    }

    private static func writePaths(to writer: inout JSONWriter) {
        var paths: [String] = []
        for operation in operations where !paths.contains(operation.path) { paths.append(operation.path) }
        writer.objectMember("paths") { writer in
            for path in paths {
                writer.objectMember(path) { writer in
                    for operation in operations where operation.path == path {
                        writer.member(operation.method.rawValue.lowercased(), operation)
                    }
                }
            }
        }
    }

    private static func writeComponents(to writer: inout JSONWriter) {
        writer.objectMember("components") { writer in
            writer.objectMember("schemas") { writer in
                for (name, schema) in components { writer.member(name, schema) }
            }
            writer.objectMember("parameters") { writer in
                for parameter in Parameter.tagFilters + Parameter.paging + [.idempotencyKey] {
                    guard let name = parameter.component else { continue }
                    writer.key(name)
                    parameter.writeWhole(to: &writer)
                }
            }
            writer.objectMember("responses") { Fault.writeComponents(to: &$0) }
            writer.objectMember("securitySchemes") { writer in
                writer.objectMember("token") { writer in
                    writer.member("type", "apiKey")
                    writer.member("in", "header")
                    writer.member("name", "X-Auth-Token")
                    writer.member("description", "A token of a project from the identity service.")
                }
            }
        }
    }

    /// All named schemas.
    static let components: [Resource.Component] =
        resources.flatMap { resource in
            var components: [Resource.Component] = []
            for component in [resource.createComponent, resource.updateComponent] where !component.schema.isEmpty {
                components.append(component)
            }
            return components + resource.answerComponents
        }
        + [Resource.listener, .pool, .healthMonitor, .l7Policy].map(\.treeComponent)
        + Resource.additionalVIPComponents + Resource.sessionPersistenceComponents + answerComponents
        + Fault.components
}

extension OpenAPI.Schema {
    /// Whether this is an object without members.
    fileprivate var isEmpty: Bool { shape == .object([]) }
}
