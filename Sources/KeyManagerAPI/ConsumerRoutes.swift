// Who uses secrets and containers.

internal import HTTPService
internal import HTTPTypes
internal import JSON
internal import KeyManager
internal import LoadBalancing

extension RouteBuilder {
    mutating func addConsumers() {
        addContainerConsumers()
        addSecretConsumers()
    }

    private mutating func addContainerConsumers() {
        let path = "/v1/containers/{id}/consumers"
        on(.get, path) { manager, call in
            let (id, range) = (try call.id(.container), PageRange(call.request))
            let page = try await manager.read(as: call.access) { try $0.consumers(ofContainer: id, range) }
            return PageView(call: call, path: "containers/\(id)/consumers", range: range, page: page)
                .response { writer, element in
                    write(element.consumer, to: &writer)
                    writeTimes(element.createdAt.iso8601, to: &writer)
                }
        }
        on(.post, path) { manager, call in
            let id = try call.id(.container)
            let consumer = try ContainerConsumer(RequestBody(call.request, schema: "Consumer"))
            let container = try await manager.write(as: call.access) { try $0.addConsumer(consumer, toContainer: id) }
            return APIResponse.json { write(container, call, to: &$0) }
                .with("Location", "\(call.url(.container, id))/consumers")
        }
        on(.delete, path) { manager, call in
            let id = try call.id(.container)
            let consumer = try ContainerConsumer(RequestBody(call.request, schema: "Consumer"))
            let container = try await manager.write(as: call.access) {
                try $0.removeConsumer(consumer, fromContainer: id)
            }
            return .json { write(container, call, to: &$0) }
        }
    }

    private mutating func addSecretConsumers() {
        let path = "/v1/secrets/{id}/consumers"
        on(.get, path) { manager, call in
            let (id, range) = (try call.id(.secret), PageRange(call.request))
            let page = try await manager.read(as: call.access) { try $0.consumers(ofSecret: id, range) }
            return PageView(call: call, path: "secrets/\(id)/consumers", range: range, page: page)
                .response { writer, element in
                    write(element.consumer, to: &writer)
                    writeTimes(element.createdAt.iso8601, to: &writer)
                }
        }
        on(.post, path) { manager, call in
            let id = try call.id(.secret)
            let consumer = try SecretConsumer(RequestBody(call.request, schema: "Secret Consumer"))
            let secret = try await manager.write(as: call.access) { try $0.addConsumer(consumer, toSecret: id) }
            return APIResponse.json { write(secret, call, to: &$0) }
                .with("Location", "\(call.url(.secret, id))/consumers")
        }
        on(.delete, path) { manager, call in
            let id = try call.id(.secret)
            let consumer = try SecretConsumer(RequestBody(call.request, schema: "Secret Consumer"))
            let secret = try await manager.write(as: call.access) { try $0.removeConsumer(consumer, fromSecret: id) }
            return .json { write(secret, call, to: &$0) }
        }
    }
}

func write(_ consumer: ContainerConsumer, to writer: inout JSONWriter) {
    writer.member("name", consumer.name)
    writer.member("URL", consumer.url)
}

func write(_ consumer: SecretConsumer, to writer: inout JSONWriter) {
    writer.member("service", consumer.service)
    writer.member("resource_type", consumer.resourceType)
    writer.member("resource_id", consumer.resourceID)
}

/// Consumers never change.
private func writeTimes(_ time: String, to writer: inout JSONWriter) {
    writer.member("created", time)
    writer.member("updated", time)
    writer.member("status", "ACTIVE")
}

extension ContainerConsumer {
    fileprivate init(_ body: RequestBody) throws(KeyManagerFault) {
        self.init(name: try body.requiredText("name", 1...36), url: try body.requiredText("URL", 1...255))
    }
}

extension SecretConsumer {
    fileprivate init(_ body: RequestBody) throws(KeyManagerFault) {
        self.init(
            service: try body.requiredText("service", 1...255),
            resourceType: try body.requiredText("resource_type", 1...255),
            resourceID: try body.requiredText("resource_id", 1...255))
    }
}
