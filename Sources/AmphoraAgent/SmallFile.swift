// Reads and writes small files with plain system calls.

import Glibc
import ProviderDrivers

/// Files of the data plane: small, private to the agent, and replaced as a whole.
enum SmallFile {
    /// The text of a file; `nil` when it cannot be read.
    static func read(_ path: String) -> String? {
        bytes(path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The bytes of a file; `nil` when it cannot be read.
    static func bytes(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { return content }
            if count < 0 {
                if errno == EINTR { continue }
                return nil
            }
            content += buffer[..<count]
        }
    }

    /// Puts a file with that text in place of what was there, in one step. Only the agent's user may read it.
    ///
    /// It is not flushed to the disk: after a power failure there is no process left that it would have to agree with.
    static func replace(_ path: String, with text: String) throws(DataPlaneError) {
        let temporary = path + ".tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("create", temporary) }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                let error = failure("write", temporary)
                close(descriptor)
                unlink(temporary)
                throw error
            }
            bytes = bytes.dropFirst(count)
        }
        close(descriptor)
        try rename(temporary, to: path)
    }

    /// Gives a file another name, in place of what had it.
    static func rename(_ path: String, to target: String) throws(DataPlaneError) {
        guard Glibc.rename(path, target) == 0 else { throw failure("rename", path) }
    }

    /// Makes a folder that only the agent's user may enter, unless it is there.
    static func makeFolder(_ path: String) throws(DataPlaneError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure("make", path) }
    }

    /// Removes a file; it is fine when there is none.
    static func remove(_ path: String) {
        unlink(path)
    }

    /// Removes a folder with everything in it.
    static func removeFolder(_ path: String) {
        for name in entries(of: path) {
            let entry = "\(path)/\(name)"
            if unlink(entry) != 0 { removeFolder(entry) }
        }
        rmdir(path)
    }

    /// The names in a folder; empty when it cannot be read.
    static func entries(of path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private static func failure(_ action: String, _ path: String) -> DataPlaneError {
        DataPlaneError(
            .node, "The data plane could not write its files.",
            detail: "\(action) \(path): \(String(cString: strerror(errno)))")
    }
}
