// A load balancer by Terraform: as one resource, as single resources of the OpenStack provider, and with many members.

internal import Foundation
internal import Glibc
internal import JSON
internal import TestSupport

enum TerraformBenchmark {
    private static let ports = 4
    private static let membersPerPool = 25
    private static let runs = 5
    /// Terraform makes ranges of up to 1,024.
    private static let many = 2_000

    static func run(_ program: String) async throws -> [Measurement] {
        guard Terraform.isThere else { throw CannotStart(description: "there is no terraform") }
        let folder = URL(filePath: program).deletingLastPathComponent().path()
        let provider = "\(folder)terraform-provider-ottava"
        guard FileManager.default.isExecutableFile(atPath: provider) else {
            throw CannotStart(
                description: "there is no \(provider): swift build -c release --product terraform-provider-ottava")
        }
        let server = try await MeasuredServer(program)
        let subnet = try server.client().privateSubnet()
        var results = try start(provider)
        results += try await tree(whole(subnet), "one resource", runs, provider: folder, server, posts: .exactly(1))
        results += try await tree(single(subnet), "single resources", 2, provider: folder, server, posts: nil)
        results += try await manyMembers(subnet, provider: folder, server)
        try server.check()
        return results
    }

    // MARK: The provider's program

    /// From nothing to the line by which Terraform knows that the provider can be used.
    private static func start(_ provider: String) throws -> [Measurement] {
        var (durations, megabytes): ([Duration], [Double]) = ([], [])
        for _ in 0..<20 {
            let process = Process()
            process.executableURL = URL(filePath: provider)
            process.environment = [
                "TF_PLUGIN_MAGIC_COOKIE": "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
                "PLUGIN_PROTOCOL_VERSIONS": "6",
            ]
            let pipe = Pipe()
            process.standardOutput = pipe
            let start = ContinuousClock.now
            try process.run()
            let line = pipe.fileHandleForReading.availableData
            durations.append(ContinuousClock.now - start)
            megabytes.append(ProcessUsage.residentMegabytes(of: process.processIdentifier))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            guard line.starts(with: Data("1|6|unix|".utf8)) else {
                throw CannotStart(description: "the provider says \(String(decoding: line, as: UTF8.self))")
            }
        }
        return [
            Measurement("provider started → ready for Terraform", durations, goal: .below(100)),
            Measurement("  memory", megabytes, unit: "MB", goal: .below(60)),
        ]
    }

    // MARK: The same tree in two ways

    private static var keys: String { "[" + (0..<ports).map { "\"\(8080 + $0)\"" }.joined(separator: ", ") + "]" }

    private static func whole(_ subnet: String) -> String {
        """
        resource "ottava_load_balancer" "lb" {
          name          = "bench"
          vip_subnet_id = "\(subnet)"
          listeners     = { for port in \(keys) : port => { protocol = "HTTP", protocol_port = port, default_pool = port } }
          pools = { for port in \(keys) : port => {
            protocol       = "HTTP"
            health_monitor = { type = "HTTP", delay = 5, timeout = 2, max_retries = 2 }
            members        = { for n in range(\(membersPerPool)) : "m${n}" => { address = "127.9.0.${n + 1}", protocol_port = port } }
          } }
        }
        """
    }

    private static func single(_ subnet: String) -> String {
        """
        locals { members = { for pair in setproduct(\(keys), range(\(membersPerPool))) : "${pair[0]}-${pair[1]}" => pair } }
        resource "openstack_lb_loadbalancer_v2" "lb" {
          name          = "bench"
          vip_subnet_id = "\(subnet)"
        }
        resource "openstack_lb_listener_v2" "listener" {
          for_each        = toset(\(keys))
          protocol        = "HTTP"
          protocol_port   = each.key
          loadbalancer_id = openstack_lb_loadbalancer_v2.lb.id
        }
        resource "openstack_lb_pool_v2" "pool" {
          for_each    = toset(\(keys))
          protocol    = "HTTP"
          lb_method   = "ROUND_ROBIN"
          listener_id = openstack_lb_listener_v2.listener[each.key].id
        }
        resource "openstack_lb_monitor_v2" "monitor" {
          for_each    = toset(\(keys))
          pool_id     = openstack_lb_pool_v2.pool[each.key].id
          type        = "HTTP"
          delay       = 5
          timeout     = 2
          max_retries = 2
        }
        resource "openstack_lb_member_v2" "member" {
          for_each      = local.members
          pool_id       = openstack_lb_pool_v2.pool[each.value[0]].id
          address       = "127.9.0.${each.value[1] + 1}"
          protocol_port = each.value[0]
        }
        """
    }

