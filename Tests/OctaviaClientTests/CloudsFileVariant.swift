// Descriptions of clouds in many forms.

internal import OctaviaClient
internal import TestSupport

/// Files and variables that describe a cloud.
struct CloudsFileVariant {
    var name: String
    /// Path → text, below the folder in which a program starts.
    var files: [String: String] = [:]
    /// The cloud and the region that are asked for.
    var cloud: String?
    var region: String?
    /// `FOLDER` in them stands for the folder.
    var variables: [String: String] = [:]

    init(
        _ name: String, files: [String: String] = [:], cloud: String? = nil, region: String? = nil,
        variables: [String: String] = [:]
    ) {
        self.name = name
        self.files = files
        self.cloud = cloud
        self.region = region
        self.variables = variables
    }

    /// The variables for a folder; nothing of this machine's user counts.
    func environment(in folder: String) -> [String: String] {
        var environment = variables.mapValues { $0.replacing("FOLDER", with: folder) }
        environment["HOME"] = "\(folder)/nobody"
        return environment
    }

    /// Writes the files.
    func write(to folder: String) throws {
        for (name, text) in files {
            let path = "\(folder)/\(name)"
            try Files.makeFolder(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]))
            try Files.write(text, to: path)
        }
    }

    /// What the library makes of it.
    func load() throws -> CloudConfiguration {
        let folder = try TemporaryFolder("ottava-clouds")
        defer { folder.remove() }
        try write(to: folder.path)
        return try CloudConfiguration.load(
            cloud: cloud, region: region, environment: environment(in: folder.path), workingDirectory: folder.path)
    }
}

extension CloudsFileVariant {
    static let simple = """
        clouds:
          one:
            auth: {auth_url: https://example.com:5000, username: u, password: p, project_name: p1}
            region_name: R1
          two:
            auth: {auth_url: https://example.com:5000/v3, application_credential_id: a, application_credential_secret: s}
            auth_type: v3applicationcredential
        """

    private static func cloud(_ keys: String) -> [String: String] { ["clouds.yaml": "clouds:\n  c:\n\(keys)"] }

