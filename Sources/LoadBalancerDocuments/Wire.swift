// Checking fields by the rules that the server has, before anything is sent.

internal import JSON
internal import OctaviaClient
internal import OctaviaWire

enum Wire {
    /// The body of a request.
    static func body(_ key: String, _ fields: Fields) -> [UInt8] {
        JSONWriter.bytes(of: JSONValue.object([key: .object(fields)]))
    }

    /// Decodes a body; what the server would refuse is a fault of the document.
    static func decode<Request>(_ body: () throws -> Request) throws -> Request {
        do {
            return try body()
        } catch let fault as OctaviaFault {
            throw DocumentError(fault.message)
        }
    }
}
