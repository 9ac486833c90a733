// Tests that the document and the decoders accept the same requests.

internal import JSON
internal import Testing

@testable internal import LoadBalancerAPI
@testable internal import OctaviaWire

@Suite("Requests in the document")
struct RequestTests {
    let document: Document

    init() throws {
        document = try Document()
    }

    @Test("are accepted at every limit and refused beyond it", arguments: RequestDecoder.all)
    func limits(_ decoder: RequestDecoder) throws {
        let schema = try #require(document.schemas[decoder.schema])
        let validator = SchemaValidator(document: document)
        let probes = Probes(document: document).values(of: schema)
        #expect(probes.inside.count > 2 && probes.outside.count > 10)
        for value in probes.inside where !decoder.isExempt(value) {
            #expect(validator.problems(value, schema) == [], "the probe \(value)")
            #expect(decoder.fault(for: value) == nil, "\(value)")
        }
        for value in probes.outside {
            #expect(validator.problems(value, schema) != [], "the probe \(value)")
            #expect(decoder.fault(for: value)?.status == 400, "\(value)")
        }
    }

    @Test("refuse what only answers have", arguments: RequestDecoder.all)
    func readOnly(_ decoder: RequestDecoder) throws {
        let resource = try #require(
            OpenAPI.resources.first { decoder.schema.hasPrefix($0.name) && $0.key == decoder.key })
        let schema = try #require(document.schemas[decoder.schema])
        let known = document.properties(of: schema)
        for field in resource.fields where known[field.name] == nil {
            #expect(decoder.fault(for: .object([field.name: "x"]))?.status == 400, "\(field.name)")
        }
    }

    @Test("have the fields that the decoders know", arguments: RequestDecoder.knownFields)
    func fields(_ schema: String, _ names: Set<String>) throws {
        let properties = document.properties(of: try #require(document.schemas[schema]))
        // Outside of a tree these are known only to be refused unless they are empty.
        let nested: Set<String> = ["default_pool", "l7policies", "members", "healthmonitor", "rules"]
        let left = schema.hasSuffix("Create") ? names.subtracting(nested) : names
        #expect(Set(properties.keys) == left)
    }

    @Test("stand in the envelope that the decoders expect")
    func envelopes() throws {
        for decoder in RequestDecoder.all {
            let uses = document.operations.filter { operation in
                let body = operation.value["requestBody"]?["content"]?["application/json"]?["schema"]
                return body?["properties"]?[decoder.key]?["$ref"]?.string?.hasSuffix("/\(decoder.schema)") ?? false
            }
            #expect(uses.count == 1, "\(decoder.schema)")
        }
    }

    @Test("of a batch are lists of new members")
    func batch() throws {
        let operation = document.operation("put", "/v2/lbaas/pools/{pool_id}/members")
        let schema = try #require(operation?["requestBody"]?["content"]?["application/json"]?["schema"])
        let validator = SchemaValidator(document: document)
        let probes = Probes(document: document).values(of: schema)
        for value in probes.inside where value["members"] != .null {
            #expect(validator.problems(value, schema) == [])
            #expect(throws: Never.self) { try MemberBatch(body: JSONWriter.bytes(of: value)) }
        }
        for value in probes.outside {
            #expect(throws: OctaviaFault.self, "\(value)") { try MemberBatch(body: JSONWriter.bytes(of: value)) }
        }
    }

    @Test("say what may be null and what must be sent")
    func spotChecks() {
        let create = document.schemas["ListenerCreate"]
        #expect(create?["required"] == ["loadbalancer_id", "protocol", "protocol_port"])
        #expect(create?["additionalProperties"] == false)
        #expect(create?["properties"]?["timeout_client_data"]?["maximum"] == 2_073_600_000)
        #expect(create?["properties"]?["client_authentication"]?["type"] == "string")
        #expect(create?["properties"]?["default_pool"] == nil)
        let update = document.schemas["ListenerUpdate"]
        #expect(update?["required"] == nil)
        #expect(update?["properties"]?["protocol"] == nil)
        #expect(update?["properties"]?["client_authentication"]?["type"] == ["string", "null"])
        #expect(document.schemas["ListenerInTree"]?["required"] == ["protocol", "protocol_port"])
        #expect(document.schemas["PoolInTree"]?["required"] == nil)
        #expect(document.schemas["LoadBalancerCreate"]?["properties"]?["flavor_id"]?["type"] == "string")
        #expect(document.schemas["QuotaUpdate"]?["properties"]?["l7rule"]?["minimum"] == -1)
    }
}
