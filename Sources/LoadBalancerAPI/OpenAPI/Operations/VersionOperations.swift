// The operations of discovery.

internal import HTTPTypes

extension OpenAPI {
    static let versionOperations: [Operation] = {
        var versions = Operation(
            .get, "/", id: "listVersions", "List versions", tag: "Discovery",
            answer: .init(
                status: 200, summary: "All versions, oldest first.",
                schema: .envelope("versions", .list(of: .component("Version")))))
        versions.needsToken = false
        var document = Operation(
            .get, "/openapi.json", id: "showDocument", "Show this document", tag: "Discovery",
            answer: .init(status: 200, summary: "The document.", schema: Schema(.anything)))
        document.needsToken = false
        let roots = [("/v2/lbaas", "showRoot"), ("/v2/octavia", "showAmphoraRoot")].map { path, id in
            Operation(
                .get, path, id: id, "Show that the API is there", tag: "Discovery",
                answer: .init(status: 200, summary: "The name of the version.", schema: .choice(["v2"])))
        }
        return [versions, document] + roots
    }()
}
