// The command line of `ottava-kubernetes`.

public import ArgumentParser
internal import KubernetesClient
internal import Logging
internal import OctaviaClient

/// `ottava-kubernetes`: load balancers for Services and Ingresses of a Kubernetes cluster.
public struct ControllerCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "ottava-kubernetes",
        abstract: "Gives Kubernetes Services of type LoadBalancer and Ingresses a load balancer of an Octavia API.",
        discussion: """
            The cluster is found as kubectl finds it, or as pods do. The cloud is found as the OpenStack clients do \
            (clouds.yaml, OS_CLOUD, OS_AUTH_URL, …), or described by a cloud.conf of cloud-provider-openstack, whose \
            section [LoadBalancer] is obeyed too.

            Settings come from the options here, then from the environment (OTTAVA_KUBERNETES_CLUSTER_NAME, …), then \
            from the configuration file. All of them are in docs/kubernetes.md.
            """)

    @Option(help: ArgumentHelp("The configuration file, in YAML.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The file that says where the cluster is.", valueName: "file"))
    var kubeconfig: String?

    @Option(help: ArgumentHelp("The context in that file. Default: the current one", valueName: "name"))
    var context: String?

    @Option(help: ArgumentHelp("The cloud in clouds.yaml.", valueName: "name"))
    var cloud: String?

    @Option(help: ArgumentHelp("A cloud.conf of cloud-provider-openstack.", valueName: "file"))
    var cloudConfig: String?

    @Option(
        help: ArgumentHelp(
            "Part of the names of all load balancers; another one for each cluster of a project. Default: kubernetes",
            valueName: "name"))
    var clusterName: String?

    @Option(help: ArgumentHelp("service, ingress or both, with a comma between. Default: both", valueName: "list"))
    var controllers: String?

    @Option(
        help: ArgumentHelp(
            "What members are: node-ports, or pods if the load balancer reaches those. Default: node-ports",
            valueName: "kind"))
    var members: String?

    @Option(help: ArgumentHelp("The subnet of the load balancers' addresses.", valueName: "uuid"))
    var subnetID: String?

    @Option(help: ArgumentHelp("The network of floating IPs. Default: the first external one", valueName: "uuid"))
    var floatingNetworkID: String?

    @Option(
        help: ArgumentHelp(
            "Whether one of several processes works and the others stand by: true or false. Default: true",
            valueName: "bool"))
    var leaderElect: String?

    @Option(
        help: ArgumentHelp(
            "Where /healthz, /readyz and /metrics are, or off. Default: 0.0.0.0:9877", valueName: "host:port"))
    var listen: String?

    @Option(
        help: ArgumentHelp("trace, debug, info, notice, warning, error or critical. Default: info", valueName: "level"))
    var logLevel: String?

    public init() {}

    public func run() async throws {
        let settings: ControllerSettings
        do {
            settings = try await ControllerSettings.load(
                configurationFile: config,
                options: ControllerSettings.Options(
                    kubeconfig: kubeconfig, context: context, cloud: cloud, cloudConfig: cloudConfig,
                    clusterName: clusterName, controllers: controllers, members: members, subnetID: subnetID,
                    floatingNetworkID: floatingNetworkID, listen: listen, logLevel: logLevel, leaderElect: leaderElect))
        } catch {
            throw ValidationError("\(error)")
        }
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        try await ControllerProcess(settings).run()
    }
}
