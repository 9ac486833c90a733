// `ottava loadbalancer l7policy` and `l7rule`.

internal import ArgumentParser
internal import OctaviaClient

enum L7PolicyNoun: UpdatableNoun {
    typealias Resource = L7Policy
    typealias Parent = NoParent

    static let term = "L7 policy"
    static let listColumns = [
        "id", "name", "project_id", "provisioning_status", "action", "position", "admin_state_up",
    ]
    static let showColumns = [
        "listener_id", "description", "admin_state_up", "rules", "project_id", "created_at", "provisioning_status",
        "updated_at", "redirect_pool_id", "redirect_url", "redirect_prefix", "action", "position", "id",
        "operating_status", "name", "redirect_http_code", "tags",
    ]

    static func collection(_ cloud: Cloud, _ parent: ResourceID) -> ResourceCollection<L7Policy> { cloud.l7Policies }

    struct Filters: FilterOptions {
        @Option(help: "Name or id.") var listener: String?
        @OptionGroup var tags: TagFilters

        func filters(_ cloud: Cloud) async throws -> [Filter] {
            guard let listener else { return tags.filters }
            return tags.filters + [.listener(try await cloud.listeners.find(listener).id)]
        }
    }

    /// What create and set have in common.
    struct Fields: ParsableArguments {
        @Option var name: String?
        @Option var description: String?
        @Option(help: "Name or id.") var redirectPool: String?
        @Option var redirectUrl: String?
        @Option var redirectPrefix: String?
        @Option(help: "301, 302, 303, 307 or 308.") var redirectHttpCode: Int?
        @Option(help: "1 is asked first.") var position: Int?
        @OptionGroup var state: EnableOptions
        @OptionGroup var tags: TagOptions

        func validate() throws {
            if let code = redirectHttpCode, ![301, 302, 303, 307, 308].contains(code) {
                throw ValidationError("--redirect-http-code \(code) must be one of 301, 302, 303, 307, 308")
            }
        }
    }

    struct CreateOptions: CreationOptions {
        @Argument(help: "The listener: name or id.") var listener: String
        @Option var action: L7PolicyAction
        @OptionGroup var fields: Fields

        func validate() throws {
            switch action {
            case .redirectToPool where fields.redirectPool == nil:
                throw ValidationError("--action REDIRECT_TO_POOL needs --redirect-pool")
            case .redirectToURL where fields.redirectUrl == nil:
                throw ValidationError("--action REDIRECT_TO_URL needs --redirect-url")
            case .redirectPrefix where fields.redirectPrefix == nil:
                throw ValidationError("--action REDIRECT_PREFIX needs --redirect-prefix")
            default: return
            }
        }

        func creation(_ cloud: Cloud) async throws -> L7PolicyCreate {
            var creation = L7PolicyCreate(action: action)
            creation.listenerID = try await cloud.listeners.find(listener).id
            creation.name = fields.name ?? ""
            creation.description = fields.description ?? ""
            creation.adminStateUp = fields.state.value ?? true
            creation.tags = fields.tags.tag
            if let pool = fields.redirectPool { creation.redirectPoolID = try await cloud.pools.find(pool).id }
            creation.redirectURL = fields.redirectUrl
            creation.redirectPrefix = fields.redirectPrefix
            creation.redirectHTTPCode = fields.redirectHttpCode
            creation.position = fields.position ?? creation.position
            return creation
        }
    }

    struct SetOptions: UpdateOptions {
        @Option var action: L7PolicyAction?
        @OptionGroup var fields: Fields

        func apply(to update: inout L7PolicyUpdate, of current: L7Policy, _ cloud: Cloud) async throws {
            update.name = .given(fields.name)
            update.description = .given(fields.description)
            update.adminStateUp = .given(fields.state.value)
            update.tags = fields.tags.change(current.tags)
            update.action = .given(action)
            if let pool = fields.redirectPool { update.redirectPoolID = .set(try await cloud.pools.find(pool).id) }
            if let url = fields.redirectUrl { update.redirectURL = .set(url) }
            if let prefix = fields.redirectPrefix { update.redirectPrefix = .set(prefix) }
            if let code = fields.redirectHttpCode { update.redirectHTTPCode = .set(code) }
            update.position = .given(fields.position)
        }
    }

    struct UnsetOptions: UpdateOptions {
        @Flag var description = false
        @Flag var name = false
        @Flag var redirectHttpCode = false
        @OptionGroup var tags: UntagOptions

        func apply(to update: inout L7PolicyUpdate, of current: L7Policy, _ cloud: Cloud) async throws {
            if description { update.description = .set("") }
            if name { update.name = .set("") }
            if redirectHttpCode { update.redirectHTTPCode = .set(nil) }
            update.tags = tags.change(current.tags)
        }
    }
}

enum L7RuleNoun: UpdatableNoun {
    typealias Resource = L7Rule
    typealias Parent = L7PolicyParent

    static let term = "L7 rule"
    static let listColumns = [
        "id", "project_id", "provisioning_status", "compare_type", "type", "key", "value", "invert", "admin_state_up",
    ]
    static let showColumns = [
        "created_at", "compare_type", "provisioning_status", "invert", "admin_state_up", "updated_at", "value", "key",
        "project_id", "type", "id", "operating_status", "tags",
    ]

    static func collection(_ cloud: Cloud, _ parent: ResourceID) -> ResourceCollection<L7Rule> {
        cloud.l7Rules(of: parent)
    }

    struct Filters: FilterOptions {
        @OptionGroup var tags: TagFilters
        func filters(_ cloud: Cloud) async throws -> [Filter] { tags.filters }
    }

    struct CreateOptions: CreationOptions {
        @Option var compareType: L7RuleCompareType
        @Option var type: L7RuleType
        @Option var value: String
        @Option(help: "The header, cookie or field to look at.") var key: String?
        @Flag(help: "Match what does not compare.") var invert = false
        @OptionGroup var state: EnableOptions
        @OptionGroup var tags: TagOptions

        func creation(_ cloud: Cloud) async throws -> L7RuleCreate {
            var creation = L7RuleCreate(type: type, compareType: compareType, value: value)
            creation.key = key
            creation.invert = invert
            creation.adminStateUp = state.value ?? true
            creation.tags = tags.tag
            return creation
        }
    }

    struct SetOptions: UpdateOptions {
        @Option var compareType: L7RuleCompareType?
        @Option var type: L7RuleType?
        @Option var value: String?
        @Option(help: "The header, cookie or field to look at.") var key: String?
        @Flag(help: "Match what does not compare.") var invert = false
        @OptionGroup var state: EnableOptions
        @OptionGroup var tags: TagOptions

        func apply(to update: inout L7RuleUpdate, of current: L7Rule, _ cloud: Cloud) async throws {
            update.compareType = .given(compareType)
            update.type = .given(type)
            update.value = .given(value)
            if let key { update.key = .set(key) }
            if invert { update.invert = .set(true) }
            update.adminStateUp = .given(state.value)
            update.tags = tags.change(current.tags)
        }
    }

    struct UnsetOptions: UpdateOptions {
        @Flag var invert = false
        @Flag var key = false
        @OptionGroup var tags: UntagOptions

        func apply(to update: inout L7RuleUpdate, of current: L7Rule, _ cloud: Cloud) async throws {
            if invert { update.invert = .set(false) }
            if key { update.key = .set(nil) }
            update.tags = tags.change(current.tags)
        }
    }
}
