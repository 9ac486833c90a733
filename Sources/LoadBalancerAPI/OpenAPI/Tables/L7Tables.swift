// The fields of L7 policies and their rules.

internal import JSON
internal import LoadBalancing
internal import OctaviaWire

extension OpenAPI.Resource {
    static let l7Policy = OpenAPI.Resource(
        name: "L7Policy", key: L7PolicyView.key, collectionKey: L7PolicyView.collectionKey,
        linksKey: L7PolicyView.linksKey,
        fields: [.id, .name, .description] + OpenAPI.Field.core + [
            .init("listener_id", .uuid, "The listener.", post: .required, tree: .refused, answer: .always),
            .init(
                "action", .choice(L7PolicyAction.self), "What happens to requests that match all rules.",
                post: .required, put: .optional, answer: .always),
            .init(
                "redirect_pool_id", .uuid, "The pool that requests go to.", post: .nullable, tree: .refused,
                put: .nullable, answer: .nullable),
            .init(
                "redirect_pool", .component("PoolInTree"), "The pool that requests go to, or its name.",
                tree: .nullable),
            .init(
                "redirect_url", .url, "Where clients are sent.", post: .nullable, put: .nullable, answer: .nullable),
            .init(
                "redirect_prefix", .url, "What clients find before the path of their request.", post: .nullable,
                put: .nullable, answer: .nullable),
            .init(
                "redirect_http_code", .choice([301, 302, 303, 307, 308]), "The status that sends clients there.",
                post: .nullable, put: .nullable, answer: .nullable),
            .init(
                "position", .integer(1...OpenAPI.Schema.largestInteger),
                "The place among the listener's policies; 1 is first, and one beyond the end is last.",
                post: .nullable, put: .nullable, standard: 2_147_483_647, answer: .always),
            .init(
                "rules", .list(of: .component("L7RuleCreate")), "The rules.", tree: .nullable, answer: .always,
                shown: .references),
        ])

    static let l7Rule = OpenAPI.Resource(
        name: "L7Rule", key: L7RuleView.key, collectionKey: L7RuleView.collectionKey, linksKey: L7RuleView.linksKey,
        fields: [.id] + OpenAPI.Field.core + [
            .init(
                "type", .choice(L7RuleType.self), "The part of a request to look at.", post: .required,
                put: .optional, answer: .always),
            .init(
                "compare_type", .choice(L7RuleCompareType.self), "How to compare it.", post: .required,
                put: .optional, answer: .always),
            .init(
                "key", .line(), "The name of the header, cookie or field.", post: .nullable, put: .nullable,
                answer: .nullable),
            .init(
                "value", .line(min: 1), "What to compare it with.", post: .required, put: .optional,
                answer: .always),
            .init(
                "invert", .bool, "Whether the rule matches what is otherwise.", post: .nullable, put: .nullable,
                standard: false, answer: .always),
        ])
}
