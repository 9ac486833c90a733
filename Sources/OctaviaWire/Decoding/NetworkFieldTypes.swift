// Fields that hold identifiers, addresses, networks and protocols of TLS.

internal import JSON
internal import LoadBalancing

extension FieldType where Value == ResourceID {
    /// A UUID in any usual spelling.
    static var uuid: Self {
        Self { value, location throws(OctaviaFault) in
            guard case .string(let text) = value, let id = ResourceID(text) else {
                throw .invalidInput(location, value, uuidReason)
            }
            return id
        }
    }

    static var uuidReason: String { "Value should be UUID format" }
}

extension FieldType where Value == String {
    /// An IPv4 or IPv6 address, kept as the client spells it.
    static var address: Self {
        Self { value, location throws(OctaviaFault) in
            guard case .string(let text) = value, IPAddress(text) != nil else {
                throw .invalidInput(location, value, "Value should be IPv4 or IPv6 format")
            }
            return text
        }
    }

    /// A network in CIDR notation, host bits cleared; an address alone is a network of one.
    static var network: Self {
        Self { value, location throws(OctaviaFault) in
            guard case .string(let text) = value, let network = IPNetwork(text) else {
                throw .invalidInput(location, value, "Value should be IPv4 or IPv6 CIDR format")
            }
            return network.description
        }
    }

    /// An application protocol that listeners and pools negotiate (RFC 7301).
    static var alpnProtocol: Self {
        Self { value, location throws(OctaviaFault) in
            guard case .string(let text) = value, ["h2", "http/1.1", "http/1.0"].contains(text) else {
                throw .invalidInput(location, value, "Value should be a valid ALPN protocol ID")
            }
            return text
        }
    }

    /// A list of ciphers as OpenSSL spells it. Which ciphers are allowed is not looked at here.
    static var ciphers: Self {
        let text = text(max: 2048)
        return Self { value, location throws(OctaviaFault) in
            let ciphers = try text.convert(value, location)
            let isValid = ciphers.utf8.allSatisfy { byte in
                byte.isASCIIAlphanumeric || "-+!:@=_.".utf8.contains(byte)
            }
            guard isValid else {
                throw .validation(
                    "Invalid characters in cipher string. Only alphanumeric, -, +, !, :, @, =, _, and . are allowed.")
            }
            return ciphers
        }
    }
}

extension FieldType where Value == [String] {
    /// Networks without repetition.
    static var networks: Self { uniqueList(of: .network) }

    /// Names of versions of TLS. Which versions are allowed is not looked at here.
    static var tlsVersions: Self { list(of: .text(max: 32)) }

    static var alpnProtocols: Self { list(of: .alpnProtocol) }
}

extension UInt8 {
    var isASCIIAlphanumeric: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
    }
}
