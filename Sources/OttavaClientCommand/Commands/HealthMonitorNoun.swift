// `ottava loadbalancer healthmonitor create|list|show|set|unset|delete`.

internal import ArgumentParser
internal import OctaviaClient

enum HealthMonitorNoun: UpdatableNoun {
    typealias Resource = HealthMonitor
    typealias Parent = NoParent

    static let term = "health monitor"
    static let listColumns = ["id", "name", "project_id", "type", "admin_state_up"]
    static let showColumns = [
        "project_id", "name", "admin_state_up", "pools", "created_at", "provisioning_status", "updated_at", "delay",
        "expected_codes", "max_retries", "http_method", "timeout", "max_retries_down", "url_path", "type", "id",
        "operating_status", "http_version", "domain_name", "tags",
    ]

    static func collection(_ cloud: Cloud, _ parent: ResourceID) -> ResourceCollection<HealthMonitor> {
        cloud.healthMonitors
    }

    struct Filters: FilterOptions {
        @OptionGroup var tags: TagFilters
        func filters(_ cloud: Cloud) async throws -> [Filter] { tags.filters }
    }

    /// What create and set have in common.
    struct Fields: ParsableArguments {
        @Option var name: String?
        @Option(help: "Such as example.com; needs --http-version 1.1.") var domainName: String?
        @Option(help: "Such as 200, 200,201 or 200-204.") var expectedCodes: String?
        @Option var httpMethod: HealthMonitorMethod?
        @Option(help: "1.0 or 1.1.") var httpVersion: Double?
        @Option(help: "Failures in a row that take a member out: 1–10.") var maxRetriesDown: Int?
        @Option var urlPath: String?
        @OptionGroup var state: EnableOptions
        @OptionGroup var tags: TagOptions

        func validate() throws { try checked(maxRetriesDown, "--max-retries-down", in: 1...10) }
    }

    struct CreateOptions: CreationOptions {
        @Argument(help: "The pool: name or id.") var pool: String
        @Option(help: "Seconds between two checks.") var delay: Int
        @Option(help: "Seconds that one check may take.") var timeout: Int
        @Option(help: "Successes in a row that bring a member back: 1–10.") var maxRetries: Int
        @Option var type: HealthMonitorType
        @OptionGroup var fields: Fields

        func validate() throws { try checked(maxRetries, "--max-retries", in: 1...10) }

        func creation(_ cloud: Cloud) async throws -> HealthMonitorCreate {
            var creation = HealthMonitorCreate(type: type, delay: delay, timeout: timeout, maxRetries: maxRetries)
            creation.poolID = try await cloud.pools.find(pool).id
            creation.name = fields.name ?? ""
            creation.adminStateUp = fields.state.value ?? true
            creation.tags = fields.tags.tag
            creation.maxRetriesDown = fields.maxRetriesDown ?? 3
            creation.httpMethod = fields.httpMethod
            creation.urlPath = fields.urlPath
            creation.expectedCodes = fields.expectedCodes
            creation.httpVersion = fields.httpVersion
            creation.domainName = fields.domainName
            return creation
        }
    }

    struct SetOptions: UpdateOptions {
        @Option(help: "Seconds between two checks.") var delay: Int?
        @Option(help: "Seconds that one check may take.") var timeout: Int?
        @Option(help: "Successes in a row that bring a member back: 1–10.") var maxRetries: Int?
        @OptionGroup var fields: Fields

        func validate() throws { try checked(maxRetries, "--max-retries", in: 1...10) }

        func apply(to update: inout HealthMonitorUpdate, of current: HealthMonitor, _ cloud: Cloud) async throws {
            update.name = .given(fields.name)
            update.adminStateUp = .given(fields.state.value)
            update.tags = fields.tags.change(current.tags)
            update.delay = .given(delay)
            update.timeout = .given(timeout)
            update.maxRetries = .given(maxRetries)
            update.maxRetriesDown = .given(fields.maxRetriesDown)
            if let method = fields.httpMethod { update.httpMethod = .set(method) }
            if let path = fields.urlPath { update.urlPath = .set(path) }
            if let codes = fields.expectedCodes { update.expectedCodes = .set(codes) }
            if let version = fields.httpVersion { update.httpVersion = .set(version) }
            if let domain = fields.domainName { update.domainName = .set(domain) }
        }
    }

    struct UnsetOptions: UpdateOptions {
        @Flag var domainName = false
        @Flag var expectedCodes = false
        @Flag var httpMethod = false
        @Flag var httpVersion = false
        @Flag var maxRetriesDown = false
        @Flag var name = false
        @Flag var urlPath = false
        @OptionGroup var tags: UntagOptions

        func apply(to update: inout HealthMonitorUpdate, of current: HealthMonitor, _ cloud: Cloud) async throws {
            if domainName { update.domainName = .set(nil) }
            if expectedCodes { update.expectedCodes = .set(nil) }
            if httpMethod { update.httpMethod = .set(nil) }
            if httpVersion { update.httpVersion = .set(nil) }
            if maxRetriesDown { update.maxRetriesDown = .set(3) }
            if name { update.name = .set("") }
            if urlPath { update.urlPath = .set(nil) }
            update.tags = tags.change(current.tags)
        }
    }
}
