// The settings of the provider: those of the existing OpenStack provider that concern login and endpoints.

internal import OctaviaClient
internal import TerraformPlugin

enum ProviderSettings {
    static let schema = Schema(
        """
        Load balancing by the Octavia API: Ottava, and every OpenStack cloud.

        What is absent here is taken from the environment (`OS_CLOUD`, `OS_AUTH_URL`, `OS_USERNAME` and so on) and from \
        `clouds.yaml`, as other OpenStack clients do.
        """,
        [
            .string("cloud", .optional, "The name of a cloud in `clouds.yaml`; else `OS_CLOUD`."),
            .string("auth_url", .optional, "The URL of the identity service; else `OS_AUTH_URL`."),
            .string("region", .optional, "The region; else `OS_REGION_NAME`."),
            .string("user_name", .optional, "Who logs in; else `OS_USERNAME`."),
            .string("user_id", .optional, "Who logs in, by id; else `OS_USER_ID`."),
            .string("password", .optional, "The user's password; else `OS_PASSWORD`.", isSensitive: true),
            .string(
                "token", .optional, "A token instead of a password; else `OS_TOKEN` or `OS_AUTH_TOKEN`.",
                isSensitive: true),
            .string(
                "tenant_name", .optional, "The project; else `OS_PROJECT_NAME` or `OS_TENANT_NAME`."),
            .string("tenant_id", .optional, "The project, by id; else `OS_PROJECT_ID` or `OS_TENANT_ID`."),
            .string("user_domain_name", .optional, "The user's domain; else `OS_USER_DOMAIN_NAME`."),
            .string("user_domain_id", .optional, "The user's domain, by id; else `OS_USER_DOMAIN_ID`."),
            .string("project_domain_name", .optional, "The project's domain; else `OS_PROJECT_DOMAIN_NAME`."),
            .string("project_domain_id", .optional, "The project's domain, by id; else `OS_PROJECT_DOMAIN_ID`."),
            .string("domain_name", .optional, "The domain of user and project; else `OS_DOMAIN_NAME`."),
            .string("domain_id", .optional, "The domain of user and project, by id; else `OS_DOMAIN_ID`."),
            .string(
                "default_domain", .optional, "The id of the domain where no other is given; else `OS_DEFAULT_DOMAIN`."),
            .string("system_scope", .optional, "Log in for the whole cloud; else `OS_SYSTEM_SCOPE`."),
            .string(
                "application_credential_id", .optional,
                "An application credential, by id; else `OS_APPLICATION_CREDENTIAL_ID`."),
            .string(
                "application_credential_name", .optional,
                "An application credential of the user; else `OS_APPLICATION_CREDENTIAL_NAME`."),
            .string(
                "application_credential_secret", .optional,
                "Its secret; else `OS_APPLICATION_CREDENTIAL_SECRET`.", isSensitive: true),
            .string(
                "endpoint_type", .optional, "Which endpoints of the catalog to use; else `OS_ENDPOINT_TYPE`.",
                rules: [.oneOf(["public", "publicURL", "internal", "internalURL", "admin", "adminURL"])]),
            .collection(
                "endpoint_overrides", of: .map(.string), .optional,
                "Service type, such as `load-balancer` or `network`, to the URL to use instead of the catalog's."),
            .bool(
                "insecure", .optional,
                "Accept any certificate of the services; anybody on the way can then read passwords; else `OS_INSECURE`."
            ),
            .string("cacert_file", .optional, "A file with the authorities to trust, in PEM; else `OS_CACERT`."),
            .string("cert", .optional, "A file with a client certificate, in PEM; else `OS_CERT`."),
            .string("key", .optional, "A file with its key, in PEM; else `OS_KEY`."),
            .number(
                "max_retries", .optional,
                "How often a call that failed for the moment is sent again; 12 times within a minute if absent.",
                rules: [.range(0...1000)]),
            .bool(
                "delayed_auth", .optional,
                "Log in with the first call (true, the default) or at once; else `OS_DELAYED_AUTH`."),
            .bool(
                "allow_reauth", .optional,
                "Accepted for configurations of the OpenStack provider. A token that has ended is always renewed."),
            .bool(
                "enable_logging", .optional,
                "Write each call to Terraform's log at level `DEBUG`, with headers and bodies at level `TRACE`. This is so without the setting, too."
            ),
            .bool(
                "disable_no_cache_header", .optional,
                "Accepted for configurations of the OpenStack provider. The header is never sent."),
            .bool(
                "swauth", .optional,
                "Accepted for configurations of the OpenStack provider as long as it is false: it concerns Swift alone."
            ),
            .bool(
                "use_octavia", .optional, "Accepted for old configurations. There is nothing but Octavia."
            ),
        ])

    /// Attribute → key of a cloud in `clouds.yaml`.
    private static let keys = [
        "auth_url": "auth_url", "user_name": "username", "user_id": "user_id", "password": "password", "token": "token",
        "tenant_name": "project_name", "tenant_id": "project_id", "user_domain_name": "user_domain_name",
        "user_domain_id": "user_domain_id", "project_domain_name": "project_domain_name",
        "project_domain_id": "project_domain_id", "domain_name": "domain_name", "domain_id": "domain_id",
        "default_domain": "default_domain", "system_scope": "system_scope",
        "application_credential_id": "application_credential_id",
        "application_credential_name": "application_credential_name",
        "application_credential_secret": "application_credential_secret", "endpoint_type": "endpoint_type",
        "cacert_file": "cacert", "cert": "cert", "key": "key",
    ]

    static func validate(_ config: Value, _ diagnostics: inout Diagnostics) {
        if config["swauth"].bool == true {
            diagnostics.error(
                "swauth is not possible", "It is a login of Swift, which load balancing has nothing to do with.",
                at: .attribute("swauth"))
        }
        let pairs = [
            ["user_name", "user_id"], ["tenant_name", "tenant_id"], ["user_domain_name", "user_domain_id"],
            ["project_domain_name", "project_domain_id"],
            ["application_credential_id", "application_credential_name"],
        ]
        for pair in pairs { diagnostics.excludeEachOther(pair, in: config) }
        if config["key"].isKnown, config["cert"].isNull {
            diagnostics.error("key needs cert", "A key is of no use without its certificate.", at: .attribute("key"))
        }
    }

    /// The cloud that the settings, the environment and `clouds.yaml` describe.
    ///
    /// - Parameters:
    ///   - environment: Absent: that of the process.
    static func cloud(_ config: Value, environment: [String: String]) throws(CloudError) -> CloudConfiguration {
        var overrides: [String: String] = [:]
        for (attribute, key) in keys {
            if let text = config[attribute].string, !text.isEmpty { overrides[key] = text }
        }
        if let insecure = config["insecure"].bool { overrides["insecure"] = insecure ? "true" : "false" }
        var configuration = try CloudConfiguration.load(
            cloud: config["cloud"].string.flatMap { $0.isEmpty ? nil : $0 },
            region: config["region"].string.flatMap { $0.isEmpty ? nil : $0 }, overrides: overrides,
            environment: environment)
        for (type, url) in config["endpoint_overrides"].members ?? [:] {
            if let url = url.string { configuration.endpointOverrides[type] = url }
        }
        if let retries = config["max_retries"].integer { configuration.retries.attempts = retries + 1 }
        return configuration
    }
}
