// `ottava database`.

internal import ArgumentParser
internal import FoundationEssentials
internal import Glibc
internal import Persistence

struct DatabaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "database", abstract: "Looks after the database.",
        subcommands: [
            MigrateCommand.self, CheckCommand.self, BackupCommand.self, RestoreCommand.self, MoveCommand.self,
        ])
}

/// Which database a command is about: as `ottava serve` would find it.
struct DatabaseOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The database: sqlite:FILE or postgresql://USER@HOST/NAME. Default: OTTAVA_DATABASE, or ottava.db in the "
                + "data directory", valueName: "url"))
    var database: String?

    @Option(help: ArgumentHelp("Default: OTTAVA_DATA_DIR, or ./ottava-data", valueName: "dir"))
    var dataDir: String?

    func location() throws -> DatabaseLocation {
        let environment = ProcessInfo.processInfo.environment
        let folder = dataDir ?? environment["OTTAVA_DATA_DIR"] ?? "ottava-data"
        return try Self.location(database ?? environment["OTTAVA_DATABASE"] ?? "sqlite:\(folder)/ottava.db")
    }

    static func location(_ url: String) throws -> DatabaseLocation {
        guard let location = DatabaseLocation(url) else {
            throw ValidationError("'\(url)' cannot be used; allowed is \(DatabaseLocation.allowed)")
        }
        return location
    }
}

/// Runs a command on databases, and says what went wrong in one line.
private func withDatabases(_ body: () async throws -> Void) async throws {
    umask(0o077)
    do {
        try await body()
    } catch let fault as DatabaseFault {
        let text =
            switch fault {
            case .duplicate(let text), .reference(let text), .unavailable(let text), .uncertain(let text),
                .engine(let text):
                text
            }
        StandardStreams.error("ottava: \(text)\n")
        throw ExitCode(1)
    }
}

/// Refuses a SQLite file that is not there, which opening would make.
private func requireFile(_ location: DatabaseLocation) throws {
    if case .sqlite(let path) = location, access(path, F_OK) != 0 {
        throw DatabaseFault.engine("there is no database \(path)")
    }
}

private func report(_ verb: String, _ tables: [(table: String, rows: Int)]) {
    let rows = tables.map(\.rows).reduce(0, +)
    StandardStreams.output("\(verb) \(rows) rows of \(tables.count) tables\n")
}

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Brings the schema up to date.",
        discussion: """
            'ottava serve' does so, too. Processes of an older release may go on meanwhile and afterwards, unless they \
            say that they cannot use the database any more.
            """)

    @OptionGroup var option: DatabaseOption

    func run() async throws {
        try await withDatabases {
            let database = try option.location().open()
            try await database.migrate(DatabaseLocation.migrations)
            try await database.close()
            StandardStreams.output("the schema is up to date\n")
        }
    }
}

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Says whether the database is sound; changes nothing.")

    @OptionGroup var option: DatabaseOption

    func run() async throws {
        try await withDatabases {
            let location = try option.location()
            try requireFile(location)
            let database = try location.open()
            var problems: [String] = []
            if let file = database as? SQLiteDatabase { problems += try await DatabaseCheck.fileProblems(of: file) }
            problems += try await DatabaseCheck.problems(of: database, expecting: DatabaseLocation.migrations)
            try await database.close()
            for problem in problems { StandardStreams.output("\(problem)\n") }
            guard problems.isEmpty else { throw ExitCode(1) }
            StandardStreams.output("the database is sound\n")
        }
    }
}

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Writes one consistent state of the database into a SQLite file, also while the service runs.",
        discussion: """
            The file is itself a database that 'ottava serve --database sqlite:FILE' can use. The keys of the key \
            manager are not in it: keep DIR/key-manager.key apart from it.
            """)

    @OptionGroup var option: DatabaseOption

    @Option(help: ArgumentHelp("The file to make.", valueName: "file"))
    var to: String

    func run() async throws {
        try await withDatabases {
            let location = try option.location()
            try requireFile(location)
            guard access(to, F_OK) != 0 else { throw DatabaseFault.engine("\(to) exists already") }
            let source = try location.open()
            // Beside it and moved, so that a backup is whole or absent.
            let draft = "\(to).\(getpid()).part"
            defer { for suffix in ["", "-wal", "-shm"] { unlink(draft + suffix) } }
            let target = try SQLiteDatabase(path: draft)
            try await target.migrate(DatabaseLocation.migrations)
            let tables = try await DatabaseCopy(from: source, to: target).run()
            try await target.completeFile()
            try await target.close()
            try await source.close()
            guard rename(draft, to) == 0 else {
                throw DatabaseFault.engine("cannot write \(to): \(String(cString: strerror(errno)))")
            }
            report("saved", tables)
        }
    }
}

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Fills an empty database from a backup, while the service is stopped.")

    @OptionGroup var option: DatabaseOption

    @Option(help: ArgumentHelp("The backup.", valueName: "file"))
    var from: String

    func run() async throws {
        try await withDatabases {
            try await copy(from: .sqlite(path: from), to: try option.location(), "restored")
        }
    }
}

struct MoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: "Copies everything into an empty database of another kind, while the service is stopped.",
        discussion: "One of the two is SQLite. The old database stays as it is.")

    @Option(help: ArgumentHelp("The database to read.", valueName: "url"))
    var from: String

    @Option(help: ArgumentHelp("The database to fill.", valueName: "url"))
    var to: String

    func run() async throws {
        try await withDatabases {
            try await copy(
                from: try DatabaseOption.location(from), to: try DatabaseOption.location(to), "moved")
        }
    }
}

private func copy(from source: DatabaseLocation, to target: DatabaseLocation, _ verb: String) async throws {
    try requireFile(source)
    let (from, to) = (try source.open(), try target.open())
    // A backup of an older release is brought up to date first.
    try await from.migrate(DatabaseLocation.migrations)
    try await to.migrate(DatabaseLocation.migrations)
    let tables: [(table: String, rows: Int)]
    if let from = from as? SQLiteDatabase {
        tables = try await DatabaseCopy(from: from, to: to).run()
    } else if let to = to as? SQLiteDatabase {
        tables = try await DatabaseCopy(from: from, to: to).run()
    } else {
        throw DatabaseFault.engine("one of the two must be SQLite; between PostgreSQL servers use pg_dump")
    }
    try await from.close()
    try await to.close()
    report(verb, tables)
}
