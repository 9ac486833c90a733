// `ottava loadbalancer listener create|list|show|set|unset|delete`.

internal import ArgumentParser
internal import OctaviaClient

enum ListenerNoun: UpdatableNoun {
    typealias Resource = Listener

    static let term = "listener"
    static let listColumns = [
        "id", "default_pool_id", "name", "project_id", "protocol", "protocol_port", "admin_state_up",
    ]
    static let showColumns = [
        "admin_state_up", "connection_limit", "created_at", "default_pool_id", "default_tls_container_ref",
        "description", "id", "insert_headers", "l7policies", "loadbalancers", "name", "operating_status", "project_id",
        "protocol", "protocol_port", "provisioning_status", "sni_container_refs", "timeout_client_data",
        "timeout_member_connect", "timeout_member_data", "timeout_tcp_inspect", "updated_at",
        "client_ca_tls_container_ref", "client_authentication", "client_crl_container_ref", "allowed_cidrs",
        "tls_ciphers", "tls_versions", "alpn_protocols", "tags", "hsts_max_age", "hsts_include_subdomains",
        "hsts_preload",
    ]

    static func collection(_ cloud: Cloud, _ parent: ResourceID) -> ResourceCollection<Listener> { cloud.listeners }

    typealias Parent = NoParent

    struct Filters: FilterOptions {
        @Option var name: String?
        @Option(help: "Name or id.") var loadbalancer: String?
        @Flag(help: "Only those that are switched on.") var enable = false
        @Flag(help: "Only those that are switched off.") var disable = false
        @Option(help: "Name or id.") var project: String?
        @OptionGroup var tags: TagFilters

        func filters(_ cloud: Cloud) async throws -> [Filter] {
            var result = tags.filters
            if let name { result.append(.name(name)) }
            if let loadbalancer { result.append(.loadBalancer(try await cloud.loadBalancers.find(loadbalancer).id)) }
            if enable != disable { result.append(.isEnabled(enable)) }
            if let project { result.append(.project(try await cloud.projectID(project))) }
            return result
        }
    }

    /// What create and set have in common.
    struct Fields: ParsableArguments {
        @Option var name: String?
        @Option var description: String?
        @Option(help: "The most connections at a time; -1 is no limit.") var connectionLimit: Int?
        @Option(help: "Name or id.") var defaultPool: String?
        @Option(help: ArgumentHelp("The reference of a PKCS#12 bundle.", valueName: "ref"))
        var defaultTlsContainerRef: String?
        @Option(help: ArgumentHelp("References for further names.", valueName: "ref")) var sniContainerRefs: [String] =
            []
        @Option(help: ArgumentHelp("Headers to add.", valueName: "name=true,…")) var insertHeaders: String?
        @Option(help: "Milliseconds of silence of a client.") var timeoutClientData: Int?
        @Option(help: "Milliseconds to connect to a member.") var timeoutMemberConnect: Int?
        @Option(help: "Milliseconds of silence of a member.") var timeoutMemberData: Int?
        @Option(help: "Milliseconds to wait for bytes to inspect.") var timeoutTcpInspect: Int?
        @Option(help: ArgumentHelp("Authorities of clients.", valueName: "ref")) var clientCaTlsContainerRef: String?
        @Option var clientAuthentication: ClientAuthentication?
        @Option(help: ArgumentHelp("Revoked certificates of clients.", valueName: "ref"))
        var clientCrlContainerRef: String?
        @Option(help: ArgumentHelp("A network that may connect; repeatable.", valueName: "cidr"))
        var allowedCidr: [String] = []
        @Option(help: "OpenSSL names joined by colons.") var tlsCiphers: String?
        @Option(help: "Such as TLSv1.2; repeatable.") var tlsVersion: [String] = []
        @Option(help: "Such as h2; repeatable.") var alpnProtocol: [String] = []
        @Option(help: "Seconds of strict transport security.") var hstsMaxAge: Int?
        @Flag var hstsIncludeSubdomains = false
        @Flag var hstsPreload = false
        @Option(
            help: ArgumentHelp(
                "A page in HTML for an answer of the load balancer itself; repeatable. Ottava only.",
                valueName: "status=file"))
        var errorPage: [String] = []
        @OptionGroup var state: EnableOptions
        @OptionGroup var tags: TagOptions

