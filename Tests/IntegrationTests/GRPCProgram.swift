// A gRPC server and a client, in Python, in a virtual environment of the tests.

internal import Glibc
internal import TestSupport
internal import Testing

struct GRPCProgram {
    private static var environment: String { "\(Files.packageRoot).build/python-grpc" }
    private static var python: String { "\(environment)/bin/python" }

    /// Whether it is there, or could be installed from PyPI; says loudly when not.
    static let canRun: Bool = {
        if Files.exists("\(environment)/installed") { return true }
        guard let python = Files.program("python3"), Files.program("bash") != nil else {
            print("*** NOT TESTED: gRPC. There is no python3 in PATH. ***")
            return false
        }
        print("Installing grpcio from PyPI …")
        let script = """
            rm -rf '\(environment)' && '\(python)' -m venv '\(environment)' \
            && '\(environment)/bin/pip' install --quiet --no-input --disable-pip-version-check --only-binary :all: grpcio \
            && touch '\(environment)/installed'
            """
        guard runAndWait(script) else {
            print("*** NOT TESTED: gRPC. grpcio cannot be installed from PyPI. ***")
            return false
        }
        return true
    }()

    private static let source = """
        import sys
        import threading
        from concurrent import futures

        import grpc

        def read(path):
            with open(path, "rb") as file:
                return file.read()

        def echo(request, context):
            return b"echo " + request

        def count(request, context):
            for number in range(int(request)):
                yield b"%d" % number

        role, address, authority = sys.argv[1:4]
        if role == "server":
            handlers = grpc.method_handlers_generic_handler("test.Echo", {
                "Echo": grpc.unary_unary_rpc_method_handler(echo),
                "Count": grpc.unary_stream_rpc_method_handler(count),
            })
            server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
            server.add_generic_rpc_handlers((handlers,))
            credentials = grpc.ssl_server_credentials([(read(sys.argv[5]), read(sys.argv[4]))])
            server.add_secure_port(address, credentials)
            server.start()
            server.wait_for_termination()
        else:
            credentials = grpc.ssl_channel_credentials(read(authority))
            options = [("grpc.ssl_target_name_override", "grpc.test"), ("grpc.enable_http_proxy", 0)]
            with grpc.secure_channel(address, credentials, options) as channel:
                echo = channel.unary_unary("/test.Echo/Echo")
                count = channel.unary_stream("/test.Echo/Count")
                first = echo(b"hello", timeout=20, wait_for_ready=True).decode()
                print(f"{first}, {' '.join(part.decode() for part in count(b'5', timeout=20))}")
        """

    private let folder: String

    init(in folder: String) throws {
        self.folder = folder
        try Files.write(Self.source, to: "\(folder)/calls.py")
    }

    /// Starts a server, and waits until it listens.
    func server(_ port: Int, _ issued: TestMaterial.Issued, _ material: TestMaterial) async throws -> ChildProcess {
        try Files.write(issued.certificate, to: "\(folder)/grpc.pem")
        try Files.write(issued.key, to: "\(folder)/grpc.key")
        let server = try ChildProcess(
            Self.python,
            [
                "\(folder)/calls.py", "server", "127.0.0.1:\(port)", "\(folder)/ca.pem", "\(folder)/grpc.pem",
                "\(folder)/grpc.key",
            ], output: "\(folder)/server.out", errors: "\(folder)/server.err")
        do {
            try await eventually("the gRPC server listens", within: .seconds(30)) {
                (try? TCPSocket.connect(to: "127.0.0.1", port: port)) != nil
            }
        } catch {
            await server.stop()
            throw error
        }
        return server
    }

    /// One call with one answer and one with five, in one line.
    func call(_ address: String, _ port: Int, _ material: TestMaterial) async throws -> String {
        let result = try await ChildProcess.run(
            Self.python, ["\(folder)/calls.py", "client", "\(address):\(port)", "\(folder)/ca.pem"])
        guard result.status == 0 else { return "\(result.errors.suffix(2_000))" }
        return result.output.split(separator: "\n").joined()
    }

    private static func runAndWait(_ script: String) -> Bool {
        guard let bash = Files.program("bash"),
            let child = try? ChildProcess(bash, ["-c", script], output: "/dev/null", errors: "/dev/null")
        else { return false }
        let start = ContinuousClock.now
        while child.isRunning {
            guard ContinuousClock.now - start < .seconds(300) else {
                child.signal(9)
                return false
            }
            usleep(50_000)
        }
        return child.ending == 0
    }
}
