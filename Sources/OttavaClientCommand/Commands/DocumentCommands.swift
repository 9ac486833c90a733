// `ottava apply`, `diff` and `export`.

internal import ArgumentParser
internal import Glibc
internal import LoadBalancerDocuments
internal import OctaviaClient

struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Makes a load balancer what a YAML document says.",
        discussion: """
            A load balancer that is not there is created with everything below it in one call. One that is there is \
            changed by the smallest set of calls, which are shown first. Keys that the document does not have stay as \
            they are; of lists that it has, what is not in them is deleted.
            """)
    @Option(name: [.customShort("f"), .long], help: "The document.") var file: String
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        let document = try LoadBalancerDocument(path: file)
        try document.check()
        try await cloud.with { cloud in
            let document = try await document.resolved(cloud)
            let id: ResourceID
            if let found = try await document.find(cloud) {
                id = found
                var plan = try DocumentPlan(document, try await .read(found, cloud))
                guard !plan.steps.isEmpty else {
                    return print("load balancer \(document.name) is as the document says")
                }
                print(plan.steps.map(\.text).joined(separator: "\n"))
                for (number, step) in plan.steps.enumerated() {
                    Progress.show("\(number + 1)/\(plan.steps.count) \(step.text.split(separator: "\n").first ?? "")")
                    try await step.run(cloud, &plan.names)
                }
            } else {
                let creation = try document.creation()
                print("+ load balancer \(document.name) with everything below it, in one call")
                id = try await cloud.loadBalancers.create(creation).id
            }
            Progress.show("waiting until \(document.name) is ACTIVE")
            let made = try await cloud.loadBalancers.waitUntilActive(id)
            Progress.clear()
            print("load balancer \(made.name) (\(made.id)) is ACTIVE at \(made.vipAddress ?? "no address")")
        }
    }
}

struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Shows what apply would do, and does nothing.",
        discussion: "Exit status 0: nothing to do. 5: there are differences.")
    @Option(name: [.customShort("f"), .long], help: "The document.") var file: String
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        let document = try LoadBalancerDocument(path: file)
        try document.check()
        var isDifferent = true
        try await cloud.with { cloud in
            let document = try await document.resolved(cloud)
            guard let id = try await document.find(cloud) else {
                return print("+ load balancer \(document.name) with everything below it, in one call")
            }
            let plan = try DocumentPlan(document, try await .read(id, cloud))
            isDifferent = !plan.steps.isEmpty
            if isDifferent { print(plan.steps.map(\.text).joined(separator: "\n")) }
        }
        if isDifferent { throw ExitCode(ExitStatus.different.rawValue) }
    }
}

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes a load balancer as the YAML document that apply takes.")
    @Argument(help: "Name or id.") var loadbalancer: String
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        try await cloud.with { cloud in
            print(try await CurrentLoadBalancer.read(cloud.loadBalancers.find(loadbalancer).id, cloud).yaml)
        }
    }
}

extension LoadBalancerDocument {
    /// The load balancer of that name, if there is one.
    func find(_ cloud: Cloud) async throws -> ResourceID? {
        do {
            return try await cloud.loadBalancers.find(name).id
        } catch let error as CloudError where error.code == .notFound {
            return nil
        }
    }
}

/// One line on a terminal that changes.
enum Progress {
    static func show(_ text: String) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        StandardStreams.error("\r\u{1B}[K\(text)")
    }

    static func clear() {
        guard isatty(STDERR_FILENO) == 1 else { return }
        StandardStreams.error("\r\u{1B}[K")
    }
}
