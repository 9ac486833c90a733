// The fields that most resources share, and the rules for them.

/// Names of the fields of requests.
enum FieldNames {
    /// Allowed in the body of every POST.
    static let create: Set<String> = ["admin_state_up", "tags", "project_id", "tenant_id"]
    /// Allowed in the body of every PUT but those of quotas.
    static let update: Set<String> = ["admin_state_up", "tags"]
}

extension ObjectReader {
    // MARK: New resources

    /// `name` or `description`: empty unless given.
    func text(_ name: String) throws(OctaviaFault) -> String { try value(name, .text(max: 255), default: "") }

    /// `admin_state_up`: true unless given; `null` is false.
    func adminStateUp() throws(OctaviaFault) -> Bool { try value("admin_state_up", .bool, default: true, null: false) }

    func tags() throws(OctaviaFault) -> [String] { try value("tags", .tags, default: []) }

    /// The project: `tenant_id` before `project_id`; empty text is none.
    @discardableResult
    func projectID() throws(OctaviaFault) -> String? {
        let project = try optional("project_id", .text(max: 36))
        let tenant = try optional("tenant_id", .text(max: 36))
        return [tenant, project].lazy.compactMap(\.self).first { !$0.isEmpty }
    }

    /// A reference to a container of certificates: empty text, which Terraform sends, is none.
    func containerReference(_ name: String) throws(OctaviaFault) -> String? {
        try value(name, .unsetWhenEmpty(.text(max: 255)), default: nil)
    }

    // MARK: Updates

    /// `name` or `description`: `null` is empty.
    func textChange(_ name: String) throws(OctaviaFault) -> Change<String> {
        try change(name, .text(max: 255), null: "")
    }

    /// `admin_state_up`: `null` is false.
    func adminStateUpChange() throws(OctaviaFault) -> Change<Bool> { try change("admin_state_up", .bool, null: false) }

    /// `tags`: `null` changes nothing.
    func tagsChange() throws(OctaviaFault) -> Change<[String]> { try changeUnlessNull("tags", .tags) }

    /// A reference to a container of certificates: `null` and empty text remove it.
    func containerReferenceChange(_ name: String) throws(OctaviaFault) -> Change<String?> {
        try change(name, .unsetWhenEmpty(.text(max: 255)), null: nil)
    }
}
