// Load balancers and listeners as rows.

internal import JSON
public import LoadBalancing

extension LoadBalancer: TreeRecord {
    public static let table = "load_balancer"
    public static let ownColumns = [
        "name", "description", "vip_address", "vip_subnet_id", "vip_network_id", "vip_port_id", "vip_qos_policy_id",
        "vip_sg_ids", "vip_vnic_type", "owns_vip_port", "additional_vips", "provider", "flavor_id",
        "availability_zone",
    ]
    public static let columns = TreeColumns.core + ownColumns
    public static let selection = wholeRows

    public init(core: ResourceCore, row: borrowing DatabaseRow) {
        let start = TreeColumns.coreCount
        self.init(
            core: core, name: row.text(start), description: row.text(start + 1),
            vip: VirtualIP(
                address: row.optionalText(start + 2), subnetID: row.optionalResourceID(start + 3),
                networkID: row.optionalResourceID(start + 4), portID: row.optionalResourceID(start + 5),
                qosPolicyID: row.optionalResourceID(start + 6),
                securityGroupIDs: StoredList.strings(row.text(start + 7)).map { ResourceID(canonical: $0) },
                vnicType: row.text(start + 8), ownsPort: row.bool(start + 9)),
            additionalVIPs: Self.additionalVIPs(row.text(start + 10)), provider: row.text(start + 11),
            flavorID: row.optionalResourceID(start + 12), availabilityZone: row.optionalText(start + 13))
    }

    public var ownValues: [any DatabaseValueConvertible] {
        [
            name, description, vip.address, vip.subnetID, vip.networkID, vip.portID, vip.qosPolicyID,
            StoredList.text(vip.securityGroupIDs.map(\.string)), vip.vnicType, vip.ownsPort,
            Self.text(additionalVIPs), provider, flavorID, availabilityZone,
        ]
    }

    private static func text(_ vips: [AdditionalVIP]) -> String {
        guard !vips.isEmpty else { return "[]" }
        return StoredList.json { writer in
            writer.array(vips) { writer, vip in
                writer.object { writer in
                    writer.member("subnet_id", vip.subnetID.string)
                    writer.member("ip_address", vip.address)
                    writer.member("port_id", vip.portID?.string)
                }
            }
        }
    }

    private static func additionalVIPs(_ text: String) -> [AdditionalVIP] {
        guard text != "[]" else { return [] }
        return (try? JSONValue(parsing: text.utf8))?.array?.compactMap { entry in
            guard let subnet = entry["subnet_id"]?.string else { return nil }
            return AdditionalVIP(
                subnetID: ResourceID(canonical: subnet), address: entry["ip_address"]?.string,
                portID: entry["port_id"]?.string.map { ResourceID(canonical: $0) })
        } ?? []
    }
}

extension Listener: TreeRecord {
    public static let table = "listener"
    public static let ownColumns = [
        "loadbalancer_id", "name", "description", "protocol", "protocol_port", "connection_limit", "default_pool_id",
        "insert_headers", "timeout_client_data", "timeout_member_connect", "timeout_member_data",
        "timeout_tcp_inspect", "default_tls_container_ref", "sni_container_refs", "client_authentication",
        "client_ca_tls_container_ref", "client_crl_container_ref", "tls_ciphers", "tls_versions", "alpn_protocols",
        "allowed_cidrs", "hsts_max_age", "hsts_include_subdomains", "hsts_preload",
        "error_pages",
    ]
    public static let columns = TreeColumns.core + ownColumns
    public static let selection = wholeRows

    public init(core: ResourceCore, row: borrowing DatabaseRow) {
        let start = TreeColumns.coreCount
        self.init(
            core: core, loadBalancerID: row.resourceID(start), name: row.text(start + 1),
            description: row.text(start + 2), listenerProtocol: row.word(start + 3, default: .tcp),
            protocolPort: row.int(start + 4), connectionLimit: row.optionalInt(start + 5),
            defaultPoolID: row.optionalResourceID(start + 6), insertHeaders: StoredList.map(row.text(start + 7)),
            timeouts: ListenerTimeouts(
                clientData: row.int(start + 8), memberConnect: row.int(start + 9), memberData: row.int(start + 10),
                tcpInspect: row.int(start + 11)),
            tls: ListenerTLS(
                defaultContainerRef: row.optionalText(start + 12),
                sniContainerRefs: StoredList.strings(row.text(start + 13)),
                clientAuthentication: row.word(start + 14, default: .none),
                clientCAContainerRef: row.optionalText(start + 15),
                clientCRLContainerRef: row.optionalText(start + 16), ciphers: row.optionalText(start + 17),
                versions: StoredList.optionalStrings(row.optionalText(start + 18)),
                alpnProtocols: StoredList.optionalStrings(row.optionalText(start + 19))),
            allowedCIDRs: StoredList.strings(row.text(start + 20)), hstsMaxAge: row.optionalInt(start + 21),
            hstsIncludeSubdomains: row.bool(start + 22), hstsPreload: row.bool(start + 23),
            errorPages: StoredList.numbered(row.text(start + 24)))
    }

    public var ownValues: [any DatabaseValueConvertible] {
        [
            loadBalancerID, name, description, listenerProtocol.rawValue, protocolPort, connectionLimit,
            defaultPoolID, StoredList.text(insertHeaders), timeouts.clientData, timeouts.memberConnect,
            timeouts.memberData, timeouts.tcpInspect, tls.defaultContainerRef, StoredList.text(tls.sniContainerRefs),
            tls.clientAuthentication.rawValue, tls.clientCAContainerRef, tls.clientCRLContainerRef, tls.ciphers,
            StoredList.optionalText(tls.versions), StoredList.optionalText(tls.alpnProtocols),
            StoredList.text(allowedCIDRs), hstsMaxAge, hstsIncludeSubdomains, hstsPreload,
            StoredList.text(numbered: errorPages),
        ]
    }
}
