// Writes what has to do with TLS into HAProxy's configuration (configuration manual, sections 5.1 and 5.2).

extension HAProxyConfiguration.FrontendTLS {
    /// What follows the address in a `bind` line.
    var bindWords: [HAProxyConfigurationWriter.Word] {
        var words: [HAProxyConfigurationWriter.Word] = ["ssl", "crt-list", .value(listPath)]
        switch verification {
        case .none: words += ["verify", "none"]
        case .optional: words += ["verify", "optional"]
        case .required: words += ["verify", "required"]
        }
        if verification != .none {
            if let authority { words += ["ca-file", .value(authority.path)] }
            if let revocationList { words += ["crl-file", .value(revocationList.path)] }
        }
        for argument in versions.arguments + ciphers.arguments { words += argument.words }
        if !alpnProtocols.isEmpty { words += ["alpn", .value(alpnProtocols.joined(separator: ","))] }
        return words
    }

    /// The rules that belong into the frontend.
    func renderRules(into writer: inout HAProxyConfigurationWriter) throws(UnwritableValue) {
        // `ssl-min-ver` and `ssl-max-ver` know no gap between them.
        for version in versions.excluded {
            try writer.line(
                "tcp-request", "session", "reject", "if", "{", "ssl_fc_protocol", "-m", "str", .value(version.name),
                "}")
        }
        // What a client claims about its own certificate must not look like this load balancer's word. All headers of that
        // name at once, because each rule costs every request.
        typealias Header = HAProxyConfiguration.ClientCertificateHeader
        try writer.line("http-request", "del-header", .value(Header.namePrefix), "-m", "beg")
        try writer.line("http-request", "del-header", .value(Header.issuer.rawValue))
        for header in Header.allCases where clientCertificateHeaders.contains(header) {
            try writer.line("http-request", "set-header", .value(header.rawValue), header.format)
        }
        if let strictTransportSecurity {
            try writer.line(
                "http-after-response", "set-header", "Strict-Transport-Security", .value(strictTransportSecurity))
        }
    }
}

extension HAProxyConfiguration.ClientCertificateHeader {
    /// What all names but ``issuer`` begin with.
    fileprivate static let namePrefix = "X-SSL-Client-"

    /// The value: what Octavia's requests carry. Control characters in names come percent-encoded.
    fileprivate var format: HAProxyConfigurationWriter.Word {
        switch self {
        case .verify: "%[ssl_c_verify]"
        case .hasCertificate: "%[ssl_c_used]"
        case .distinguishedName: "%[ssl_c_s_dn]"
        case .commonName: "%[ssl_c_s_dn(cn)]"
        case .issuer: "%[ssl_c_i_dn]"
        case .fingerprint: "%[ssl_c_sha1,hex]"
        case .notBefore: "%[ssl_c_notbefore]"
        case .notAfter: "%[ssl_c_notafter]"
        }
    }
}

/// A keyword, with its value if it takes one: the same in the configuration and on the control socket.
struct TLSArgument: Hashable, Sendable {
    private let keyword: StaticKeyword
    let value: String?

    init(_ keyword: StaticString, _ value: String? = nil) {
        self.keyword = StaticKeyword(text: keyword)
        self.value = value
    }

    /// For the configuration.
    var words: [HAProxyConfigurationWriter.Word] {
        [.keyword(keyword.text)] + (value.map { [.value($0)] } ?? [])
    }

    /// For the control socket.
    var text: String { value.map { "\(keyword.text) \($0)" } ?? "\(keyword.text)" }

    private struct StaticKeyword: Hashable, Sendable {
        let text: StaticString

        static func == (left: StaticKeyword, right: StaticKeyword) -> Bool {
            left.text.description == right.text.description
        }

        func hash(into hasher: inout Hasher) { hasher.combine(text.description) }
    }
}

extension HAProxyConfiguration.ServerTLS {
    /// What a server has for its traffic.
    var arguments: [TLSArgument] {
        // As Octavia: members see the name that the client asked for.
        var result = [TLSArgument("ssl"), TLSArgument("sni ssl_fc_sni")]
        if let authority {
            result += [TLSArgument("verify required"), TLSArgument("ca-file", authority.path)]
            if let revocationList { result.append(TLSArgument("crl-file", revocationList.path)) }
        } else {
            result.append(TLSArgument("verify none"))
        }
        if let certificate { result.append(TLSArgument("crt", certificate.path)) }
        result += versions.arguments + ciphers.arguments
        if !alpnProtocols.isEmpty { result.append(TLSArgument("alpn", alpnProtocols.joined(separator: ","))) }
        return result
    }
}

extension HAProxyConfiguration.HealthCheck {
    /// What a server has so that its checks are in TLS when they should be.
    func tlsArguments(in tls: HAProxyConfiguration.ServerTLS?) -> [TLSArgument] {
        switch (kind, tls) {
        // The check is the beginning of a TLS connection itself.
        case (.tlsHello, .some): [TLSArgument("no-check-ssl")]
        case (.connect, .some), (.http, .some): [TLSArgument("check-ssl")]
        case (.http(_, overTLS: true), nil): [TLSArgument("check-ssl"), TLSArgument("verify none")]
        case (_, nil): []
        }
    }
}

extension HAProxyConfiguration.TLSVersions {
    fileprivate var arguments: [TLSArgument] {
        [TLSArgument("ssl-min-ver", lowest.bound), TLSArgument("ssl-max-ver", highest.bound)]
    }
}

extension HAProxyConfiguration.TLSCiphers {
    fileprivate var arguments: [TLSArgument] {
        (list.map { [TLSArgument("ciphers", $0)] } ?? []) + (suites.map { [TLSArgument("ciphersuites", $0)] } ?? [])
    }
}
