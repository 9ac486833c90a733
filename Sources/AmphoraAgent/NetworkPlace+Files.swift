// What the files of the kernel say about a place.

import Glibc
import PacketForwarding

extension NetworkPlace {
    /// Where named namespaces have their names (ip-netns(8)).
    static let namespaceFolder = "/run/netns"

    private var path: String {
        switch self {
        case .host: "/proc/self/ns/net"
        case .namespace(let name): "\(Self.namespaceFolder)/\(name)"
        }
    }

    /// Whether the name is taken, be it by the rest of a namespace.
    var hasName: Bool { access(path, F_OK) == 0 }

    /// Whether there is a namespace of that name: one that is gone leaves an ordinary file.
    var exists: Bool {
        guard case .namespace = self else { return true }
        var (folder, file) = (stat(), stat())
        return stat(Self.namespaceFolder, &folder) == 0 && stat(path, &file) == 0 && folder.st_dev != file.st_dev
    }

    /// Whether the process is there.
    func holds(_ pid: Int32) -> Bool {
        var (here, there) = (stat(), stat())
        return stat(path, &here) == 0 && stat("/proc/\(pid)/ns/net", &there) == 0 && here.st_dev == there.st_dev
            && here.st_ino == there.st_ino
    }
}
