// Writes layer 7 policies in HAProxy's language.

extension HAProxyConfiguration.Frontend {
    /// Writes the conditions, and what rejects or redirects, in order.
    ///
    /// Policies see requests as clients sent them, so this comes before headers are inserted. Backends are chosen after
    /// that, so the choice is remembered here (``renderBackendChoice(into:)``).
    func renderPolicies(into writer: inout HAProxyConfigurationWriter) throws(UnwritableValue) {
        for rule in policies.flatMap(\.rules) { try rule.render(into: &writer) }
        for policy in policies {
            var words: [HAProxyConfigurationWriter.Word] = ["http-request"]
            switch policy.action {
            case .reject:
                words += ["deny", "deny_status", "403", "if"]
            case .redirect(let location, let code):
                words += [
                    "redirect", "location", HAProxyConfigurationWriter.logFormat(location), "code", .number(code), "if",
                ]
            case .redirectPrefix(let prefix, let code):
                words += [
                    "redirect", "prefix", HAProxyConfigurationWriter.logFormat(prefix), "code", .number(code), "if",
                ]
            case .useBackend:
                words += ["set-var(txn.policy)", HAProxyConfigurationWriter.fetch("str", policy.name)]
                words += ["if", "!{", "var(txn.policy)", "-m", "found", "}"]
            }
            for rule in policy.rules { words.append(.value((rule.isInverted ? "!" : "") + rule.name)) }
            if policy.rules.isEmpty { words.append("TRUE") }
            try writer.line(words)
        }
    }

    /// Writes which backend a policy has chosen.
    func renderBackendChoice(into writer: inout HAProxyConfigurationWriter) throws(UnwritableValue) {
        for policy in policies {
            guard case .useBackend(let backend) = policy.action else { continue }
            try writer.line(
                "use_backend", .value(backend), "if", "{", "var(txn.policy)", "-m", "str", .value(policy.name), "}")
        }
    }
}

extension HAProxyConfiguration.L7Rule {
    /// Writes the condition under the name of the rule.
    fileprivate func render(into writer: inout HAProxyConfigurationWriter) throws(UnwritableValue) {
        var words: [HAProxyConfigurationWriter.Word] = ["acl", .value(name), sample.word]
        if ignoresCase { words.append("-i") }
        switch match {
        case .plain: break
        case .equal: words += ["-m", "str"]
        case .begin: words += ["-m", "beg"]
        case .end: words += ["-m", "end"]
        case .contain: words += ["-m", "sub"]
        case .expression: words += ["-m", "reg"]
        }
        switch pattern {
        case .none: break
        case .file: words += ["-f", .value("../\(patternFile)")]
        case .inline(let value): words += ["--", .value(value)]
        }
        try writer.line(words)
    }
}

extension HAProxyConfiguration.L7Rule.Sample {
    fileprivate var word: HAProxyConfigurationWriter.Word {
        switch self {
        case .host: "req.hdr(host),host_only"
        case .path: "path"
        case .header(let name): HAProxyConfigurationWriter.fetch("req.hdr", name)
        case .cookie(let name): HAProxyConfigurationWriter.fetch("req.cook", name)
        case .hasClientCertificate: "ssl_c_used"
        case .verificationResult: "ssl_c_verify"
        case .subjectField(let field): HAProxyConfigurationWriter.fetch("ssl_c_s_dn", field)
        }
    }
}
