// The types of the API's fields, under the names that the tables use.

internal import JSON

extension OpenAPI.Schema {
    /// The largest integer where the API names no limit.
    static let largestInteger = 2_147_483_647

    static let null = OpenAPI.Schema(.choice(type: "null", [.null]))
    static let bool = OpenAPI.Schema(.bool)

    /// What a component of that name describes.
    static func component(_ name: String) -> Self { Self(.component(name)) }

    static func list(of element: Self) -> Self { Self(.list(element)) }

    static func object(_ members: [Member]) -> Self { Self(.object(members)) }

    // MARK: Numbers

    static func integer(_ limits: ClosedRange<Int>) -> Self {
        Self(.integer(minimum: limits.lowerBound, maximum: limits.upperBound))
    }

    /// A counter.
    static let count = OpenAPI.Schema(.integer(minimum: 0, maximum: nil))
    static let port = integer(1...65_535)

    // MARK: Terms

    /// The terms of an enumeration of the domain.
    static func choice<Term>(_: Term.Type) -> Self
    where Term: CaseIterable & RawRepresentable, Term.RawValue == String {
        choice(Term.allCases.map(\.rawValue))
    }

    static func choice(_ terms: [String]) -> Self { Self(.choice(type: "string", terms.map { .string($0) })) }

    static func choice(_ numbers: [Int]) -> Self {
        Self(.choice(type: "integer", numbers.map { .integer(Int64($0)) }))
    }

    /// 1.0 or 1.1.
    static let httpVersion = OpenAPI.Schema(.choice(type: "number", [1.0, 1.1]))

    // MARK: Text

    static func text(min: Int = 0, max: Int? = nil) -> Self { Self(.text(Text(minimum: min, maximum: max))) }

    static func text(min: Int = 0, max: Int? = nil, pattern: String, example: String) -> Self {
        Self(.text(Text(minimum: min, maximum: max, pattern: pattern, example: example)))
    }

    static func text(format: String) -> Self { Self(.text(Text(formats: [format]))) }

    static let uuid = text(format: "uuid")
    static let address = OpenAPI.Schema(.text(Text(formats: ["ipv4", "ipv6"])))
    static let url = text(
        max: 255, pattern: #"^https?://[^\u0000-\u0020\u007f-\u009f]+$"#, example: "https://example.com/"
    )
    static let urlPath = text(
        max: 2048, pattern: #"^/([^/\s\u0000-\u0020\u007f][^\s\u0000-\u0020\u007f]*)?$"#, example: "/healthy?deep=1")
    static let expectedCodes = text(
        max: 64, pattern: #"^([0-9]{3}(\s*,\s*[0-9]{3})*|[0-9]{3}-[0-9]{3})$"#, example: "200-204")
    static let domainName = text(
        min: 1, max: 253,
        pattern: #"^[A-Za-z0-9_]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9_]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\.?$"#,
        example: "www.example.com")
    static let cookieName = text(min: 1, max: 255, pattern: #"^[^\s,;\\]+$"#, example: "SESSION")
    static let ciphers = text(
        max: 2048, pattern: "^[A-Za-z0-9+!:@=_.-]*$", example: "TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256")
    /// HTML, not empty.
    static let errorPage = text(
        min: 1, max: 8_192, pattern: #"^[^\u0000]+$"#, example: "<!DOCTYPE html><title>Back soon</title>")
    /// Text without line breaks.
    static func line(min: Int = 0) -> Self {
        text(min: min, max: 255, pattern: #"^[^\r\n]*$"#, example: "/images")
    }
    static let network = text(
        pattern: #"^([0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)(/[0-9]{1,3})?$"#, example: "192.0.2.0/24")
    static let tlsVersions = list(of: text(max: 32))
    static let alpnProtocols = list(of: choice(["h2", "http/1.1", "http/1.0"]))
    static let containerReference = text(max: 255)
    static let tags = list(of: text(max: 255))
    /// A time of UTC with whole seconds and no zone.
    static let timestamp = text(
        pattern: #"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$"#, example: "2026-01-01T00:00:00")
    static let vnicType = choice(["normal", "direct"])

    // MARK: References to other resources

    static let references = list(of: component("Reference"))
}