    static let basics: [CloudsFileVariant] = [
        CloudsFileVariant("simple", files: ["clouds.yaml": simple], cloud: "one"),
        CloudsFileVariant("application credential", files: ["clouds.yaml": simple], cloud: "two"),
        CloudsFileVariant("by OS_CLOUD", files: ["clouds.yaml": simple], variables: ["OS_CLOUD": "two"]),
        CloudsFileVariant("yml", files: ["clouds.yml": simple], cloud: "one"),
        CloudsFileVariant(
            "json",
            files: [
                "clouds.json":
                    #"{"clouds":{"j":{"auth":{"auth_url":"http://h/v3","username":"u","password":"p"},"verify":false}}}"#
            ]),
        CloudsFileVariant("yaml before json", files: ["clouds.yaml": simple, "clouds.json": "{}"], cloud: "one"),
        CloudsFileVariant(
            "secure",
            files: [
                "clouds.yaml": "clouds:\n  c:\n    auth: {auth_url: http://h/v3, username: u, project_id: abc}\n",
                "secure.yaml": "clouds:\n  c:\n    auth: {password: hidden}\n    cacert: /tmp/ca.pem\n",
            ]),
        CloudsFileVariant(
            "profile",
            files: [
                "clouds.yaml": "clouds:\n  c:\n    profile: vendor\n    auth: {username: u, password: p}\n",
                "clouds-public.yaml": """
                public-clouds:
                  vendor:
                    auth: {auth_url: http://vendor/v3, user_domain_id: d1}
                    region_name: V1
                    interface: internal
                """,
            ]),
        CloudsFileVariant(
            "profile by the key cloud",
            files: [
                "clouds.yaml": "clouds:\n  c:\n    cloud: vendor\n    auth: {username: u, password: p}\n",
                "clouds-public.yaml": "public-clouds:\n  vendor:\n    auth: {auth_url: http://vendor/v3}\n",
            ]),
        CloudsFileVariant(
            "regions",
            files: cloud(
                """
                    auth: {auth_url: http://h/v3, username: u, password: p, project_name: x}
                    regions:
                    - name: A
                      values: {interface: internal, auth: {auth_url: http://a/v3}}
                    - B
                """)),
        CloudsFileVariant(
            "another region",
            files: cloud(
                """
                    auth: {auth_url: "http://{region_name}.h/v3", username: u, password: p}
                    regions:
                    - A
                    - name: B
                      values: {interface: admin}
                """), region: "B"),
        CloudsFileVariant(
            "old names",
            files: cloud(
                """
                    auth: {auth-url: http://h/v3, username: u, password: p, tenant-name: t, user-domain-name: D}
                    endpoint_type: internalURL
                    auth_plugin: password
                    compute_timeout: 17
                """)),
        CloudsFileVariant(
            "one domain for both",
            files: cloud(
                "    auth: {auth_url: http://h/v3, username: u, password: p, project_name: t, domain_name: D}\n")),
        CloudsFileVariant(
            "domain scope",
            files: cloud("    auth: {auth_url: http://h/v3, user_id: u, password: p, domain_id: D}\n")),
        CloudsFileVariant(
            "system scope",
            files: cloud("    auth: {auth_url: http://h/v3, user_id: u, password: p, system_scope: all}\n")),
        CloudsFileVariant(
            "trust",
            files: cloud("    auth: {auth_url: http://h/v3, user_id: u, password: p, trust_id: T}\n")),
        CloudsFileVariant(
            "token",
            files: cloud("    auth_type: token\n    auth: {auth_url: http://h/v3, token: T, project_id: x}\n")),
        CloudsFileVariant(
            "names of domains",
            files: cloud(
                "    auth: {auth_url: http://h/v3, username: u, password: p, project_name: t, user_domain_name: A, "
                    + "project_domain_name: B}\n")),
        CloudsFileVariant(
            "TLS and overrides",
            files: cloud(
                """
                    auth: {auth_url: https://h/v3, username: u, password: p, project_id: x}
                    cacert: /tmp/ca.pem
                    cert: /tmp/c.pem
                    key: /tmp/k.pem
                    load_balancer_endpoint_override: https://lb/load-balancer
                    network_endpoint_override: https://net
                    api_timeout: 5
                """)),
        CloudsFileVariant(
            "insecure",
            files: cloud(
                "    auth: {auth_url: https://h/v3, username: u, password: p, project_id: x}\n    insecure: true\n")),
        CloudsFileVariant(
            "verify off",
            files: cloud(
                "    auth: {auth_url: https://h/v3, username: u, password: p, project_id: x}\n    verify: no\n")),
        CloudsFileVariant(
            "anchors",
            files: [
                "clouds.yaml": """
                clouds:
                  a:
                    auth: &auth {auth_url: https://h/v3, username: u, password: p, project_id: x}
                  c:
                    auth: {<<: *auth, project_id: y}
                """
            ], cloud: "c"),
        CloudsFileVariant(
            "environment",
            variables: [
                "OS_AUTH_URL": "http://h/v3", "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_PROJECT_NAME": "x",
                "OS_USER_DOMAIN_ID": "default", "OS_PROJECT_DOMAIN_ID": "default", "OS_REGION_NAME": "R",
                "OS_INTERFACE": "internal", "OS_CACERT": "/tmp/ca.pem",
            ]),
        CloudsFileVariant(
            "environment before a file with one cloud",
            files: cloud("    auth: {auth_url: https://h/v3, username: other, password: p}\n"),
            variables: ["OS_AUTH_URL": "http://h/v3", "OS_USERNAME": "u", "OS_PASSWORD": "p"]),
        CloudsFileVariant(
            "OS_CLOUD before the environment", files: ["clouds.yaml": simple],
            variables: ["OS_CLOUD": "one", "OS_USERNAME": "other", "OS_AUTH_URL": "http://other"]),
        CloudsFileVariant(
            "environment with an application credential",
            variables: [
                "OS_AUTH_TYPE": "v3applicationcredential", "OS_AUTH_URL": "http://h/v3",
                "OS_APPLICATION_CREDENTIAL_ID": "a", "OS_APPLICATION_CREDENTIAL_SECRET": "s",
            ]),
    ]

    private static func named(_ user: String) -> String {
        "clouds:\n  c:\n    auth: {auth_url: http://h/v3, username: \(user), password: p, project_id: x}\n"
    }

