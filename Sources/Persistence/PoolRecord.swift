// Pools, members and health monitors as rows.

internal import JSON
public import LoadBalancing

extension Pool: TreeRecord {
    public static let table = "pool"
    public static let ownColumns = [
        "loadbalancer_id", "name", "description", "protocol", "lb_algorithm", "session_persistence", "tls_enabled",
        "tls_container_ref", "ca_tls_container_ref", "crl_container_ref", "tls_ciphers", "tls_versions",
        "alpn_protocols",
    ]
    public static let columns = TreeColumns.core + ownColumns
    public static let selection = wholeRows

    public init(core: ResourceCore, row: borrowing DatabaseRow) {
        let start = TreeColumns.coreCount
        self.init(
            core: core, loadBalancerID: row.resourceID(start), name: row.text(start + 1),
            description: row.text(start + 2), poolProtocol: row.word(start + 3, default: .tcp),
            algorithm: row.word(start + 4, default: .roundRobin),
            sessionPersistence: row.optionalText(start + 5).flatMap { Self.sessionPersistence($0) },
            tls: PoolTLS(
                isEnabled: row.bool(start + 6), containerRef: row.optionalText(start + 7),
                caContainerRef: row.optionalText(start + 8), crlContainerRef: row.optionalText(start + 9),
                ciphers: row.optionalText(start + 10),
                versions: StoredList.optionalStrings(row.optionalText(start + 11)),
                alpnProtocols: StoredList.optionalStrings(row.optionalText(start + 12))))
    }

    public var ownValues: [any DatabaseValueConvertible] {
        [
            loadBalancerID, name, description, poolProtocol.rawValue, algorithm.rawValue,
            sessionPersistence.map { Self.text($0) }, tls.isEnabled, tls.containerRef, tls.caContainerRef,
            tls.crlContainerRef, tls.ciphers, StoredList.optionalText(tls.versions),
            StoredList.optionalText(tls.alpnProtocols),
        ]
    }

    private static func text(_ persistence: SessionPersistence) -> String {
        StoredList.json { writer in
            writer.object { writer in
                writer.member("type", persistence.type.rawValue)
                writer.member("cookie_name", persistence.cookieName)
                writer.member("timeout", persistence.timeout)
                writer.member("granularity", persistence.granularity)
            }
        }
    }

    private static func sessionPersistence(_ text: String) -> SessionPersistence? {
        guard let json = try? JSONValue(parsing: text.utf8),
            let type = json["type"]?.string.flatMap(SessionPersistenceType.init(rawValue:))
        else { return nil }
        return SessionPersistence(
            type: type, cookieName: json["cookie_name"]?.string, timeout: json["timeout"]?.integer.map { Int($0) },
            granularity: json["granularity"]?.string)
    }
}

extension Member: TreeRecord {
    public static let table = "member"
    public static let ownColumns = [
        "loadbalancer_id", "pool_id", "name", "address", "protocol_port", "weight", "backup", "subnet_id",
        "monitor_address", "monitor_port", "vnic_type",
    ]
    public static let columns = TreeColumns.core + ownColumns
    public static let selection = wholeRows

    public init(core: ResourceCore, row: borrowing DatabaseRow) {
        let start = TreeColumns.coreCount
        self.init(
            core: core, loadBalancerID: row.resourceID(start), poolID: row.resourceID(start + 1),
            name: row.text(start + 2), address: row.text(start + 3), protocolPort: row.int(start + 4),
            weight: row.optionalInt(start + 5), isBackup: row.bool(start + 6),
            subnetID: row.optionalResourceID(start + 7), monitorAddress: row.optionalText(start + 8),
            monitorPort: row.optionalInt(start + 9), vnicType: row.text(start + 10))
    }

    public var ownValues: [any DatabaseValueConvertible] {
        [
            loadBalancerID, poolID, name, address, protocolPort, weight, isBackup, subnetID, monitorAddress,
            monitorPort, vnicType,
        ]
    }
}

extension HealthMonitor: TreeRecord {
    public static let table = "health_monitor"
    public static let ownColumns = [
        "loadbalancer_id", "pool_id", "name", "type", "delay", "timeout", "max_retries", "max_retries_down",
        "http_method", "url_path", "expected_codes", "http_version", "domain_name",
    ]
    public static let columns = TreeColumns.core + ownColumns
    public static let selection = wholeRows

    public init(core: ResourceCore, row: borrowing DatabaseRow) {
        let start = TreeColumns.coreCount
        self.init(
            core: core, loadBalancerID: row.resourceID(start), poolID: row.resourceID(start + 1),
            name: row.text(start + 2), type: row.word(start + 3, default: .tcp), delay: row.int(start + 4),
            timeout: row.int(start + 5), maxRetries: row.int(start + 6), maxRetriesDown: row.int(start + 7),
            httpMethod: row.optionalText(start + 8).flatMap(HealthMonitorMethod.init(rawValue:)),
            urlPath: row.optionalText(start + 9), expectedCodes: row.optionalText(start + 10),
            httpVersion: row.optionalReal(start + 11), domainName: row.optionalText(start + 12))
    }

    public var ownValues: [any DatabaseValueConvertible] {
        [
            loadBalancerID, poolID, name, type.rawValue, delay, timeout, maxRetries, maxRetriesDown,
            httpMethod?.rawValue, urlPath, expectedCodes, httpVersion, domainName,
        ]
    }
}
