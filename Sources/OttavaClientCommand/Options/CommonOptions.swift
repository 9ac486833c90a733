// Options that several kinds of objects share.

internal import ArgumentParser
internal import Foundation
internal import OctaviaClient

struct WaitOption: ParsableArguments {
    @Flag(help: "Wait until the object is ACTIVE, or gone.")
    var wait = false
}

/// `--enable` and `--disable`.
struct EnableOptions: ParsableArguments {
    @Flag(help: "Switch it on.")
    var enable = false

    @Flag(help: "Switch it off.")
    var disable = false

    func validate() throws {
        if enable && disable { throw ValidationError("--enable and --disable exclude each other") }
    }

    /// Absent when neither is given.
    var value: Bool? { enable ? true : (disable ? false : nil) }
}

/// `--tag` and `--no-tag` of create and set.
struct TagOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A tag; repeatable. Set adds to those there are.", valueName: "tag"))
    var tag: [String] = []

    @Flag(help: "Remove all tags; with --tag: have only those.")
    var noTag = false

    /// What an update does to tags.
    func change(_ current: [String]) -> Change<[String]> {
        guard noTag || !tag.isEmpty else { return .keep }
        return .set(Array(Set((noTag ? [] : current) + tag)).sorted())
    }
}

/// `--tag` and `--all-tag` of unset.
struct UntagOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A tag to remove; repeatable.", valueName: "tag"))
    var tag: [String] = []

    @Flag(help: "Remove all tags.")
    var allTag = false

    func change(_ current: [String]) -> Change<[String]> {
        guard allTag || !tag.isEmpty else { return .keep }
        return .set(allTag ? [] : current.filter { !tag.contains($0) })
    }
}

/// Filters of lists by tags: lists with commas.
struct TagFilters: ParsableArguments {
    @Option(help: ArgumentHelp("Only objects with all of these tags.", valueName: "tag,…"))
    var tags: String?

    @Option(help: ArgumentHelp("Only objects with any of these tags.", valueName: "tag,…"))
    var anyTags: String?

    @Option(help: ArgumentHelp("Only objects that lack one of these tags.", valueName: "tag,…"))
    var notTags: String?

    @Option(help: ArgumentHelp("Only objects with none of these tags.", valueName: "tag,…"))
    var notAnyTags: String?

    var filters: [Filter] {
        func words(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }
        return [
            tags.map { .tags(all: words($0)) }, anyTags.map { .tags(any: words($0)) },
            notTags.map { .tags(notAll: words($0)) }, notAnyTags.map { .tags(none: words($0)) },
        ].compactMap { $0 }
    }
}

extension Change {
    /// Keep unless a value is given.
    static func given(_ value: Value?) -> Change { value.map { .set($0) } ?? .keep }
}

/// A number within limits.
func checked(_ value: Int?, _ option: String, in range: ClosedRange<Int>) throws {
    if let value, !range.contains(value) {
        throw ValidationError("\(option) \(value) must be from \(range.lowerBound) to \(range.upperBound)")
    }
}

/// What the files of `status=file` hold.
func pagesInFiles(_ texts: [String], _ option: String) throws -> [Int: String] {
    var pages: [Int: String] = [:]
    for text in texts {
        let sides = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard sides.count == 2, let status = Int(sides[0]), ErrorPageLimits.statuses.contains(status) else {
            let allowed = ErrorPageLimits.statuses.map(String.init).joined(separator: ", ")
            throw ValidationError("\(option) '\(text)' must be status=file, with one of the statuses \(allowed)")
        }
        guard let page = FileManager.default.contents(atPath: sides[1]).flatMap({ String(data: $0, encoding: .utf8) })
        else { throw ValidationError("\(option): the file '\(sides[1])' cannot be read as UTF-8") }
        pages[status] = page
    }
    return pages
}

/// `key=value,key=value`.
func pairs(_ text: String, _ option: String) throws -> [String: String] {
    var result: [String: String] = [:]
    for part in text.split(separator: ",") {
        let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
        guard sides.count == 2 else {
            throw ValidationError("\(option) '\(text)' must be key=value, several joined by commas")
        }
        result[sides[0]] = sides[1]
    }
    return result
}