        func validate() throws {
            _ = try headers
            _ = try errorPages
            try checked(connectionLimit, "--connection-limit", in: -1...2_147_483_647)
            for (value, option) in [
                (timeoutClientData, "--timeout-client-data"), (timeoutMemberConnect, "--timeout-member-connect"),
                (timeoutMemberData, "--timeout-member-data"), (timeoutTcpInspect, "--timeout-tcp-inspect"),
            ] { try checked(value, option, in: 0...2_073_600_000) }
        }

        /// The pages that the files hold, by status.
        var errorPages: [Int: String] { get throws { try pagesInFiles(errorPage, "--error-page") } }

        var headers: [String: String]? { get throws { try insertHeaders.map { try pairs($0, "--insert-headers") } } }
    }

    struct CreateOptions: CreationOptions {
        @Argument(help: "The load balancer: name or id.") var loadbalancer: String
        @Option(name: .customLong("protocol")) var listenerProtocol: ListenerProtocol
        @Option(help: "1–65535.") var protocolPort: Int
        @OptionGroup var fields: Fields

        func validate() throws { try checked(protocolPort, "--protocol-port", in: 1...65535) }

        func creation(_ cloud: Cloud) async throws -> ListenerCreate {
            let headers = try fields.headers
            var creation = ListenerCreate(listenerProtocol: listenerProtocol, protocolPort: protocolPort)
            creation.loadBalancerID = try await cloud.loadBalancers.find(loadbalancer).id
            creation.name = fields.name ?? ""
            creation.description = fields.description ?? ""
            creation.adminStateUp = fields.state.value ?? true
            creation.tags = fields.tags.tag
            creation.connectionLimit = fields.connectionLimit ?? -1
            if let pool = fields.defaultPool { creation.defaultPoolID = try await cloud.pools.find(pool).id }
            creation.insertHeaders = headers ?? [:]
            creation.timeouts.clientData = fields.timeoutClientData ?? creation.timeouts.clientData
            creation.timeouts.memberConnect = fields.timeoutMemberConnect ?? creation.timeouts.memberConnect
            creation.timeouts.memberData = fields.timeoutMemberData ?? creation.timeouts.memberData
            creation.timeouts.tcpInspect = fields.timeoutTcpInspect ?? creation.timeouts.tcpInspect
            creation.defaultTLSContainerRef = fields.defaultTlsContainerRef
            creation.sniContainerRefs = fields.sniContainerRefs
            creation.clientCAContainerRef = fields.clientCaTlsContainerRef
            creation.clientAuthentication = fields.clientAuthentication ?? ClientAuthentication.none
            creation.clientCRLContainerRef = fields.clientCrlContainerRef
            creation.allowedCIDRs = fields.allowedCidr
            creation.tlsCiphers = fields.tlsCiphers
            creation.tlsVersions = fields.tlsVersion.isEmpty ? nil : fields.tlsVersion
            creation.alpnProtocols = fields.alpnProtocol.isEmpty ? nil : fields.alpnProtocol
            creation.hstsMaxAge = fields.hstsMaxAge
            creation.hstsIncludeSubdomains = fields.hstsIncludeSubdomains
            creation.hstsPreload = fields.hstsPreload
            creation.errorPages = try fields.errorPages
            return creation
        }
    }

    struct SetOptions: UpdateOptions {
        @OptionGroup var fields: Fields

