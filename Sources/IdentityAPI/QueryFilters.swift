// Reading the query of lists.

internal import HTTPService
internal import Identity

extension APIRequest {
    /// The filters that lists of resources have in common; others are ignored, as in Keystone.
    func resourceFilter() throws -> ResourceFilter {
        ResourceFilter(
            id: queryValue("id"), name: queryValue("name"), domainID: queryValue("domain_id"),
            isEnabled: try queryBool("enabled"))
    }

    /// A truth value in the query; a name without value is true.
    func queryBool(_ name: String) throws -> Bool? {
        guard let text = queryValue(name) else { return nil }
        switch text.lowercased() {
        case "", "true", "1", "yes", "on": return true
        case "false", "0", "no", "off": return false
        default: throw IdentityFault.invalid(name, value: text, allowed: "it must be 'true' or 'false'")
        }
    }

    /// Whether a name stands in the query with anything but a word for no.
    func queryFlag(_ name: String) throws -> Bool { try queryBool(name) ?? false }
}