    /// Where files are looked for, and in which order.
    static let places: [CloudsFileVariant] = [
        CloudsFileVariant("the user's folder", files: ["nobody/.config/openstack/clouds.yaml": named("home")]),
        CloudsFileVariant(
            "the working folder before the user's",
            files: ["clouds.yaml": named("here"), "nobody/.config/openstack/clouds.yaml": named("home")]),
        CloudsFileVariant(
            "XDG_CONFIG_HOME",
            files: [
                "xdg/openstack/clouds.yaml": named("xdg"), "nobody/.config/openstack/clouds.yaml": named("home"),
            ], variables: ["XDG_CONFIG_HOME": "FOLDER/xdg"]),
        CloudsFileVariant(
            "OS_CLIENT_CONFIG_FILE", files: ["clouds.yaml": named("here"), "other.yaml": named("other")],
            variables: ["OS_CLIENT_CONFIG_FILE": "FOLDER/other.yaml"]),
        CloudsFileVariant(
            "OS_CLIENT_CONFIG_FILE that is not there", files: ["clouds.yaml": named("here")],
            variables: ["OS_CLIENT_CONFIG_FILE": "FOLDER/other.yaml"]),
        CloudsFileVariant(
            "OS_CLIENT_SECURE_FILE",
            files: [
                "clouds.yaml": "clouds:\n  c:\n    auth: {auth_url: http://h/v3, username: u, project_id: abc}\n",
                "hidden.yaml": "clouds:\n  c:\n    auth: {password: hidden}\n",
            ], variables: ["OS_CLIENT_SECURE_FILE": "FOLDER/hidden.yaml"]),
        CloudsFileVariant(
            "secure.yaml from another place",
            files: [
                "clouds.yaml": "clouds:\n  c:\n    auth: {auth_url: http://h/v3, username: u, project_id: abc}\n",
                "nobody/.config/openstack/secure.yaml": "clouds:\n  c:\n    auth: {password: hidden, username: v}\n",
            ]),
        CloudsFileVariant(
            "a profile, a region and secrets together",
            files: [
                "clouds.yaml": "clouds:\n  c:\n    profile: vendor\n    auth: {username: u, project_name: x}\n",
                "secure.yaml": "clouds:\n  c:\n    auth: {password: hidden}\n",
                "clouds-public.yaml": """
                public-clouds:
                  vendor:
                    auth: {auth_url: "http://{region_name}.vendor/v3", project_domain_name: D, user_domain_name: D}
                    regions: [A, B]
                """,
            ], region: "B"),
    ]

    /// Keys of the login and of the connection.
    static let settings: [CloudsFileVariant] = [
        CloudsFileVariant(
            "v3password",
            files: cloud(
                "    auth_type: v3password\n    auth: {auth_url: http://h/v3, username: u, user_domain_id: D, password: p, "
                    + "project_id: x}\n")),
        CloudsFileVariant(
            "v3password with an id",
            files: cloud(
                "    auth_type: v3password\n    auth: {auth_url: http://h/v3, user_id: u, password: p, project_id: x}\n"
            )),
        CloudsFileVariant(
            "v3password with one domain for both",
            files: cloud(
                "    auth_type: v3password\n    auth: {auth_url: http://h/v3, username: u, password: p, project_name: x, "
                    + "domain_name: D}\n")),
        CloudsFileVariant(
            "an application credential by its name",
            files: cloud(
                "    auth_type: v3applicationcredential\n    auth: {auth_url: http://h/v3, user_id: u, "
                    + "application_credential_name: a, application_credential_secret: s}\n")),
        CloudsFileVariant(
            "v3token",
            files: cloud("    auth_type: v3token\n    auth: {auth_url: http://h/v3, token: T, project_id: x}\n")),
        CloudsFileVariant(
            "verify off beside an authority",
            files: cloud(
                "    auth: {auth_url: https://h/v3, username: u, password: p, project_id: x}\n    verify: false\n"
                    + "    cacert: /tmp/ca.pem\n")),
        CloudsFileVariant(
            "a certificate with its key in one file",
            files: cloud(
                "    auth: {auth_url: https://h/v3, username: u, password: p, project_id: x}\n    cert: /tmp/c.pem\n")),
        CloudsFileVariant(
            "several interfaces",
            files: cloud(
                "    auth: {auth_url: https://h/v3, username: u, password: p, project_id: x}\n"
                    + "    interface: [internal, public]\n")),
        CloudsFileVariant(
            "the default domain",
            files: cloud(
                "    auth: {auth_url: http://h/v3, username: u, password: p, project_name: t, default_domain_id: D}\n")),
        CloudsFileVariant(
            "numbers as names",
            files: cloud("    auth: {auth_url: http://h/v3, username: 12, password: 345, project_name: 7}\n")),
        CloudsFileVariant(
            "system scope by the environment",
            variables: [
                "OS_AUTH_URL": "http://h/v3", "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_SYSTEM_SCOPE": "all",
                "OS_USER_DOMAIN_NAME": "D",
            ]),
        CloudsFileVariant(
            "a trust by the environment",
            variables: [
                "OS_AUTH_URL": "http://h/v3", "OS_USER_ID": "u", "OS_PASSWORD": "p", "OS_TRUST_ID": "T",
            ]),
        CloudsFileVariant(
            "a token by the environment",
            variables: [
                "OS_AUTH_TYPE": "token", "OS_AUTH_URL": "http://h/v3", "OS_TOKEN": "T", "OS_PROJECT_ID": "x",
            ]),
        CloudsFileVariant(
            "old names by the environment",
            variables: [
                "OS_AUTH_URL": "http://h/v3", "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_TENANT_NAME": "t",
                "OS_ENDPOINT_TYPE": "internalURL",
            ]),
        CloudsFileVariant(
            "an endpoint by the environment",
            variables: [
                "OS_AUTH_URL": "http://h/v3", "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_PROJECT_ID": "x",
                "OS_LOAD_BALANCER_ENDPOINT_OVERRIDE": "http://lb/load-balancer",
            ]),
    ]

