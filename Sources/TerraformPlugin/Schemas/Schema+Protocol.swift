// Schemas, paths, diagnostics and values as messages of the protocol.

internal import FoundationEssentials
internal import JSON
internal import MessagePack
internal import TerraformPluginProtocol

extension Schema {
    var message: Tfplugin6_Schema {
        var message = Tfplugin6_Schema()
        message.version = version
        message.block = .init(attributes, blocks, description, isDeprecated: deprecation != nil)
        message.block.version = version
        return message
    }
}

extension Tfplugin6_Schema.Block {
    fileprivate init(
        _ attributes: [Attribute], _ blocks: [NestedBlock], _ description: String, isDeprecated: Bool = false
    ) {
        self.init()
        self.attributes = attributes.map(\.message)
        blockTypes = blocks.map { block in
            var message = Tfplugin6_Schema.NestedBlock()
            message.typeName = block.name
            message.block = .init(block.attributes, block.blocks, block.description)
            message.nesting =
                switch block.nesting {
                case .single: .single
                case .list: .list
                case .set: .set
                case .map: .map
                }
            message.minItems = Int64(block.minimum)
            message.maxItems = Int64(block.maximum)
            return message
        }
        self.description_p = description
        descriptionKind = .markdown
        deprecated = isDeprecated
    }
}

extension Attribute {
    fileprivate var message: Tfplugin6_Schema.Attribute {
        var message = Tfplugin6_Schema.Attribute()
        message.name = name
        switch shape {
        case .value(let type): message.type = Data(JSONWriter.bytes(of: type.json))
        case .nested(let nesting, let attributes):
            message.nestedType.attributes = attributes.map(\.message)
            message.nestedType.nesting =
                switch nesting {
                case .single: .single
                case .list: .list
                case .set: .set
                case .map: .map
                }
        }
        message.required = usage == .required
        message.optional = usage == .optional || usage == .optionalComputed
        message.computed = isComputed
        message.sensitive = isSensitive
        message.deprecated = deprecation != nil
        message.description_p = description
        message.descriptionKind = .markdown
        return message
    }
}

extension AttributePath {
    /// The path as far as the protocol has steps for it.
    var message: Tfplugin6_AttributePath {
        var message = Tfplugin6_AttributePath()
        for step in steps {
            var next = Tfplugin6_AttributePath.Step()
            switch step {
            case .name(let name): next.attributeName = name
            case .key(let key): next.elementKeyString = key
            case .index(let index): next.elementKeyInt = Int64(index)
            case .element: return message
            }
            message.steps.append(next)
        }
        return message
    }
}

extension Diagnostics {
    var messages: [Tfplugin6_Diagnostic] { all.map(\.message) }
}

extension Diagnostic {
    var message: Tfplugin6_Diagnostic {
        var message = Tfplugin6_Diagnostic()
        message.severity = severity == .error ? .error : .warning
        message.summary = summary
        message.detail = detail
        // Terraform shows the resource's first line alone for what lies inside an attribute, so the words say where.
        if let path, path.steps.count > 1 { message.detail += (detail.isEmpty ? "" : "\n\n") + "At \(path)." }
        if let path, !path.steps.isEmpty { message.attribute = path.message }
        return message
    }
}

extension Value {
    /// Reads a value of a type: MessagePack if there is any, else JSON.
    init(_ message: Tfplugin6_DynamicValue, _ type: ValueType) throws {
        if !message.msgpack.isEmpty {
            self = try Value(MessagePackValue(bytes: Array(message.msgpack)), type)
        } else if !message.json.isEmpty {
            self = Value(lenient: try JSONValue(parsing: Array(message.json)), type)
        } else {
            self = .null
        }
    }

    var message: Tfplugin6_DynamicValue {
        var message = Tfplugin6_DynamicValue()
        message.msgpack = Data(packed.bytes)
        return message
    }
}
