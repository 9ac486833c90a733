// Places that nobody else on this machine uses: folders, ports and virtual addresses.

internal import Glibc
internal import Synchronization

/// A folder that is removed with everything in it.
public struct TemporaryFolder: Sendable {
    public let path: String

    public init(_ name: String) throws {
        var template = Array("/tmp/\(name)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ConnectionFailure.cannotListen(errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    public func file(_ name: String) -> String { "\(path)/\(name)" }

    public func remove() {
        try? Files.remove(path)
    }
}

/// Ports below those that the kernel gives to clients.
public enum Ports {
    private static let taken = Mutex<Set<Int>>([])

    /// A port on which nothing listens at 127.0.0.1, and which is not handed out twice.
    public static func free() -> Int {
        while true {
            let port = Int.random(in: 10_000..<30_000)
            guard taken.withLock({ $0.insert(port).inserted }) else { continue }
            if (try? TCPSocket.listen(on: "127.0.0.1", port: port)) != nil { return port }
        }
    }
}

/// Addresses of the subnet `private-subnet` for load balancers: all servers of a machine share 127.77.0.0/16, so each
/// test asks for addresses of its own.
public enum VirtualAddresses {
    private static let last = Mutex(Int.random(in: 1_000..<60_000))

    public static func next() -> String {
        let number = last.withLock { number in
            number = number >= 65_000 ? 1_000 : number + 1
            if number % 256 == 0 || number % 256 == 255 { number += 2 }
            return number
        }
        return "127.77.\(number / 256).\(number % 256)"
    }
}
