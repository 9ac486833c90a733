// Containers and their contents.

internal import HTTPService
internal import HTTPTypes
internal import JSON
internal import KeyManager
internal import LoadBalancing

extension RouteBuilder {
    mutating func addContainers() {
        on(.post, "/v1/containers") { manager, call in
            let draft = try ContainerDraft(RequestBody(call.request, schema: "Container"))
            let container = try await manager.write(as: call.access) { try $0.createContainer(draft) }
            return created(call, container.id)
        }
        on(.get, "/v1/containers") { manager, call in
            func value(_ name: String) -> String? { call.request.queryValue(name).flatMap { $0.isEmpty ? nil : $0 } }
            let (name, type, range) = (value("name"), value("type"), PageRange(call.request))
            let page = try await manager.read(as: call.access) { try $0.containers(name: name, type: type, range) }
            return PageView(call: call, path: "containers", range: range, page: page)
                .response { write($1, call, to: &$0) }
        }
        on(.get, "/v1/containers/{id}") { manager, call in
            let id = try call.id(.container)
            let container = try await manager.read(as: call.access) { try $0.container(id) }
            return .json { write(container, call, to: &$0) }
        }
        on(.delete, "/v1/containers/{id}") { manager, call in
            let id = try call.id(.container)
            try await manager.write(as: call.access) { try $0.deleteContainer(id) }
            return .empty(.noContent)
        }
        on(.post, "/v1/containers/{id}/secrets") { manager, call in
            let id = try call.id(.container)
            let reference = try reference(RequestBody(call.request, schema: "ContainerSecret"))
            try await manager.write(as: call.access) { try $0.addReference(reference, to: id) }
            return created(call, id)
        }
        on(.delete, "/v1/containers/{id}/secrets") { manager, call in
            let id = try call.id(.container)
            let reference = try reference(RequestBody(call.request, schema: "ContainerSecret"))
            try await manager.write(as: call.access) { try $0.removeReference(reference, from: id) }
            return .empty(.noContent)
        }
    }
}

private func created(_ call: Call, _ id: ResourceID) -> APIResponse {
    let url = call.url(.container, id)
    return APIResponse.json(.created) { $0.member("container_ref", url) }.with("Location", url)
}

/// Writes the members of a container.
func write(_ container: SecretContainer, _ call: Call, to writer: inout JSONWriter) {
    writer.member("created", container.createdAt.iso8601)
    writer.member("updated", container.updatedAt.iso8601)
    writer.member("status", "ACTIVE")
    writer.member("name", container.name)
    writer.member("type", container.kind.rawValue)
    writer.member("creator_id", container.creatorID)
    writer.arrayMember("secret_refs", container.references) { writer, reference in
        writer.object { writer in
            writer.member("name", reference.name)
            writer.member("secret_ref", call.url(.secret, reference.secretID))
        }
    }
    writer.arrayMember("consumers", container.consumers) { writer, consumer in
        writer.object { write(consumer, to: &$0) }
    }
    writer.member("container_ref", call.url(.container, container.id))
}

/// Reads a name and a reference to a secret.
private func reference(_ body: RequestBody) throws(KeyManagerFault) -> SecretContainer.Reference {
    let name = try body.text("name", nullable: true)
    let text = try body.requiredText("secret_ref", 1...2048)
    guard let reference = KeyReference(text), reference.resource == .secret else {
        throw body.fail("'\(text.prefix(255))' is not a reference to a secret", "secret_ref")
    }
    return SecretContainer.Reference(name: name, secretID: reference.id)
}

extension ContainerDraft {
    /// Reads what `POST /v1/containers` says.
    fileprivate init(_ body: RequestBody) throws(KeyManagerFault) {
        let name = try body.text("name", nullable: true)
        guard let kind: SecretContainer.Kind = try body.word("type") else {
            throw body.fail("'type' is a required property", "type")
        }
        var references: [SecretContainer.Reference] = []
        for element in try body.array("secret_refs") ?? [] {
            guard let object = element.object else {
                throw body.fail("a reference is not of type 'object'", "secret_refs")
            }
            references.append(try reference(RequestBody(object, schema: body.schema)))
        }
        self.init(kind: kind, name: name, references: references)
    }
}
