// Creating, changing and deleting objects.

public import JSON
public import OctaviaWire

/// An object that users make.
public protocol CreatableResource: CloudResource {
    associatedtype Creation: Sendable
    /// The body of the request.
    static func body(of creation: Creation) -> [UInt8]
}

/// An object that users change.
public protocol UpdatableResource: CloudResource {
    associatedtype Update: Sendable
    /// The body of the request.
    static func body(of update: Update) -> [UInt8]
    /// An update that changes nothing.
    static var emptyUpdate: Update { get }
}

extension CreatableResource where Creation: JSONWritable {
    /// The body of the request.
    public static func body(of creation: Creation) -> [UInt8] { JSONWriter.object { $0.member(key, creation) } }
}

extension UpdatableResource where Update: JSONWritable {
    /// The body of the request.
    public static func body(of update: Update) -> [UInt8] { JSONWriter.object { $0.member(key, update) } }
}

extension ResourceCollection where Resource: CreatableResource {
    /// Makes an object. The answer shows it as accepted: wait for it before using it.
    @discardableResult
    public func create(_ creation: Resource.Creation) async throws -> Resource {
        try await create(Resource.body(of: creation))
    }
}

extension ResourceCollection where Resource: UpdatableResource & Identifiable, Resource.ID: CustomStringConvertible {
    /// Changes an object. Nothing is sent for fields that keep their value.
    @discardableResult
    public func update(_ id: Resource.ID, _ update: Resource.Update) async throws -> Resource {
        try await self.update("\(id)", Resource.body(of: update))
    }

    /// Changes an object: `update(id) { $0.name = .set("web") }`.
    @discardableResult
    public func update(
        _ id: Resource.ID, _ change: (inout Resource.Update) -> Void
    ) async throws -> Resource {
        var update = Resource.emptyUpdate
        change(&update)
        return try await self.update(id, update)
    }
}

extension ResourceCollection
where Resource: CreatableResource & Identifiable, Resource.ID: CustomStringConvertible {
    /// Deletes an object.
    public func delete(_ id: Resource.ID) async throws { try await remove("\(id)") }
}

extension LoadBalancer: CreatableResource, UpdatableResource {
    public typealias Creation = LoadBalancerCreate
    public typealias Update = LoadBalancerUpdate
    /// An update that changes nothing.
    public static var emptyUpdate: LoadBalancerUpdate { LoadBalancerUpdate() }
}

extension Listener: CreatableResource, UpdatableResource {
    public typealias Creation = ListenerCreate
    public typealias Update = ListenerUpdate
    /// An update that changes nothing.
    public static var emptyUpdate: ListenerUpdate { ListenerUpdate() }
}

extension Pool: CreatableResource, UpdatableResource {
    public typealias Creation = PoolCreate
    public typealias Update = PoolUpdate
    /// An update that changes nothing.
    public static var emptyUpdate: PoolUpdate { PoolUpdate() }
}

extension Member: CreatableResource, UpdatableResource {
    public typealias Creation = MemberCreate
    public typealias Update = MemberUpdate
    /// An update that changes nothing.
    public static var emptyUpdate: MemberUpdate { MemberUpdate() }
}

extension HealthMonitor: CreatableResource, UpdatableResource {
    public typealias Creation = HealthMonitorCreate
    public typealias Update = HealthMonitorUpdate
    /// An update that changes nothing.
    public static var emptyUpdate: HealthMonitorUpdate { HealthMonitorUpdate() }
}

extension L7Policy: CreatableResource, UpdatableResource {
    public typealias Creation = L7PolicyCreate
    public typealias Update = L7PolicyUpdate
    /// An update that changes nothing.
    public static var emptyUpdate: L7PolicyUpdate { L7PolicyUpdate() }
}

extension L7Rule: CreatableResource, UpdatableResource {
    public typealias Creation = L7RuleCreate
    public typealias Update = L7RuleUpdate
    /// An update that changes nothing.
    public static var emptyUpdate: L7RuleUpdate { L7RuleUpdate() }
}

extension Flavor: CreatableResource, UpdatableResource {
    public typealias Creation = OfferCreate
    public typealias Update = OfferUpdate
    /// The body of the request.
    public static func body(of creation: OfferCreate) -> [UInt8] { creation.body(.flavor) }
    /// The body of the request.
    public static func body(of update: OfferUpdate) -> [UInt8] { update.body(.flavor) }
    /// An update that changes nothing.
    public static var emptyUpdate: OfferUpdate { OfferUpdate() }
}

extension FlavorProfile: CreatableResource, UpdatableResource {
    public typealias Creation = ProfileCreate
    public typealias Update = ProfileUpdate
    /// The body of the request.
    public static func body(of creation: ProfileCreate) -> [UInt8] { creation.body(.flavor) }
    /// The body of the request.
    public static func body(of update: ProfileUpdate) -> [UInt8] { update.body(.flavor) }
    /// An update that changes nothing.
    public static var emptyUpdate: ProfileUpdate { ProfileUpdate() }
}

extension AvailabilityZone: CreatableResource, UpdatableResource {
    public typealias Creation = OfferCreate
    public typealias Update = OfferUpdate
    /// The body of the request.
    public static func body(of creation: OfferCreate) -> [UInt8] { creation.body(.availabilityZone) }
    /// The body of the request.
    public static func body(of update: OfferUpdate) -> [UInt8] { update.body(.availabilityZone) }
    /// An update that changes nothing.
    public static var emptyUpdate: OfferUpdate { OfferUpdate() }
}

extension AvailabilityZoneProfile: CreatableResource, UpdatableResource {
    public typealias Creation = ProfileCreate
    public typealias Update = ProfileUpdate
    /// The body of the request.
    public static func body(of creation: ProfileCreate) -> [UInt8] { creation.body(.availabilityZone) }
    /// The body of the request.
    public static func body(of update: ProfileUpdate) -> [UInt8] { update.body(.availabilityZone) }
    /// An update that changes nothing.
    public static var emptyUpdate: ProfileUpdate { ProfileUpdate() }
}
