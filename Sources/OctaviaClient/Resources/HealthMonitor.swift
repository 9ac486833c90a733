// A health monitor.

public import LoadBalancing

/// How the members of a pool are watched.
public struct HealthMonitor: TreeMember {
    public static let key = "healthmonitor"
    public static let collectionKey = "healthmonitors"
    public static let term = "health monitor"

    public var id: ResourceID
    public var name: String
    public var projectID: String
    public var isEnabled: Bool
    public var provisioningStatus: ProvisioningStatus
    public var operatingStatus: OperatingStatus
    public var statusReason: String?
    /// Sorted.
    public var tags: [String]
    public var createdAt: Timestamp?
    public var updatedAt: Timestamp?
    public var type: HealthMonitorType
    /// Seconds between two checks.
    public var delay: Int
    /// Seconds that one check may take.
    public var timeout: Int
    /// Successes in a row that bring a member back: 1–10.
    public var maxRetries: Int
    /// Failures in a row that take a member out: 1–10.
    public var maxRetriesDown: Int
    public var httpMethod: HealthMonitorMethod?
    public var urlPath: String?
    public var expectedCodes: String?
    /// 1.0 or 1.1.
    public var httpVersion: Double?
    public var domainName: String?
    /// One pool; empty in the answer to a fully populated create.
    public var poolIDs: [ResourceID]

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
