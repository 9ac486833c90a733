// Where in a value something is.

/// The way from a resource to a value inside it: `listeners["http"].protocol_port`.
public struct AttributePath: Sendable, Hashable, CustomStringConvertible {
    public enum Step: Sendable, Hashable {
        /// An attribute or block of an object.
        case name(String)
        /// An entry of a map.
        case key(String)
        /// An element of a list, from 0.
        case index(Int)
        /// An element of a set. The protocol has no step for it: paths end before it.
        case element(Value)
    }

    public var steps: [Step]

    public init(_ steps: [Step] = []) {
        self.steps = steps
    }

    /// The path of an attribute of the resource itself.
    public static func attribute(_ name: String) -> AttributePath { AttributePath([.name(name)]) }

    public func name(_ name: String) -> AttributePath { AttributePath(steps + [.name(name)]) }
    public func key(_ key: String) -> AttributePath { AttributePath(steps + [.key(key)]) }
    public func index(_ index: Int) -> AttributePath { AttributePath(steps + [.index(index)]) }
    public func element(_ element: Value) -> AttributePath { AttributePath(steps + [.element(element)]) }

    public var description: String {
        var text = ""
        for step in steps {
            switch step {
            case .name(let name): text += (text.isEmpty ? "" : ".") + name
            case .key(let key): text += "[\"\(key)\"]"
            case .index(let index): text += "[\(index)]"
            case .element: text += "[…]"
            }
        }
        return text
    }
}
