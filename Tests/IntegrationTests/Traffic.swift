// Clients of every protocol that send all the time (Clients/traffic.py).

internal import Foundation
internal import JSON
internal import TestSupport
internal import Testing

/// Runs the clients, and counts what they got.
struct Traffic {
    /// What clients of one kind got.
    struct Result: CustomStringConvertible {
        var answered: Int
        /// Reason → how often.
        var failures: [String: Int]

        var failed: Int { failures.values.reduce(0, +) }
        var description: String { failures.isEmpty ? "\(answered)" : "\(answered), failed: \(failures)" }
    }

    /// One kind of client and where it sends to.
    struct Clients {
        var kind: String
        var address: String
        var port: Int
        var count: Int
    }

    /// Whether what the clients need is there or can be had.
    static func canRun() async -> Bool {
        guard CertificateAuthority.openssl != nil else { return false }
        return await environment.install()
    }

    fileprivate static let environment = PythonEnvironment("traffic", packages: ["h2"])
    fileprivate static var script: String { "\(Files.packageRoot)Tests/IntegrationTests/Clients/traffic.py" }

    private let folder: TemporaryFolder
    private let process: ChildProcess

    /// Starts the clients.
    ///
    /// - Parameters:
    ///   - authority: The file of the authority that TLS clients trust.
    ///   - name: The name that TLS clients ask for.
    init(_ clients: [Clients], authority: String, name: String, seconds: Int) throws {
        folder = try TemporaryFolder("ottava-traffic")
        let plan: JSONValue = [
            "authority": .string(authority), "name": .string(name), "seconds": .integer(Int64(seconds)),
            "stop": .string(folder.file("stop")),
            "clients": .array(
                clients.map { client in
                    [
                        "kind": .string(client.kind), "address": .string(client.address),
                        "port": .integer(Int64(client.port)), "count": .integer(Int64(client.count)),
                    ]
                }),
        ]
        try Files.write(String(decoding: JSONWriter.bytes(of: plan), as: UTF8.self), to: folder.file("plan.json"))
        process = try ChildProcess(
            Self.environment.python, [Self.script, folder.file("plan.json")], output: folder.file("output"),
            errors: folder.file("errors"))
    }

    /// Lets the clients finish what is under way, and returns what each kind got.
    func stop() async throws -> [String: Result] {
        try Files.write("", to: folder.file("stop"))
        do {
            let status = try await process.wait(within: .seconds(60))
            let text = Files.text(folder.file("output")) ?? ""
            guard status == 0, let answer = try? JSONValue(parsing: Array(text.utf8)).object else {
                throw CannotStart(description: "clients: \(Files.text(folder.file("errors"))?.suffix(2_000) ?? "")")
            }
            folder.remove()
            return answer.mapValues { value in
                Result(
                    answered: Int(value["answered"]?.integer ?? 0),
                    failures: (value["failures"]?.object ?? [:]).mapValues { Int($0.integer ?? 0) })
            }
        } catch {
            await process.stop()
            folder.remove()
            throw error
        }
    }

    /// A backend that sends back what it gets, on a port for TCP and one for UDP.
    struct EchoBackend {
        let tcpPort = Ports.free()
        let udpPort = Ports.free()
        private let folder: TemporaryFolder
        private let process: ChildProcess

        init() async throws {
            folder = try TemporaryFolder("ottava-echo")
            process = try ChildProcess(
                Traffic.environment.python, [Traffic.script, "backends", "\(tcpPort)", "\(udpPort)"],
                output: folder.file("output"), errors: folder.file("errors"))
            let port = tcpPort
            try await eventually("the echo backend listens") {
                (try? TCPSocket.connect(to: "127.0.0.1", port: port, limit: .seconds(1))) != nil
            }
        }

        func stop() async {
            await process.stop()
            folder.remove()
        }
    }
}
