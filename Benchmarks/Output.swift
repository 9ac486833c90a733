// Standard output, without the buffer that a pipe would get.

internal import Foundation

enum Output {
    static func line(_ text: String) {
        FileHandle.standardOutput.write(Data("\(text)\n".utf8))
    }
}
