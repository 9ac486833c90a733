// Load balancers as YAML documents.

internal import Foundation
internal import JSON
internal import LoadBalancerDocuments
internal import Yams

extension LoadBalancerDocument {
    /// Reads a file.
    ///
    /// - Throws: ``UsageError`` that names file, line and what is allowed there.
    init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw UsageError("\(path) cannot be read")
        }
        try self.init(text: String(decoding: data, as: UTF8.self), file: path)
    }

    init(text: String, file: String) throws {
        let reader = DocumentReader(file: file)
        let root: Node
        do {
            guard let node = try Yams.compose(yaml: text) else { throw UsageError("\(file) is empty") }
            root = node
        } catch let error as YamlError {
            throw UsageError(DocumentReader.text(error, file))
        }
        let top = try reader.mapping(root, .loadBalancer)
        self.init(fields: top.fields)
        guard !name.isEmpty else { throw reader.problem(root, "a load balancer needs a name") }
        listeners = try top.children["listeners"].map { node in
            try reader.elements(node).map { node in
                let part = try reader.mapping(node, .listener)
                try reader.require(["protocol", "protocol_port"], part, node)
                return ListenerPart(
                    fields: part.fields,
                    defaultPool: try part.children["default_pool"].map { try reader.name($0, "default_pool") },
                    l7Policies: try part.children["l7policies"].map {
                        try reader.elements($0).map { try reader.l7Policy($0) }
                    })
            }
        }
        pools = try top.children["pools"].map { node in
            try reader.elements(node).map { node in
                let part = try reader.mapping(node, .pool)
                try reader.require(["name", "protocol", "lb_algorithm"], part, node)
                let members = try part.children["members"].map { list in
                    try reader.elements(list).map { node in
                        let member = try reader.mapping(node, .member)
                        try reader.require(["address", "protocol_port"], member, node)
                        return member.fields
                    }
                }
                let monitor = try part.children["healthmonitor"].map { node -> Fields in
                    if node.null != nil { return [:] }
                    let monitor = try reader.mapping(node, .healthMonitor)
                    try reader.require(["type", "delay", "timeout", "max_retries"], monitor, node)
                    return monitor.fields
                }
                return PoolPart(fields: part.fields, members: members, healthMonitor: monitor)
            }
        }
        try checkNames(reader, root)
    }

    /// Names must be unique, and pools that are referred to must be there.
    private func checkNames(_ reader: DocumentReader, _ root: Node) throws {
        let names = (pools ?? []).map(\.name)
        if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
            throw reader.problem(root, "two pools are called '\(twice)'")
        }
        guard pools != nil else { return }
        for listener in listeners ?? [] {
            let used = [listener.defaultPool] + (listener.l7Policies ?? []).map(\.redirectPool)
            for name in used.compactMap({ $0 }) where !name.isEmpty && !names.contains(name) {
                throw reader.problem(root, "there is no pool '\(name)', but \(names.joined(separator: ", "))")
            }
        }
    }
}

/// Reads mappings, and names the line of what is wrong.
struct DocumentReader {
    var file: String

    func problem(_ node: Node, _ reason: String) -> UsageError {
        UsageError("\(file):\(node.mark.map { "\($0.line):" } ?? "") \(reason)")
    }

    /// Why a text is not YAML, in one line.
    static func text(_ error: YamlError, _ file: String) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return "\(file):\(mark.line): this is not YAML: \(problem)"
        case .duplicatedKeysInMapping(let duplicates, let context):
            let keys = duplicates.map { "'\($0)'" }.joined(separator: ", ")
            return "\(file):\(context.mark.line): in the mapping that begins here, \(keys) is there twice"
        default: return "\(file) is not YAML: " + "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
        }
    }

    /// The fields of a mapping, and the nodes of its children.
    func mapping(
        _ node: Node, _ schema: DocumentSchema
    ) throws -> (fields: Fields, children: [String: Node]) {
        guard case .mapping(let mapping) = node else {
            throw problem(node, "a \(schema.term) must be a mapping of keys to values")
        }
        var fields: Fields = [:]
        var children: [String: Node] = [:]
        for (key, value) in mapping {
            let name = key.string ?? ""
            guard schema.keys.contains(name) else {
                let hint =
                    Spelling.nearest(to: name, among: schema.keys).map { "; did you mean '\($0)'?" }
                    ?? "; allowed are: \(schema.keys.joined(separator: ", "))"
                throw problem(key, "a \(schema.term) has no key '\(name)'\(hint)")
            }
            if schema.children.contains(name) { children[name] = value } else { fields[name] = self.value(value) }
        }
        return (fields, children)
    }

    func elements(_ node: Node) throws -> [Node] {
        if node.null != nil { return [] }
        guard case .sequence(let sequence) = node else { throw problem(node, "a list is expected here") }
        return Array(sequence)
    }

    func name(_ node: Node, _ key: String) throws -> String {
        if node.null != nil { return "" }
        guard let text = node.string else { throw problem(node, "\(key) must be the name of a pool") }
        return text
    }

    func require(_ keys: [String], _ part: (fields: Fields, children: [String: Node]), _ node: Node) throws {
        for key in keys where part.fields[key] == nil { throw problem(node, "'\(key)' is missing") }
    }

    func l7Policy(_ node: Node) throws -> LoadBalancerDocument.L7PolicyPart {
        let part = try mapping(node, .l7Policy)
        try require(["name", "action"], part, node)
        let rules = try part.children["rules"].map { list in
            try elements(list).map { node in
                let rule = try mapping(node, .l7Rule)
                try require(["type", "compare_type", "value"], rule, node)
                return rule.fields
            }
        }
        return .init(
            fields: part.fields, redirectPool: try part.children["redirect_pool"].map { try name($0, "redirect_pool") },
            rules: rules)
    }

    /// A value as JSON: what is not quoted may be a number or a truth value.
    private func value(_ node: Node) -> JSONValue {
        switch node {
        case .sequence(let sequence): return .array(sequence.map(value))
        case .mapping(let mapping):
            return .object(
                Dictionary(mapping.map { ($0.key.string ?? "", value($0.value)) }, uniquingKeysWith: { $1 }))
        case .alias: return .null
        case .scalar(let scalar):
            guard scalar.style == .plain else { return .string(scalar.string) }
            if node.null != nil { return .null }
            if let integer = Int64(scalar.string) { return .integer(integer) }
            switch scalar.string {
            case "true": return .bool(true)
            case "false": return .bool(false)
            default: break
            }
            if let number = Double(scalar.string), scalar.string.contains(".") { return .number(number) }
            return .string(scalar.string)
        }
    }
}
