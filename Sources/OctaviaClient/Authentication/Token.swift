// What Keystone says about a login.

internal import JSON
public import LoadBalancing

/// A token with what it stands for (Identity API v3, "Authentication and token management").
public struct Token: Sendable, Hashable {
    /// A user, project or domain: its id and its name.
    public struct Entity: Sendable, Hashable {
        /// The id in Keystone.
        public var id: String
        /// The name in Keystone.
        public var name: String
    }

    /// What requests carry.
    public var value: Secret
    /// Who has logged in.
    public var user: Entity
    /// Absent unless the token is for a project.
    public var project: Entity?
    /// Absent unless the token is for a domain.
    public var domain: Entity?
    /// The names of the roles that the user has there.
    public var roles: [String]
    /// When it ends; absent if it never does.
    public var expiresAt: Timestamp?
    /// Where the services are.
    public var catalog: ServiceCatalog

    /// Reads the body of an answer.
    init(value: Secret, body: [UInt8]) throws(CloudError) {
        guard let json = try? JSONValue(parsing: body) else {
            throw CloudError(.unexpectedAnswer, "unexpected answer: the token is not JSON")
        }
        let token = try AnswerReader(json, "the answer to the login").object("token")
        self.value = value
        user = try Self.entity(token.object("user"))
        project = try token.objectIfAny("project").map { reader throws(CloudError) in try Self.entity(reader) }
        domain = try token.objectIfAny("domain").map { reader throws(CloudError) in try Self.entity(reader) }
        roles = try token.objects("roles").map { reader throws(CloudError) in try reader.text("name") }
        expiresAt = try token.timeIfAny("expires_at")
        catalog = try ServiceCatalog(token)
    }

    private static func entity(_ reader: AnswerReader) throws(CloudError) -> Entity {
        Entity(id: try reader.text("id"), name: try reader.textOrEmpty("name"))
    }

    /// Whether it ends before a request that begins now may be done.
    func expiresSoon(now: Timestamp) -> Bool {
        guard let expiresAt else { return false }
        return expiresAt < now.advanced(bySeconds: 30)
    }
}
