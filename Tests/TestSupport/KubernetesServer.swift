// A real kube-apiserver with its etcd, without any node.

internal import Foundation
internal import JSON
internal import Synchronization

/// A server of the tests' own, which goes with its files when this process ends, however it ends.
public final class KubernetesServer: Sendable {
    /// The folder with the programs: `KUBEBUILDER_ASSETS`, else one of the PATH, else what `scripts/kube-apiserver` has
    /// built. Absent says so loudly.
    private static let assets: String? = {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? "/root")/.cache"
        var folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        folders.append("\(cache)/ottava/kubernetes")
        if let given = environment["KUBEBUILDER_ASSETS"], !given.isEmpty { folders = [given] }
        let found = folders.first { folder in
            ["kube-apiserver", "etcd"].allSatisfy { FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)") }
        }
        if found == nil {
            print("*** TESTS ON KUBERNETES ARE SKIPPED: scripts/kube-apiserver must be able to build a server ***")
        }
        return found
    }()

    public static var isInstalled: Bool { assets != nil }

    private static let script = """
        folder=$1; etcd_port=$2; peer_port=$3; port=$4; assets=$5
        cd "$folder"
        old=
        case $("$assets/kube-apiserver" --version) in
        *v1.20.*) old=--feature-gates=IPv6DualStack=true,MixedProtocolLBService=true ;;
        esac
        start_etcd() {
            "$assets/etcd" --data-dir "$folder/etcd" --log-level error \\
                --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" \\
                --listen-peer-urls "http://127.0.0.1:$peer_port" --initial-advertise-peer-urls "http://127.0.0.1:$peer_port" \\
                --initial-cluster "default=http://127.0.0.1:$peer_port" >>etcd.log 2>&1 </dev/null &
            etcd=$!
        }
        start() {
            "$assets/kube-apiserver" --etcd-servers "http://127.0.0.1:$etcd_port" --secure-port "$port" \\
                --bind-address 127.0.0.1 --advertise-address 192.0.2.1 --cert-dir "$folder/certificates" \\
                --token-auth-file "$folder/tokens.csv" --authorization-mode RBAC \\
                --service-cluster-ip-range 10.96.0.0/16,fd00:96::/112 --service-node-port-range 1024-65535 \\
                --disable-admission-plugins ServiceAccount,TaintNodesByCondition \\
                --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$folder/key.pem" \\
                --service-account-signing-key-file "$folder/key.pem" --allow-privileged --profiling=false \\
                --endpoint-reconciler-type none $old "$@" >>server.log 2>&1 </dev/null &
            server=$!
        }
        end() { kill -KILL "$1"; wait "$1"; true; }
        finish() { kill -9 "$server" "$etcd"; wait; cd /; rm -rf "$folder"; }
        while read -r order rest; do
            case $order in
            init) openssl genrsa -out key.pem 2048 && start_etcd && start ;;
            start) start $rest ;;
            kill) end "$server" ;;
            pause) kill -STOP "$server" ;;
            resume) kill -CONT "$server" ;;
            alive) kill -0 "$server" && kill -0 "$etcd" ;;
            esac >>orders.log 2>&1 && echo ok || echo failed
        done
        finish >/dev/null 2>&1
        """

    /// A member of `system:masters`.
    public static let administratorToken = "token-of-the-administrator"
    /// The service account of the controllers, as the manifests in `deploy/kubernetes` name it.
    public static let controllerToken = "token-of-the-controllers"

    public let port: Int
    private let etcdPort: Int
    private let folder: String
    private let keeper: Keeper

    public var url: String { "https://127.0.0.1:\(port)" }
    /// PEM of the server's own authority.
    public var authorityFile: String { "\(folder)/certificates/apiserver.crt" }
    /// A kubeconfig of the administrator.
    public var kubeconfig: String { "\(folder)/kubeconfig" }
    /// The end of what the server has logged.
    public var log: String { String((Files.text("\(folder)/server.log") ?? "").suffix(4_000)) }

    private static let running = Mutex<Task<KubernetesServer, any Error>?>(nil)

    private static let turns = Turns()

    /// Runs something with the one server of this process, which is started by whoever comes first.
    ///
    /// One at a time: controllers serve the whole cluster, and some tests end the server in between.
    public static func alone<Result>(_ body: (KubernetesServer) async throws -> Result) async throws -> Result {
        await turns.take()
        do {
            let result = try await body(try await shared())
            await turns.give()
            return result
        } catch {
            await turns.give()
            throw error
        }
    }

    private static func shared() async throws -> KubernetesServer {
        let task = running.withLock { running in
            let task = running ?? Task { try await KubernetesServer() }
            running = task
            return task
        }
        return try await task.value
    }

    /// Starts a server, and waits until it is ready.
    public init() async throws {
        guard let assets = Self.assets else { throw CannotStart(description: "there is no kube-apiserver") }
        folder = try TemporaryFolder("ottava-kubernetes").path
        port = Ports.free()
        etcdPort = Ports.free()
        try Files.write(
            """
            \(Self.administratorToken),admin,admin,system:masters
            \(Self.controllerToken),system:serviceaccount:ottava-system:ottava-kubernetes,controllers,\
            "system:serviceaccounts,system:serviceaccounts:ottava-system"

            """, to: "\(folder)/tokens.csv")
        keeper = try Keeper(
            Self.script, name: "kubernetes-keeper",
            [folder, "\(etcdPort)", "\(Ports.free())", "\(port)", assets], folder: folder)
        try order("init")
        try await waitUntilReady()
        try writeKubeconfig(to: kubeconfig, token: Self.administratorToken)
    }

    deinit { keeper.end() }

    /// Writes a kubeconfig for a token.
    public func writeKubeconfig(to path: String, token: String) throws {
        try Files.write(
            """
            apiVersion: v1
            kind: Config
            current-context: test
            clusters:
            - name: test
              cluster:
                server: \(url)
                certificate-authority: \(authorityFile)
            users:
            - name: test
              user:
                token: \(token)
            contexts:
            - name: test
              context:
                cluster: test
                user: test
            """, to: path)
    }

    /// Ends the server without warning; etcd goes on. In order it would wait a minute for its watches to end.
    public func kill() throws { try order("kill") }

    /// Has the server do nothing, though connections stay.
    public func pause() throws { try order("pause") }

    public func resume() throws { try order("resume") }

    /// Starts it again, and waits until it is ready.
    public func start(_ arguments: String...) async throws {
        try order("start \(arguments.joined(separator: " "))")
        try await waitUntilReady()
    }

    /// Has etcd forget all versions but the present one, as it does by itself every five minutes.
    public func compact() throws {
        let range = try etcd("range", #"{"key":"AA=="}"#)
        let revision = range.json["header"]?["revision"]?.string ?? ""
        let answer = try etcd("compaction", #"{"revision":"\#(revision)","physical":true}"#)
        guard answer.status == 200 else { throw CannotStart(description: "etcd: \(answer.text)") }
    }

    private func etcd(_ operation: String, _ body: String) throws -> HTTPAnswer {
        let headers = [("Content-Type", "application/json"), ("Connection", "close")]
        return try HTTPConnection(to: "127.0.0.1", port: etcdPort)
            .request("POST", "/v3/kv/\(operation)", headers: headers, body: Array(body.utf8))
    }

    private func waitUntilReady() async throws {
        try await eventually("kube-apiserver is ready", within: .seconds(180), every: .milliseconds(200)) {
            do {
                try order("alive")
            } catch {
                throw CannotStart(description: "kube-apiserver: \(log)")
            }
            let arguments = [
                "--silent", "--insecure", "--max-time", "2", "--header",
                "Authorization: Bearer \(Self.administratorToken)", "\(url)/readyz",
            ]
            let answer = try await ChildProcess.run("/usr/bin/curl", arguments)
            return answer.output == "ok"
        }
    }

    private func order(_ text: String) throws {
        guard keeper.order(text) else {
            throw CannotStart(
                description: "Kubernetes: \(text): \((Files.text("\(folder)/orders.log") ?? "").suffix(1_000))")
        }
    }
}

/// Whose turn it is, in the order in which they came.
private actor Turns {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
        guard isTaken else {
            isTaken = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func give() {
        if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
    }
}
