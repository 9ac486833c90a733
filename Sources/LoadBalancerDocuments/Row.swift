// An object with all fields of its answer.

package import JSON
package import OctaviaClient

/// An object with all its fields, also those that the library has no property for.
package struct Row<Base: CloudResource>: CloudResource {
    package static var key: String { Base.key }
    package static var collectionKey: String { Base.collectionKey }
    package static var term: String { Base.term }
    package static var hasPages: Bool { Base.hasPages }

    package let resource: Base
    package let fields: [String: JSONValue]

    package var reference: String { resource.reference }
    package var name: String { resource.name }

    package init(_ answer: AnswerReader) throws(CloudError) {
        resource = try Base(answer)
        fields = answer.fields
    }
}
