// cloud.conf: its syntax and what it means here.

import KubernetesControllers
import OctaviaClient
import Testing

@testable import OttavaKubernetesCommand

@Suite struct ProviderFileTests {
    @Test func sectionsKeysAndValuesAreRead() throws {
        let file = try ProviderFile(
            parsing: """
                # a comment
                ; another
                [Global]
                Auth-URL = "https://keystone:5000/v3" ; the end
                password = "a \\"b\\" # c\\\\"
                use-clouds
                empty =
                two = words here   # not this
                long = one \\
                two
                [LoadBalancerClass "Public net"]
                subnet-id=x
                [global]
                two = again
                """)
        #expect(file.value("Global", "auth-url") == "https://keystone:5000/v3")
        #expect(file.value("global", "password") == "a \"b\" # c\\")
        #expect(file.value("Global", "use-clouds") == "true")
        #expect(file.value("Global", "empty") == "")
        #expect(file.value("Global", "long") == "one two")
        #expect(file.value("Global", "two") == "again")
        #expect(file.value("LoadBalancerClass", "subnet-id", label: "Public net") == "x")
        #expect(file.labels(of: "LoadBalancerClass") == ["Public net"])
        #expect(file.value("Global", "other") == nil)
    }

    @Test(arguments: [
        ("a = b", 1), ("[Global", 1), ("[Global]\n= b", 2), ("[Global]\na b", 2), ("[Global]\na = \"b", 2),
        ("[Global]\na = \\x", 2), ("[]", 1),
    ])
    func mistakesHaveALine(text: String, line: Int) {
        let error = #expect(throws: ProviderFile.SyntaxError.self) { try ProviderFile(parsing: text) }
        #expect(error?.line == line)
    }

    @Test(
        arguments: [
            ("5s", 5.0), ("1m30s", 90), ("500ms", 0.5), ("1.5h", 5400), ("0", 0), ("", nil), ("5", nil), ("5x", nil),
            ("s", nil), ("-5s", nil),
        ] as [(String, Double?)])
    func durationsAreRead(text: String, seconds: Double?) {
        #expect(DurationText.read(text) == seconds.map { .seconds($0) })
    }
}

@Suite struct ProviderConfigurationTests {
    private func read(_ text: String, environment: [String: String] = [:]) throws -> ProviderConfiguration {
        try ProviderConfiguration(
            text, file: "cloud.conf", settings: LoadBalancerSettings(), environment: environment)
    }

    private static let global = """
        [Global]
        auth-url = https://keystone:5000
        username = demo
        password = secret
        tenant-name = shop
        domain-name = Default
        region = RegionOne

        """

    private let one = "11111111-1111-1111-1111-111111111111"
    private let two = "22222222-2222-2222-2222-222222222222"
    private let three = "33333333-3333-3333-3333-333333333333"

    @Test func theUsualFileCarriesOver() throws {
        let configuration = try read(
            Self.global + """
                ca-file = /etc/ca.pem
                os-endpoint-type = internal
                [LoadBalancer]
                lb-provider = ovn
                lb-method = SOURCE_IP_PORT
                subnet-id = \(one)
                floating-network-id = \(two)
                create-monitor = true
                monitor-delay = 10s
                monitor-timeout = 1m
                monitor-max-retries = 2
                internal-lb = false
                max-shared-lb = 4
                enable-ingress-hostname = true
                manage-security-groups = true
                [LoadBalancerClass "dmz"]
                floating-subnet-tags = a,b
                network-id = \(three)
                [Metadata]
                request-timeout = 20s
                [Networking]
                public-network-name = public
                """)
        let cloud = try #require(configuration.cloud)
        #expect(cloud.authURL == "https://keystone:5000")
        #expect(
            cloud.credentials
                == .password(
                    user: .name("demo", domain: .name("Default")), password: "secret",
                    scope: .project(.name("shop", domain: .name("Default")))))
        #expect(cloud.region == "RegionOne" && cloud.interfaces == [.internal] && cloud.timeout == .seconds(20))
        #expect(cloud.tls.authoritiesFile == "/etc/ca.pem" && cloud.tls.verifiesServer)
        let settings = configuration.loadBalancers
        #expect(settings.provider == "ovn" && settings.algorithm == .sourceIPPort)
        #expect(settings.addresses.subnetID == ResourceID(one))
        #expect(settings.addresses.floatingNetworkID == ResourceID(two))
        #expect(settings.createsHealthMonitors && settings.showsHostname && !settings.isInternal)
        #expect(settings.monitor.delay == 10 && settings.monitor.timeout == 60 && settings.monitor.maxRetries == 2)
        #expect(settings.maximumSharing == 4)
        #expect(settings.classes["dmz"]?.networkID == ResourceID(three))
        #expect(settings.classes["dmz"]?.floatingSubnetTags == "a,b")
        #expect(configuration.ignored.count == 2, "\(configuration.ignored)")
        #expect(configuration.ignored.contains { $0.hasPrefix("[loadbalancer] manage-security-groups") })
    }

    @Test func allWaysOfLoggingInAreRead() throws {
        var cloud = try read(
            """
            [Global]
            auth-url = https://k
            application-credential-id = abc
            application-credential-secret = secret
            tls-insecure = true
            """
        ).cloud
        #expect(cloud?.credentials == .applicationCredential(.id("abc"), secret: "secret"))
        #expect(cloud?.tls.verifiesServer == false)
        cloud = try read(
            """
            [Global]
            auth-url = https://k
            trust-id = t
            trustee-id = u
            trustee-password = p
            """
        ).cloud
        #expect(cloud?.credentials == .password(user: .id("u"), password: "p", scope: .trust("t")))
        #expect(try read("[LoadBalancer]\ncreate-monitor = true").cloud == nil)
    }

    @Test(arguments: [
        (global + "[LoadBalancer]\nenabled = false", "enabled"),
        (global + "[LoadBalancer]\nlb-method = RANDOM", "lb-method"),
        (global + "[LoadBalancer]\nsubnet-id = private", "subnet-id"),
        (global + "[LoadBalancer]\nmonitor-delay = soon", "monitor-delay"),
        (global + "[LoadBalancer]\nmonitor-max-retries = 11", "monitor-max-retries"),
        (global + "[LoadBalancer]\ncreate-monitor = maybe", "create-monitor"),
        (global + "[LoadBalancerClass \"a\"]\nnetwork-id = x", "LoadBalancerClass \"a\"] network-id"),
        (global + "os-endpoint-type = private", "os-endpoint-type"),
        ("[Global]\nauth-url = https://k", "password"),
        ("[Global]\nauth-url = https://k\npassword = x\ntenant-id = y", "username"),
        ("[Global]\nauth-url = https://k\npassword = x\nusername = y", "tenant-id"),
        ("[Global]\nauth-url = https://k\ntrust-id = x", "trust-id"),
        ("[Global]\nuse-clouds = true\nclouds-file = /nowhere\ncloud = x", "use-clouds"),
        ("nothing", "syntax"),
    ])
    func mistakesAreNamed(text: String, key: String) {
        let error = #expect(throws: ProviderConfiguration.Problem.self) { try read(text) }
        #expect(error?.description.contains(key) == true, "\(error.map { "\($0)" } ?? "")")
        #expect(error?.description.hasPrefix("cloud.conf: ") == true)
    }
}
