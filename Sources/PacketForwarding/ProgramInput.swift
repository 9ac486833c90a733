// Text for the standard input of a program.

internal import CLinux
internal import Glibc
package import SystemPackage

/// A file in memory as the standard input of a program.
///
/// Not a pipe: a program that ends without having read it, such as one that finds nothing to work on, must not break
/// who writes.
package enum ProgramInput {
    /// Hands on a file that holds the text, at its beginning; it is closed afterwards.
    ///
    /// - Throws: `Errno` when the file cannot be made or written.
    package static func with<Result>(
        _ text: String, _ body: (FileDescriptor) async throws -> Result
    ) async throws -> Result {
        let descriptor = ottava_memory_file("input")
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        let file = FileDescriptor(rawValue: descriptor)
        defer { try? file.close() }
        try file.writeAll(text.utf8)
        try file.seek(offset: 0, from: .start)
        return try await body(file)
    }
}
