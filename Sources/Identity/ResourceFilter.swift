// Which resources a list shows.

/// The filters that lists of domains, projects, users and roles have in common; `nil` lets all pass.
public struct ResourceFilter: Sendable, Hashable {
    public var id: String?
    public var name: String?
    public var domainID: String?
    public var isEnabled: Bool?

    public init(id: String? = nil, name: String? = nil, domainID: String? = nil, isEnabled: Bool? = nil) {
        self.id = id
        self.name = name
        self.domainID = domainID
        self.isEnabled = isEnabled
    }

    /// Whether a resource passes; `nil` stands for a field that the resource does not have.
    func matches(id: String, name: String, domainID: String?, isEnabled: Bool?) -> Bool {
        func agrees<Value: Equatable>(_ wanted: Value?, _ actual: Value?) -> Bool {
            wanted == nil || actual == nil || wanted == actual
        }
        return agrees(self.id, id) && agrees(self.name, name) && agrees(self.domainID, domainID)
            && agrees(self.isEnabled, isEnabled)
    }
}
