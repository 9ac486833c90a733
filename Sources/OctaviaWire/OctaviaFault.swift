// The faults of the API: status and text that clients know.

internal import JSON
public import LoadBalancing

/// A fault as the API answers it (API reference, "Faults").
public struct OctaviaFault: Error, Sendable, Hashable {
    /// The form of the body.
    public enum Form: Sendable, Hashable {
        /// `faultcode`, `faultstring`, `debuginfo`: raised by the resource itself.
        case resource
        /// `code`, `title`, `description`: raised on the way to the resource.
        case routing(title: String)
    }

    /// The HTTP status.
    public var status: Int
    /// What is wrong, for people.
    public var message: String
    public var form: Form

    public init(_ status: Int, _ message: String, form: Form = .resource) {
        self.status = status
        self.message = message
        self.form = form
    }

    /// The JSON body.
    public var body: [UInt8] {
        JSONWriter.object { writer in
            switch form {
            case .resource:
                writer.member("faultcode", status >= 500 ? "Server" : "Client")
                writer.member("faultstring", message)
                writer.nullMember("debuginfo")
            case .routing(let title):
                writer.member("code", status)
                writer.member("title", title)
                writer.member("description", message)
            }
        }
    }
}

extension OctaviaFault {
    // MARK: 400

    /// A field's value has the wrong type or is out of its range.
    public static func invalidInput(field: String, value: String, reason: String) -> OctaviaFault {
        OctaviaFault(400, "Invalid input for field/attribute \(field). Value: '\(value)'. \(reason)")
    }

    /// The request combines things that do not go together.
    public static func validation(_ message: String) -> OctaviaFault {
        OctaviaFault(400, "Validation failure: \(message)")
    }

    /// The value is understood but does not apply to that option.
    public static func invalidOption(value: String, option: String) -> OctaviaFault {
        OctaviaFault(400, "\(value) is not a valid option for \(option)")
    }

    /// A network, subnet or port that the request names does not exist: 400, unlike other missing objects.
    public static func missingNetworkObject(_ kind: String, _ id: some CustomStringConvertible) -> OctaviaFault {
        OctaviaFault(400, "\(kind) \(id) not found.")
    }

    // MARK: 403, 404

    /// The caller may not do this.
    public static let forbidden = OctaviaFault(403, "Policy does not allow this request to be performed.")

    /// The project has used up its quota of that kind.
    public static func quotaExceeded(_ kind: ResourceKind) -> OctaviaFault {
        OctaviaFault(403, "Quota has been met for resources: \(kind.rawValue)")
    }

    /// There is no such object.
    public static func notFound(_ kind: ResourceKind, _ id: some CustomStringConvertible) -> OctaviaFault {
        OctaviaFault(404, "\(kind.rawValue) \(id) not found.")
    }

    /// There is no such object; for kinds outside of trees, such as `Flavor`.
    public static func notFound(_ kind: String, _ id: some CustomStringConvertible) -> OctaviaFault {
        OctaviaFault(404, "\(kind) \(id) not found.")
    }

    /// The object that a sub-resource's path goes through does not exist.
    public static func missingParent(_ kind: String, _ id: some CustomStringConvertible) -> OctaviaFault {
        OctaviaFault(404, "\(kind) \(id) not found.", form: .routing(title: "Bad Request"))
    }

    // MARK: 409

    /// The object cannot be changed in its present state.
    public static func immutable(_ kind: String, _ id: ResourceID) -> OctaviaFault {
        OctaviaFault(409, "\(kind) \(id) is immutable and cannot be updated.")
    }

    /// The load balancer cannot be changed in its present state.
    public static func invalidState(_ status: ProvisioningStatus, _ id: ResourceID) -> OctaviaFault {
        OctaviaFault(409, "Invalid state \(status.rawValue) of loadbalancer resource \(id)")
    }

    /// Two listeners of one load balancer cannot share a port of one transport.
    public static func duplicateListener(_ existing: ListenerProtocol, port: Int) -> OctaviaFault {
        OctaviaFault(
            409,
            "Another Listener on this Load Balancer is already using protocol \(existing.rawValue) "
                + "and protocol_port \(port)"
        )
    }

    /// Two members of one pool cannot share address and port.
    public static func duplicateMember(address: String, port: Int) -> OctaviaFault {
        OctaviaFault(
            409, "Another member on this pool is already using ip \(address) on protocol_port \(port)")
    }

    /// Pool and listener speak protocols that do not go together.
    public static func protocolMismatch(pool: PoolProtocol, listener: ListenerProtocol) -> OctaviaFault {
        .validation(
            "The pool protocol '\(pool.rawValue)' is invalid while the listener protocol is '\(listener.rawValue)'.")
    }
}
