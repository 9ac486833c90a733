// Files with which clients find the service.

internal import JSON

/// Writes `clouds.yaml` and `openrc`, and remembers the passwords that they need.
struct ClientFiles: Sendable {
    /// An account of the first start.
    struct Account: Sendable {
        var user: String
        var password: String
        var project: String
    }

    let directory: DataDirectory
    let region: String

    private static let passwordFile = "passwords.json"

    /// Keeps passwords that were set at this start; the others are as before.
    func remember(_ passwords: [String: String?]) throws(StartProblem) -> [String: String] {
        var known =
            directory.read(Self.passwordFile).flatMap { try? JSONValue(parsing: $0) }?.object?
            .compactMapValues(\.string) ?? [:]
        for (user, password) in passwords {
            if let password { known[user] = password }
        }
        let text = JSONWriter.object { writer in
            for (user, password) in known.sorted(by: { $0.key < $1.key }) { writer.member(user, password) }
        }
        try directory.write(String(decoding: text, as: UTF8.self) + "\n", to: Self.passwordFile)
        return known
    }

    /// Writes the files for a server that is reached at a URL.
    func write(baseURL: String, passwords: [String: String]) throws(StartProblem) {
        let admin = Account(user: "admin", password: passwords["admin"] ?? "", project: "admin")
        let demo = Account(user: "demo", password: passwords["demo"] ?? "", project: "demo")
        try directory.write(
            "clouds:\n" + cloud("ottava", demo, baseURL) + cloud("ottava-admin", admin, baseURL), to: "clouds.yaml")
        try directory.write(Self.openrc(demo, baseURL: baseURL, region: region), to: "openrc")
    }

    private func cloud(_ name: String, _ account: Account, _ baseURL: String) -> String {
        """
          \(name):
            auth:
              auth_url: \(Self.yaml("\(baseURL)/identity/v3"))
              username: \(Self.yaml(account.user))
              password: \(Self.yaml(account.password))
              project_name: \(Self.yaml(account.project))
              user_domain_id: default
              project_domain_id: default
            region_name: \(Self.yaml(region))
            identity_api_version: 3

        """
    }

    static func openrc(_ account: Account, baseURL: String, region: String) -> String {
        let variables = [
            ("OS_AUTH_URL", "\(baseURL)/identity/v3"), ("OS_IDENTITY_API_VERSION", "3"),
            ("OS_USERNAME", account.user), ("OS_PASSWORD", account.password), ("OS_PROJECT_NAME", account.project),
            ("OS_USER_DOMAIN_ID", "default"), ("OS_PROJECT_DOMAIN_ID", "default"), ("OS_REGION_NAME", region),
        ]
        return variables.map { "export \($0.0)=\(shell($0.1))\n" }.joined()
    }

    /// A YAML string in double quotes, which JSON's rules fit.
    private static func yaml(_ text: String) -> String {
        String(decoding: JSONWriter.bytes(of: JSONValue.string(text)), as: UTF8.self)
    }

    /// A word for a POSIX shell.
    private static func shell(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
