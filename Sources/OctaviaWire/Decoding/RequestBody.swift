// From the bytes of a body to the object in its envelope.

internal import JSON

/// What the API calls a body in faults, and the key under which the resource stands in it.
struct RequestEnvelope {
    /// The name in faults, such as `listener_`.
    let argument: String
    /// The only key of the body, such as `listener`.
    let key: String

    static let loadBalancer = RequestEnvelope(argument: "load_balancer", key: "loadbalancer")
    static let listener = RequestEnvelope(argument: "listener_", key: "listener")
    static let pool = RequestEnvelope(argument: "pool_", key: "pool")
    static let member = RequestEnvelope(argument: "member_", key: "member")
    static let memberBatch = RequestEnvelope(argument: "members_", key: "members")
    static let healthMonitor = RequestEnvelope(argument: "health_monitor_", key: "healthmonitor")
    static let l7Policy = RequestEnvelope(argument: "l7policy_", key: "l7policy")
    static let l7RuleCreate = RequestEnvelope(argument: "rule_", key: "rule")
    static let l7RuleUpdate = RequestEnvelope(argument: "l7rule_", key: "rule")
    static let quota = RequestEnvelope(argument: "quotas", key: "quota")
    static let flavor = RequestEnvelope(argument: "flavor_", key: "flavor")
    static let flavorProfile = RequestEnvelope(argument: "flavor_profile_", key: "flavorprofile")
    static let availabilityZone = RequestEnvelope(argument: "availability_zone_", key: "availability_zone")
    static let availabilityZoneProfile = RequestEnvelope(
        argument: "availability_zone_profile_", key: "availability_zone_profile")

    /// The value in the envelope and where it stands. A body without it is refused by name, where the reference
    /// implementation breaks.
    func open(_ body: [UInt8]) throws(OctaviaFault) -> (value: JSONValue, location: FieldLocation) {
        guard !body.isEmpty else { throw .missingArgument(argument) }
        let document: JSONValue
        do {
            document = try JSONValue(parsing: body)
        } catch {
            throw .invalidJSON
        }
        let whole = FieldLocation(name: argument, parent: "")
        guard case .object(let members) = document else {
            throw .invalidInput(whole, document, "Value should be an object with the key '\(key)'")
        }
        let unknown = members.keys.filter { $0 != key }
        guard unknown.isEmpty else { throw .unknownAttributes(unknown.sorted(), path: argument) }
        guard let value = members[key] else { throw .missingField(key) }
        return (value, FieldLocation(name: key, parent: argument))
    }

    /// The fields of the resource in the envelope.
    func fields(of body: [UInt8], known: Set<String>) throws(OctaviaFault) -> ObjectReader {
        let (value, location) = try open(body)
        return try ObjectReader(value, at: location, known: known)
    }
}
