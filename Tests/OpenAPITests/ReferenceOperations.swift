// The operations of the API as its reference lists them.

internal import Testing

/// Written out by hand, so that the document is compared with something that it does not follow from.
enum ReferenceOperations {
    struct Entry: Sendable, CustomTestStringConvertible {
        var method: String
        var path: String
        var status: Int
        var takesBody: Bool
        var answersBody: Bool

        var testDescription: String { "\(method) \(path)" }
    }

    static let all: [Entry] = text.split(separator: "\n").map { line in
        let parts = line.split(separator: " ").map(String.init)
        return Entry(
            method: parts[0].lowercased(),
            path: parts[2].hasPrefix("/octavia") ? "/v2" + parts[2] : "/v2/lbaas" + parts[2],
            status: Int(parts[1]) ?? 0, takesBody: parts[3].hasPrefix("b"), answersBody: parts[3].hasSuffix("b"))
    }

    /// Method, status, path, and which of request and answer have a body.
    private static let text =
        collection("/loadbalancers", "loadbalancer_id") + """
            GET 200 /loadbalancers/{loadbalancer_id}/status -b
            GET 200 /loadbalancers/{loadbalancer_id}/stats -b
            PUT 202 /loadbalancers/{loadbalancer_id}/failover --

            """ + collection("/listeners", "listener_id") + """
            GET 200 /listeners/{listener_id}/stats -b

            """ + collection("/pools", "pool_id") + collection("/pools/{pool_id}/members", "member_id") + """
            PUT 202 /pools/{pool_id}/members b-

            """ + collection("/healthmonitors", "healthmonitor_id") + collection("/l7policies", "l7policy_id")
        + collection("/l7policies/{l7policy_id}/rules", "l7rule_id") + """
            GET 200 /quotas -b
            GET 200 /quotas/{project_id} -b
            PUT 202 /quotas/{project_id} bb
            DELETE 202 /quotas/{project_id} --
            GET 200 /quotas/{project_id}/default -b
            GET 200 /providers -b
            GET 200 /providers/{provider}/flavor_capabilities -b
            GET 200 /providers/{provider}/availability_zone_capabilities -b

            """ + collection("/flavors", "flavor_id") + collection("/flavorprofiles", "flavorprofile_id")
        + collection("/availabilityzones", "availability_zone_name")
        + collection("/availabilityzoneprofiles", "availabilityzoneprofile_id") + """
            GET 200 /octavia/amphorae -b
            GET 200 /octavia/amphorae/{amphora_id} -b
            DELETE 204 /octavia/amphorae/{amphora_id} --
            GET 200 /octavia/amphorae/{amphora_id}/stats -b
            PUT 202 /octavia/amphorae/{amphora_id}/failover --
            PUT 202 /octavia/amphorae/{amphora_id}/config --
            """

    private static func collection(_ path: String, _ id: String) -> String {
        """
        GET 200 \(path) -b
        POST 201 \(path) bb
        GET 200 \(path)/{\(id)} -b
        PUT 200 \(path)/{\(id)} bb
        DELETE 204 \(path)/{\(id)} --

        """
    }
}
