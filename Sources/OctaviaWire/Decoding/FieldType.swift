// The types of fields, with the coercions of the API.

internal import JSON

/// How the value of a field is read: its type and its limits, as the API reference lists them.
struct FieldType<Value: Sendable>: Sendable {
    /// Reads a value that is not known to be anything but a JSON value other than an absent one.
    let convert: @Sendable (JSONValue, FieldLocation) throws(OctaviaFault) -> Value
}

/// The largest integer of the reference implementation's database: the limit where the API names none.
let largestStoredInteger = 2_147_483_647

extension FieldType where Value == Bool {
    /// A truth value, a whole number (0 is false) or one of the usual words in lower case; no fraction, be it 0.0.
    static var bool: Self {
        Self { value, location throws(OctaviaFault) in
            switch value {
            case .bool(let bool): return bool
            case .integer(let number): return number != 0
            // Whole numbers of more than 64 bits arrive in this form.
            case .number(let number) where abs(number) >= 0x1p63: return true
            case .string(let word):
                switch word {
                case "true", "t", "yes", "y", "on", "1": return true
                case "false", "f", "no", "n", "off", "0": return false
                default: break
                }
            case .number, .null, .array, .object: break
            }
            throw .invalidInput(location, value, "Value not an unambiguous boolean: \(value.faultText)")
        }
    }
}

extension FieldType where Value == Int {
    /// A whole number within limits, also as decimal text; fractions are cut off, and true is 1.
    static func integer(_ limits: ClosedRange<Int>) -> Self {
        Self { value, location throws(OctaviaFault) in
            guard let number = value.coercedInteger else {
                throw .invalidInput(location, value, "Value should be an integer")
            }
            guard number >= limits.lowerBound else {
                throw .invalidInput(location, value, "Value should be greater or equal to \(limits.lowerBound)")
            }
            guard number <= limits.upperBound else {
                throw .invalidInput(location, value, "Value should be lower or equal to \(limits.upperBound)")
            }
            return number
        }
    }

    /// A TCP, UDP or SCTP port.
    static var port: Self { integer(1...65_535) }

    /// One of a few whole numbers.
    static func oneOf(_ choices: [Int]) -> Self {
        Self { value, location throws(OctaviaFault) in
            guard let number = value.coercedInteger, choices.contains(number) else {
                let names = choices.map(String.init).joined(separator: ", ")
                throw .invalidInput(location, value, "Value should be one of: \(names)")
            }
            return number
        }
    }
}

extension FieldType where Value == Double {
    /// The versions of HTTP that monitors speak, as a number or as text.
    static var httpVersion: Self {
        Self { value, location throws(OctaviaFault) in
            let number: Double? =
                switch value {
                case .integer(let integer): Double(integer)
                case .number(let number): number
                case .string(let text): Double(text.trimmingASCIIWhitespace())
                case .bool, .null, .array, .object: nil
                }
            guard let number, number == 1.0 || number == 1.1 else {
                throw .invalidInput(location, value, "Value should be one of: 1.0, 1.1")
            }
            return number
        }
    }
}

extension FieldType where Value == String {
    /// Text within limits of length, which count Unicode code points. U+0000 is refused because PostgreSQL cannot store
    /// it.
    static func text(min: Int = 0, max: Int) -> Self {
        Self { value, location throws(OctaviaFault) in
            guard case .string(let text) = value else {
                throw .invalidInput(location, value, "Value should be string")
            }
            // No text has more code points than bytes.
            if text.utf8.count > max, text.unicodeScalars.count > max {
                throw .invalidInput(location, value, "Value should have a maximum character requirement of \(max)")
            }
            if min > 0, text.unicodeScalars.count < min {
                throw .invalidInput(location, value, "Value should have a minimum character requirement of \(min)")
            }
            if text.utf8.contains(0) {
                throw .invalidInput(location, value, "Value should not contain the character U+0000")
            }
            return text
        }
    }

    /// Text within limits of length that has a certain form; `reason` is what the fault says if it has not.
    static func text(
        min: Int = 0, max: Int, reason: String, where isValid: @escaping @Sendable (String) -> Bool
    ) -> Self {
        let text = text(min: min, max: max)
        return Self { value, location throws(OctaviaFault) in
            let result = try text.convert(value, location)
            guard isValid(result) else { throw .invalidInput(location, value, reason) }
            return result
        }
    }
}

