// What a run is told.

internal import TestSupport

struct TortureOptions: Sendable {
    enum Engine: String, Sendable { case postgresql, sqlite }

    struct Problem: Error, CustomStringConvertible {
        var description: String
    }

    static let usage = """
        Usage: ottava-torture [OPTION VALUE]...
          --seed N         chooses what happens when; random, and printed, when absent
          --kills N        ends when so many processes were killed with SIGKILL (100)
          --duration N     ends after so many seconds at the latest (3600)
          --database E     postgresql: processes with roles; sqlite: one `ottava serve` (postgresql)
          --network M      loopback or bridge (loopback)
          --clients N      how many clients change load balancers (6)
          --pause N        the longest pause between two faults, in milliseconds (1500)
          --calm N         within so many seconds after the last fault all must be well (30)
          --outage N       instead: stops everything but HAProxy for so many seconds, under traffic
        OTTAVA_PROGRAM is the program, .build/debug/ottava when absent.
        """

    var seed = UInt64.random(in: 1...999_999)
    var kills = 100
    var duration = 3_600
    var engine = Engine.postgresql
    var usesBridge = false
    var clients = 6
    var pause = 1_500
    var calm = 30
    var outage: Int?

    init(_ arguments: [String]) throws {
        var words = arguments[...]
        while let option = words.popFirst() {
            guard let value = words.popFirst() else { throw Problem(description: "\(option) needs a value") }
            func number(_ range: ClosedRange<Int>) throws -> Int {
                guard let number = Int(value), range.contains(number) else {
                    throw Problem(description: "\(option) must be \(range.lowerBound) to \(range.upperBound)")
                }
                return number
            }
            switch option {
            case "--seed": seed = UInt64(try number(0...Int.max))
            case "--kills": kills = try number(0...1_000_000)
            case "--duration": duration = try number(1...1_000_000)
            case "--clients": clients = try number(1...100)
            case "--pause": pause = try number(100...1_000_000)
            case "--calm": calm = try number(1...10_000)
            case "--outage": outage = try number(1...100_000)
            case "--database":
                guard let engine = Engine(rawValue: value) else {
                    throw Problem(description: "--database must be postgresql or sqlite")
                }
                self.engine = engine
            case "--network":
                guard ["loopback", "bridge"].contains(value) else {
                    throw Problem(description: "--network must be loopback or bridge")
                }
                usesBridge = value == "bridge"
            default: throw Problem(description: "unknown option \(option)")
            }
        }
        if engine == .postgresql, !PostgreSQLServer.isInstalled {
            throw Problem(description: "PostgreSQL is not installed: scripts/setup does it")
        }
    }
}
