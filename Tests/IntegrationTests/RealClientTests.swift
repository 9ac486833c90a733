// Clients that others have written, against listeners whose pool changes meanwhile: wrk, h2load and websockets.

internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite(.server, .enabled(if: TestMaterial.canBeMade, "the openssl and curl commands are needed"))
    struct RealClientTests {
        /// The programs, or a loud word.
        static let haveLoadGenerators: Bool = {
            let missing = ["wrk", "h2load"].filter { Files.program($0) == nil }
            if !missing.isEmpty { print("*** NOT TESTED: \(missing.joined(separator: ", ")) not in PATH. ***") }
            return missing.isEmpty
        }()

        @Test(.enabled(if: haveLoadGenerators, "wrk and nghttp2-client are needed"))
        func loadGeneratorsSeeNoFailure() async throws {
            try await TestMaterial.with { material in
                let client = try currentServer().demo()
                let reference = try client.storeSecret(try await material.issue("load.test").combined)
                let backends = try makeBackends(2)
                let plain = try ServedLoadBalancer(client, backends)
                let ended = try ServedLoadBalancer(
                    client, backends, protocol: "TERMINATED_HTTPS",
                    listener: ["default_tls_container_ref": .string(reference)], pool: ["protocol": "HTTP"])
                let (wrk, h2load) = (try #require(Files.program("wrk")), try #require(Files.program("h2load")))
                let urls = [
                    "http://\(plain.address):\(plain.port)/", "https://\(ended.address):\(ended.port)/",
                ]
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for url in urls {
                        group.addTask {
                            let result = try await ChildProcess.run(wrk, ["-t", "1", "-c", "4", "-d", "3s", url])
                            #expect(result.status == 0 && result.output.contains("Requests/sec"), "\(result)")
                            #expect(!result.output.contains("Non-2xx"), "\(url): \(result.output)")
                            #expect(!result.output.contains("Socket errors"), "\(url): \(result.output)")
                        }
                    }
                    group.addTask {
                        let result = try await ChildProcess.run(
                            h2load, ["-n", "2000", "-c", "4", "-m", "8", urls[1]])
                        #expect(result.output.contains("Application protocol: h2"), "\(result)")
                        #expect(
                            result.output.contains(
                                "2000 total, 2000 started, 2000 done, 2000 succeeded, 0 failed, 0 errored, 0 timeout"),
                            "\(result.output)")
                    }
                    for weight in [0, 5, 1] as [JSONValue] {
                        for served in [plain, ended] {
                            try await served.update(served.membersCollection, served.members[0], ["weight": weight])
                            try await served.update(
                                .listeners, served.listener, ["timeout_client_data": .integer(50_000)])
                        }
                    }
                    try await group.waitForAll()
                }
                try plain.delete()
                try ended.delete()
            }
        }

        @Test func webSocketsPassInTLS() async throws {
            let python = PythonEnvironment("python-websockets", packages: ["websockets"])
            guard await python.install() else { return }
            try await TestMaterial.with { material in
                let client = try currentServer().demo()
                let reference = try client.storeSecret(try await material.issue("chat.test").combined)
                let port = Ports.free()
                let script = material.temporary.file("chat.py")
                try Files.write(Self.chat, to: script)
                let server = try ChildProcess(
                    python.python, [script, "server", "\(port)"], output: material.temporary.file("server.out"),
                    errors: material.temporary.file("server.err"))
                do {
                    try await eventually("the server listens", within: .seconds(30)) {
                        (try? TCPSocket.connect(to: "127.0.0.1", port: port)) != nil
                    }
                    let served = try ServedLoadBalancer(
                        client, [], protocol: "TERMINATED_HTTPS",
                        listener: ["default_tls_container_ref": .string(reference)], pool: ["protocol": "HTTP"])
                    let answer = try client.send(
                        "PUT", "pools/\(served.pool)/members",
                        ["members": [["address": "127.0.0.1", "protocol_port": .integer(Int64(port))]]])
                    #expect(answer.status == 202)
                    try await client.settle(served.id)
                    let result = try await ChildProcess.run(
                        python.python,
                        [
                            script, "client", "\(served.port)", served.address, material.temporary.file("ca.pem"),
                        ])
                    #expect(result.status == 0, "\(result.errors.suffix(2_000))")
                    #expect(result.output == "echo hello, echo 100000 bytes, 3 pushed\n")
                    try served.delete()
                } catch {
                    await server.stop()
                    throw error
                }
                await server.stop()
            }
        }

        private static let chat = """
            import asyncio
            import socket
            import ssl
            import sys

            import websockets

            async def serve(connection, *_):
                async for message in connection:
                    if message == "push":
                        for _ in range(3):
                            await connection.send("pushed")
                    else:
                        await connection.send("echo " + message)

            async def server(port):
                async with websockets.serve(serve, "127.0.0.1", port):
                    await asyncio.Future()

            async def client(port, address, authority):
                context = ssl.create_default_context(cafile=authority)
                target = socket.create_connection((address, port), timeout=20)
                target.setblocking(False)
                async with websockets.connect(
                    "wss://chat.test/", sock=target, ssl=context, server_hostname="chat.test", ping_interval=None
                ) as connection:
                    await connection.send("hello")
                    first = await connection.recv()
                    await connection.send("x" * 100_000)
                    size = len(await connection.recv()) - len("echo ")
                    await connection.send("push")
                    pushed = [await connection.recv() for _ in range(3)]
                    print(f"{first}, echo {size} bytes, {pushed.count('pushed')} pushed")

            if sys.argv[1] == "server":
                asyncio.run(server(int(sys.argv[2])))
            else:
                asyncio.run(client(int(sys.argv[2]), *sys.argv[3:]))

            """
    }
}
