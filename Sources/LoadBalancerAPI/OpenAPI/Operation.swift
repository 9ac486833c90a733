// One operation of the API: a method on a path.

public import HTTPTypes
public import JSON

extension OpenAPI {
    /// An operation.
    public struct Operation: Sendable {
        public let method: HTTPRequest.Method
        /// The path below the service's prefix, as clients write it: `/v2/lbaas/pools/{pool_id}`.
        public let path: String
        /// A name for generated code; unique.
        public let id: String
        let summary: String
        let tag: String
        var parameters: [Parameter] = []
        var body: Body?
        var answer: Answer
        /// Statuses of faults beside those that every operation has.
        var furtherFaults: Set<Fault> = []
        var needsToken = true
        var isDeprecated = false

        /// The path as the route table knows it.
        public var routePattern: String {
            if path == "/openapi.json" { return OpenAPI.routePattern }
            guard path.hasPrefix("/v2/lbaas") else { return path }
            return "/v2" + path.dropFirst("/v2/lbaas".count)
        }

        /// What a client sends.
        struct Body: Sendable {
            var schema: Schema
            var summary: String
        }

        /// What it gets if all is well.
        struct Answer: Sendable {
            var status: Int
            var summary: String
            /// Absent if the answer has no body.
            var schema: Schema?
        }

        init(
            _ method: HTTPRequest.Method, _ path: String, id: String, _ summary: String, tag: String, answer: Answer
        ) {
            self.method = method
            self.path = path
            self.id = id
            self.summary = summary
            self.tag = tag
            self.answer = answer
        }

        /// The faults that this operation may answer.
        var faults: [Fault] {
            guard needsToken else { return [.notAcceptable] }
            var faults = furtherFaults.union([.badRequest, .unauthorized, .forbidden, .notAcceptable, .serverError])
            if path.contains("{") { faults.insert(.notFound) }
            if body != nil { faults.formUnion([.bodyTooLarge, .unsupportedMediaType]) }
            return Fault.allCases.filter(faults.contains)
        }
    }
}

extension OpenAPI.Operation: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("operationId", id)
            writer.member("summary", summary)
            writer.member("tags", strings: [tag])
            if isDeprecated { writer.member("deprecated", true) }
            if !needsToken { writer.arrayMember("security", EmptyCollection<String>()) { $0.value($1) } }
            let all = pathParameters + parameters
            if !all.isEmpty { writer.arrayMember("parameters", all) { $0.value($1) } }
            if let body {
                writer.objectMember("requestBody") { writer in
                    writer.member("description", body.summary)
                    writer.member("required", true)
                    writer.content(body.schema)
                }
            }
            writer.objectMember("responses") { writer in
                writer.objectMember(String(answer.status)) { writer in
                    writer.member("description", answer.summary)
                    if let schema = answer.schema { writer.content(schema) }
                }
                for fault in faults {
                    writer.objectMember(String(fault.rawValue)) { writer in
                        writer.member("$ref", "#/components/responses/\(fault.name)")
                    }
                }
            }
        }
    }

    private var pathParameters: [OpenAPI.Parameter] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { segment in
            OpenAPI.Parameter.path(String(segment.dropFirst().dropLast()))
        }
    }
}

extension JSONWriter {
    /// The `content` of a body in JSON.
    mutating func content(_ schema: OpenAPI.Schema) {
        objectMember("content") { writer in
            writer.objectMember("application/json") { $0.member("schema", schema) }
        }
    }
}
