// Tests of the document as a whole: it is complete, and its parts hang together.

internal import HTTPService
internal import HTTPTypes
internal import JSON
internal import Testing

@testable internal import LoadBalancerAPI

@Suite("OpenAPI document")
struct DocumentTests {
    let document: Document

    init() throws {
        document = try Document()
    }

    @Test("names version, server and security")
    func head() {
        #expect(document.root["openapi"] == "3.1.0")
        #expect(document.root["info"]?["version"] == "v2.30")
        #expect(document.root["servers"]?[0]?["url"] == "/load-balancer")
        let scheme = document.root["components"]?["securitySchemes"]?["token"]
        #expect(scheme?["name"] == "X-Auth-Token")
        #expect(scheme?["in"] == "header")
        #expect(document.operation("get", "/")?["security"] == [])
        #expect(document.operation("get", "/v2/lbaas/pools")?["security"] == nil)
    }

    @Test("has something at the end of every reference")
    func references() {
        var count = 0
        func visit(_ value: JSONValue) {
            switch value {
            case .object(let members):
                if let reference = members["$ref"]?.string {
                    count += 1
                    #expect(document.target(of: reference) != nil, "\(reference)")
                }
                members.values.forEach(visit)
            case .array(let elements): elements.forEach(visit)
            case .null, .bool, .integer, .number, .string: break
            }
        }
        visit(document.root)
        #expect(count > 500)
    }

    @Test("uses every named schema")
    func noOrphans() {
        let text = String(decoding: OpenAPI.document, as: UTF8.self)
        for name in document.schemas.keys {
            #expect(text.contains("\"#/components/schemas/\(name)\""), "\(name)")
        }
    }

    @Test("gives every operation an id of its own")
    func operationIDs() {
        let ids = document.operations.compactMap { $0.value["operationId"]?.string }
        #expect(ids.count == document.operations.count)
        #expect(Set(ids).count == ids.count)
        #expect(OpenAPI.operations.count == ids.count)
    }

    @Test("names every parameter of a path once, and no argument of a query twice")
    func parameters() {
        for (method, path, operation) in document.operations {
            let parameters = (operation["parameters"]?.array ?? []).map(document.resolved)
            let names = parameters.map { "\($0["in"]?.string ?? "") \($0["name"]?.string ?? "")" }
            #expect(Set(names).count == names.count, "\(method) \(path): \(names)")
            let inPath = path.split(separator: "/").filter { $0.hasPrefix("{") }.map { $0.dropFirst().dropLast() }
            #expect(names.filter { $0.hasPrefix("path ") } == inPath.map { "path \($0)" })
        }
    }

    @Test("has every operation of the API with its status", arguments: ReferenceOperations.all)
    func reference(_ expected: ReferenceOperations.Entry) {
        let operation = document.operation(expected.method, expected.path)
        let successes = operation?["responses"]?.object?.keys.filter { $0.hasPrefix("2") } ?? []
        #expect(successes == [String(expected.status)], "\(expected)")
        let hasBody = document.answer(expected.method, expected.path, expected.status) != nil
        #expect(hasBody == expected.answersBody, "\(expected)")
        #expect((operation?["requestBody"] != nil) == expected.takesBody, "\(expected)")
        for status in ["400", "401", "403", "406", "500"] {
            #expect(operation?["responses"]?[status] != nil, "\(expected) \(status)")
        }
        #expect((operation?["responses"]?["404"] != nil) || !expected.path.contains("{"), "\(expected)")
    }

    @Test("has no operation that the API has not")
    func nothingElse() {
        let known = Set(ReferenceOperations.all.map { "\($0.method) \($0.path)" })
        let further = document.operations.map { "\($0.method) \($0.path)" }.filter { !known.contains($0) }
        #expect(ReferenceOperations.all.count == 74)
        #expect(
            further.sorted() == [
                "get /", "get /openapi.json", "get /v2/lbaas", "get /v2/lbaas/loadbalancers/{loadbalancer_id}/events",
                "get /v2/lbaas/loadbalancers/{loadbalancer_id}/statuses",
                "get /v2/octavia",
            ])
    }

    // MARK: Routes

    @Test("finds no difference from routes that are the same, whatever their parameters are called")
    func sameRoutes() {
        #expect(OpenAPI.differences(from: routes.routes) == [])
    }

    @Test("tells of a route that is missing and of one too many")
    func differentRoutes() {
        var routes = routes
        routes.on(.get, "/v2/pools/{id}/secrets") { _, _ in .empty(.ok) }
        let without = routes.routes.filter { $0.pattern != "/v2/quotas" }
        #expect(
            OpenAPI.differences(from: without) == [
                "not documented: GET /v2/pools/{id}/secrets", "not served: GET /v2/quotas",
            ])
    }

    @Test("is served without further ado")
    func served() async throws {
        guard case .found(let handler, let parameters) = routes.match(.get, ["openapi"]) else {
            Issue.record("no route")
            return
        }
        let answer = try await handler(APIRequest(method: .get, path: ["openapi.json"]), parameters)
        #expect(answer.status == .ok)
        #expect(answer.body == OpenAPI.document)
        #expect(answer.headers[.contentType] == "application/json")
    }

    /// The documented operations as routes, with refusals as the service has them.
    private var routes: RouteTable {
        var routes = RouteTable()
        OpenAPI.register(on: &routes)
        for operation in OpenAPI.operations where operation.path != "/openapi.json" {
            let pattern = operation.routePattern.split(separator: "/").map { $0.hasPrefix("{") ? "{x}" : String($0) }
            routes.on(operation.method, "/" + pattern.joined(separator: "/")) { _, _ in .empty(.ok) }
        }
        routes.on(.head, "/") { _, _ in .empty(.ok) }
        routes.on(.delete, "/v2/pools") { _, _ in .empty(.badRequest) }
        routes.on(.put, "/v2/quotas") { _, _ in .empty(.badRequest) }
        return routes
    }
}
