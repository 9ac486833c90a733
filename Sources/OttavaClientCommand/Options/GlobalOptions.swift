// Options in front of the noun, where the OpenStack client has them.

/// `ottava --os-cloud home loadbalancer list` is `ottava loadbalancer list --os-cloud home`.
enum GlobalOptions {
    private static let flags: Set<Substring> = ["--insecure", "--verify", "--debug"]

    /// Moves the options of the cloud from the front to the end of a command line.
    static func moved(_ arguments: some Sequence<String>) -> [String] {
        var rest = ArraySlice(Array(arguments))
        var front: [String] = []
        while let word = rest.first {
            let name = word.prefix { $0 != "=" }
            let hasValue = name.hasPrefix("--os-")
            if flags.contains(name) || (hasValue && name.count < word.count) {
                front.append(word)
                rest = rest.dropFirst()
            } else if hasValue, rest.count > 1 {
                front += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else {
                break
            }
        }
        // Without a command they stay what is wrong; behind `--` there are no options.
        guard !rest.isEmpty else { return front }
        let end = rest.firstIndex(of: "--") ?? rest.endIndex
        return Array(rest[..<end]) + front + Array(rest[end...])
    }
}