extension FieldType {
    /// One of the terms of an enumeration, in exactly its spelling.
    static func choice(_ type: Value.Type = Value.self) -> Self
    where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
        Self { value, location throws(OctaviaFault) in
            guard case .string(let text) = value, let choice = Value(rawValue: text) else {
                throw .invalidInput(location, value, choiceReason(type))
            }
            return choice
        }
    }

    /// What a fault says about a value that is none of the terms.
    static func choiceReason(_ type: Value.Type) -> String
    where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
        "Value should be one of: " + Value.allCases.map(\.rawValue).joined(separator: ", ")
    }

    /// A list of values of one type.
    static func list<Element>(of element: FieldType<Element>) -> Self where Value == [Element] {
        Self { value, location throws(OctaviaFault) in
            guard case .array(let elements) = value else {
                throw .invalidInput(location, value, "Value not a valid list: \(value.faultText)")
            }
            var result: [Element] = []
            result.reserveCapacity(elements.count)
            for item in elements { result.append(try element.convert(item, location)) }
            return result
        }
    }

    /// A list of which repetitions are dropped, where the reference implementation answers an unrelated conflict.
    static func uniqueList<Element: Hashable>(of element: FieldType<Element>) -> Self where Value == [Element] {
        let list = list(of: element)
        return Self { value, location throws(OctaviaFault) in
            var seen: Set<Element> = []
            return try list.convert(value, location).filter { seen.insert($0).inserted }
        }
    }
}

extension FieldType where Value == [String] {
    /// Tags: a set, kept sorted. Repetitions are dropped; empty text is a tag.
    static var tags: Self {
        let list = uniqueList(of: .text(max: 255))
        return Self { value, location throws(OctaviaFault) in try list.convert(value, location).sorted() }
    }

    /// References to containers of certificates: a set in the order given. Empty references are dropped.
    static var containerReferences: Self {
        let list = uniqueList(of: .text(max: 255))
        return Self { value, location throws(OctaviaFault) in
            try list.convert(value, location).filter { !$0.isEmpty }
        }
    }
}

extension FieldType where Value == String? {
    /// Text where empty is the same as none.
    static func unsetWhenEmpty(_ type: FieldType<String>) -> Self {
        Self { value, location throws(OctaviaFault) in
            value == .string("") ? nil : try type.convert(value, location)
        }
    }
}

extension FieldType where Value == [String: String] {
    /// Names of headers with text that says what to put in.
    static var headers: Self {
        let name = FieldType<String>.text(max: 255)
        return Self { value, location throws(OctaviaFault) in
            guard case .object(let members) = value else {
                throw .invalidInput(location, value, "Value not a valid dict: \(value.faultText)")
            }
            var result: [String: String] = [:]
            for (key, item) in members {
                result[try name.convert(.string(key), location)] = try name.convert(item, location)
            }
            return result
        }
    }
}

extension JSONValue {
    /// The number that the API reads from this value. Beyond 64 bits it becomes the nearest number within.
    fileprivate var coercedInteger: Int? {
        switch self {
        case .bool(let value): return value ? 1 : 0
        case .integer(let value): return Int(value)
        case .number(let value):
            // Conversion cuts fractions off; every limit of the API is far inside of 2⁶².
            let bound = Double(1 << 62)
            return abs(value) < bound ? Int(value) : value < 0 ? Int.min : Int.max
        case .string(let text): return text.decimalInteger
        case .null, .array, .object: return nil
        }
    }
}

extension String {
    /// The number that this decimal text stands for, with a sign and white space around it if need be.
    var decimalInteger: Int? {
        let body = trimmingASCIIWhitespace()
        let digits =
            body.utf8.first == UInt8(ascii: "+") || body.utf8.first == UInt8(ascii: "-") ? body.dropFirst() : body
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(body) ?? (body.utf8.first == UInt8(ascii: "-") ? Int.min : Int.max)
    }

    func trimmingASCIIWhitespace() -> Substring {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" || $0 == "\r\n" }
        var rest = self[...]
        while let first = rest.first, isSpace(first) { rest.removeFirst() }
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return rest
    }
}
