// The versions of the API.

public import JSON

/// The answer of `GET /`: all versions, oldest first. Versions are information only; there is nothing to negotiate.
public struct VersionListView: JSONWritable, Sendable {
    /// The URL of the list as the client wrote it.
    public var baseURL: String

    public init(baseURL: String) {
        self.baseURL = baseURL
    }

    /// The version that clients find as the current one.
    public static let current = "v2.30"

    /// The body: `{"versions":[…]}`.
    public var body: [UInt8] { JSONWriter.bytes(of: self) }

    public func write(to writer: inout JSONWriter) {
        let reference = (baseURL.hasSuffix("/") ? baseURL : baseURL + "/") + "v2"
        writer.object { writer in
            writer.arrayMember("versions", Self.versions) { writer, version in
                writer.object { writer in
                    writer.member("id", version.id)
                    writer.member("status", version.id == Self.current ? "CURRENT" : "SUPPORTED")
                    writer.member("updated", version.updated)
                    writer.arrayMember("links", CollectionOfOne(reference)) { writer, reference in
                        writer.object { writer in
                            writer.member("href", reference)
                            writer.member("rel", "self")
                        }
                    }
                }
            }
        }
    }

    private static let versions: [(id: String, updated: String)] = [
        ("v2.0", "2016-12-11T00:00:00Z"), ("v2.1", "2018-04-20T00:00:00Z"), ("v2.2", "2018-07-31T00:00:00Z"),
        ("v2.3", "2018-12-18T00:00:00Z"), ("v2.4", "2018-12-19T00:00:00Z"), ("v2.5", "2019-01-21T00:00:00Z"),
        ("v2.6", "2019-01-25T00:00:00Z"),
        // The year is wrong in the API too.
        ("v2.7", "2018-01-25T12:00:00Z"),
        ("v2.8", "2019-02-12T00:00:00Z"), ("v2.9", "2019-03-04T00:00:00Z"), ("v2.10", "2019-03-05T00:00:00Z"),
        ("v2.11", "2019-06-24T00:00:00Z"), ("v2.12", "2019-09-11T00:00:00Z"), ("v2.13", "2019-09-13T00:00:00Z"),
        ("v2.14", "2019-11-10T00:00:00Z"), ("v2.15", "2020-03-10T00:00:00Z"), ("v2.16", "2020-03-15T00:00:00Z"),
        ("v2.17", "2020-04-29T00:00:00Z"), ("v2.18", "2020-04-29T01:00:00Z"), ("v2.19", "2020-05-12T00:00:00Z"),
        ("v2.20", "2020-08-02T00:00:00Z"), ("v2.21", "2020-09-03T00:00:00Z"), ("v2.22", "2020-09-04T00:00:00Z"),
        ("v2.23", "2020-09-07T00:00:00Z"), ("v2.24", "2020-10-15T00:00:00Z"), ("v2.25", "2021-10-02T00:00:00Z"),
        ("v2.26", "2022-08-29T00:00:00Z"), ("v2.27", "2023-05-05T00:00:00Z"), ("v2.28", "2023-11-08T00:00:00Z"),
        ("v2.29", "2024-10-15T00:00:00Z"), ("v2.30", "2025-02-26T00:00:00Z"),
    ]
}
