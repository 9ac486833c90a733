// What somebody who knows HAProxy would write for the same job, as the measure of our listeners.

internal import TestSupport

/// A HAProxy with one port each for HTTP, TCP and TLS in front of one backend; as many threads as ours have.
final class PeerHAProxy: Sendable {
    let ports: [ListenerKind: Int]

    init(_ haproxy: String, backend: Int, certificate: String) async throws {
        let ports: [ListenerKind: Int] = [.http: Ports.free(), .tcp: Ports.free(), .tls: Ports.free()]
        self.ports = ports
        let folder = try CleanUp.makeFolder("ottava-peer")
        func port(_ kind: ListenerKind) -> Int { ports[kind] ?? 0 }
        let configuration = """
            global
                nbthread 2
                maxconn 5000
            defaults
                timeout connect 5s
                timeout client 50s
                timeout server 50s
            frontend http
                mode http
                bind 127.0.0.1:\(port(.http))
                default_backend http
            frontend tls
                mode http
                bind 127.0.0.1:\(port(.tls)) ssl crt \(certificate) alpn h2,http/1.1
                default_backend http
            frontend tcp
                mode tcp
                bind 127.0.0.1:\(port(.tcp))
                default_backend tcp
            backend http
                mode http
                server one 127.0.0.1:\(backend)
            backend tcp
                mode tcp
                server one 127.0.0.1:\(backend)

            """
        try Files.write(configuration, to: folder.file("haproxy.cfg"))
        // A daemon like ours: the kernel shares the processor among sessions, so one in ours would be better off.
        let child = try ChildProcess(
            haproxy, ["-D", "-f", folder.file("haproxy.cfg")], output: folder.file("stdout"),
            errors: folder.file("stderr"))
        try await eventually("the peer answers") {
            if let ending = child.ending, ending != 0 {
                throw CannotStart(description: "haproxy: \(Files.text(folder.file("stderr")) ?? "")")
            }
            return (try? fetch("127.0.0.1", port(.http)))?.status == 200
        }
    }
}

/// The listeners that are compared.
enum ListenerKind: String, CaseIterable {
    case http = "HTTP"
    case tcp = "TCP"
    case tls = "TERMINATED_HTTPS"

    /// How a client addresses it.
    var scheme: String { self == .tls ? "https" : "http" }
}
