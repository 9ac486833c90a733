// The data source `ottava_load_balancer`: a whole load balancer that something else manages.

internal import LoadBalancerDocuments
internal import OctaviaClient
internal import TerraformPlugin

struct WholeLoadBalancerDataSource: DataSource {
    let typeName = "ottava_load_balancer"
    let schema = Schema(
        "Shows a load balancer with everything below it, by the attributes of the resource of the same name.",
        [
            .reference("id", .optionalComputed, "Its id. Either this or `name` is needed."),
            .asked("name", "Its name."),
        ] + LoadBalancerSchema.schema.attributes.filter { !["id", "name"].contains($0.name) }.map(\.shown)
            + Attribute.statuses)

    func validate(_ config: Value, _ diagnostics: inout Diagnostics) {
        diagnostics.requireOne(of: ["id", "name"], in: config)
    }

    func read(_ config: Value, _ operation: OperationContext<Cloud>) async throws -> Value {
        let wanted = config["id"].isEmpty ? "name" : "id"
        let loadBalancer: LoadBalancer
        do {
            loadBalancer = try await operation.client.loadBalancers.find(config[wanted].string ?? "")
        } catch let error as CloudError where [.notFound, .ambiguous].contains(error.code) {
            throw Diagnostic(.error, "This is not one load balancer", "\(error)", at: .attribute(wanted))
        }
        var state = try await CurrentLoadBalancer.read(loadBalancer.id, operation.client).state(known: .null)
        state["floating_ip"] = try await FloatingAddress.find(loadBalancer, operation)
        return state
    }
}

extension Attribute {
    /// The same, of something that is only looked at.
    fileprivate var shown: Attribute {
        // The rest of a description is for those who choose the value.
        let sentence = description.split(separator: ". ", maxSplits: 1).first.map(String.init) ?? ""
        let text = sentence.hasSuffix(".") ? sentence : sentence + "."
        guard case .nested(let nesting, let attributes) = shape else {
            return Attribute(name, shape, .computed, text)
        }
        return .nested(name, nesting, .computed, text, attributes.map(\.shown))
    }
}
