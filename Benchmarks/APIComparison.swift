// The speed of the API beside the real Octavia, on this machine and in this run.

internal import Foundation
internal import TestSupport

enum APIComparison {
    static let title = "API"

    static func run(_ program: String) async throws -> ComparisonTable {
        let ottava = try await measure("Ottava") { try await ComparedOttava(program) }
        var octavia: APIScenarios?
        do {
            octavia = try await measure("Octavia") { try await ComparedOctavia() }
        } catch let error as ComparedOctavia.Unavailable {
            let line = String(repeating: "=", count: 71)
            Output.line(
                "\(line)\nNOT COMPARED: THE REAL OCTAVIA CANNOT BE RUN HERE.\n\(error.reason)\n\(line)")
        }
        return ComparisonTable(ottava: ottava, octavia: octavia)
    }

    /// One server at a time, so that neither waits for the other.
    private static func measure(_ name: String, _ start: () async throws -> any ComparedServer) async throws
        -> APIScenarios
    {
        defer { CleanUp.run() }
        let server = try await start()
        let begin = ContinuousClock.now
        let result = try await APIScenarios.run(server)
        Output.line("  \(name): measured for \(Int((ContinuousClock.now - begin) / .seconds(1))) s")
        return result
    }
}

/// Both servers' figures, their ratio, and the goals.
struct ComparisonTable {
    private typealias Figure = APIScenarios.Figure

    /// What Ottava's own figure is to be at most.
    private static let limits: [Figure: Double] = [
        Figure("GET one", 1, "CPU"): 0.5,
        Figure("GET list of 100", 1, "CPU"): 2.5,
        Figure("GET list of 1000", 1, "CPU"): 20,
        Figure("POST", 1, "CPU"): 4,
        Figure("POST of a tree", 1, "until ACTIVE"): 100,
        Figure("PUT of 100 members", 1, "until ACTIVE"): 100,
        Figure("Memory", nil, "resident", .mebibytes): 70,
    ]

    /// How often the original's figure is to contain Ottava's: of processor time, and of the time until a single
    /// client has what it wants.
    private static func factor(_ figure: Figure) -> Double? {
        let isRead = figure.title.hasPrefix("GET")
        switch figure.name {
        case "CPU": return isRead ? 30 : 20
        case "time": return isRead && figure.clients == 1 ? 30 : nil
        case "until ACTIVE", "until gone": return 20
        default: return nil
        }
    }

    private(set) var text = ""
    /// Whether each goal is met.
    private(set) var goals: [Bool] = []

    /// Nothing was measured.
    init() {}

    init(ottava: APIScenarios, octavia: APIScenarios?) {
        var rows = [["API", "Ottava", octavia == nil ? "not here" : "Octavia", "ratio", "goals", ""]]
        var titles: [String] = []
        for figure in ottava.order where !titles.contains(figure.title) { titles.append(figure.title) }
        let order = titles.flatMap { title in ottava.order.filter { $0.title == title } }
        var title = ""
        for figure in order {
            guard let own = ottava.figures[figure] else { continue }
            if figure.title != title { rows.append(["\(figure.title)"]) }
            title = figure.title
            let other = octavia?.figures[figure]
            // The larger, the better.
            let ratio = other.map { figure.unit == .perSecond ? own / $0 : $0 / own }
            var wanted: [String] = []
            var isMet: [Bool] = []
            if let limit = Self.limits[figure] {
                wanted.append("<= \(String(format: "%g", limit)) \(figure.unit.rawValue)")
                isMet.append(own <= limit)
            }
            if let factor = Self.factor(figure), let ratio {
                wanted.append(">= \(String(format: "%g", factor))x")
                isMet.append(ratio >= factor)
            }
            goals += isMet
            let clients = figure.clients.map { $0 == 1 ? "1 client, " : "\($0) clients, " } ?? ""
            rows.append([
                "  \(clients)\(figure.name)", Self.text(own, figure.unit),
                other.map { Self.text($0, figure.unit) } ?? "",
                ratio.map { String(format: $0 < 10 ? "%.1fx" : "%.0fx", $0) } ?? "", wanted.joined(separator: ", "),
                isMet.isEmpty ? "" : isMet.contains(false) ? "MISSED" : "met",
            ])
        }
        text = Columns.text(of: rows) + Self.explanation
    }

    private static func text(_ value: Double, _ unit: Figure.Unit) -> String {
        String(format: value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value) + " \(unit.rawValue)"
    }

    private static let explanation = """

        Ottava without a data plane (serve --no-op), and Octavia with its no-op drivers: API behind uwsgi with two
        processes, MariaDB, RabbitMQ, one worker. Times are medians. CPU is that of all these processes for each
        request with the work that it causes; rates of writes count work that is done. A tree is two listeners, two
        pools, twenty members and two monitors. Octavia's list of 1000 was filled by copies in its database.

        """
}
