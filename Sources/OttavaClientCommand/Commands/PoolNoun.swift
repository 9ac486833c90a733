// `ottava loadbalancer pool create|list|show|set|unset|delete`.

internal import ArgumentParser
internal import OctaviaClient

enum PoolNoun: UpdatableNoun {
    typealias Resource = Pool
    typealias Parent = NoParent

    static let term = "pool"
    static let listColumns = [
        "id", "name", "project_id", "provisioning_status", "protocol", "lb_algorithm", "admin_state_up",
    ]
    static let showColumns = [
        "admin_state_up", "created_at", "description", "healthmonitor_id", "id", "lb_algorithm", "listeners",
        "loadbalancers", "members", "name", "operating_status", "project_id", "protocol", "provisioning_status",
        "session_persistence", "updated_at", "tls_container_ref", "ca_tls_container_ref", "crl_container_ref",
        "tls_enabled", "tls_ciphers", "tls_versions", "tags", "alpn_protocols",
    ]

    static func collection(_ cloud: Cloud, _ parent: ResourceID) -> ResourceCollection<Pool> { cloud.pools }

    struct Filters: FilterOptions {
        @Option(help: "Name or id.") var loadbalancer: String?
        @OptionGroup var tags: TagFilters

        func filters(_ cloud: Cloud) async throws -> [Filter] {
            guard let loadbalancer else { return tags.filters }
            return tags.filters + [.loadBalancer(try await cloud.loadBalancers.find(loadbalancer).id)]
        }
    }

    /// What create and set have in common.
    struct Fields: ParsableArguments {
        @Option var name: String?
        @Option var description: String?
        @Option(
            help: ArgumentHelp(
                "Such as type=HTTP_COOKIE or type=APP_COOKIE,cookie_name=NAME.", valueName: "key=value,…"))
        var sessionPersistence: String?
        @Option(help: ArgumentHelp("The pool's own certificate.", valueName: "ref")) var tlsContainerRef: String?
        @Option(help: ArgumentHelp("Authorities of members.", valueName: "ref")) var caTlsContainerRef: String?
        @Option(help: ArgumentHelp("Revoked certificates of members.", valueName: "ref")) var crlContainerRef: String?
        @Flag(help: "Speak TLS with members.") var enableTls = false
        @Flag(help: "Speak without TLS with members.") var disableTls = false
        @Option(help: "OpenSSL names joined by colons.") var tlsCiphers: String?
        @Option(help: "Such as TLSv1.2; repeatable.") var tlsVersion: [String] = []
        @Option(help: "Such as h2; repeatable.") var alpnProtocol: [String] = []
        @OptionGroup var state: EnableOptions
        @OptionGroup var tags: TagOptions

        func validate() throws {
            if enableTls && disableTls { throw ValidationError("--enable-tls and --disable-tls exclude each other") }
            _ = try persistence
        }

        var persistence: SessionPersistenceUpdate? {
            get throws {
                guard let sessionPersistence else { return nil }
                var result = SessionPersistenceUpdate()
                for (key, value) in try pairs(sessionPersistence, "--session-persistence") {
                    switch key {
                    case "type":
                        guard let type = SessionPersistenceType(rawValue: value) else {
                            throw ValidationError(
                                "the type of --session-persistence '\(value)' must be one of "
                                    + SessionPersistenceType.allCases.map(\.rawValue).joined(separator: ", "))
                        }
                        result.type = type
                    case "cookie_name": result.cookieName = value
                    case "persistence_timeout": result.timeout = Int(value)
                    case "persistence_granularity": result.granularity = value
                    default:
                        throw ValidationError(
                            "--session-persistence has no key '\(key)', but type, cookie_name, persistence_timeout, "
                                + "persistence_granularity")
                    }
                }
                return result
            }
        }
    }

    struct CreateOptions: CreationOptions {
        @Option(name: .customLong("protocol")) var poolProtocol: PoolProtocol
        @Option var lbAlgorithm: LoadBalancingAlgorithm
        @Option(help: "The listener that gets it as default pool: name or id.") var listener: String?
        @Option(help: "Name or id.") var loadbalancer: String?
        @OptionGroup var fields: Fields

