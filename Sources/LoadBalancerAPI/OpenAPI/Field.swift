// One field of a resource: what requests may send and what answers show.

internal import JSON
internal import LoadBalancing

extension OpenAPI {
    /// A field of a resource.
    struct Field: Sendable {
        /// How a request treats the field.
        enum Acceptance: Sendable, Hashable {
            /// Sending it is a fault.
            case refused
            /// It must be sent, and not as `null`.
            case required
            /// It may be left out but not be `null`.
            case optional
            /// It may be left out or be `null`.
            case nullable
        }

        /// How an answer shows the field.
        enum Presence: Sendable, Hashable {
            case hidden
            case always
            /// It is always there; `null` if it is not set.
            case nullable
            /// It is left out if it is not set.
            case sometimes
        }

        var name: String
        /// The type that requests send and, unless there is a type for answers, answers show.
        var schema: Schema
        var summary: String
        /// In the body of a POST.
        var post: Acceptance
        /// Inside a load balancer that is created with everything below it.
        var tree: Acceptance
        /// In the body of a PUT.
        var put: Acceptance
        /// The type in the body of a PUT, if it is another one.
        var putSchema: Schema?
        /// What leaving the field out of a POST means.
        var standard: JSONValue?
        var answer: Presence
        /// The type in answers, if it is another one.
        var shownSchema: Schema?
        var isDeprecated = false

        /// - Parameter tree: As in a POST unless given.
        init(
            _ name: String, _ schema: Schema, _ summary: String, post: Acceptance = .refused,
            tree: Acceptance? = nil, put: Acceptance = .refused, as putSchema: Schema? = nil,
            standard: JSONValue? = nil, answer: Presence = .hidden, shown shownSchema: Schema? = nil
        ) {
            self.name = name
            self.schema = schema
            self.summary = summary
            self.post = post
            self.tree = tree ?? post
            self.put = put
            self.putSchema = putSchema
            self.standard = standard
            self.answer = answer
            self.shownSchema = shownSchema
        }

        /// The same field as an old name.
        var deprecated: Field {
            var copy = self
            copy.isDeprecated = true
            return copy
        }
    }
}

extension OpenAPI.Field {
    // MARK: Fields of most resources

    static let id = Self("id", .uuid, "The identifier.", answer: .always)
    static let name = Self(
        "name", .text(max: 255), "A name for people; need not be unique.", post: .nullable, put: .nullable,
        standard: "", answer: .always)
    static let description = Self(
        "description", .text(max: 255), "A description for people.", post: .nullable, put: .nullable, standard: "",
        answer: .always)

    /// What all resources of a load balancer's tree have beside the name.
    static let core: [Self] = [
        Self(
            "provisioning_status", .choice(ProvisioningStatus.self),
            "How far the service has come in making the resource what was asked for.", answer: .always),
        Self(
            "operating_status", .choice(OperatingStatus.self), "What the resource is doing at the moment.",
            answer: .always),
        Self(
            "admin_state_up", .bool, "Whether the resource is switched on. `null` switches it off.", post: .nullable,
            put: .nullable, standard: true, answer: .always),
        Self(
            "project_id", .text(max: 36),
            "The project that owns the resource. Only a load balancer heeds it; others take its project.",
            post: .nullable, answer: .always),
        Self(
            "tenant_id", .text(max: 36), "The old name of `project_id`, which it precedes.", post: .nullable,
            answer: .always
        ).deprecated,
        Self("created_at", .timestamp, "When the resource was created, in UTC.", answer: .always),
        Self("updated_at", .timestamp, "When the resource or its statuses last changed, in UTC.", answer: .nullable),
        Self(
            "tags", .tags, "A set of tags. In an update the list replaces all, and `null` changes nothing.",
            post: .nullable, put: .nullable, standard: [], answer: .always),
        Self("status_reason", .text(), "Why the provisioning status is ERROR.", answer: .sometimes),
    ]

    /// References to resources that belong to this one.
    static func references(_ name: String, _ summary: String) -> Self {
        Self(name, .references, summary, answer: .always)
    }
}
