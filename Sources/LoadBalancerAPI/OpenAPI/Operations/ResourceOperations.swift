// The operations that resources have in common: list, create, show, update, delete.

internal import HTTPTypes
internal import OctaviaWire

extension OpenAPI {
    /// The operations on one kind of resource.
    struct ResourceOperations {
        var resource: Resource
        /// The path of the collection.
        var path: String
        /// The name of the id in paths.
        var idName: String
        /// What people call one, such as `health monitor`, and several.
        var noun: String
        var plural: String
        var tag: String
        /// Whether the data plane follows changes, so that they end after the answer.
        var isAsynchronous = true

        private var one: String { "\(path)/{\(idName)}" }
        private var later: String { isAsynchronous ? " The data plane follows." : "" }

        func list(_ schema: ListSchema, hasTags: Bool = true, hasProject: Bool = true) -> Operation {
            var operation = Operation(
                .get, path, id: "list\(plural.asIdentifier)", "List \(plural)", tag: tag,
                answer: .init(status: 200, summary: "A page of \(plural).", schema: resource.page))
            operation.parameters = Parameter.list(schema, hasTags: hasTags, hasProject: hasProject)
            return operation
        }

        func create(answer: Schema? = nil) -> Operation {
            var operation = Operation(
                .post, path, id: "create\(noun.asIdentifier)", "Create \(noun.withArticle)", tag: tag,
                answer: .init(status: 201, summary: "What was created.\(later)", schema: answer ?? resource.one))
            operation.body = .init(
                schema: .envelope(resource.key, .component("\(resource.name)Create")), summary: "What to create.")
            operation.parameters = [.idempotencyKey]
            operation.furtherFaults = [.notFound, .conflict, .keyUsed, .notImplemented]
            return operation
        }

        var show: Operation {
            var operation = Operation(
                .get, one, id: "show\(noun.asIdentifier)", "Show \(noun.withArticle)", tag: tag,
                answer: .init(status: 200, summary: "The \(noun).", schema: resource.selected))
            operation.parameters = [.fields]
            return operation
        }

        var update: Operation {
            var operation = Operation(
                .put, one, id: "update\(noun.asIdentifier)", "Update \(noun.withArticle)", tag: tag,
                answer: .init(status: 200, summary: "The \(noun) as changed.\(later)", schema: resource.one))
            operation.body = .init(
                schema: .envelope(resource.key, .component("\(resource.name)Update")),
                summary: "The fields to change.")
            operation.furtherFaults = [.conflict, .notImplemented]
            return operation
        }

        var delete: Operation {
            var operation = Operation(
                .delete, one, id: "delete\(noun.asIdentifier)", "Delete \(noun.withArticle)", tag: tag,
                answer: .init(status: 204, summary: "It will be gone.\(later)"))
            operation.furtherFaults = [.conflict, .notImplemented]
            return operation
        }
    }
}

extension String {
    /// The words joined, each with a capital.
    fileprivate var asIdentifier: String {
        split(separator: " ").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    fileprivate var withArticle: String {
        // L is spoken with a vowel first.
        let isVowel = first.map { "aeiouL".contains($0) } ?? false
        return (isVowel ? "an " : "a ") + self
    }
}
