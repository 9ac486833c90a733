// `ottava loadbalancer member create|list|show|set|unset|delete POOL`.

internal import ArgumentParser
internal import OctaviaClient

enum MemberNoun: UpdatableNoun {
    typealias Resource = Member
    typealias Parent = PoolParent

    static let term = "member"
    static let listColumns = [
        "id", "name", "project_id", "provisioning_status", "address", "protocol_port", "operating_status", "weight",
    ]
    static let showColumns = [
        "address", "admin_state_up", "created_at", "id", "name", "operating_status", "project_id", "protocol_port",
        "provisioning_status", "subnet_id", "updated_at", "weight", "monitor_port", "monitor_address", "backup", "tags",
        "vnic_type",
    ]

    static func collection(_ cloud: Cloud, _ parent: ResourceID) -> ResourceCollection<Member> {
        cloud.members(of: parent)
    }

    struct Filters: FilterOptions {
        @OptionGroup var tags: TagFilters
        func filters(_ cloud: Cloud) async throws -> [Filter] { tags.filters }
    }

    /// What create and set have in common.
    struct Fields: ParsableArguments {
        @Option var name: String?
        @Flag(help: "Use it only when all others are down.") var enableBackup = false
        @Flag(help: "Use it like the others.") var disableBackup = false
        @Option(help: "0–256; 0 drains.") var weight: Int?
        @Option(help: "The port that the monitor asks.") var monitorPort: Int?
        @Option(help: "The address that the monitor asks.") var monitorAddress: String?
        @OptionGroup var state: EnableOptions
        @OptionGroup var tags: TagOptions

        func validate() throws {
            if enableBackup && disableBackup {
                throw ValidationError("--enable-backup and --disable-backup exclude each other")
            }
            try checked(weight, "--weight", in: 0...256)
            try checked(monitorPort, "--monitor-port", in: 1...65535)
        }
    }

    struct CreateOptions: CreationOptions {
        @Option(help: "An IP address.") var address: String
        @Option(help: "1–65535.") var protocolPort: Int
        @Option(help: "Name or id.") var subnetId: String?
        @Flag(help: "Ask for a direct port.") var requestSriov = false
        @OptionGroup var fields: Fields

        func validate() throws { try checked(protocolPort, "--protocol-port", in: 1...65535) }

        func creation(_ cloud: Cloud) async throws -> MemberCreate {
            var creation = MemberCreate(address: address, protocolPort: protocolPort)
            creation.name = fields.name ?? ""
            creation.adminStateUp = fields.state.value ?? true
            creation.tags = fields.tags.tag
            creation.weight = fields.weight ?? 1
            creation.isBackup = fields.enableBackup
            if let subnetId { creation.subnetID = try await cloud.network.subnets.find(subnetId).id }
            creation.monitorAddress = fields.monitorAddress
            creation.monitorPort = fields.monitorPort
            creation.requestSRIOV = requestSriov
            return creation
        }
    }

    struct SetOptions: UpdateOptions {
        @OptionGroup var fields: Fields

        func apply(to update: inout MemberUpdate, of current: Member, _ cloud: Cloud) async throws {
            update.name = .given(fields.name)
            update.adminStateUp = .given(fields.state.value)
            update.tags = fields.tags.change(current.tags)
            if let weight = fields.weight { update.weight = .set(weight) }
            if fields.enableBackup || fields.disableBackup { update.isBackup = .set(fields.enableBackup) }
            if let address = fields.monitorAddress { update.monitorAddress = .set(address) }
            if let port = fields.monitorPort { update.monitorPort = .set(port) }
        }
    }

    struct UnsetOptions: UpdateOptions {
        @Flag var backup = false
        @Flag var monitorAddress = false
        @Flag var monitorPort = false
        @Flag var name = false
        @Flag var weight = false
        @OptionGroup var tags: UntagOptions

        func apply(to update: inout MemberUpdate, of current: Member, _ cloud: Cloud) async throws {
            if backup { update.isBackup = .set(false) }
            if monitorAddress { update.monitorAddress = .set(nil) }
            if monitorPort { update.monitorPort = .set(nil) }
            if name { update.name = .set("") }
            if weight { update.weight = .set(nil) }
            update.tags = tags.change(current.tags)
        }
    }
}
