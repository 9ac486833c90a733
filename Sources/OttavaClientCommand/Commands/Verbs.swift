// List, show, create, set, unset, delete: for every kind of object.

internal import ArgumentParser
internal import JSON
internal import LoadBalancerDocuments
internal import OctaviaClient

struct ListVerb<Kind: Noun>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "list", abstract: "Lists each \(Kind.term).")
    }

    @OptionGroup var parent: Kind.Parent
    @OptionGroup(title: "Filters") var filters: Kind.Filters
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        try output.check(Kind.allColumns)
        try await cloud.with { cloud in
            let parent = try await parent.id(cloud)
            var rows: [[String: JSONValue]] = []
            for try await row in Kind.rows(cloud, parent).list(try await filters.filters(cloud)) {
                rows.append(Kind.columns(of: row.fields))
            }
            output.show(rows, columns: Kind.listColumns + filters.moreColumns)
        }
    }
}

struct ShowVerb<Kind: Noun>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "show", abstract: "Shows a \(Kind.term).")
    }

    @OptionGroup var parent: Kind.Parent
    @Argument(help: "Name or id.") var object: String
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        try output.check(Kind.allColumns + ["error_pages", "status_reason"])
        try await cloud.with { cloud in
            let rows = Kind.rows(cloud, try await parent.id(cloud))
            output.show(row: try await rows.find(object), Kind.self)
        }
    }
}

extension OutputOptions {
    /// Shows an object, with what only some have: the cause if it is ERROR, and pages of its own.
    func show<Kind: Noun>(row: Row<Kind.Resource>, _ kind: Kind.Type) {
        let further = ["error_pages", "status_reason"].filter { !(row.fields[$0]?.isNull ?? true) }
        show(Kind.columns(of: row.fields), columns: Kind.showColumns + further)
    }
}

/// A kind of object that is made.
protocol CreatableNoun: Noun
where Resource: CreatableResource & Identifiable, Resource.ID: CustomStringConvertible & Sendable {
    associatedtype CreateOptions: CreationOptions where CreateOptions.Creation == Resource.Creation
}

protocol CreationOptions: ParsableArguments {
    associatedtype Creation: Sendable
    func creation(_ cloud: Cloud) async throws -> Creation
}

struct CreateVerb<Kind: CreatableNoun>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "create", abstract: "Makes a \(Kind.term).")
    }

    @OptionGroup var parent: Kind.Parent
    @OptionGroup var options: Kind.CreateOptions
    @OptionGroup var wait: WaitOption
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        try output.check(Kind.allColumns)
        try await cloud.with { cloud in
            let parent = try await parent.id(cloud)
            let made = try await Kind.collection(cloud, parent).create(try await options.creation(cloud))
            if wait.wait { try await Kind.wait(for: made, cloud, parent) }
            output.show(row: try await Kind.rows(cloud, parent).object(made.reference), Kind.self)
        }
    }
}

extension Noun {
    /// Waits until an object is ACTIVE, if it has a status.
    static func wait(for object: Resource, _ cloud: Cloud, _ parent: ResourceID) async throws {
        func wait<Member: TreeMember>(_ member: Member) async throws {
            try await collection(cloud, parent).reading(as: Member.self).waitUntilActive(member.id)
        }
        if let member = object as? any TreeMember { try await wait(member) }
    }
}

struct DeleteVerb<Kind: CreatableNoun>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "delete", abstract: "Deletes a \(Kind.term).")
    }

    @OptionGroup var parent: Kind.Parent
    @Argument(help: "Name or id.") var object: String
    @OptionGroup var wait: WaitOption
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        try await cloud.with { cloud in
            let parent = try await parent.id(cloud)
            let collection = Kind.collection(cloud, parent)
            let found = try await collection.find(object)
            try await collection.delete(found.id)
            func wait<Member: TreeMember>(_ member: Member) async throws {
                try await collection.reading(as: Member.self).waitUntilDeleted(member.id)
            }
            if self.wait.wait, let member = found as? any TreeMember { try await wait(member) }
        }
    }
}

/// A kind of object that is changed.
protocol UpdatableNoun: CreatableNoun where Resource: UpdatableResource {
    associatedtype SetOptions: UpdateOptions where SetOptions.Resource == Resource
    associatedtype UnsetOptions: UpdateOptions where UnsetOptions.Resource == Resource
}

protocol UpdateOptions: ParsableArguments {
    associatedtype Resource: UpdatableResource
    func apply(to update: inout Resource.Update, of current: Resource, _ cloud: Cloud) async throws
}

struct SetVerb<Kind: UpdatableNoun>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "set", abstract: "Changes a \(Kind.term).")
    }

    @OptionGroup var parent: Kind.Parent
    @Argument(help: "Name or id.") var object: String
    @OptionGroup var options: Kind.SetOptions
    @OptionGroup var wait: WaitOption
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        try await cloud.with { try await Kind.change(object, options, wait: wait.wait, $0, parent) }
    }
}

struct UnsetVerb<Kind: UpdatableNoun>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "unset", abstract: "Gives fields of a \(Kind.term) their defaults.")
    }

    @OptionGroup var parent: Kind.Parent
    @Argument(help: "Name or id.") var object: String
    @OptionGroup var options: Kind.UnsetOptions
    @OptionGroup var wait: WaitOption
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        try await cloud.with { try await Kind.change(object, options, wait: wait.wait, $0, parent) }
    }
}

extension UpdatableNoun {
    static func change<Options: UpdateOptions>(
        _ name: String, _ options: Options, wait: Bool, _ cloud: Cloud, _ parent: Parent
    ) async throws where Options.Resource == Resource {
        let parent = try await parent.id(cloud)
        let collection = collection(cloud, parent)
        let current = try await collection.find(name)
        var update = Resource.emptyUpdate
        try await options.apply(to: &update, of: current, cloud)
        let changed = try await collection.update(current.id, update)
        if wait { try await Self.wait(for: changed, cloud, parent) }
    }
}
