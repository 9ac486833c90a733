// The fields of health monitors.

internal import JSON
internal import LoadBalancing
internal import OctaviaWire

extension OpenAPI.Resource {
    static let healthMonitor = OpenAPI.Resource(
        name: "HealthMonitor", key: HealthMonitorView.key, collectionKey: HealthMonitorView.collectionKey,
        linksKey: HealthMonitorView.linksKey,
        fields: [.id, .name] + OpenAPI.Field.core + [
            .init("pool_id", .uuid, "The pool.", post: .required, tree: .refused),
            .init(
                "type", .choice(HealthMonitorType.self), "How members are asked.", post: .required, answer: .always),
            .init(
                "delay", seconds, "Seconds between two checks.", post: .required, put: .optional, answer: .always),
            .init(
                "timeout", seconds, "Seconds that one check may take.", post: .required, put: .optional,
                answer: .always),
            .init(
                "max_retries", .integer(1...10), "Successes in a row that bring a member back.", post: .required,
                put: .optional, answer: .always),
            .init(
                "max_retries_down", .integer(1...10), "Failures in a row that take a member out.", post: .optional,
                put: .nullable, standard: 3, answer: .always),
            .init(
                "http_method", .choice(HealthMonitorMethod.self), "The method of the request. HTTP and HTTPS only.",
                post: .nullable, put: .nullable, answer: .nullable),
            .init(
                "url_path", .urlPath, "The path of the request. HTTP and HTTPS only.", post: .nullable,
                put: .nullable, answer: .nullable),
            .init(
                "expected_codes", .expectedCodes, "Statuses that mean health. HTTP and HTTPS only.", post: .nullable,
                put: .nullable, answer: .nullable),
            .init(
                "http_version", .httpVersion, "The version of HTTP.", post: .nullable, put: .nullable,
                answer: .nullable),
            .init(
                "domain_name", .domainName, "The host that the request is for. With HTTP 1.1 only.", post: .nullable,
                put: .nullable, answer: .nullable, shown: .text(min: 1, max: 255)),
            .references("pools", "The pool."),
        ])

    private static let seconds = OpenAPI.Schema.integer(0...OpenAPI.Schema.largestInteger)
}
