// The decoders of requests, each with the schema of the document that describes its body.

internal import JSON
internal import Testing

@testable internal import OctaviaWire

/// What decodes the body of one kind of request.
struct RequestDecoder: Sendable, CustomTestStringConvertible {
    /// The name of the schema.
    var schema: String
    /// The key of the envelope.
    var key: String
    var decode: @Sendable ([UInt8]) throws -> Void

    var testDescription: String { schema }

    /// The fault of a body; `nil` if it is accepted.
    func fault(for value: JSONValue) -> OctaviaFault? {
        do {
            try decode(JSONWriter.bytes(of: .object([key: value]) as JSONValue))
            return nil
        } catch {
            return error as? OctaviaFault
        }
    }

    /// An update of a policy must change something, which a schema of single fields does not say.
    func isExempt(_ value: JSONValue) -> Bool { schema == "L7PolicyUpdate" && value == [:] }

    static let all: [RequestDecoder] = [
        RequestDecoder(schema: "LoadBalancerCreate", key: "loadbalancer") { _ = try LoadBalancerCreate(body: $0) },
        RequestDecoder(schema: "LoadBalancerUpdate", key: "loadbalancer") { _ = try LoadBalancerUpdate(body: $0) },
        RequestDecoder(schema: "ListenerCreate", key: "listener") { _ = try ListenerCreate(body: $0) },
        RequestDecoder(schema: "ListenerUpdate", key: "listener") { _ = try ListenerUpdate(body: $0) },
        RequestDecoder(schema: "PoolCreate", key: "pool") { _ = try PoolCreate(body: $0) },
        RequestDecoder(schema: "PoolUpdate", key: "pool") { _ = try PoolUpdate(body: $0) },
        RequestDecoder(schema: "MemberCreate", key: "member") { _ = try MemberCreate(body: $0) },
        RequestDecoder(schema: "MemberUpdate", key: "member") { _ = try MemberUpdate(body: $0) },
        RequestDecoder(schema: "HealthMonitorCreate", key: "healthmonitor") { _ = try HealthMonitorCreate(body: $0) },
        RequestDecoder(schema: "HealthMonitorUpdate", key: "healthmonitor") { _ = try HealthMonitorUpdate(body: $0) },
        RequestDecoder(schema: "L7PolicyCreate", key: "l7policy") { _ = try L7PolicyCreate(body: $0) },
        RequestDecoder(schema: "L7PolicyUpdate", key: "l7policy") { _ = try L7PolicyUpdate(body: $0) },
        RequestDecoder(schema: "L7RuleCreate", key: "rule") { _ = try L7RuleCreate(body: $0) },
        RequestDecoder(schema: "L7RuleUpdate", key: "rule") { _ = try L7RuleUpdate(body: $0) },
        RequestDecoder(schema: "QuotaUpdate", key: "quota") { _ = try QuotaUpdate(body: $0) },
        RequestDecoder(schema: "FlavorCreate", key: "flavor") { _ = try OfferCreate(body: $0, .flavor) },
        RequestDecoder(schema: "FlavorUpdate", key: "flavor") { _ = try OfferUpdate(body: $0, .flavor) },
        RequestDecoder(schema: "FlavorProfileCreate", key: "flavorprofile") {
            _ = try ProfileCreate(body: $0, .flavor)
        },
        RequestDecoder(schema: "FlavorProfileUpdate", key: "flavorprofile") {
            _ = try ProfileUpdate(body: $0, .flavor)
        },
        RequestDecoder(schema: "AvailabilityZoneCreate", key: "availability_zone") {
            _ = try OfferCreate(body: $0, .availabilityZone)
        },
        RequestDecoder(schema: "AvailabilityZoneUpdate", key: "availability_zone") {
            _ = try OfferUpdate(body: $0, .availabilityZone)
        },
        RequestDecoder(schema: "AvailabilityZoneProfileCreate", key: "availability_zone_profile") {
            _ = try ProfileCreate(body: $0, .availabilityZone)
        },
        RequestDecoder(schema: "AvailabilityZoneProfileUpdate", key: "availability_zone_profile") {
            _ = try ProfileUpdate(body: $0, .availabilityZone)
        },
    ]

    /// The fields that decoders know, by schema.
    static let knownFields: [(String, Set<String>)] = [
        ("LoadBalancerCreate", LoadBalancerCreate.fieldNames), ("LoadBalancerUpdate", LoadBalancerUpdate.fieldNames),
        ("ListenerCreate", ListenerCreate.fieldNames), ("ListenerInTree", ListenerCreate.nestedFieldNames),
        ("ListenerUpdate", ListenerUpdate.fieldNames), ("PoolCreate", PoolCreate.fieldNames),
        ("PoolInTree", PoolCreate.nestedFieldNames), ("PoolUpdate", PoolUpdate.fieldNames),
        ("MemberCreate", MemberCreate.fieldNames), ("MemberUpdate", MemberUpdate.fieldNames),
        ("HealthMonitorCreate", HealthMonitorCreate.fieldNames),
        ("HealthMonitorInTree", HealthMonitorCreate.nestedFieldNames),
        ("HealthMonitorUpdate", HealthMonitorUpdate.fieldNames), ("L7PolicyCreate", L7PolicyCreate.fieldNames),
        ("L7PolicyInTree", L7PolicyCreate.nestedFieldNames), ("L7PolicyUpdate", L7PolicyUpdate.fieldNames),
        ("L7RuleCreate", L7RuleCreate.fieldNames), ("L7RuleUpdate", L7RuleUpdate.fieldNames),
        ("QuotaUpdate", QuotaUpdate.fieldNames),
    ]
}
