// What the fields of load balancers are unless somebody says otherwise.

package import JSON

/// What fields are unless somebody says otherwise.
package enum Defaults {
    private static let values: [String: JSONValue] = [
        "admin_state_up": true, "connection_limit": -1, "timeout_client_data": 50_000, "timeout_member_connect": 5_000,
        "timeout_member_data": 50_000, "timeout_tcp_inspect": 0, "client_authentication": "NONE",
        "hsts_include_subdomains": false, "hsts_preload": false, "tls_enabled": false, "weight": 1, "backup": false,
        "max_retries_down": 3, "invert": false, "vip_vnic_type": "normal",
    ]

    package static func isDefault(_ value: JSONValue, _ key: String) -> Bool {
        switch value {
        case .null, .string(""), .array([]): true
        case .object(let members): members.isEmpty
        default: values[key] == value
        }
    }
}