    private static func terraform(_ provider: String, _ server: MeasuredServer) throws -> Terraform {
        let folder = try CleanUp.makeFolder("ottava-benchmarks")
        return try Terraform(
            folder, provider: provider,
            environment: [
                "OS_CLIENT_CONFIG_FILE": server.cloudsFile, "OS_CLOUD": "ottava", "TF_LOG_PROVIDER": "DEBUG",
                "TF_LOG_PATH": folder.file("log"),
            ])
    }

    private static func timed(_ body: () async throws -> Void) async rethrows -> Duration {
        let start = ContinuousClock.now
        try await body()
        return ContinuousClock.now - start
    }

    private static func destroy(_ terraform: Terraform) async throws {
        let result = try await terraform.run("destroy", "-auto-approve", "-no-color", within: .seconds(600))
        guard result.status == 0 else { throw CannotStart(description: result.text) }
    }

    /// Applies and destroys a configuration several times.
    private static func tree(
        _ configuration: String, _ name: String, _ runs: Int, provider: String, _ server: MeasuredServer,
        posts goal: Measurement.Goal?
    ) async throws -> [Measurement] {
        let terraform = try terraform(provider, server)
        // The resources of the OpenStack provider are found by the local name `openstack`.
        let local = "    openstack = { source = \"ottava/ottava\" }\n    ottava ="
        try Files.write(
            Terraform.header.replacing("    ottava =", with: local) + configuration,
            to: terraform.folder.file("main.tf"))
        var (applies, destroys): ([Duration], [Duration]) = ([], [])
        var calls: [String: [Double]] = [:]
        let log = terraform.folder.file("log")
        for _ in 0..<runs {
            try Files.write("", to: log)
            applies.append(try await timed { try await terraform.apply() })
            let lines = (Files.text(log) ?? "").split(separator: "\n").filter {
                $0.contains("/lbaas/") && $0.contains(" status=")
            }
            calls["all", default: []].append(Double(lines.count))
            calls["POST", default: []].append(Double(lines.count { $0.contains("method=POST") }))
            destroys.append(try await timed { try await destroy(terraform) })
        }
        return [
            Measurement(
                "\(ports) listeners, pools, monitors, \(ports * membersPerPool) members, \(name): apply", applies),
            Measurement("  POST calls", calls["POST"] ?? [], unit: "", goal: goal),
            Measurement("  all calls to the load balancing API", calls["all"] ?? [], unit: ""),
            Measurement("  destroy", destroys),
        ]
    }

    // MARK: Many members

    private static func manyMembers(_ subnet: String, provider: String, _ server: MeasuredServer) async throws
        -> [Measurement]
    {
        let terraform = try terraform(provider, server)
        func write(weight: Int) throws {
            try terraform.write(
                """
                resource "ottava_load_balancer" "lb" {
                  name          = "many"
                  vip_subnet_id = "\(subnet)"
                  listeners     = { tcp = { protocol = "TCP", protocol_port = 8090, default_pool = "all" } }
                  pools = { all = { protocol = "TCP", members = { for n in concat(range(\(many / 2)), range(\(many / 2), \(many))) : "m${n}" => {
                    address = "127.10.${floor(n / 250)}.${n % 250 + 1}", protocol_port = 80, weight = n == 7 ? \(weight) : 1
                  } } } }
                }
                """)
        }
        func plan() async throws {
            let words = ["plan", "-no-color", "-input=false", "-out=\(terraform.folder.file("plan"))"]
            let result = try await terraform.run(words, within: .seconds(600))
            guard result.status == 0 else { throw CannotStart(description: result.text) }
        }
        func apply() async throws {
            let words = ["apply", "-no-color", "-input=false", terraform.folder.file("plan")]
            let result = try await terraform.run(words, within: .seconds(600))
            guard result.status == 0 else { throw CannotStart(description: result.text) }
        }
        var times: [String: [Duration]] = [:]
        for _ in 0..<3 {
            try write(weight: 1)
            times["plan", default: []].append(try await timed { try await plan() })
            times["apply", default: []].append(try await timed { try await apply() })
            try write(weight: 2)
            times["change", default: []].append(
                try await timed {
                    try await plan()
                    try await apply()
                })
            try await destroy(terraform)
        }
        return [
            Measurement("\(many) members in one resource: plan", times["plan"] ?? [], goal: .below(10_000)),
            Measurement("  apply", times["apply"] ?? [], goal: .below(10_000)),
            Measurement("  plan and apply of one weight", times["change"] ?? []),
        ]
    }
}
