// The URLs by which other services name secrets and containers.

public import LoadBalancing

/// What a reference such as `http://HOST/key-manager/v1/secrets/ID` names.
public struct KeyReference: Sendable, Hashable {
    public var resource: KeyResource
    public var id: ResourceID

    public init(_ resource: KeyResource, _ id: ResourceID) {
        self.resource = resource
        self.id = id
    }

    /// Reads a reference; only its last two segments count, since one server has many names. `nil` when it is none.
    public init?(_ text: String) {
        let segments = text.split(separator: "/").suffix(2).map(String.init)
        guard segments.count == 2, let resource = KeyResource.allCases.first(where: { $0.collection == segments[0] }),
            let id = ResourceID(segments[1])
        else { return nil }
        self.init(resource, id)
    }

    /// The reference below the key manager's URL, which ends in `/v1`.
    public func url(below base: String) -> String { "\(base)/\(resource.collection)/\(id)" }
}
