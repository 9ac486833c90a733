// What all objects that the services show have in common.

public import LoadBalancing

/// An object of one of the services.
public protocol CloudResource: Sendable, Hashable {
    /// The key of one object in requests and answers: `listener`.
    static var key: String { get }
    /// The key of a list: `listeners`.
    static var collectionKey: String { get }
    /// What messages call it: `listener`.
    static var term: String { get }
    /// Whether lists can be read page by page.
    static var hasPages: Bool { get }
    /// Whether such objects have names.
    static var hasName: Bool { get }

    /// What identifies it in paths.
    var reference: String { get }
    /// Its name; empty where it has none.
    var name: String { get }

    init(_ answer: AnswerReader) throws(CloudError)
}

extension CloudResource {
    /// What messages call it.
    public static var term: String { key }
    /// Whether lists can be read page by page.
    public static var hasPages: Bool { true }
    /// Whether such objects have names.
    public static var hasName: Bool { true }
}

/// An object of a load balancer's tree: it has an owner and two statuses.
public protocol TreeMember: CloudResource, Identifiable where ID == ResourceID {
    var id: ResourceID { get }
    var projectID: String { get }
    var isEnabled: Bool { get }
    /// How far the service has come with the last change.
    var provisioningStatus: ProvisioningStatus { get }
    /// What the object is doing for its users.
    var operatingStatus: OperatingStatus { get }
    /// Why ``provisioningStatus`` is ERROR, in words; services other than Ottava do not say.
    var statusReason: String? { get }
}

extension TreeMember {
    /// What identifies it in paths.
    public var reference: String { id.string }
}

/// The fields that all objects of a tree have.
struct CommonFields: Sendable, Hashable {
    var projectID: String
    var isEnabled: Bool
    var provisioningStatus: ProvisioningStatus
    var operatingStatus: OperatingStatus
    var statusReason: String?
    var tags: [String]
    var createdAt: Timestamp?
    var updatedAt: Timestamp?

    init(_ answer: AnswerReader) throws(CloudError) {
        projectID = try answer.textIfAny(either: "project_id", "tenant_id") ?? ""
        isEnabled = try answer.flag("admin_state_up", ifAbsent: true)
        provisioningStatus = try answer.term("provisioning_status")
        operatingStatus = try answer.termIfAny("operating_status") ?? .offline
        statusReason = try answer.textIfAny("status_reason")
        tags = try answer.strings("tags")
        createdAt = try answer.timeIfAny("created_at")
        updatedAt = try answer.timeIfAny("updated_at")
    }
}
