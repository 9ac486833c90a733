// Comparing what was planned or known with what a service says.

extension Value {
    /// Whether two values say the same: sets in any order, and nothing in whichever form.
    func isEquivalent(to other: Value, _ type: ValueType) -> Bool {
        if self == other || isEmpty && other.isEmpty { return true }
        switch (self, other, type) {
        case (.object(let left), .object(let right), .object(let types)):
            return types.allSatisfy { (left[$0.key] ?? .null).isEquivalent(to: right[$0.key] ?? .null, $0.value) }
        case (.object(let left), .object(let right), .map(let element)):
            return left.count == right.count
                && left.allSatisfy { key, value in right[key].map { value.isEquivalent(to: $0, element) } ?? false }
        case (.list(let left), .list(let right), .list(let element)):
            return left.count == right.count
                && zip(left, right).allSatisfy { $0.isEquivalent(to: $1, element) }
        case (.list(let left), .list(let right), .set(let element)):
            guard left.count == right.count else { return false }
            let normal = { (values: [Value]) in
                Dictionary(values.map { ($0.normalized(element), 1) }, uniquingKeysWith: +)
            }
            return normal(left) == normal(right)
        default: return false
        }
    }

    /// With null for everything that says nothing, so that equal elements of sets are found.
    private func normalized(_ type: ValueType) -> Value {
        if isEmpty { return .null }
        switch (self, type) {
        case (.object(let members), .object(let types)):
            return .object(
                Dictionary(
                    types.map { ($0.key, (members[$0.key] ?? .null).normalized($0.value)) },
                    uniquingKeysWith: { first, _ in first }))
        case (.list(let elements), .list(let element)), (.list(let elements), .set(let element)):
            return .list(elements.map { $0.normalized(element) })
        default: return self
        }
    }

    /// A service's answer, in the form in which Terraform knows it already: where the answer says nothing and so did the
    /// plan or state, the form of the latter (null, empty text, empty list) stays; what the answer has no word on is null.
    func settled(onto known: Value, _ type: ValueType) -> Value {
        if isUnknown { return known.isUnknown ? .null : known }
        if known.isUnknown { return filled(type) }
        if isEmpty, known.isEmpty { return known }
        switch (self, known, type) {
        case (.object(let members), .object, .object(let types)):
            return .object(
                Dictionary(
                    types.map { ($0.key, (members[$0.key] ?? .null).settled(onto: known[$0.key], $0.value)) },
                    uniquingKeysWith: { first, _ in first }))
        case (.object(let members), .object(let others), .map(let element)):
            return .object(
                Dictionary(
                    members.map { ($0.key, $0.value.settled(onto: others[$0.key] ?? .null, element)) },
                    uniquingKeysWith: { first, _ in first }))
        case (.list(let elements), .list(let others), .list(let element)):
            return .list(
                elements.enumerated().map { index, value in
                    value.settled(onto: others.indices.contains(index) ? others[index] : .null, element)
                })
        case (.list(let elements), .list(let others), .set(let element)):
            // Elements are recognized by what is known of all of them: ids may not be, yet.
            let names = element.memberNames.filter { name in others.allSatisfy { $0[name].isWhollyKnown } }
            let key = { (value: Value) in
                names.isEmpty ? [value.normalized(element)] : names.map { value[$0].normalized(element.member($0)) }
            }
            var rest = Dictionary(grouping: others, by: key)
            return .list(
                elements.map { value in
                    guard let match = rest[key(value)]?.popLast() else { return value.filled(element) }
                    return value.settled(onto: match, element)
                })
        default: return filled(type)
        }
    }

    /// With null for every attribute that is not there or unknown.
    private func filled(_ type: ValueType) -> Value {
        switch (self, type) {
        case (.unknown, _): return .null
        case (.object(let members), .object(let types)):
            return .object(
                Dictionary(
                    types.map { ($0.key, (members[$0.key] ?? .null).filled($0.value)) },
                    uniquingKeysWith: { first, _ in first }))
        case (.object(let members), .map(let element)): return .object(members.mapValues { $0.filled(element) })
        case (.list(let elements), .list(let element)), (.list(let elements), .set(let element)):
            return .list(elements.map { $0.filled(element) })
        default: return self
        }
    }
}

extension ValueType {
    /// The names of an object's members, in order.
    fileprivate var memberNames: [String] {
        guard case .object(let members) = self else { return [] }
        return members.keys.sorted()
    }

    fileprivate func member(_ name: String) -> ValueType {
        guard case .object(let members) = self else { return self }
        return members[name] ?? .string
    }
}
