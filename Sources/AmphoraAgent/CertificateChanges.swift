// Changing certificates of a running HAProxy (management guide, `set ssl cert`, `add ssl crt-list`, `set ssl ca-file`).

/// One change of certificates that a running process takes.
enum CertificateChange: Hashable, Sendable {
    /// Another content under the same name.
    case replace(HAProxyConfiguration.TLSFile)
    /// A certificate that the process does not know yet.
    case add(HAProxyConfiguration.TLSFile)
    /// Lets a listener show a certificate.
    case enlist(HAProxyConfiguration.TLSFile, list: String)
    case delist(HAProxyConfiguration.TLSFile, list: String)
    /// A certificate that no listener shows any more.
    case remove(HAProxyConfiguration.TLSFile)

    /// Whether it must come after what takes its place.
    var takesAway: Bool {
        switch self {
        case .delist, .remove: true
        case .replace, .add, .enlist: false
        }
    }
}

extension HAProxyConfiguration.FrontendTLS {
    /// Everything that takes a reload to change: the same for two listeners that differ only in certificates.
    var withoutMaterial: Self {
        var copy = self
        copy.defaultCertificate.text = ""
        copy.certificates = []
        copy.authority?.text = ""
        copy.revocationList?.text = ""
        return copy
    }
}

extension HAProxyConfiguration.ServerTLS {
    /// Everything that takes a reload to change: the same for two pools that differ only in certificates.
    var withoutMaterial: Self {
        var copy = self
        copy.certificate?.text = ""
        copy.authority?.text = ""
        copy.revocationList?.text = ""
        return copy
    }
}

extension CertificateChange {
    /// HAProxy reads a command with all that follows into one buffer of 16 KB.
    private static let longestText = 15_000

    /// The way from one configuration to another that differs in certificates only; `nil` when it takes a reload.
    static func changes(
        from running: HAProxyConfiguration, to wanted: HAProxyConfiguration
    ) -> [CertificateChange]? {
        let (before, after) = (running.tlsFiles, wanted.tlsFiles)
        guard before != after else { return [] }
        var changes: [CertificateChange] = []
        for (name, file) in after.sorted(by: { $0.key < $1.key }) where before[name] != file {
            guard file.text.utf8.count <= longestText else { return nil }
            if before[name] != nil {
                changes.append(.replace(file))
            } else {
                guard file.kind == .certificate else { return nil }
                changes.append(.add(file))
            }
        }
        for (old, new) in zip(running.frontends, wanted.frontends) {
            guard let old = old.tls, let new = new.tls else { continue }
            for file in new.certificates where !old.certificates.contains(file) {
                changes.append(.enlist(file, list: new.listPath))
            }
            for file in old.certificates where !new.certificates.contains(file) {
                changes.append(.delist(file, list: new.listPath))
            }
        }
        for (name, file) in before.sorted(by: { $0.key < $1.key }) where after[name] == nil {
            guard file.kind == .certificate else { return nil }
            changes.append(.remove(file))
        }
        return changes
    }

    /// One command of the control socket, with the text that follows it.
    struct Command: Hashable, Sendable {
        var text: String
        /// Sent after the command, and never logged.
        var payload: String?
        /// What the answer holds when it has worked.
        var success: String
    }

    /// The commands in order.
    var commands: [Command] {
        switch self {
        case .replace(let file):
            return Self.contents(of: file)
        case .add(let file):
            let command = Command(text: "new ssl cert \(file.path)", success: "New empty certificate store")
            return [command] + Self.contents(of: file)
        case .enlist(let file, let list):
            return [Command(text: "add ssl crt-list \(list) \(file.path)", success: "Success!")]
        case .delist(let file, let list):
            return [Command(text: "del ssl crt-list \(list) \(file.path)", success: "deleted in crtlist")]
        case .remove(let file):
            return [Command(text: "del ssl cert \(file.path)", success: "deleted!")]
        }
    }

    private static func contents(of file: HAProxyConfiguration.TLSFile) -> [Command] {
        let kind =
            switch file.kind {
            case .certificate: "cert"
            case .authority: "ca-file"
            case .revocationList: "crl-file"
            }
        return [
            Command(text: "set ssl \(kind) \(file.path)", payload: file.text, success: "ransaction "),
            Command(text: "commit ssl \(kind) \(file.path)", success: "Success!"),
        ]
    }
}

extension HAProxyRuntimeClient {
    /// Makes one change.
    ///
    /// - Throws: ``RuntimeSocketError`` with the command, without what followed it, and the answer.
    func perform(_ change: CertificateChange) async throws {
        for command in change.commands {
            let answer = try await ask(command.payload.map { "\(command.text) <<\n\($0)" } ?? command.text)
            guard answer.contains(command.success) else {
                throw RuntimeSocketError(description: "\(command.text): \(answer)")
            }
        }
    }
}
