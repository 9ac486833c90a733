// A member as the API shows it.

public import JSON
public import LoadBalancing

/// A member of a pool.
public struct MemberView: ResourceView {
    public static let key = "member"
    public static let collectionKey = "members"

    public var member: Member

    public init(_ member: Member) {
        self.member = member
    }

    public func write(to writer: inout JSONWriter, fields: FieldSelection) {
        writer.object { writer in
            writer.field("id", member.id, in: fields)
            writer.field("name", member.name, in: fields)
            writer.core(member.core, in: fields)
            writer.field("address", member.address, in: fields)
            writer.field("protocol_port", member.protocolPort, in: fields)
            writer.field("weight", member.weight, in: fields)
            writer.field("backup", member.isBackup, in: fields)
            writer.field("subnet_id", member.subnetID, in: fields)
            writer.field("monitor_address", member.monitorAddress, in: fields)
            writer.field("monitor_port", member.monitorPort, in: fields)
            writer.field("vnic_type", member.vnicType, in: fields)
        }
    }
}
