// Bodies of POST and PUT of pools.

internal import LoadBalancing

extension PoolCreate {
    private static let sharedNames: Set<String> = FieldNames.create.union([
        "name", "description", "protocol", "lb_algorithm", "session_persistence", "tls_enabled", "tls_container_ref",
        "ca_tls_container_ref", "crl_container_ref", "tls_ciphers", "tls_versions", "alpn_protocols", "members",
        "healthmonitor",
    ])
    static let fieldNames = sharedNames.union(["loadbalancer_id", "listener_id"])
    static let nestedFieldNames = sharedNames
    /// The keys that a reference by name may have; any other makes a definition.
    private static let referenceNames: Set<String> = ["name", "admin_state_up", "tls_enabled"]

    /// Decodes the body of `POST /pools`. That a parent must be named is the control plane's to check.
    public init(body: [UInt8]) throws(OctaviaFault) {
        let reader = try RequestEnvelope.pool.fields(of: body, known: Self.fieldNames)
        try self.init(reader)
        poolProtocol = try reader.required("protocol", .choice())
        algorithm = try reader.required("lb_algorithm", .choice())
        loadBalancerID = try reader.optional("loadbalancer_id", .uuid)
        listenerID = try reader.optional("listener_id", .uuid)
        // A monitor without anything is not no monitor.
        guard !reader.isEmptyObject("healthmonitor") else { throw .missingField("type") }
        try reader.refuseNested("members", "healthmonitor")
    }

    /// Decodes a pool inside a fully populated load balancer.
    fileprivate init(nested reader: ObjectReader) throws(OctaviaFault) {
        try self.init(reader)
        poolProtocol = try reader.optional("protocol", .choice())
        algorithm = try reader.optional("lb_algorithm", .choice())
        members = try reader.value("members", .list(of: .nestedMember), default: [])
        healthMonitor = try reader.optional("healthmonitor", .nestedHealthMonitor)
        isReference = reader.hasOnly(Self.referenceNames)
    }

    private init(_ reader: ObjectReader) throws(OctaviaFault) {
        self.init()
        name = try reader.optional("name", .text(max: 255))
        description = try reader.text("description")
        adminStateUp = try reader.adminStateUp()
        tags = try reader.tags()
        try reader.projectID()
        sessionPersistence = try reader.optional("session_persistence", .sessionPersistence)
        tls.isEnabled = try reader.value("tls_enabled", .bool, default: false)
        tls.containerRef = try reader.containerReference("tls_container_ref")
        tls.caContainerRef = try reader.containerReference("ca_tls_container_ref")
        tls.crlContainerRef = try reader.containerReference("crl_container_ref")
        tls.ciphers = try reader.value("tls_ciphers", .unsetWhenEmpty(.ciphers), default: nil)
        tls.versions = try reader.optional("tls_versions", .tlsVersions)
        tls.alpnProtocols = try reader.optional("alpn_protocols", .alpnProtocols)
    }
}

extension FieldType where Value == PoolCreate {
    /// The pool of a listener or policy: a definition or a reference by name.
    static var nestedPool: Self {
        Self { value, location throws(OctaviaFault) in
            try PoolCreate(nested: ObjectReader(value, at: location, known: PoolCreate.nestedFieldNames))
        }
    }

    /// An entry of the load balancer's `pools`: always a definition, be it an incomplete one.
    static var nestedPoolDefinition: Self {
        Self { value, location throws(OctaviaFault) in
            var pool = try nestedPool.convert(value, location)
            pool.isReference = false
            return pool
        }
    }
}

private let sessionPersistenceNames: Set<String> = [
    "type", "cookie_name", "persistence_timeout", "persistence_granularity",
]
private let persistenceTimeoutLimits = -largestStoredInteger...largestStoredInteger

extension FieldType where Value == SessionPersistence {
    static var sessionPersistence: Self {
        Self { value, location throws(OctaviaFault) in
            let reader = try ObjectReader(value, at: location, known: sessionPersistenceNames)
            return SessionPersistence(
                type: try reader.required("type", .choice()),
                cookieName: try reader.optional("cookie_name", .cookieName),
                timeout: try reader.optional("persistence_timeout", .integer(persistenceTimeoutLimits)),
                granularity: try reader.optional("persistence_granularity", .address))
        }
    }
}

extension FieldType where Value == SessionPersistenceUpdate {
    static var sessionPersistenceUpdate: Self {
        Self { value, location throws(OctaviaFault) in
            let reader = try ObjectReader(value, at: location, known: sessionPersistenceNames)
            var update = SessionPersistenceUpdate()
            update.type = try reader.optional("type", .choice())
            update.cookieName = try reader.optional("cookie_name", .cookieName)
            update.timeout = try reader.optional("persistence_timeout", .integer(persistenceTimeoutLimits))
            update.granularity = try reader.optional("persistence_granularity", .address)
            return update
        }
    }
}

extension PoolUpdate {
    static let fieldNames: Set<String> = FieldNames.update.union([
        "name", "description", "lb_algorithm", "session_persistence", "tls_enabled", "tls_container_ref",
        "ca_tls_container_ref", "crl_container_ref", "tls_ciphers", "tls_versions", "alpn_protocols",
    ])

    /// Decodes the body of `PUT /pools/{id}`.
    public init(body: [UInt8]) throws(OctaviaFault) {
        let reader = try RequestEnvelope.pool.fields(of: body, known: Self.fieldNames)
        self.init()
        name = try reader.textChange("name")
        description = try reader.textChange("description")
        adminStateUp = try reader.adminStateUpChange()
        tags = try reader.tagsChange()
        algorithm = try reader.change("lb_algorithm", .choice())
        sessionPersistence = try reader.change("session_persistence", optional: .sessionPersistenceUpdate)
        tlsEnabled = try reader.change("tls_enabled", .bool)
        tlsContainerRef = try reader.containerReferenceChange("tls_container_ref")
        caTLSContainerRef = try reader.containerReferenceChange("ca_tls_container_ref")
        crlContainerRef = try reader.containerReferenceChange("crl_container_ref")
        tlsCiphers = try reader.change("tls_ciphers", .unsetWhenEmpty(.ciphers), null: nil)
        tlsVersions = try reader.change("tls_versions", optional: .tlsVersions)
        alpnProtocols = try reader.change("alpn_protocols", optional: .alpnProtocols)
    }
}
