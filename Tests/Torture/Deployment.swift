// The service that is tortured: its processes, its database and the way between them.

internal import Foundation
internal import Glibc
internal import JSON
internal import TestSupport

/// API processes, workers and a housekeeper on one PostgreSQL, or one process on SQLite.
final class Deployment: Sendable {
    let options: TortureOptions
    let folder: TemporaryFolder
    let dataDirectory: String
    let apis: [ServiceProcess]
    let apiPorts: [Int]
    /// Those that have the data plane or stand by for it; the API's own on SQLite.
    let workers: [ServiceProcess]
    let housekeepers: [ServiceProcess]
    let database: PostgreSQLServer?
    let link: CuttableLink?
    /// The name of the bridge, if there is one.
    let bridge: String?

    /// Every process of the service, once.
    var processes: [ServiceProcess] { options.engine == .sqlite ? apis : workers + housekeepers + apis }

    init(_ options: TortureOptions) throws {
        self.options = options
        folder = try TemporaryFolder("ottava-torture")
        dataDirectory = folder.file("data")
        var environment: [String: String?] = ["OTTAVA_ADMIN_PASSWORD": nil, "OTTAVA_DEMO_PASSWORD": nil]
        if options.usesBridge {
            let name = "ott\(String(Int.random(in: 0x1000...0xFFFF), radix: 16))"
            bridge = name
            environment["OTTAVA_NETWORK"] = "bridge"
            environment["OTTAVA_BRIDGE"] = name
            environment["OTTAVA_BRIDGE_SUBNET"] = "10.70.0.0/22"
            environment["OTTAVA_BRIDGE_FLOATING_SUBNET"] = "10.71.0.0/24"
            environment["OTTAVA_BRIDGE_SUBNET6"] = "none"
        } else {
            bridge = nil
        }
        let folder = self.folder
        let usual = ["serve", "--data-dir", dataDirectory, "--log-level", "debug"]
        func make(_ name: String, _ arguments: [String]) -> ServiceProcess {
            ServiceProcess(name, usual + arguments, environment: environment, folder: folder)
        }
        guard options.engine == .postgresql else {
            let port = Ports.free()
            apiPorts = [port]
            apis = [make("serve", ["--listen", "127.0.0.1:\(port)"])]
            (workers, housekeepers, database, link) = (apis, [], nil, nil)
            return
        }
        let database = try PostgreSQLServer()
        let url = try database.makeDatabase()
        let name = url.split(separator: "?")[0].split(separator: "/").last ?? ""
        let link = try CuttableLink(to: database.socketFile)
        environment["OTTAVA_DATABASE"] = "postgresql://ottava@127.0.0.1:\(link.port)/\(name)"
        (self.database, self.link) = (database, link)
        let ports = [Ports.free(), Ports.free()]
        apiPorts = ports
        apis = ports.enumerated().map { index, port in
            make("api\(index + 1)", ["--role", "api", "--listen", "127.0.0.1:\(port)"])
        }
        workers = (1...2).map { make("worker\($0)", ["--role", "worker"]) }
        housekeepers = [make("housekeeper", ["--role", "housekeeping"])]
    }

    /// Starts everything; the first time it makes the users before.
    func start() async throws {
        if !Files.exists(dataDirectory) {
            // Only once: every process that is given passwords hashes them, which takes a debug build seconds.
            let first = apis[0].with(
                [
                    "OTTAVA_ADMIN_PASSWORD": ServerProcess.adminPassword,
                    "OTTAVA_DEMO_PASSWORD": ServerProcess.demoPassword,
                ], name: "first")
            try first.start()
            try await first.waitUntilReady()
            try await first.terminate()
        }
        for process in apis + (options.engine == .sqlite ? [] : workers + housekeepers) {
            try process.start()
            try await process.waitUntilReady()
        }
    }

    /// Somebody who is logged in, with the token good at all API processes.
    func login(_ user: String, limit: Duration = .seconds(90)) throws -> APIClient {
        let password = user == "admin" ? ServerProcess.adminPassword : ServerProcess.demoPassword
        let end = ContinuousClock.now + limit
        while true {
            for port in apiPorts {
                do {
                    return try APIClient(port: port, user: user, password: password, project: user)
                } catch {
                    guard ContinuousClock.now < end else { throw error }
                }
            }
            Thread.sleep(forTimeInterval: 0.1)
        }
    }

    /// The HAProxy processes, and those that only check a configuration.
    var haproxies: [Int32] { ProcessTable.haproxies(below: dataDirectory) }

    /// The load balancers for which HAProxy runs.
    func loadBalancer(ofHAProxy pid: Int32) -> String? {
        let prefix = "\(dataDirectory)/amphora/"
        return ProcessTable.arguments(of: pid).first { $0.hasPrefix(prefix) }.map {
            String($0.dropFirst(prefix.count).prefix { $0 != "/" })
        }
    }

    /// Ends and removes everything, whatever happened before.
    func remove(keepingLogsIn place: String?) async {
        for process in processes {
            process.signal(SIGCONT)
            await process.child?.stop()
        }
        link?.end()
        if let database {
            for pid in [database.postmaster].compactMap({ $0 }) + database.children {
                ProcessTable.signal(pid, SIGCONT)
            }
        }
        for pid in ProcessTable.processes(below: dataDirectory) { ProcessTable.kill(pid) }
        if let bridge {
            let script = """
                PATH=$PATH:/usr/sbin:/sbin
                for name in $(ip netns | cut -d' ' -f1 | grep "^\(bridge)-"); do ip netns del "$name"; done
                ip link del \(bridge); nft delete table inet ottava_bridge_\(bridge)
                """
            _ = try? await ChildProcess.run("/bin/sh", ["-c", script])
        }
        if let place {
            try? Files.makeFolder(place)
            for process in processes { try? Files.write(process.log, to: "\(place)/\(process.name).log") }
        }
        folder.remove()
    }
}