    /// One service otherwise than the rest.
    static let services: [CloudsFileVariant] = [
        CloudsFileVariant(
            "an interface of one service",
            files: cloud(
                """
                    auth: {auth_url: https://h/v3, username: u, password: p, project_id: x}
                    interface: admin
                    load_balancer_interface: internal
                    network_endpoint_type: publicURL
                """)),
        CloudsFileVariant(
            "a region of one service",
            files: cloud(
                """
                    auth: {auth_url: https://h/v3, username: u, password: p, project_id: x}
                    region_name: A
                    load_balancer_region_name: B
                """)),
        CloudsFileVariant(
            "an interface of one service by the environment",
            variables: [
                "OS_AUTH_URL": "http://h/v3", "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_PROJECT_ID": "x",
                "OS_NETWORK_INTERFACE": "internal",
            ]),
        CloudsFileVariant(
            "an endpoint with a region in it",
            files: cloud(
                """
                    auth: {auth_url: https://h/v3, username: u, password: p, project_id: x}
                    region_name: A
                    load_balancer_endpoint_override: https://{region_name}.h/load-balancer
                """)),
        CloudsFileVariant(
            "regions as a list of names",
            files: cloud(
                "    auth: {auth_url: https://h/v3, username: u, password: p}\n    region_name: [A, B]\n"),
            region: "B"),
    ]

    /// Clouds that are known by name.
    static let profiles: [CloudsFileVariant] = [
        CloudsFileVariant(
            "a public cloud",
            files: cloud("    profile: citycloud\n    auth: {username: u, password: p, project_id: x}\n"),
            region: "Fra1"),
        CloudsFileVariant(
            "a public cloud with domains",
            files: cloud("    profile: ovh-us\n    auth: {username: u, password: p, project_name: x}\n")),
        CloudsFileVariant(
            "a region beside a public cloud",
            files: cloud(
                "    profile: otc\n    region_name: eu-nl\n    auth: {username: u, password: p, project_id: x}\n")),
        CloudsFileVariant(
            "a public cloud by the environment",
            variables: [
                "OS_PROFILE": "elastx", "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_PROJECT_ID": "x",
            ]),
        CloudsFileVariant(
            "clouds-public.yaml before what is known by name",
            files: [
                "clouds.yaml":
                    "clouds:\n  c:\n    profile: elastx\n    auth: {username: u, password: p, project_id: x}\n",
                "clouds-public.yaml": "public-clouds:\n  elastx:\n    auth: {auth_url: http://mine/v3}\n",
            ]),
        CloudsFileVariant(
            "an unknown profile beside a whole login",
            files: cloud(
                "    profile: nowhere\n    auth: {auth_url: http://h/v3, username: u, password: p, project_id: x}\n")),
    ]

    /// What openstacksdk refuses, too.
    static let refused: [CloudsFileVariant] = [
        CloudsFileVariant("a cloud that is not there", files: ["clouds.yaml": simple], cloud: "three"),
        CloudsFileVariant("OS_CLOUD that is not there", files: ["clouds.yaml": simple], variables: ["OS_CLOUD": "x"]),
        CloudsFileVariant("a region that is not there", files: ["clouds.yaml": simple], cloud: "one", region: "R2"),
        CloudsFileVariant("a file that is no mapping", files: ["clouds.yaml": "- a\n"]),
        CloudsFileVariant("no URL", files: cloud("    auth: {username: u, password: p, project_id: x}\n")),
        CloudsFileVariant(
            "v3password without a domain of the user",
            files: cloud(
                "    auth_type: v3password\n    auth: {auth_url: http://h/v3, username: u, password: p, project_id: x}\n"
            )),
        CloudsFileVariant(
            "an application credential without its secret",
            files: cloud(
                "    auth_type: v3applicationcredential\n"
                    + "    auth: {auth_url: http://h/v3, application_credential_id: a}\n")),
        CloudsFileVariant(
            "a login that nobody knows",
            files: cloud("    auth_type: v9magic\n    auth: {auth_url: http://h/v3, username: u, password: p}\n")),
        CloudsFileVariant(
            "a region without a name",
            files: cloud(
                "    auth: {auth_url: http://h/v3, username: u, password: p}\n    regions:\n    - values: {interface: admin}\n"
            )
        ),
        CloudsFileVariant(
            "a public cloud that is no more",
            files: cloud("    profile: ultimum\n    auth: {username: u, password: p, project_id: x}\n")),
    ]
}
