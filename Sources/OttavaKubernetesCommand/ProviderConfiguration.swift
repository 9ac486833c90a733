// What cloud.conf of cloud-provider-openstack says, as settings of ours.

internal import KubernetesControllers
internal import OctaviaClient

/// The settings of a cloud.conf. Keys that have no meaning here are listed, so that nobody wonders.
struct ProviderConfiguration: Sendable {
    /// Absent when section `[Global]` says nothing of a cloud; another source must then name one.
    var cloud: CloudConfiguration?
    var loadBalancers: LoadBalancerSettings
    /// Keys that are not obeyed, with the reason.
    var ignored: [String] = []

    /// A value that cannot be used.
    struct Problem: Error, CustomStringConvertible {
        var file: String
        var key: String
        var reason: String

        var description: String { "\(file): \(key): \(reason)" }
    }

    /// - Parameters:
    ///   - settings: What keys that are absent leave as it is.
    ///   - environment: Where `use-clouds` looks, as the OpenStack clients do.
    init(
        _ text: String, file: String, settings: LoadBalancerSettings, environment: [String: String]
    ) throws {
        let content: ProviderFile
        do {
            content = try ProviderFile(parsing: text)
        } catch {
            throw Problem(file: file, key: "syntax", reason: "\(error)")
        }
        loadBalancers = settings
        cloud = try Self.cloud(ProviderSection(file: file, content: content, name: "Global"), environment)
        let section = ProviderSection(file: file, content: content, name: "LoadBalancer")
        try read(section)
        for label in content.labels(of: "LoadBalancerClass") where !label.isEmpty {
            let section = ProviderSection(file: file, content: content, name: "LoadBalancerClass", label: label)
            var addresses = AddressSettings()
            try Self.read(section, into: &addresses)
            loadBalancers.classes[label] = addresses
        }
        try noteIgnored(content)
    }

    private mutating func read(_ section: ProviderSection) throws {
        if try section.flag("enabled") == false {
            throw section.problem("enabled", "is false, so that there is nothing to do")
        }
        try Self.read(section, into: &loadBalancers.addresses)
        if let provider = section.text("lb-provider") { loadBalancers.provider = provider }
        if let method = section.text("lb-method") {
            guard let algorithm = LoadBalancingAlgorithm(rawValue: method) else {
                let allowed = LoadBalancingAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
                throw section.problem("lb-method", "'\(method)' must be one of \(allowed)")
            }
            loadBalancers.algorithm = algorithm
        }
        if let isInternal = try section.flag("internal-lb") { loadBalancers.isInternal = isInternal }
        if let selector = section.text("node-selector") { loadBalancers.nodeSelector = selector }
        if let creates = try section.flag("create-monitor") { loadBalancers.createsHealthMonitors = creates }
        if let delay = try section.seconds("monitor-delay") { loadBalancers.monitor.delay = delay }
        if let timeout = try section.seconds("monitor-timeout") { loadBalancers.monitor.timeout = timeout }
        if let retries = try section.number("monitor-max-retries", in: 1...10) {
            loadBalancers.monitor.maxRetries = retries
        }
        if let retries = try section.number("monitor-max-retries-down", in: 1...10) {
            loadBalancers.monitor.maxRetriesDown = retries
        }
        if let flavor = try section.id("flavor-id") { loadBalancers.flavorID = flavor }
        if let zone = section.text("availability-zone") { loadBalancers.availabilityZone = zone }
        if let reference = section.text("default-tls-container-ref") { loadBalancers.tlsContainerRef = reference }
        if let shows = try section.flag("enable-ingress-hostname") { loadBalancers.showsHostname = shows }
        if let suffix = section.text("ingress-hostname-suffix") { loadBalancers.hostnameSuffix = suffix }
        if let sharing = try section.number("max-shared-lb", in: 1...1000) { loadBalancers.maximumSharing = sharing }
    }

