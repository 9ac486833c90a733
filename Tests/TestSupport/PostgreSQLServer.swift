// A PostgreSQL server of the tests' own: a private folder, a Unix socket, an unprivileged user.

internal import Foundation
internal import Synchronization

/// A server that goes, with its files, when this process ends, however it ends.
public final class PostgreSQLServer: Sendable {
    /// Whether the programs are there; says so loudly if not.
    public static let isInstalled: Bool = {
        let isThere = folderOfPrograms != nil && Files.program("setpriv") != nil
        if !isThere {
            print("TESTS ON POSTGRESQL ARE SKIPPED: initdb, pg_ctl and setpriv must be installed (scripts/setup)")
        }
        return isThere
    }()

    private static let folderOfPrograms: String? = {
        if let found = Files.program("initdb") { return URL(filePath: found).deletingLastPathComponent().path() }
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        return versions.sorted().last.map { "/usr/lib/postgresql/\($0)/bin/" }
    }()

    private static let script = """
        PATH="$1:$PATH"; folder=$2
        as() { "$@"; }
        if [ "$(id -u)" = 0 ]; then
            user=nobody; id -u postgres >/dev/null 2>&1 && user=postgres
            chown "$user" "$folder"
            as() { setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups "$@"; }
        fi
        cd "$folder"
        finish() { as pg_ctl -D "$folder/data" -m immediate stop; cd /; rm -rf "$folder"; }
        start() {
            # After a kill the old processes need a moment to notice.
            for attempt in 1 2 3 4 5 6 7 8 9 10; do
                as pg_ctl -D "$folder/data" -l "$folder/log" -w -t 60 start \\
                    -o "-k $folder -c listen_addresses= -c max_connections=600 $options" && return
                sleep 0.5
            done
            return 1
        }
        while read -r order name; do
            case $order in
            init)
                options=$name
                as initdb -D "$folder/data" -U ottava -A trust -E UTF8 --locale=C --no-sync && start ;;
            start) start ;;
            stop) as pg_ctl -D "$folder/data" -m fast -w -t 60 stop ;;
            kill) kill -9 "$(head -1 "$folder/data/postmaster.pid")"; sleep 0.2 ;;
            create) as createdb -h "$folder" -U ottava "$name" ;;
            query) as psql -h "$folder" -U ottava -d postgres -X -A -t -c "$name" ;;
            esac >>"$folder/orders" 2>&1 && echo ok || echo failed
        done
        finish >/dev/null 2>&1
        """

    private let folder: String
    private let keeper: Keeper

    /// Makes a server and starts it.
    ///
    /// - Parameter isDurable: Whether it writes to the disk before it says so, as the crash of a machine needs; tests
    ///   that crash only processes do not.
    public init(isDurable: Bool = false) throws {
        guard let programs = Self.folderOfPrograms else { throw CannotStart(description: "there is no initdb") }
        folder = try TemporaryFolder("ottava-postgresql").path
        keeper = try Keeper(Self.script, name: "postgresql-keeper", [programs, folder], folder: folder)
        try order("init -c fsync=\(isDurable ? "on" : "off")")
    }

    deinit { keeper.end() }

    /// Makes an empty database, and returns its URL.
    public func makeDatabase() throws -> String {
        let name = "test_\(UUID().uuidString.lowercased().replacing("-", with: ""))"
        try order("create \(name)")
        return url(of: name)
    }

    /// The URL of a database.
    public func url(of name: String) -> String { "postgresql://ottava@/\(name)?host=\(folder)" }

    /// Where it listens.
    public var socketFile: String { "\(folder)/.s.PGSQL.5432" }

    /// The process that starts all others; absent while the server is down.
    public var postmaster: Int32? {
        guard
            let pid = Files.text("\(folder)/data/postmaster.pid")?.split(separator: "\n").first.flatMap({ Int32($0) }),
            ProcessTable.isAlive(pid)
        else { return nil }
        return pid
    }

    /// The processes that the postmaster has started: sessions, and those that write and clean.
    public var children: [Int32] { postmaster.map { ProcessTable.children(of: $0) } ?? [] }

    /// Stops it in order, as an administrator does for an update; connections end at once.
    public func stop() throws { try order("stop") }

    /// Ends the postmaster without warning.
    public func kill() throws { try order("kill") }

    /// Starts it again.
    public func start() throws { try order("start") }

    /// Runs a statement as the administrator.
    public func query(_ sql: String) throws { try order("query \(sql)") }

    private func order(_ text: String) throws {
        guard keeper.order(text) else {
            let log = (Files.text("\(folder)/orders") ?? "") + (Files.text("\(folder)/log") ?? "")
            throw CannotStart(description: "PostgreSQL: \(text): \(log.suffix(2_000))")
        }
    }
}
