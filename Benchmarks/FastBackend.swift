// A backend that costs next to nothing: an HAProxy that answers by itself.

internal import TestSupport

final class FastBackend: Sendable {
    let port = Ports.free()

    init(_ haproxy: String) async throws {
        let folder = try CleanUp.makeFolder("ottava-backend")
        let configuration = """
            global
                nbthread 1
            defaults
                mode http
                timeout connect 5s
                timeout client 60s
                timeout server 60s
            frontend answers
                bind 127.0.0.1:\(port)
                http-request return status 200 content-type text/plain string "ok"

            """
        try Files.write(configuration, to: folder.file("haproxy.cfg"))
        let child = try ChildProcess(
            haproxy, ["-db", "-f", folder.file("haproxy.cfg")], output: folder.file("stdout"),
            errors: folder.file("stderr"))
        try await eventually("the backend answers") {
            guard child.isRunning else {
                throw CannotStart(description: "haproxy: \(Files.text(folder.file("stderr")) ?? "")")
            }
            return (try? fetch("127.0.0.1", port))?.status == 200
        }
    }
}