    private static func read(_ section: ProviderSection, into addresses: inout AddressSettings) throws {
        addresses.subnetID = try section.id("subnet-id") ?? addresses.subnetID
        addresses.networkID = try section.id("network-id") ?? addresses.networkID
        addresses.memberSubnetID = try section.id("member-subnet-id") ?? addresses.memberSubnetID
        addresses.floatingNetworkID = try section.id("floating-network-id") ?? addresses.floatingNetworkID
        addresses.floatingSubnetID = try section.id("floating-subnet-id") ?? addresses.floatingSubnetID
        addresses.floatingSubnet = section.text("floating-subnet") ?? addresses.floatingSubnet
        addresses.floatingSubnetTags = section.text("floating-subnet-tags") ?? addresses.floatingSubnetTags
    }

    // MARK: The cloud

    private static func cloud(
        _ section: ProviderSection, _ environment: [String: String]
    ) throws -> CloudConfiguration? {
        if try section.flag("use-clouds") == true {
            var environment = environment
            if let file = section.text("clouds-file") { environment["OS_CLIENT_CONFIG_FILE"] = file }
            do {
                return try CloudConfiguration.load(
                    cloud: section.text("cloud"), region: section.text("region"), environment: environment)
            } catch {
                throw section.problem("use-clouds", "\(error)")
            }
        }
        guard let url = section.text("auth-url") else { return nil }
        var cloud = CloudConfiguration(
            authURL: url, credentials: try credentials(section), region: section.text("region"))
        if let word = section.text("os-endpoint-type") ?? section.text("endpoint-type") {
            let name = word.hasSuffix("URL") ? String(word.dropLast(3)) : word
            guard let interface = EndpointInterface(rawValue: name) else {
                throw section.problem("os-endpoint-type", "'\(word)' must be public, internal or admin")
            }
            cloud.interfaces = [interface]
        }
        cloud.tls.verifiesServer = try section.flag("tls-insecure") != true
        cloud.tls.authoritiesFile = section.text("ca-file")
        cloud.tls.certificateFile = section.text("cert-file")
        cloud.tls.keyFile = section.text("key-file")
        let metadata = ProviderSection(file: section.file, content: section.content, name: "Metadata")
        if let seconds = try metadata.seconds("request-timeout"), seconds > 0 { cloud.timeout = .seconds(seconds) }
        return cloud
    }

    private static func credentials(_ section: ProviderSection) throws -> Credentials {
        func domain(_ names: String...) -> DomainReference? {
            for name in names {
                if let id = section.text("\(name)-id") { return .id(id) }
                if let text = section.text("\(name)-name") { return .name(text) }
            }
            return nil
        }
        func user() throws -> UserReference {
            if let id = section.text("user-id") { return .id(id) }
            guard let name = section.text("username") else {
                throw section.problem("username", "is missing; 'user-id' or 'application-credential-id' do too")
            }
            return .name(name, domain: domain("user-domain", "domain") ?? .default)
        }
        if let secret = section.text("application-credential-secret") {
            if let id = section.text("application-credential-id") {
                return .applicationCredential(.id(id), secret: Secret(secret))
            }
            guard let name = section.text("application-credential-name") else {
                throw section.problem("application-credential-id", "is missing")
            }
            return .applicationCredential(.name(name, user: try user()), secret: Secret(secret))
        }
        if let trust = section.text("trust-id") {
            guard let trustee = section.text("trustee-id"), let password = section.text("trustee-password") else {
                throw section.problem("trust-id", "needs trustee-id and trustee-password")
            }
            return .password(user: .id(trustee), password: Secret(password), scope: .trust(trust))
        }
        guard let password = section.text("password") else {
            throw section.problem("password", "is missing; 'application-credential-secret' does too")
        }
        let scope: TokenScope
        if let id = section.text("tenant-id") {
            scope = .project(.id(id))
        } else if let name = section.text("tenant-name") {
            scope = .project(.name(name, domain: domain("tenant-domain", "user-domain", "domain") ?? .default))
        } else {
            throw section.problem("tenant-id", "is missing; 'tenant-name' does too")
        }
        return .password(user: try user(), password: Secret(password), scope: scope)
    }