        func apply(to update: inout ListenerUpdate, of current: Listener, _ cloud: Cloud) async throws {
            update.name = .given(fields.name)
            update.description = .given(fields.description)
            update.adminStateUp = .given(fields.state.value)
            update.tags = fields.tags.change(current.tags)
            if let limit = fields.connectionLimit { update.connectionLimit = .set(limit) }
            if let pool = fields.defaultPool { update.defaultPoolID = .set(try await cloud.pools.find(pool).id) }
            update.insertHeaders = .given(try fields.headers)
            update.timeoutClientData = .given(fields.timeoutClientData)
            update.timeoutMemberConnect = .given(fields.timeoutMemberConnect)
            update.timeoutMemberData = .given(fields.timeoutMemberData)
            update.timeoutTCPInspect = .given(fields.timeoutTcpInspect)
            if let reference = fields.defaultTlsContainerRef { update.defaultTLSContainerRef = .set(reference) }
            if !fields.sniContainerRefs.isEmpty { update.sniContainerRefs = .set(fields.sniContainerRefs) }
            if let reference = fields.clientCaTlsContainerRef { update.clientCAContainerRef = .set(reference) }
            if let value = fields.clientAuthentication { update.clientAuthentication = .set(value) }
            if let reference = fields.clientCrlContainerRef { update.clientCRLContainerRef = .set(reference) }
            if !fields.allowedCidr.isEmpty { update.allowedCIDRs = .set(fields.allowedCidr) }
            if let ciphers = fields.tlsCiphers { update.tlsCiphers = .set(ciphers) }
            if !fields.tlsVersion.isEmpty { update.tlsVersions = .set(fields.tlsVersion) }
            if !fields.alpnProtocol.isEmpty { update.alpnProtocols = .set(fields.alpnProtocol) }
            if let age = fields.hstsMaxAge { update.hstsMaxAge = .set(age) }
            if fields.hstsIncludeSubdomains { update.hstsIncludeSubdomains = .set(true) }
            if fields.hstsPreload { update.hstsPreload = .set(true) }
            if !fields.errorPage.isEmpty {
                update.errorPages = .set(current.errorPages.merging(try fields.errorPages) { $1 })
            }
        }
    }

    struct UnsetOptions: UpdateOptions {
        @Flag var name = false
        @Flag var description = false
        @Flag var connectionLimit = false
        @Flag var defaultPool = false
        @Flag var defaultTlsContainerRef = false
        @Flag var sniContainerRefs = false
        @Flag var insertHeaders = false
        @Flag var timeoutClientData = false
        @Flag var timeoutMemberConnect = false
        @Flag var timeoutMemberData = false
        @Flag var timeoutTcpInspect = false
        @Flag var clientCaTlsContainerRef = false
        @Flag var clientAuthentication = false
        @Flag var clientCrlContainerRef = false
        @Flag var allowedCidrs = false
        @Flag var tlsVersions = false
        @Flag var tlsCiphers = false
        @Flag var alpnProtocols = false
        @Flag var hstsMaxAge = false
        @Flag var hstsIncludeSubdomains = false
        @Flag var hstsPreload = false
        @Flag var errorPages = false
        @OptionGroup var tags: UntagOptions

        func apply(to update: inout ListenerUpdate, of current: Listener, _ cloud: Cloud) async throws {
            let standard = ListenerTimeouts()
            if name { update.name = .set("") }
            if description { update.description = .set("") }
            if connectionLimit { update.connectionLimit = .set(nil) }
            if defaultPool { update.defaultPoolID = .set(nil) }
            if defaultTlsContainerRef { update.defaultTLSContainerRef = .set(nil) }
            if sniContainerRefs { update.sniContainerRefs = .set([]) }
            if insertHeaders { update.insertHeaders = .set([:]) }
            if timeoutClientData { update.timeoutClientData = .set(standard.clientData) }
            if timeoutMemberConnect { update.timeoutMemberConnect = .set(standard.memberConnect) }
            if timeoutMemberData { update.timeoutMemberData = .set(standard.memberData) }
            if timeoutTcpInspect { update.timeoutTCPInspect = .set(standard.tcpInspect) }
            if clientCaTlsContainerRef { update.clientCAContainerRef = .set(nil) }
            if clientAuthentication { update.clientAuthentication = .set(nil) }
            if clientCrlContainerRef { update.clientCRLContainerRef = .set(nil) }
            if allowedCidrs { update.allowedCIDRs = .set([]) }
            if tlsVersions { update.tlsVersions = .set(nil) }
            if tlsCiphers { update.tlsCiphers = .set(nil) }
            if alpnProtocols { update.alpnProtocols = .set(nil) }
            if hstsMaxAge { update.hstsMaxAge = .set(nil) }
            if hstsIncludeSubdomains { update.hstsIncludeSubdomains = .set(false) }
            if hstsPreload { update.hstsPreload = .set(false) }
            if errorPages { update.errorPages = .set([:]) }
            update.tags = tags.change(current.tags)
        }
    }
}
