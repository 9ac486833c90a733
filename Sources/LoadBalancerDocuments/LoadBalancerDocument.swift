// A whole load balancer as one document: what it shall be.

package import JSON

/// The fields of one object as a document gives them, by the API's names.
package typealias Fields = [String: JSONValue]

/// A load balancer as it shall be.
package struct LoadBalancerDocument: Sendable {
    package struct ListenerPart: Sendable {
        package var fields: Fields
        /// Absent: not mentioned. An empty name is none.
        package var defaultPool: String?
        /// Absent: not mentioned.
        package var l7Policies: [L7PolicyPart]?

        package init(fields: Fields, defaultPool: String? = nil, l7Policies: [L7PolicyPart]? = nil) {
            self.fields = fields
            self.defaultPool = defaultPool
            self.l7Policies = l7Policies
        }
    }

    package struct L7PolicyPart: Sendable {
        package var fields: Fields
        package var redirectPool: String?
        package var rules: [Fields]?

        package init(fields: Fields, redirectPool: String? = nil, rules: [Fields]? = nil) {
            self.fields = fields
            self.redirectPool = redirectPool
            self.rules = rules
        }
    }

    package struct PoolPart: Sendable {
        package var fields: Fields
        package var members: [Fields]?
        /// Absent: not mentioned; empty: there shall be none.
        package var healthMonitor: Fields?

        package init(fields: Fields, members: [Fields]? = nil, healthMonitor: Fields? = nil) {
            self.fields = fields
            self.members = members
            self.healthMonitor = healthMonitor
        }

        package var name: String { fields["name"]?.string ?? "" }
    }

    package var fields: Fields
    package var listeners: [ListenerPart]?
    package var pools: [PoolPart]?

    package var name: String { fields["name"]?.string ?? "" }

    package init(fields: Fields, listeners: [ListenerPart]? = nil, pools: [PoolPart]? = nil) {
        self.fields = fields
        self.listeners = listeners
        self.pools = pools
    }
}
