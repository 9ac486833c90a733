// The operations that administrators use: quotas, providers, flavors, availability zones, amphorae.

internal import HTTPTypes
internal import OctaviaWire

extension OpenAPI {
    static let quotaOperations: [Operation] = {
        let quota = ResourceOperations(
            resource: .quota, path: "/v2/lbaas/quotas", idName: "project_id", noun: "quota", plural: "quotas",
            tag: "Quotas", isAsynchronous: false)
        var show = quota.show
        // The selection of fields has no effect on quotas.
        show.parameters = []
        show.answer.schema = Resource.quota.one
        var defaults = Operation(
            .get, "/v2/lbaas/quotas/{project_id}/default", id: "showDefaultQuota", "Show the default quota",
            tag: "Quotas", answer: show.answer)
        defaults.answer.summary = "The quota of projects for which none has been set."
        var update = quota.update
        update.answer.status = 202
        update.furtherFaults = [.unavailable]
        var delete = Operation(
            .delete, "/v2/lbaas/quotas/{project_id}", id: "deleteQuota", "Go back to the default quota",
            tag: "Quotas", answer: .init(status: 202, summary: "The default is in force."))
        delete.furtherFaults = [.unavailable]
        return [quota.list(.quota, hasTags: false), show, update, delete, defaults]
    }()

    static let providerOperations: [Operation] = {
        var list = Operation(
            .get, "/v2/lbaas/providers", id: "listProviders", "List providers", tag: "Providers",
            answer: .init(
                status: 200, summary: "The providers.",
                schema: .envelope("providers", .list(of: .component("NamedItem")))))
        list.parameters = [.fields]
        return [
            list, capabilities("flavor", id: "listFlavorCapabilities", plural: "flavors"),
            capabilities(
                "availability_zone", id: "listAvailabilityZoneCapabilities", plural: "availability zones"),
        ]
    }()

    private static func capabilities(_ word: String, id: String, plural: String) -> Operation {
        var operation = Operation(
            .get, "/v2/lbaas/providers/{provider}/\(word)_capabilities", id: id,
            "List what \(plural) can tell a provider", tag: "Providers",
            answer: .init(
                status: 200, summary: "The keys.",
                schema: .envelope("\(word)_capabilities", .list(of: .component("NamedItem")))))
        operation.parameters = [
            Parameter(name: "name", schema: .text(), summary: "Only what has this value."),
            Parameter(name: "description", schema: .text(), summary: "Only what has this value."),
            .fields,
        ]
        operation.furtherFaults = [.notImplemented]
        return operation
    }

    static let offerOperations: [Operation] = {
        let all: [(ResourceOperations, ListSchema)] = [
            (
                ResourceOperations(
                    resource: .flavor, path: "/v2/lbaas/flavors", idName: "flavor_id", noun: "flavor",
                    plural: "flavors", tag: "Flavors", isAsynchronous: false), .flavor
            ),
            (
                ResourceOperations(
                    resource: .flavorProfile, path: "/v2/lbaas/flavorprofiles", idName: "flavorprofile_id",
                    noun: "flavor profile", plural: "flavor profiles", tag: "Flavors", isAsynchronous: false),
                .flavorProfile
            ),
            (
                ResourceOperations(
                    resource: .availabilityZone, path: "/v2/lbaas/availabilityzones",
                    idName: "availability_zone_name", noun: "availability zone", plural: "availability zones",
                    tag: "Availability zones", isAsynchronous: false), .availabilityZone
            ),
            (
                ResourceOperations(
                    resource: .availabilityZoneProfile, path: "/v2/lbaas/availabilityzoneprofiles",
                    idName: "availabilityzoneprofile_id", noun: "availability zone profile",
                    plural: "availability zone profiles", tag: "Availability zones", isAsynchronous: false),
                .availabilityZoneProfile
            ),
        ]
        return all.flatMap { operations, schema in
            [
                operations.list(schema, hasTags: false, hasProject: false), operations.create(), operations.show,
                operations.update, operations.delete,
            ]
        }
    }()

    static let amphoraOperations: [Operation] = {
        let path = "/v2/octavia/amphorae"
        let amphora = ResourceOperations(
            resource: .amphora, path: path, idName: "amphora_id", noun: "amphora", plural: "amphorae",
            tag: "Amphorae")
        let statistics = Operation(
            .get, "\(path)/{amphora_id}/stats", id: "showAmphoraStatistics", "Show the counters of an amphora",
            tag: "Amphorae",
            answer: .init(
                status: 200, summary: "The counters, one entry for each listener.",
                schema: .envelope("amphora_stats", .list(of: .component("AmphoraStatistics")))))
        let commands = [
            ("failover", "failOverAmphora", "Replace an amphora"),
            ("config", "configureAmphora", "Send an amphora its configuration again"),
        ].map { word, id, summary in
            var operation = Operation(
                .put, "\(path)/{amphora_id}/\(word)", id: id, summary, tag: "Amphorae",
                answer: .init(status: 202, summary: "The data plane follows."))
            operation.furtherFaults = [.conflict, .notImplemented]
            return operation
        }
        return [amphora.list(.amphora, hasTags: false), amphora.show, amphora.delete, statistics] + commands
    }()
}
