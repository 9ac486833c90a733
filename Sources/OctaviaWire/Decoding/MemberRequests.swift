// Bodies of POST, PUT and batch update of members.

internal import LoadBalancing

extension MemberCreate {
    static let fieldNames: Set<String> = FieldNames.create.union([
        "name", "address", "protocol_port", "weight", "backup", "subnet_id", "monitor_address", "monitor_port",
        "request_sriov",
    ])

    /// Decodes the body of `POST /pools/{id}/members`.
    public init(body: [UInt8]) throws(OctaviaFault) {
        try self.init(RequestEnvelope.member.fields(of: body, known: Self.fieldNames))
    }

    fileprivate init(_ reader: ObjectReader) throws(OctaviaFault) {
        self.init(
            address: try reader.required("address", .address),
            protocolPort: try reader.required("protocol_port", .port))
        name = try reader.text("name")
        adminStateUp = try reader.adminStateUp()
        tags = try reader.tags()
        try reader.projectID()
        weight = reader.mentions("weight") ? try reader.optional("weight", .integer(0...256)) : 1
        isBackup =
            try reader.presentOrAbsent("backup", .bool, reason: "Value not an unambiguous boolean: None") ?? false
        subnetID = try reader.optional("subnet_id", .uuid)
        monitorAddress = try reader.value("monitor_address", .unsetWhenEmpty(.address), default: nil)
        monitorPort = try reader.optional("monitor_port", .port)
        requestSRIOV = try reader.value("request_sriov", .bool, default: false)
        mentionsName = reader.mentions("name")
        // As in an update, null leaves the tags as they are.
        mentionsTags = reader.gives("tags")
        mentionsSubnet = reader.mentions("subnet_id")
    }
}

extension FieldType where Value == MemberCreate {
    /// A member inside a fully populated load balancer or a batch.
    static var nestedMember: Self {
        Self { value, location throws(OctaviaFault) in
            try MemberCreate(ObjectReader(value, at: location, known: MemberCreate.fieldNames))
        }
    }
}

/// `PUT /pools/{id}/members`: what the pool's members shall be.
public struct MemberBatch: Sendable, Equatable {
    public var members: [MemberCreate]

    public init(members: [MemberCreate]) {
        self.members = members
    }

    /// Decodes the body. That no member is named twice is the control plane's to check.
    public init(body: [UInt8]) throws(OctaviaFault) {
        let (value, location) = try RequestEnvelope.memberBatch.open(body)
        members = try FieldType.list(of: .nestedMember).convert(value, location)
    }
}

extension MemberUpdate {
    static let fieldNames: Set<String> = FieldNames.update.union([
        "name", "weight", "backup", "monitor_address", "monitor_port",
    ])

    /// Decodes the body of `PUT /pools/{id}/members/{id}`.
    public init(body: [UInt8]) throws(OctaviaFault) {
        let reader = try RequestEnvelope.member.fields(of: body, known: Self.fieldNames)
        self.init()
        name = try reader.textChange("name")
        adminStateUp = try reader.adminStateUpChange()
        tags = try reader.tagsChange()
        weight = try reader.change("weight", optional: .integer(0...256), null: 1)
        isBackup = try reader.change("backup", .bool, null: false)
        monitorAddress = try reader.change("monitor_address", .unsetWhenEmpty(.address), null: nil)
        monitorPort = try reader.change("monitor_port", optional: .port)
    }
}
