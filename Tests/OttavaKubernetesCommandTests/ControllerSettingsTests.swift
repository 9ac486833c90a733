// Settings of the program: options, environment, file.

import KubernetesClient
import KubernetesControllers
import OctaviaClient
import TestSupport
import Testing

@testable import OttavaKubernetesCommand

@Suite struct ControllerSettingsTests {
    private func load(
        _ yaml: String? = nil, environment: [String: String] = [:],
        options: ControllerSettings.Options = ControllerSettings.Options()
    ) async throws -> ControllerSettings {
        let folder = try TemporaryFolder("ottava-settings")
        defer { folder.remove() }
        try Files.write(
            """
            current-context: a
            clusters: [{name: a, cluster: {server: "https://h"}}]
            contexts: [{name: a, context: {cluster: a, namespace: system}}]
            """, to: folder.file("kubeconfig"))
        var environment = environment
        environment["KUBECONFIG"] = folder.file("kubeconfig")
        environment["OS_AUTH_URL"] = "https://keystone"
        environment["OS_USERNAME"] = "demo"
        environment["OS_PASSWORD"] = "secret"
        environment["OS_PROJECT_NAME"] = "demo"
        environment["HOME"] = folder.path
        if let yaml { try Files.write(yaml, to: folder.file("config.yaml")) }
        return try await ControllerSettings.load(
            configurationFile: yaml == nil ? nil : folder.file("config.yaml"), options: options,
            environment: environment)
    }

    @Test func defaultsAreThoseOfTheField() async throws {
        let settings = try await load()
        #expect(settings.controllers == [.service, .ingress])
        #expect(settings.loadBalancers.clusterName == "kubernetes")
        #expect(settings.cloud.authURL == "https://keystone")
        #expect(settings.lease == ObjectKey(namespace: "system", name: "ottava-kubernetes"))
        #expect(settings.election == LeaderElector.Settings())
        #expect(settings.listen?.port == 9877 && "\(settings.logLevel)" == "info")
        #expect(try await load().identity != settings.identity)
    }

    @Test func optionsComeBeforeTheEnvironmentAndThatBeforeTheFile() async throws {
        let yaml = """
            clusterName: file
            workers: 7
            controllers: service
            loadBalancerClasses: [a, b]
            driftInterval: 5m
            createMonitor: true
            leaderElect: false
            """
        var settings = try await load(yaml)
        #expect(settings.loadBalancers.clusterName == "file" && settings.options.workers == 7)
        #expect(settings.controllers == [.service] && settings.lease == nil)
        #expect(settings.loadBalancers.loadBalancerClasses == ["a", "b"])
        #expect(settings.options.driftInterval == .seconds(300) && settings.loadBalancers.createsHealthMonitors)
        let environment = [
            "OTTAVA_KUBERNETES_CLUSTER_NAME": "environment", "OTTAVA_KUBERNETES_CONTROLLERS": "service,ingress",
        ]
        settings = try await load(yaml, environment: environment)
        #expect(settings.loadBalancers.clusterName == "environment" && settings.controllers.count == 2)
        settings = try await load(
            yaml, environment: environment,
            options: ControllerSettings.Options(clusterName: "option", members: "pods", leaderElect: "true"))
        #expect(settings.loadBalancers.clusterName == "option" && settings.lease != nil)
        #expect(settings.loadBalancers.memberKind == .pods)
    }

    @Test func aCloudConfNeedsNoCloud() async throws {
        let folder = try TemporaryFolder("ottava-cloud-conf")
        defer { folder.remove() }
        try Files.write("[LoadBalancer]\nlb-provider = kernel\nmystery = 1", to: folder.file("cloud.conf"))
        let settings = try await load(
            options: ControllerSettings.Options(cloudConfig: folder.file("cloud.conf")))
        #expect(settings.loadBalancers.provider == "kernel" && settings.cloud.authURL == "https://keystone")
        #expect(settings.remarks.count == 1 && settings.remarks[0].contains("mystery"))
    }

    @Test(arguments: [
        ("controllers: service,gateway", "controllers: 'gateway'"), ("logLevel: loud", "logLevel: 'loud'"),
        ("members: containers", "members: 'containers'"), ("subnetId: private", "subnetId: 'private'"),
        ("workers: 0", "workers: '0'"), ("driftInterval: never", "driftInterval: 'never'"),
        ("listen: nowhere", "listen: 'nowhere'"), ("leaderElect: maybe", "leaderElect: 'maybe'"),
        ("leaseDuration: 5s", "leaseDuration"), ("cloudConfig: /nowhere", "cloudConfig: '/nowhere'"),
    ])
    func mistakesNameKeyValueAndWhatIsAllowed(yaml: String, words: String) async {
        let error = await #expect(throws: ControllerSettings.Problem.self) { try await load(yaml) }
        #expect(error?.description.contains(words) == true, "\(error.map { "\($0)" } ?? "")")
        #expect(error?.allowed.isEmpty == false)
    }
}
