// The metadata that users give to secrets.

public import LoadBalancing
internal import Persistence

extension KeyManagerTransaction {
    /// How many pairs a secret may have.
    static let maximumMetadata = 500

    /// All keys with their values.
    public func metadata(of id: ResourceID) throws -> [String: String] {
        try require(.readMetadata, on: .secret, id)
        let pairs = try connection.query(
            "SELECT name, value FROM key_manager_metadatum WHERE secret_id = ?", [id]
        ) { ($0.text(0), $0.text(1)) }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    /// The value of one key.
    public func metadatum(_ name: String, of id: ResourceID) throws -> String {
        guard let value = try metadata(of: id)[name] else { throw Self.metadatumNotFound }
        return value
    }

    /// Replaces all metadata. Keys become lower case.
    public func setMetadata(_ metadata: [String: String], of id: ResourceID) throws {
        try require(.changeMetadata, on: .secret, id)
        let pairs = Dictionary(
            metadata.sorted { $0.key < $1.key }.map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { $1 })
        guard pairs.count <= Self.maximumMetadata else {
            throw KeyManagerFault(.invalid, "Invalid Metadata. A secret has at most \(Self.maximumMetadata) keys.")
        }
        try connection.execute("DELETE FROM key_manager_metadatum WHERE secret_id = ?", [id])
        for (name, value) in pairs { try insertMetadatum(name, value, of: id) }
        try touch(.secret, id)
    }

    /// Adds one key, which must be new.
    public func addMetadatum(_ name: String, _ value: String, of id: ResourceID) throws {
        try require(.changeMetadata, on: .secret, id)
        let name = name.lowercased()
        let count = try connection.first(
            "SELECT COUNT(*) FROM key_manager_metadatum WHERE secret_id = ?", [id]
        ) { $0.int(0) }
        guard (count ?? 0) < Self.maximumMetadata else {
            throw KeyManagerFault(.invalid, "Invalid Metadata. A secret has at most \(Self.maximumMetadata) keys.")
        }
        guard
            !(try connection.exists(
                "SELECT 1 FROM key_manager_metadatum WHERE secret_id = ? AND name = ?", [id, name]))
        else { throw KeyManagerFault(.conflict, "Conflict. Key in request is already in the secret metadata") }
        try insertMetadatum(name, value, of: id)
        try touch(.secret, id)
    }

    /// Changes the value of a key that exists.
    public func changeMetadatum(_ name: String, _ value: String, of id: ResourceID) throws {
        try require(.changeMetadata, on: .secret, id)
        try Self.check(name, value)
        let count = try connection.execute(
            "UPDATE key_manager_metadatum SET value = ? WHERE secret_id = ? AND name = ?", [value, id, name])
        guard count > 0 else { throw Self.metadatumNotFound }
        try touch(.secret, id)
    }

    /// Removes a key.
    public func deleteMetadatum(_ name: String, of id: ResourceID) throws {
        try require(.changeMetadata, on: .secret, id)
        let count = try connection.execute(
            "DELETE FROM key_manager_metadatum WHERE secret_id = ? AND name = ?", [id, name])
        guard count > 0 else { throw Self.metadatumNotFound }
        try touch(.secret, id)
    }

    private func insertMetadatum(_ name: String, _ value: String, of id: ResourceID) throws {
        try Self.check(name, value)
        try connection.insert(
            into: "key_manager_metadatum", [("secret_id", id), ("name", name), ("value", value)])
    }

    private static func check(_ name: String, _ value: String) throws(KeyManagerFault) {
        guard !name.isEmpty, name.utf8.allSatisfy(isURLSafe) else {
            throw KeyManagerFault(.invalid, "Invalid Key. Key must be URL safe.")
        }
        guard name.utf8.count <= 255, value.unicodeScalars.count <= 255 else {
            throw KeyManagerFault(.invalid, "Invalid Metadata. Keys and values have at most 255 characters.")
        }
    }

    private static func isURLSafe(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    private static let metadatumNotFound = KeyManagerFault(.notFound, "Secret metadata not found.")
}
