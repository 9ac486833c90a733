// A listener as the API shows it.

public import JSON
public import LoadBalancing

/// A listener and the ids of its policies, in order of position.
public struct ListenerView: ResourceView {
    public static let key = "listener"
    public static let collectionKey = "listeners"

    public var listener: Listener
    public var l7PolicyIDs: [ResourceID]

    public init(_ listener: Listener, l7PolicyIDs: [ResourceID]) {
        self.listener = listener
        self.l7PolicyIDs = l7PolicyIDs
    }

    public init(_ listener: Listener, in tree: LoadBalancerTree) {
        let policies = tree.l7Policies(ofListener: listener.id).sorted { $0.position < $1.position }
        self.init(listener, l7PolicyIDs: policies.map(\.id))
    }

    public func write(to writer: inout JSONWriter, fields: FieldSelection) {
        writer.object { writer in
            writer.fields(of: listener, in: fields)
            writer.references("loadbalancers", CollectionOfOne(listener.loadBalancerID), in: fields)
            writer.references("l7policies", l7PolicyIDs, in: fields)
        }
    }
}

extension JSONWriter {
    /// The fields of a listener but for its load balancer and policies.
    mutating func fields(of listener: Listener, in fields: FieldSelection) {
        field("id", listener.id, in: fields)
        field("name", listener.name, in: fields)
        field("description", listener.description, in: fields)
        core(listener.core, in: fields)
        field("protocol", listener.listenerProtocol.rawValue, in: fields)
        field("protocol_port", listener.protocolPort, in: fields)
        field("connection_limit", listener.connectionLimit, in: fields)
        field("default_pool_id", listener.defaultPoolID, in: fields)
        if fields.contains("insert_headers") {
            objectMember("insert_headers") { writer in
                for (name, value) in listener.insertHeaders.sorted(by: { $0.key < $1.key }) {
                    writer.member(name, value)
                }
            }
        }
        field("timeout_client_data", listener.timeouts.clientData, in: fields)
        field("timeout_member_connect", listener.timeouts.memberConnect, in: fields)
        field("timeout_member_data", listener.timeouts.memberData, in: fields)
        field("timeout_tcp_inspect", listener.timeouts.tcpInspect, in: fields)
        field("default_tls_container_ref", listener.tls.defaultContainerRef, in: fields)
        field("sni_container_refs", listener.tls.sniContainerRefs, in: fields)
        field("client_authentication", listener.tls.clientAuthentication.rawValue, in: fields)
        field("client_ca_tls_container_ref", listener.tls.clientCAContainerRef, in: fields)
        field("client_crl_container_ref", listener.tls.clientCRLContainerRef, in: fields)
        field("tls_ciphers", listener.tls.ciphers, in: fields)
        field("tls_versions", listener.tls.versions, in: fields)
        field("alpn_protocols", listener.tls.alpnProtocols, in: fields)
        // Unlike other lists, this one is null when it is empty.
        field("allowed_cidrs", listener.allowedCIDRs.isEmpty ? nil : listener.allowedCIDRs, in: fields)
        field("hsts_max_age", listener.hstsMaxAge, in: fields)
        field("hsts_include_subdomains", listener.hstsIncludeSubdomains, in: fields)
        field("hsts_preload", listener.hstsPreload, in: fields)
        // Beyond the original's API: whoever does not use it sees the answers that they know.
        if !listener.errorPages.isEmpty, fields.contains("error_pages") {
            objectMember("error_pages") { writer in
                for (status, page) in listener.errorPages.sorted(by: { $0.key < $1.key }) {
                    writer.member("\(status)", page)
                }
            }
        }
    }
}