        func validate() throws {
            if (listener == nil) == (loadbalancer == nil) {
                throw ValidationError("exactly one of --listener and --loadbalancer is needed")
            }
        }

        func creation(_ cloud: Cloud) async throws -> PoolCreate {
            var creation = PoolCreate()
            creation.name = fields.name
            creation.description = fields.description ?? ""
            creation.adminStateUp = fields.state.value ?? true
            creation.tags = fields.tags.tag
            if let listener { creation.listenerID = try await cloud.listeners.find(listener).id }
            if let loadbalancer { creation.loadBalancerID = try await cloud.loadBalancers.find(loadbalancer).id }
            creation.poolProtocol = poolProtocol
            creation.algorithm = lbAlgorithm
            if let persistence = try fields.persistence, let type = persistence.type {
                creation.sessionPersistence = SessionPersistence(
                    type: type, cookieName: persistence.cookieName, timeout: persistence.timeout,
                    granularity: persistence.granularity)
            }
            creation.tls = PoolTLS(
                isEnabled: fields.enableTls, containerRef: fields.tlsContainerRef,
                caContainerRef: fields.caTlsContainerRef, crlContainerRef: fields.crlContainerRef,
                ciphers: fields.tlsCiphers, versions: fields.tlsVersion.isEmpty ? nil : fields.tlsVersion,
                alpnProtocols: fields.alpnProtocol.isEmpty ? nil : fields.alpnProtocol)
            return creation
        }
    }

    struct SetOptions: UpdateOptions {
        @Option var lbAlgorithm: LoadBalancingAlgorithm?
        @OptionGroup var fields: Fields

        func apply(to update: inout PoolUpdate, of current: Pool, _ cloud: Cloud) async throws {
            update.name = .given(fields.name)
            update.description = .given(fields.description)
            update.adminStateUp = .given(fields.state.value)
            update.tags = fields.tags.change(current.tags)
            update.algorithm = .given(lbAlgorithm)
            if let persistence = try fields.persistence { update.sessionPersistence = .set(persistence) }
            if fields.enableTls || fields.disableTls { update.tlsEnabled = .set(fields.enableTls) }
            if let reference = fields.tlsContainerRef { update.tlsContainerRef = .set(reference) }
            if let reference = fields.caTlsContainerRef { update.caTLSContainerRef = .set(reference) }
            if let reference = fields.crlContainerRef { update.crlContainerRef = .set(reference) }
            if let ciphers = fields.tlsCiphers { update.tlsCiphers = .set(ciphers) }
            if !fields.tlsVersion.isEmpty { update.tlsVersions = .set(fields.tlsVersion) }
            if !fields.alpnProtocol.isEmpty { update.alpnProtocols = .set(fields.alpnProtocol) }
        }
    }

    struct UnsetOptions: UpdateOptions {
        @Flag var name = false
        @Flag var description = false
        @Flag var caTlsContainerRef = false
        @Flag var crlContainerRef = false
        @Flag var sessionPersistence = false
        @Flag var tlsContainerRef = false
        @Flag var tlsVersions = false
        @Flag var tlsCiphers = false
        @Flag var alpnProtocols = false
        @OptionGroup var tags: UntagOptions

        func apply(to update: inout PoolUpdate, of current: Pool, _ cloud: Cloud) async throws {
            if name { update.name = .set("") }
            if description { update.description = .set("") }
            if caTlsContainerRef { update.caTLSContainerRef = .set(nil) }
            if crlContainerRef { update.crlContainerRef = .set(nil) }
            if sessionPersistence { update.sessionPersistence = .set(nil) }
            if tlsContainerRef { update.tlsContainerRef = .set(nil) }
            if tlsVersions { update.tlsVersions = .set(nil) }
            if tlsCiphers { update.tlsCiphers = .set(nil) }
            if alpnProtocols { update.alpnProtocols = .set(nil) }
            update.tags = tags.change(current.tags)
        }
    }
}
