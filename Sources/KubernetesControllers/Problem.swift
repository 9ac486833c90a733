// What is wrong with an object, as a value that becomes an event.

/// Something that the owner of an object should know.
struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
    enum Weight: Sendable, Hashable {
        /// Nothing can be done before the object or the cluster is changed.
        case refusal
        /// Something in the object is left out of account.
        case warning
        /// Good to know.
        case note
    }

    var weight: Weight
    /// One word in CamelCase, the reason of the event.
    var reason: String
    /// What is wrong and what to do about it.
    var message: String

    var description: String { message }

    static func refusal(_ message: String, reason: String = EventReason.syncFailed) -> Problem {
        Problem(weight: .refusal, reason: reason, message: message)
    }

    static func warning(_ reason: String, _ message: String) -> Problem {
        Problem(weight: .warning, reason: reason, message: message)
    }

    static func note(_ reason: String, _ message: String) -> Problem {
        Problem(weight: .note, reason: reason, message: message)
    }
}

/// The reasons of events: those of Kubernetes' service controller, and those of cloud-provider-openstack.
enum EventReason {
    static let ensuring = "EnsuringLoadBalancer"
    static let ensured = "EnsuredLoadBalancer"
    static let updated = "UpdatedLoadBalancer"
    static let deleting = "DeletingLoadBalancer"
    static let deleted = "DeletedLoadBalancer"
    static let syncFailed = "SyncLoadBalancerFailed"
    static let updateFailed = "UpdateLoadBalancerFailed"
    static let deleteFailed = "DeleteLoadBalancerFailed"
    static let withoutMembers = "UnAvailableLoadBalancer"

    static let annotationIgnored = "LoadBalancerAnnotationIgnored"
    static let forcedInternal = "LoadBalancerForcedInternal"
    static let externalNetworkSearchFailed = "LoadBalancerExternalNetworkSearchFailed"
    static let floatingIPSkipped = "LoadBalancerFloatingIPSkipped"
    static let methodUnknown = "LoadBalancerLbMethodUnknown"
    static let renamed = "LoadBalancerRename"
    static let secondFamilySkipped = "LoadBalancerAddressFamilySkipped"

    static let ingressCreating = "Creating"
    static let ingressCreated = "Created"
    static let ingressUpdating = "Updating"
    static let ingressUpdated = "Updated"
    static let ingressDeleting = "Deleting"
    static let ingressDeleted = "Deleted"
    static let ingressFailed = "Failed"
    static let ingressRuleIgnored = "RuleIgnored"
}