    // MARK: What is not obeyed

    private static let known: [String: Set<String>] = [
        "global": [
            "auth-url", "user-id", "username", "password", "tenant-id", "tenant-name", "trust-id", "trustee-id",
            "trustee-password", "domain-id", "domain-name", "tenant-domain-id", "tenant-domain-name", "user-domain-id",
            "user-domain-name", "region", "os-endpoint-type", "endpoint-type", "ca-file", "tls-insecure", "cert-file",
            "key-file", "use-clouds", "clouds-file", "cloud", "application-credential-id",
            "application-credential-name", "application-credential-secret",
        ],
        "loadbalancer": [
            "enabled", "lb-provider", "lb-method", "subnet-id", "network-id", "member-subnet-id",
            "floating-network-id", "floating-subnet-id", "floating-subnet", "floating-subnet-tags", "create-monitor",
            "monitor-delay", "monitor-timeout", "monitor-max-retries", "monitor-max-retries-down", "internal-lb",
            "node-selector", "flavor-id", "availability-zone", "enable-ingress-hostname", "ingress-hostname-suffix",
            "default-tls-container-ref", "max-shared-lb",
            // These only say how the original goes about it.
            "lb-version", "use-octavia", "cascade-delete", "provider-requires-serial-api-calls", "container-store",
        ],
        "loadbalancerclass": [
            "subnet-id", "network-id", "member-subnet-id", "floating-network-id", "floating-subnet-id",
            "floating-subnet", "floating-subnet-tags",
        ],
        "metadata": ["request-timeout", "search-order"],
    ]

    private mutating func noteIgnored(_ content: ProviderFile) throws {
        for section in content.sections {
            switch section.name {
            case "networking", "route", "blockstorage", "workloadidentity":
                if !section.values.isEmpty {
                    ignored.append("[\(section.name)]: is about other things than load balancers")
                }
            case let name:
                guard let known = Self.known[name] else {
                    ignored.append("[\(name)]: is unknown")
                    continue
                }
                for key in section.values.keys.sorted() where !known.contains(key) {
                    let isGroups = key == "manage-security-groups"
                    if isGroups, section.values[key]?.last == "false" { continue }
                    let reason =
                        isGroups
                        ? "security groups of nodes are left to whoever makes the nodes" : "is unknown"
                    ignored.append("[\(name)] \(key): \(reason)")
                }
            }
        }
    }
}

/// One section of a cloud.conf, with values of some kind.
private struct ProviderSection {
    var file: String
    var content: ProviderFile
    var name: String
    var label = ""

    func problem(_ key: String, _ reason: String) -> ProviderConfiguration.Problem {
        let section = label.isEmpty ? "[\(name)]" : "[\(name) \"\(label)\"]"
        return ProviderConfiguration.Problem(file: file, key: "\(section) \(key)", reason: reason)
    }

    /// Empty is absent.
    func text(_ key: String) -> String? {
        content.value(name, key, label: label).flatMap { $0.isEmpty ? nil : $0 }
    }

    func flag(_ key: String) throws -> Bool? {
        guard let text = text(key) else { return nil }
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw problem(key, "'\(text)' must be true or false")
        }
    }

    func number(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = text(key) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw problem(key, "'\(text)' must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func id(_ key: String) throws -> ResourceID? {
        guard let text = text(key) else { return nil }
        guard let id = ResourceID(text) else { throw problem(key, "'\(text)' must be a UUID") }
        return id
    }

    /// A duration such as `5s`, `1m30s` or `5` in whole seconds.
    func seconds(_ key: String) throws -> Int? {
        guard let text = text(key) else { return nil }
        if let number = Int(text), (0...86_400).contains(number) { return number }
        guard let duration = DurationText.read(text), duration >= .zero, duration <= .seconds(86_400) else {
            throw problem(key, "'\(text)' must be a duration such as 5s or 1m30s, up to a day")
        }
        return Int(duration.components.seconds)
    }
}
