// Values as a client writes them into requests.

internal import JSON
internal import LoadBalancing

/// A value of a field.
protocol RequestValue {
    func write(to writer: inout JSONWriter)
}

extension String: RequestValue {
    func write(to writer: inout JSONWriter) { writer.value(self) }
}

extension Bool: RequestValue {
    func write(to writer: inout JSONWriter) { writer.value(self) }
}

extension Int: RequestValue {
    func write(to writer: inout JSONWriter) { writer.value(self) }
}

extension Double: RequestValue {
    func write(to writer: inout JSONWriter) { writer.value(self) }
}

extension ResourceID: RequestValue {
    func write(to writer: inout JSONWriter) { writer.value(string) }
}

extension RequestValue where Self: RawRepresentable<String> {
    func write(to writer: inout JSONWriter) { writer.value(rawValue) }
}

extension ListenerProtocol: RequestValue {}
extension PoolProtocol: RequestValue {}
extension LoadBalancingAlgorithm: RequestValue {}
extension SessionPersistenceType: RequestValue {}
extension HealthMonitorType: RequestValue {}
extension HealthMonitorMethod: RequestValue {}
extension ClientAuthentication: RequestValue {}
extension L7PolicyAction: RequestValue {}
extension L7RuleType: RequestValue {}
extension L7RuleCompareType: RequestValue {}

/// `null` when absent.
extension Optional: RequestValue where Wrapped: RequestValue {
    func write(to writer: inout JSONWriter) {
        if let self { self.write(to: &writer) } else { writer.null() }
    }
}

extension Array: RequestValue where Element: RequestValue {
    func write(to writer: inout JSONWriter) {
        writer.array(self) { writer, element in element.write(to: &writer) }
    }
}

extension Dictionary: RequestValue where Key == String, Value == String {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            for (name, value) in sorted(by: { $0.key < $1.key }) { writer.member(name, value) }
        }
    }
}

extension Dictionary where Key == Int, Value == String {
    /// With names as JSON has them.
    var byName: [String: String] { [String: String](uniqueKeysWithValues: map { (String($0.key), $0.value) }) }
}

extension JSONWriter {
    /// Writes a field whatever its value is.
    mutating func request(_ name: String, _ value: some RequestValue) {
        key(name)
        value.write(to: &self)
    }

    /// Writes a field of a new resource if it has a value.
    mutating func given(_ name: String, _ value: (some RequestValue)?) {
        if let value { request(name, value) }
    }

    /// Writes a field of a new resource unless it has the value that the API gives it anyway.
    mutating func given<Value: RequestValue & Equatable>(_ name: String, _ value: Value, unless standard: Value) {
        if value != standard { request(name, value) }
    }

    /// Writes nested resources, if there are any.
    mutating func nested(_ name: String, _ resources: [some JSONWritable]) {
        if !resources.isEmpty { arrayMember(name, resources) { writer, resource in writer.value(resource) } }
    }

    /// Writes a field of an update if it changes.
    mutating func change(_ name: String, _ change: Change<some RequestValue & Sendable>) {
        if case .set(let value) = change { request(name, value) }
    }
}
