// A health monitor.

public import LoadBalancing

/// How the members of a pool are watched.
public struct HealthMonitor: TreeMember {
    public static let key = "healthmonitor"
    public static let collectionKey = "healthmonitors"
    /// What messages call it.
    public static let term = "health monitor"

    /// What identifies it.
    public var id: ResourceID
    /// Its name; several may have the same.
    public var name: String
    /// The project that it belongs to.
    public var projectID: String
    /// Whether it is switched on.
    public var isEnabled: Bool
    /// How far the service has come with the last change.
    public var provisioningStatus: ProvisioningStatus
    /// What the object is doing for its users.
    public var operatingStatus: OperatingStatus
    /// Why ``provisioningStatus`` is ERROR, in words; services other than Ottava do not say.
    public var statusReason: String?
    /// Sorted.
    public var tags: [String]
    /// When it was made.
    public var createdAt: Timestamp?
    /// When it was last changed; absent if it never was.
    public var updatedAt: Timestamp?
    /// How members are probed.
    public var type: HealthMonitorType
    /// Seconds between two checks.
    public var delay: Int
    /// Seconds that one check may take.
    public var timeout: Int
    /// Successes in a row that bring a member back: 1–10.
    public var maxRetries: Int
    /// Failures in a row that take a member out: 1–10.
    public var maxRetriesDown: Int
    /// The method of the probe; of HTTP and HTTPS.
    public var httpMethod: HealthMonitorMethod?
    /// The path of the probe; of HTTP and HTTPS.
    public var urlPath: String?
    /// The statuses that count as well: `200`, `200,202` or `200-204`.
    public var expectedCodes: String?
    /// 1.0 or 1.1.
    public var httpVersion: Double?
    /// The host that the probe names.
    public var domainName: String?
    /// One pool; empty in the answer to a fully populated create.
    public var poolIDs: [ResourceID]

    /// Reads it from an answer.
    public init(_ answer: AnswerReader) throws(CloudError) {
        id = try answer.id()
        name = try answer.textOrEmpty("name")
        let common = try CommonFields(answer)
        projectID = common.projectID
        isEnabled = common.isEnabled
        provisioningStatus = common.provisioningStatus
        operatingStatus = common.operatingStatus
        statusReason = common.statusReason
        tags = common.tags
        createdAt = common.createdAt
        updatedAt = common.updatedAt
        type = try answer.term("type")
        delay = try answer.integer("delay")
        timeout = try answer.integer("timeout")
        maxRetries = try answer.integer("max_retries")
        maxRetriesDown = try answer.integer("max_retries_down", ifAbsent: 3)
        httpMethod = try answer.termIfAny("http_method")
        urlPath = try answer.textIfAny("url_path")
        expectedCodes = try answer.textIfAny("expected_codes")
        httpVersion = try answer.numberIfAny("http_version")
        domainName = try answer.textIfAny("domain_name")
        poolIDs = try answer.references("pools")
    }
}
