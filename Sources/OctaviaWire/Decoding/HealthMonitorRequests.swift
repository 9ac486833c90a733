// Bodies of POST and PUT of health monitors.

internal import LoadBalancing

extension HealthMonitorCreate {
    static let nestedFieldNames: Set<String> = FieldNames.create.union([
        "name", "type", "delay", "timeout", "max_retries", "max_retries_down", "http_method", "url_path",
        "expected_codes", "http_version", "domain_name",
    ])
    static let fieldNames = nestedFieldNames.union(["pool_id"])

    /// Decodes the body of `POST /healthmonitors`.
    public init(body: [UInt8]) throws(OctaviaFault) {
        let reader = try RequestEnvelope.healthMonitor.fields(of: body, known: Self.fieldNames)
        let poolID = try reader.required("pool_id", .uuid)
        try self.init(reader)
        self.poolID = poolID
    }

    fileprivate init(_ reader: ObjectReader) throws(OctaviaFault) {
        self.init(
            type: try reader.required("type", .choice()),
            delay: try reader.required("delay", .integer(0...largestStoredInteger)),
            timeout: try reader.required("timeout", .integer(0...largestStoredInteger)),
            maxRetries: try reader.required("max_retries", .integer(1...10)))
        name = try reader.text("name")
        adminStateUp = try reader.adminStateUp()
        tags = try reader.tags()
        try reader.projectID()
        maxRetriesDown =
            try reader.presentOrAbsent(
                "max_retries_down", .integer(1...10), reason: "Value should be an integer") ?? 3
        httpMethod = try reader.optional("http_method", .choice())
        urlPath = try reader.optional("url_path", .urlPath)
        expectedCodes = try reader.optional("expected_codes", .expectedCodes)
        httpVersion = try reader.optional("http_version", .httpVersion)
        domainName = try reader.optional("domain_name", .domainName)
    }
}

extension FieldType where Value == HealthMonitorCreate {
    /// The monitor of a pool inside a fully populated load balancer.
    static var nestedHealthMonitor: Self {
        Self { value, location throws(OctaviaFault) in
            try HealthMonitorCreate(
                ObjectReader(value, at: location, known: HealthMonitorCreate.nestedFieldNames))
        }
    }
}

extension HealthMonitorUpdate {
    static let fieldNames: Set<String> = FieldNames.update.union([
        "name", "delay", "timeout", "max_retries", "max_retries_down", "http_method", "url_path", "expected_codes",
        "http_version", "domain_name",
    ])

    /// Decodes the body of `PUT /healthmonitors/{id}`.
    public init(body: [UInt8]) throws(OctaviaFault) {
        let reader = try RequestEnvelope.healthMonitor.fields(of: body, known: Self.fieldNames)
        self.init()
        name = try reader.textChange("name")
        adminStateUp = try reader.adminStateUpChange()
        tags = try reader.tagsChange()
        delay = try reader.change("delay", .integer(0...largestStoredInteger))
        timeout = try reader.change("timeout", .integer(0...largestStoredInteger))
        maxRetries = try reader.change("max_retries", .integer(1...10))
        maxRetriesDown = try reader.change("max_retries_down", .integer(1...10), null: 3)
        httpMethod = try reader.change("http_method", optional: .choice())
        urlPath = try reader.change("url_path", optional: .urlPath)
        expectedCodes = try reader.change("expected_codes", optional: .expectedCodes)
        httpVersion = try reader.change("http_version", optional: .httpVersion)
        domainName = try reader.change("domain_name", optional: .domainName)
    }
}
