// Bodies of POST and PUT of L7 rules.

internal import LoadBalancing

extension L7RuleCreate {
    static let fieldNames: Set<String> = FieldNames.create.union(["type", "compare_type", "key", "value", "invert"])

    /// Decodes the body of `POST /l7policies/{id}/rules`.
    public init(body: [UInt8]) throws(OctaviaFault) {
        try self.init(RequestEnvelope.l7RuleCreate.fields(of: body, known: Self.fieldNames))
    }

    fileprivate init(_ reader: ObjectReader) throws(OctaviaFault) {
        self.init(
            type: try reader.required("type", .choice()), compareType: try reader.required("compare_type", .choice()),
            value: try reader.required("value", .line(min: 1)))
        adminStateUp = try reader.adminStateUp()
        tags = try reader.tags()
        try reader.projectID()
        key = try reader.optional("key", .line())
        invert = try reader.value("invert", .bool, default: false)
    }
}

extension FieldType where Value == L7RuleCreate {
    /// A rule inside a fully populated load balancer.
    static var nestedL7Rule: Self {
        Self { value, location throws(OctaviaFault) in
            try L7RuleCreate(ObjectReader(value, at: location, known: L7RuleCreate.fieldNames))
        }
    }
}

extension L7RuleUpdate {
    static let fieldNames: Set<String> = FieldNames.update.union(["type", "compare_type", "key", "value", "invert"])

    /// Decodes the body of `PUT /l7policies/{id}/rules/{id}`.
    public init(body: [UInt8]) throws(OctaviaFault) {
        let reader = try RequestEnvelope.l7RuleUpdate.fields(of: body, known: Self.fieldNames)
        self.init()
        adminStateUp = try reader.adminStateUpChange()
        tags = try reader.tagsChange()
        type = try reader.change("type", .choice())
        compareType = try reader.change("compare_type", .choice())
        key = try reader.change("key", optional: .line())
        value = try reader.change("value", .line(min: 1))
        invert = try reader.change("invert", .bool, null: false)
    }
}
