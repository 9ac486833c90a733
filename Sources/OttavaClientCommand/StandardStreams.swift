// Writing to the standard streams.

internal import Foundation

enum StandardStreams {
    static func error(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

    /// Unlike `print`, is not kept back until the buffer is full.
    static func output(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}
