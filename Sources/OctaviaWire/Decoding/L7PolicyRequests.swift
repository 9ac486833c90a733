// Bodies of POST and PUT of L7 policies.

internal import LoadBalancing

private let redirectCodes = [301, 302, 303, 307, 308]

extension L7PolicyCreate {
    private static let sharedNames: Set<String> = FieldNames.create.union([
        "name", "description", "action", "redirect_url", "redirect_prefix", "redirect_http_code", "position", "rules",
    ])
    static let fieldNames = sharedNames.union(["listener_id", "redirect_pool_id"])
    static let nestedFieldNames = sharedNames.union(["redirect_pool"])

    /// Decodes the body of `POST /l7policies`.
    public init(body: [UInt8]) throws(OctaviaFault) {
        let reader = try RequestEnvelope.l7Policy.fields(of: body, known: Self.fieldNames)
        let listenerID = try reader.required("listener_id", .uuid)
        try self.init(reader)
        self.listenerID = listenerID
        redirectPoolID = try reader.optional("redirect_pool_id", .uuid)
        try reader.refuseNested("rules")
    }

    fileprivate init(_ reader: ObjectReader) throws(OctaviaFault) {
        self.init(action: try reader.required("action", .choice()))
        name = try reader.text("name")
        description = try reader.text("description")
        adminStateUp = try reader.adminStateUp()
        tags = try reader.tags()
        try reader.projectID()
        redirectURL = try reader.optional("redirect_url", .url)
        redirectPrefix = try reader.optional("redirect_prefix", .url)
        redirectHTTPCode = try reader.optional("redirect_http_code", .oneOf(redirectCodes))
        position = try reader.value("position", .integer(1...largestStoredInteger), default: position)
    }
}

extension FieldType where Value == L7PolicyCreate {
    /// A policy inside a fully populated load balancer, with its pool and its rules.
    static var nestedL7Policy: Self {
        Self { value, location throws(OctaviaFault) in
            let reader = try ObjectReader(value, at: location, known: L7PolicyCreate.nestedFieldNames)
            var policy = try L7PolicyCreate(reader)
            policy.redirectPool = try reader.optional("redirect_pool", .nestedPool)
            policy.rules = try reader.value("rules", .list(of: .nestedL7Rule), default: [])
            return policy
        }
    }
}

extension L7PolicyUpdate {
    static let fieldNames: Set<String> = FieldNames.update.union([
        "name", "description", "action", "redirect_pool_id", "redirect_url", "redirect_prefix", "redirect_http_code",
        "position",
    ])

    /// Decodes the body of `PUT /l7policies/{id}`. An empty object changes nothing, which is for the control plane to
    /// refuse.
    public init(body: [UInt8]) throws(OctaviaFault) {
        let reader = try RequestEnvelope.l7Policy.fields(of: body, known: Self.fieldNames)
        self.init()
        name = try reader.textChange("name")
        description = try reader.textChange("description")
        adminStateUp = try reader.adminStateUpChange()
        tags = try reader.tagsChange()
        isBlank = reader.isEmpty
        guard reader.gives("action") || !reader.mentions("action") else {
            throw OctaviaFault(400, "Invalid L7 Policy action specified: None")
        }
        action = try reader.change("action", .choice())
        redirectPoolID = try reader.change("redirect_pool_id", optional: .uuid)
        redirectURL = try reader.change("redirect_url", optional: .url)
        redirectPrefix = try reader.change("redirect_prefix", optional: .url)
        redirectHTTPCode = try reader.change("redirect_http_code", optional: .oneOf(redirectCodes))
        position = try reader.changeUnlessNull("position", .integer(1...largestStoredInteger))
    }
}
