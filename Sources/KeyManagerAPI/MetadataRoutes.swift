// Metadata that users give to secrets.

internal import HTTPService
internal import HTTPTypes
internal import JSON
internal import KeyManager

extension RouteBuilder {
    mutating func addMetadata() {
        let path = "/v1/secrets/{id}/metadata"
        on(.get, path) { manager, call in
            let id = try call.id(.secret)
            let metadata = try await manager.read(as: call.access) { try $0.metadata(of: id) }
            return .json { writer in
                writer.objectMember("metadata") { writer in
                    for (name, value) in metadata.sorted(by: { $0.key < $1.key }) { writer.member(name, value) }
                }
            }
        }
        on(.put, path) { manager, call in
            let id = try call.id(.secret)
            let metadata = try metadata(RequestBody(call.request, schema: "SecretMetadata"))
            try await manager.write(as: call.access) { try $0.setMetadata(metadata, of: id) }
            return .json(.created) { $0.member("metadata_ref", "\(call.url(.secret, id))/metadata") }
        }
        on(.post, path) { manager, call in
            let id = try call.id(.secret)
            let pair = try metadatum(RequestBody(call.request, schema: "SecretMetadatum"))
            try await manager.write(as: call.access) { try $0.addMetadatum(pair.name, pair.value, of: id) }
            return response(.created, pair.name.lowercased(), pair.value)
                .with("Location", "\(call.url(.secret, id))/metadata/\(pair.name.lowercased())")
        }
        on(.get, "\(path)/{key}") { manager, call in
            let id = try call.id(.secret)
            let name = call.parameters["key"]
            let value = try await manager.read(as: call.access) { try $0.metadatum(name, of: id) }
            return response(.ok, name, value)
        }
        on(.put, "\(path)/{key}") { manager, call in
            let id = try call.id(.secret)
            let name = call.parameters["key"]
            let pair = try metadatum(RequestBody(call.request, schema: "SecretMetadatum"))
            guard pair.name.lowercased() == name else {
                throw KeyManagerFault(.conflict, "Key in request data does not match key in the request url.")
            }
            try await manager.write(as: call.access) { try $0.changeMetadatum(name, pair.value, of: id) }
            return response(.ok, name, pair.value)
        }
        on(.delete, "\(path)/{key}") { manager, call in
            let id = try call.id(.secret)
            let name = call.parameters["key"]
            try await manager.write(as: call.access) { try $0.deleteMetadatum(name, of: id) }
            return .empty(.noContent)
        }
    }
}

private func response(_ status: HTTPResponse.Status, _ name: String, _ value: String) -> APIResponse {
    .json(status) { writer in
        writer.member("key", name)
        writer.member("value", value)
    }
}

private func metadata(_ body: RequestBody) throws(KeyManagerFault) -> [String: String] {
    guard let metadata = try body.object("metadata") else {
        throw body.fail("'metadata' is a required property", "metadata")
    }
    var result: [String: String] = [:]
    for (name, value) in metadata.values {
        guard let text = value.string else {
            throw KeyManagerFault(.invalid, "Invalid Metadata. Keys and Values must be Strings.")
        }
        result[name] = text
    }
    return result
}

private func metadatum(_ body: RequestBody) throws(KeyManagerFault) -> (name: String, value: String) {
    try body.allow(only: ["key", "value"])
    return (try body.requiredText("key", 0...255), try body.requiredText("value", 0...255))
}
