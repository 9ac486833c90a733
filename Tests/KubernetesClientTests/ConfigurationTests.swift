// Kubeconfig files, and what pods find.

import KubernetesClient
import TestSupport
import Testing

@Suite struct ConfigurationTests {
    private func load(_ text: String, context: String? = nil) throws -> ClusterConfiguration {
        let folder = try TemporaryFolder("ottava-kubeconfig")
        defer { folder.remove() }
        try Files.write(text, to: folder.file("config"))
        return try ClusterConfiguration.load(kubeconfig: folder.file("config"), context: context)
    }

    private static func file(user: String = "{token: secret}", cluster: String = "{server: \"https://h:1\"}") -> String
    {
        """
        apiVersion: v1
        kind: Config
        current-context: one
        clusters: [{name: c, cluster: \(cluster)}]
        users: [{name: u, user: \(user)}]
        contexts:
        - {name: one, context: {cluster: c, user: u, namespace: shop}}
        - {name: nobody, context: {cluster: c}}
        - {name: broken, context: {cluster: x}}
        - {name: stranger, context: {cluster: c, user: y}}
        """
    }

    @Test func contextsBringClustersAndUsersTogether() throws {
        var configuration = try load(Self.file())
        #expect(configuration.server == "https://h:1")
        #expect(configuration.namespace == "shop")
        #expect(configuration.credentials == .token("secret"))
        #expect(configuration.verifiesServer)
        #expect(!"\(configuration)".contains("secret"))
        configuration = try load(Self.file(), context: "nobody")
        #expect(configuration.credentials == .none && configuration.namespace == "default")
        configuration = try load(
            Self.file(cluster: "{server: \"https://h\", insecure-skip-tls-verify: true, tls-server-name: n}"))
        #expect(!configuration.verifiesServer && configuration.serverName == "n")
        configuration = try load(
            Self.file(cluster: "{server: \"https://h\", certificate-authority-data: aGVsbG8=}"))
        #expect(configuration.authorities == .inline(Array("hello".utf8)))
    }

    @Test func pathsAreRelativeToTheFile() throws {
        let folder = try TemporaryFolder("ottava-kubeconfig")
        defer { folder.remove() }
        try Files.write(
            Self.file(
                user: "{client-certificate: a.pem, client-key: /k.pem}",
                cluster: "{server: \"https://h\", certificate-authority: ca/ca.pem}"), to: folder.file("config"))
        let configuration = try ClusterConfiguration.load(kubeconfig: folder.file("config"))
        #expect(configuration.authorities == .file(folder.file("ca/ca.pem")))
        #expect(configuration.credentials == .certificate(.file(folder.file("a.pem")), key: .file("/k.pem")))
    }

    @Test func pluginsAreRead() throws {
        let configuration = try load(
            Self.file(
                user: """
                    {exec: {apiVersion: client.authentication.k8s.io/v1, command: get-token, args: [a, b],
                      env: [{name: X, value: "1"}], provideClusterInfo: true, interactiveMode: IfAvailable}}
                    """))
        #expect(
            configuration.credentials
                == .exec(
                    ExecPlugin(
                        command: "get-token", arguments: ["a", "b"], environment: ["X": "1"], providesClusterInfo: true)
                ))
    }

    @Test(
        arguments: [
            ("{]", nil, "is not YAML"),
            ("kind: Config", nil, "no current-context"),
            (file(), "else", "no context 'else'"),
            (file(), "broken", "cluster 'x', which is missing"),
            (file(), "stranger", "user 'y'"),
            (file(cluster: "{}"), nil, "has no 'server'"),
            (file(cluster: "{server: \"https://h\", proxy-url: \"http://p\"}"), nil, "proxy-url"),
            (
                file(cluster: "{server: \"https://h\", certificate-authority-data: \"%%\"}"), nil,
                "certificate-authority-data"
            ),
            (file(user: "{client-certificate: a}"), nil, "no client-key"),
            (file(user: "{auth-provider: {name: gcp}}"), nil, "auth-provider 'gcp'"),
            (file(user: "{exec: {command: x}}"), nil, "exec.apiVersion"),
            (
                file(
                    user: "{exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}}"),
                nil,
                "interactiveMode"
            ),
        ] as [(String, String?, String)])
    func mistakesAreNamed(text: String, context: String?, words: String) throws {
        let error = #expect(throws: KubernetesError.self) { try load(text, context: context) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test func listedFilesAreLaidOverEachOther() throws {
        let folder = try TemporaryFolder("ottava-kubeconfig")
        defer { folder.remove() }
        try Files.write(
            "contexts: [{name: one, context: {cluster: c, user: u, namespace: first}}]", to: folder.file("a"))
        try Files.write(Self.file(), to: folder.file("b"))
        let list = "\(folder.file("missing")):\(folder.file("a")):\(folder.file("b"))"
        let configuration = try ClusterConfiguration.load(environment: ["KUBECONFIG": list])
        #expect(configuration.namespace == "first")
        #expect(configuration.credentials == .token("secret"))
    }

    @Test func podsFindTheirCluster() throws {
        let folder = try TemporaryFolder("ottava-pod")
        defer { folder.remove() }
        #expect(try ClusterConfiguration.inPod(environment: [:], folder: folder.path) == nil)
        let environment = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"]
        #expect(throws: KubernetesError.self) {
            try ClusterConfiguration.inPod(environment: environment, folder: folder.path)
        }
        try Files.write("token", to: folder.file("token"))
        try Files.write("certificate", to: folder.file("ca.crt"))
        try Files.write("system\n", to: folder.file("namespace"))
        let configuration = try ClusterConfiguration.inPod(environment: environment, folder: folder.path)
        #expect(configuration?.server == "https://[fd00::1]:443")
        #expect(configuration?.credentials == .tokenFile(folder.file("token")))
        #expect(configuration?.authorities == .file(folder.file("ca.crt")))
        #expect(configuration?.namespace == "system")
    }

    @Test(arguments: ["", "ftp://h", "https://", "https://user@h", "https://h/?a=b"])
    func serversMustBeURLs(server: String) {
        #expect(throws: KubernetesError.self) { try Cluster(ClusterConfiguration(server: server)) }
    }

    @Test func filesThatCannotBeReadAreSaidAtOnce() {
        let configuration = ClusterConfiguration(server: "https://h", authorities: .file("/nowhere"))
        let error = #expect(throws: KubernetesError.self) { try Cluster(configuration) }
        #expect(error?.message.contains("certificate-authority: /nowhere") == true)
    }
}
