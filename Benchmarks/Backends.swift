// Backends that live until the end of the part of the measurements that made them.

internal import TestSupport

enum Backends {
    static func start(_ name: String) throws -> HTTPBackend {
        let backend = try HTTPBackend(name)
        // A backend stops when nobody refers to it.
        CleanUp.add { backend.stop() }
        return backend
    }
}
