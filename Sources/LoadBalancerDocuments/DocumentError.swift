// What is wrong with a document.

/// A document cannot be carried out: what it says is malformed, or breaks a rule of the API.
package struct DocumentError: Error, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}
