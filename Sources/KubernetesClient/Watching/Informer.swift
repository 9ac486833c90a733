// Keeps a cache equal to what the server has.

internal import Logging

/// Lists once, then watches: a cache that follows the server.
///
/// Watches that end are taken up where they ended; a version that is too old has everything listed again, and the
/// cache then tells the differences. Nothing is missed, and nothing is told twice.
public final class Informer<Object: KubernetesObject>: Sendable {
    public let cache: Cache<Object>
    private let cluster: Cluster
    private let namespace: String?
    private let labels: String?
    private let fields: String?
    private let transform: @Sendable (inout Object) -> Void
    private let backOff: BackOff

    /// - Parameters:
    ///   - namespace: Absent: all namespaces.
    ///   - labels: A label selector, such as `app=web,tier!=cache`.
    ///   - fields: A field selector, such as `metadata.name=web`.
    ///   - indexers: The indexes of the cache.
    ///   - transform: Takes out what the cache need not hold. Managed fields are never held.
    ///   - backOff: The pauses between attempts when the server does not answer.
    public init(
        _ cluster: Cluster, _ type: Object.Type = Object.self, namespace: String? = nil, labels: String? = nil,
        fields: String? = nil, indexers: [String: CacheIndexer<Object>] = [:],
        backOff: BackOff = BackOff(first: .milliseconds(200), longest: .seconds(15), jitter: 0.5),
        transform: @escaping @Sendable (inout Object) -> Void = { _ in }
    ) {
        self.cluster = cluster
        self.namespace = namespace
        self.labels = labels
        self.fields = fields
        self.backOff = backOff
        self.transform = transform
        cache = Cache(indexers: indexers)
    }

    /// Follows the server until the task is cancelled.
    public func run() async {
        var logger = cluster.logger
        logger[metadataKey: "kind"] = "\(Object.kind)"
        defer { cache.end() }
        var failures = 0
        var version: String?
        while !Task.isCancelled {
            let start = ContinuousClock.now
            do {
                let from: String
                if let version {
                    from = version
                } else {
                    let list = try await cluster.list(Object.self, namespace: namespace, labels: labels, fields: fields)
                    cache.replace(with: list.items.map(prepared))
                    from = list.resourceVersion
                    version = from
                    logger.debug("listed", metadata: ["count": "\(list.items.count)", "version": "\(from)"])
                }
                try await follow(from: from) { seen in
                    version = seen
                    failures = 0
                }
                // The usual end. One that comes at once is not.
                if ContinuousClock.now - start > .seconds(1) { failures = 0 } else { failures += 1 }
            } catch is CancellationError {
                return
            } catch {
                failures += 1
                let error = error as? KubernetesError
                // A server that has lost its memory refuses versions that it once gave out.
                if error?.code == .expired || failures >= 3 || error?.isTemporary == false { version = nil }
                // The type may have moved to another version with an upgrade of the cluster.
                if error?.code == .notFound { cluster.catalog.forget() }
                let level: Logger.Level = error?.code == .expired || failures == 1 ? .debug : .warning
                logger.log(
                    level: level, "The watch broke off",
                    metadata: ["error": "\(error.map { "\($0)" } ?? "unknown")", "failures": "\(failures)"])
                if error?.code == .expired, failures == 1 { continue }
            }
            if failures > 0 { try? await Task.sleep(for: backOff.pause(after: failures)) }
        }
    }

    private func follow(from version: String, _ seen: (String) -> Void) async throws {
        // Not all at once.
        let timeout = Duration.seconds(Int.random(in: 240...480))
        let watch = cluster.watch(
            Object.self, namespace: namespace, labels: labels, fields: fields, from: version, timeout: timeout)
        for try await event in watch {
            switch event {
            case .added(let object), .modified(let object):
                cache.put(prepared(object))
                seen(object.metadata.resourceVersion)
            case .deleted(let object):
                cache.remove(prepared(object))
                seen(object.metadata.resourceVersion)
            case .bookmark(let version): seen(version)
            }
        }
    }

    private func prepared(_ object: Object) -> Object {
        var object = object
        object.metadata.otherFields["managedFields"] = nil
        transform(&object)
        return object
    }
}
