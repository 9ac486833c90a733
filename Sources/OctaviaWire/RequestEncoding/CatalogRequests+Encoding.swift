// Bodies of requests for flavors, availability zones and their profiles as clients send them.

internal import JSON
public import LoadBalancing

extension ProfileCreate {
    /// - Parameter data: Text that holds a JSON object.
    public init(name: String, provider: String, data: String) {
        self.name = name
        self.providerName = provider
        self.data = data
    }

    /// The body.
    public func body(_ kind: OfferKind) -> [UInt8] {
        kind.profileBody { writer in
            writer.request("name", name)
            writer.request("provider_name", providerName)
            writer.request(kind.dataField, data)
        }
    }
}

extension ProfileUpdate {
    /// The body.
    public func body(_ kind: OfferKind) -> [UInt8] {
        kind.profileBody { writer in
            writer.change("name", name)
            writer.change("provider_name", providerName)
            writer.change(kind.dataField, data)
        }
    }
}

extension OfferCreate {
    public init(name: String, description: String = "", isEnabled: Bool = true, profile: ResourceID) {
        self.name = name
        self.description = description
        self.isEnabled = isEnabled
        self.profileID = profile
    }

    /// The body.
    public func body(_ kind: OfferKind) -> [UInt8] {
        kind.body { writer in
            writer.request("name", name)
            writer.given("description", description, unless: "")
            writer.given("enabled", isEnabled, unless: true)
            writer.request(kind.profileField, profileID)
        }
    }
}

extension OfferUpdate {
    /// The body. The name of an availability zone cannot be changed and is left out.
    public func body(_ kind: OfferKind) -> [UInt8] {
        kind.body { writer in
            if kind == .flavor { writer.change("name", name) }
            writer.change("description", description)
            writer.change("enabled", isEnabled)
        }
    }
}

extension OfferKind {
    fileprivate func body(_ fields: (inout JSONWriter) -> Void) -> [UInt8] {
        JSONWriter.object { $0.objectMember(self == .flavor ? "flavor" : "availability_zone", fields) }
    }

    fileprivate func profileBody(_ fields: (inout JSONWriter) -> Void) -> [UInt8] {
        JSONWriter.object { $0.objectMember(self == .flavor ? "flavorprofile" : "availability_zone_profile", fields) }
    }
}
