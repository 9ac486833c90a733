// What calls returned, in a form in which the answers of two services can be compared.

internal import OctaviaClient

/// The results of a row of calls, as lines `step: field: value`.
///
/// Identifiers are numbered as they come up, and of times only is kept that there is one: two services that do the same
/// make the same lines.
final class Transcript {
    private(set) var lines: [String] = []
    private var numbers: [String: Int] = [:]
    /// Fields that are the choice of a service.
    let ignored: Set<String>

    init(ignoring ignored: Set<String> = []) {
        self.ignored = ignored
    }

    /// Writes down a result, and passes it on.
    @discardableResult
    func record<Result>(_ step: String, _ result: Result) -> Result {
        write(result, step)
        return result
    }

    private func write(_ value: Any, _ path: String) {
        switch value {
        case let id as ResourceID: lines.append("\(path): \(label(id.string))")
        // Which of several comes first is the choice of a service.
        case let ids as [ResourceID]: lines.append("\(path): \(ids.map { label($0.string) }.sorted())")
        case is Timestamp: lines.append("\(path): a time")
        case let text as String: lines.append("\(path): \(ResourceID(text).map { label($0.string) } ?? text)")
        case let members as [String: String]:
            for (key, member) in members.sorted(by: { $0.key < $1.key }) { write(member, "\(path).\(key)") }
        default:
            let mirror = Mirror(reflecting: value)
            switch mirror.displayStyle {
            case .optional:
                if let child = mirror.children.first {
                    write(child.value, path)
                } else {
                    lines.append("\(path): nothing")
                }
            case .struct where !mirror.children.isEmpty:
                for child in mirror.children where !ignored.contains(child.label ?? "") {
                    write(child.value, "\(path).\(child.label ?? "")")
                }
            case .collection, .set:
                lines.append("\(path): \(mirror.children.count) of them")
                for (number, child) in mirror.children.enumerated() { write(child.value, "\(path)[\(number)]") }
            default: lines.append("\(path): \(value)")
            }
        }
    }

    private func label(_ id: String) -> String {
        let number = numbers[id] ?? numbers.count + 1
        numbers[id] = number
        return "id \(number)"
    }
}
