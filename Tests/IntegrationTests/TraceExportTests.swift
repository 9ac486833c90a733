// Spans arrive at an OpenTelemetry collector.

internal import Foundation
internal import JSON
internal import Synchronization
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite struct TraceExportTests {
        @Test func oneTraceFromTheCallerToTheDriver() async throws {
            let collector = try Collector()
            let environment = [
                "OTTAVA_NO_OP": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(collector.port)",
                "OTEL_EXPORTER_OTLP_HEADERS": "x-key=secret",
            ]
            try await ServerProcess.with(environment: environment) { server in
                let client = try server.demo()
                let body: JSONValue = ["loadbalancer": ["vip_subnet_id": .string(UUID().uuidString)]]
                let trace = "0af7651916cd43dd8448eb211c80319c"
                let answer = try client.send(
                    "POST", "loadbalancers", bytes: JSONWriter.bytes(of: body),
                    headers: [("traceparent", "00-\(trace)-b7ad6b7169203331-01")])
                #expect(answer.status == 201, "\(answer.text)")
                var spans: [JSONValue] = []
                try await eventually("the spans arrive", within: .seconds(30)) {
                    spans = collector.spans.filter { $0["traceId"] == .string(trace) }
                    return Set(spans.compactMap { $0["name"]?.string }).isSuperset(of: ["reconcile", "apply amphora"])
                        && spans.contains { $0["kind"] == 2 }
                }
                func span(_ name: String) throws -> JSONValue {
                    try #require(spans.first { $0["name"]?.string?.hasPrefix(name) == true }, "\(name)")
                }
                let (request, useCase) = (try span("POST /load-balancer/v2/loadbalancers"), try span("create"))
                let (work, driver) = (try span("reconcile"), try span("apply amphora"))
                #expect(request["parentSpanId"] == "b7ad6b7169203331")
                #expect(useCase["parentSpanId"] == request["spanId"])
                #expect(work["parentSpanId"] == useCase["spanId"])
                #expect(work["links"]?.array?.first?["spanId"] == useCase["spanId"])
                #expect(driver["parentSpanId"] == work["spanId"])
                #expect(collector.heads.allSatisfy { $0.lowercased().contains("x-key: secret") })
                // A collector that is gone hinders nobody.
                collector.stop()
                for _ in 0..<20 { #expect(try client.send("GET", "loadbalancers").status == 200) }
            }
        }
    }
}

/// Takes OTLP over HTTP, in JSON, as far as an exporter needs it.
private final class Collector: Sendable {
    let port: Int
    private let socket: TCPSocket
    private let state = Mutex((spans: [JSONValue](), heads: [String]()))

    var spans: [JSONValue] { state.withLock { $0.spans } }
    var heads: [String] { state.withLock { $0.heads } }

    init() throws {
        port = Ports.free()
        socket = try TCPSocket.listen(on: "127.0.0.1", port: port)
        let thread = Thread { [weak self, socket] in
            while let connection = socket.accept(limit: .seconds(5)) { self?.take(connection) }
        }
        thread.start()
    }

    func stop() { socket.shutdown() }

    deinit { socket.shutdown() }

    private func take(_ connection: TCPSocket) {
        var bytes: [UInt8] = []
        while true {
            if let end = bytes.firstRange(of: [13, 10, 13, 10]) {
                let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
                let length =
                    head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
                    .flatMap { Int($0.split(separator: " ")[1]) } ?? 0
                if bytes.count >= end.upperBound + length {
                    let body = try? JSONValue(parsing: Array(bytes[end.upperBound...]))
                    let found = (body?["resourceSpans"]?.array ?? []).flatMap { $0["scopeSpans"]?.array ?? [] }
                        .flatMap { $0["spans"]?.array ?? [] }
                    state.withLock { state in
                        state.heads.append(head)
                        state.spans += found
                    }
                    try? connection.send(
                        Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}".utf8))
                    return
                }
            }
            guard let more = try? connection.receive(), !more.isEmpty else { return }
            bytes += more
        }
    }
}
