// The files in deploy/kubernetes, given to a server without kubectl.

import JSON
import TestSupport
import Testing
import Yams

enum Manifests {
    private static let folder = "\(Files.packageRoot)deploy/kubernetes"

    private static func documents(_ file: String) throws -> [JSONValue] {
        func value(_ node: Yams.Node) -> JSONValue {
            if let mapping = node.mapping {
                return .object(
                    Dictionary(mapping.compactMap { key, member in key.string.map { ($0, value(member)) } }) { $1 })
            }
            if let sequence = node.sequence { return .array(sequence.map(value)) }
            if node.scalar?.style == .plain {
                if node.null != nil { return .null }
                if let truth = node.bool { return .bool(truth) }
                if let number = node.int { return .integer(Int64(number)) }
            }
            return .string(node.string ?? "")
        }
        return try Yams.compose_all(yaml: Files.text("\(Self.folder)/\(file)") ?? "").map(value)
    }

    private static let plurals = [
        "Namespace": "namespaces", "ServiceAccount": "serviceaccounts", "ClusterRole": "clusterroles",
        "ClusterRoleBinding": "clusterrolebindings", "Role": "roles", "RoleBinding": "rolebindings",
        "ConfigMap": "configmaps", "Deployment": "deployments", "IngressClass": "ingressclasses",
    ]

    /// Creates an object, unless it is there.
    private static func apply(_ document: JSONValue, _ server: KubernetesServer) async throws {
        let version = document["apiVersion"]?.string ?? ""
        let kind = document["kind"]?.string ?? ""
        let plural = try #require(Self.plurals[kind], "\(kind)")
        let root = version.contains("/") ? "/apis/\(version)" : "/api/\(version)"
        let place = document["metadata"]?["namespace"]?.string.map { "/namespaces/\($0)" } ?? ""
        let body = String(decoding: JSONWriter.bytes(of: document), as: UTF8.self)
        let answer = try await ChildProcess.run(
            "/usr/bin/curl",
            [
                "--silent", "--show-error", "--cacert", server.authorityFile, "--header",
                "Authorization: Bearer \(KubernetesServer.administratorToken)", "--header",
                "Content-Type: application/json", "--data-binary", "@-", "--write-out", "\n%{http_code}",
                "\(server.url)\(root)\(place)/\(plural)?fieldValidation=Strict",
            ], input: body)
        let status = answer.output.split(separator: "\n").last.map(String.init) ?? ""
        #expect(["201", "409"].contains(status), "\(kind): \(answer.output.prefix(500)) \(answer.errors)")
    }

    static func applyAll(_ server: KubernetesServer) async throws {
        let kustomization = try #require(try documents("kustomization.yaml").first)
        let files = (kustomization["resources"]?.array ?? []).compactMap(\.string)
        #expect(files.count >= 7)
        for file in files { for document in try documents(file) { try await apply(document, server) } }
    }
}
