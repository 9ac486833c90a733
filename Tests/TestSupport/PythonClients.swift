// The official clients from PyPI, in a virtual environment of the tests.

public import JSON

/// The official clients, and the Python that has them.
public enum PythonClients {
    private static let environment = PythonEnvironment(
        "python-clients", packages: ["python-openstackclient", "python-octaviaclient"])
    /// The `openstack` command.
    public static var program: String { "\(environment.folder)/bin/openstack" }
    public static var python: String { environment.python }

    /// Installs the clients if that was not done before, and says loudly when it cannot.
    public static func install() async -> Bool { await environment.install() }

    /// What the clients said.
    public struct Answer {
        public var status: Int32
        /// The JSON documents that they wrote, in order.
        public var documents: [JSONValue]
        public var output: String
        public var errors: String
    }

    /// Runs one command with `openstack`.
    public static func run(
        _ arguments: [String], input: String = "", environment: [String: String?]
    ) async throws -> Answer {
        let result = try await ChildProcess.run(
            program, arguments, environment: environment, input: input, within: .seconds(60))
        return Answer(
            status: result.status, documents: documents(in: result.output), output: result.output,
            errors: result.errors)
    }

    /// Runs commands with one `openstack`, since each start costs a second or two.
    public static func run(commands: [String], environment: [String: String?]) async throws -> Answer {
        try await run([], input: commands.joined(separator: "\n") + "\n", environment: environment)
    }

    /// An environment in which only a clouds.yaml counts.
    public static func environment(of server: ServerProcess, cloud: String) -> [String: String?] {
        [
            "OS_CLIENT_CONFIG_FILE": "\(server.dataDirectory)/clouds.yaml", "OS_CLOUD": cloud, "OS_USERNAME": nil,
            "OS_PASSWORD": nil, "OS_AUTH_URL": nil, "OS_PROJECT_NAME": nil, "HOME": server.folder.path,
            "PYTHONWARNINGS": "ignore",
        ]
    }

    /// Splits what was written with `-f json`: a document starts and ends with a bracket in the first column.
    private static func documents(in output: String) -> [JSONValue] {
        var documents: [JSONValue] = []
        var lines: [Substring] = []
        for line in output.split(separator: "\n") {
            if lines.isEmpty, !["{", "["].contains(line.first) { continue }
            lines.append(line)
            if let document = try? JSONValue(parsing: Array(lines.joined(separator: "\n").utf8)) {
                documents.append(document)
                lines = []
            }
        }
        return documents
    }
}
