// What clients are told when the load balancer itself answers with an error.

/// The answers of HTTP listeners that no member has made.
enum ErrorPage {
    /// Statuses that HAProxy answers with by itself here and that have a page: a policy rejects, a member talks
    /// nonsense, no member is there, a member is silent.
    static let statuses = [403, 502, 503, 504]

    static func title(_ status: Int) -> String {
        switch status {
        case 403: "Forbidden"
        case 502: "Bad Gateway"
        case 504: "Gateway Timeout"
        default: "Service Unavailable"
        }
    }

    static func text(_ status: Int) -> String {
        switch status {
        case 403: "The load balancer does not let this request through."
        case 502: "The server behind the load balancer gave no valid answer."
        case 504: "The server behind the load balancer did not answer in time."
        default: "No server is available for this request at the moment."
        }
    }

    /// For browsers. It holds no brackets: a sample expression would end at one.
    static func html(_ status: Int) -> String {
        "<!DOCTYPE html><html lang=en><meta charset=utf-8><title>\(status) \(title(status))</title>"
            + "<body style='font:1rem/1.5 sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem'>"
            + "<h1>\(status) \(title(status))</h1><p>\(text(status))</p></body></html>"
    }

    /// For programs that ask for JSON.
    static func json(_ status: Int) -> String {
        "{\"code\": \(status), \"title\": \"\(title(status))\", \"message\": \"\(text(status))\"}"
    }
}

extension HAProxyConfiguration.Frontend {
    /// The name of the file with an owner's page, within the load balancer's folder.
    func errorPageFile(_ status: Int) -> String { "\(DataPlaneFile.errorPagePrefix)\(name)-\(status)" }

    /// Remembers whether the client prefers JSON; for the time when its request is gone.
    func renderPreference(into writer: inout HAProxyConfigurationWriter) throws(UnwritableValue) {
        guard hasErrorPages else { return }
        try writer.line(
            "http-request", "set-var(txn.wants_json)", "bool(true)", "if", "{", "req.hdr(accept)", "-i", "-m", "beg",
            "application/json", "application/problem+json", "}")
    }

    /// Writes the pages: the owner's, and for the rest one in HTML or JSON. An answer of that kind carries a header
    /// between HAProxy's rules that tells it from a member's, so that its type can be set.
    func renderErrorPages(into writer: inout HAProxyConfigurationWriter) throws(UnwritableValue) {
        guard hasErrorPages else { return }
        for status in ownErrorPages.keys.sorted() {
            try writer.line(
                "http-error", "status", .number(status), "content-type", .value("text/html; charset=utf-8"), "file",
                .value("../\(errorPageFile(status))"))
        }
        for status in ErrorPage.statuses where ownErrorPages[status] == nil {
            try writer.line(
                "http-error", "status", .number(status), "content-type", .value("text/html; charset=utf-8"),
                "lf-string",
                HAProxyConfigurationWriter.choice(
                    "var(txn.wants_json,0)", ErrorPage.json(status), ErrorPage.html(status)),
                "hdr", "Cache-Control", "no-store", "hdr", "Vary", "Accept", "hdr", "X-Ottava-Page", .number(status))
        }
        try writer.line(
            "http-after-response", "set-header", "Content-Type", "application/json", "if", "{",
            "res.hdr(x-ottava-page)", "-m", "found", "}", "{", "var(txn.wants_json)", "-m", "found", "}")
        try writer.line("http-after-response", "del-header", "X-Ottava-Page")
    }

    private var hasErrorPages: Bool { mode == .http && !servesMetrics }
}

extension HAProxyConfigurationWriter {
    /// A log format that is one of two texts (`iif`, section 7.3.1), by a sample that is a truth value.
    static func choice(_ sample: StaticString, _ yes: String, _ no: String) -> Word {
        .value("%[\(sample),iif(\"\(escapedArgument(yes))\",\"\(escapedArgument(no))\")]")
    }
}
