// What HAProxy is told of layer 7 policies, as typed values.

extension HAProxyConfiguration {
    /// What happens to requests that meet all conditions.
    struct L7Policy: Hashable, Sendable {
        enum Action: Hashable, Sendable {
            case reject
            /// Exactly there.
            case redirect(location: String, code: Int)
            /// There, with the path and query of the request after it.
            case redirectPrefix(String, code: Int)
            case useBackend(String)
        }

        /// The id of the policy.
        var name: String
        var action: Action
        /// All must be met; never empty.
        var rules: [L7Rule]
    }

    /// One condition on a request (configuration manual, section 7.1).
    struct L7Rule: Hashable, Sendable {
        /// The part of the request that is looked at.
        enum Sample: Hashable, Sendable {
            /// The host that the client asks for, without a port.
            case host
            case path
            /// Each value of a header that is a list is looked at alone.
            case header(String)
            case cookie(String)
            case hasClientCertificate
            /// OpenSSL's result of the verification of the client's certificate.
            case verificationResult
            /// A part of the subject of the client's certificate.
            case subjectField(String)
        }

        /// How the sample is compared.
        enum Match: Hashable, Sendable {
            /// By what the sample is: a truth value alone, or a number.
            case plain
            case equal, begin, end, contain, expression
        }

        /// What the sample is compared with.
        enum Pattern: Hashable, Sendable {
            case none
            /// Read from the file of the rule, so that it can be changed in a running process.
            case file(String)
            /// Part of the configuration, for what a file cannot hold: blanks at the beginning.
            case inline(String)
        }

        /// The id of the rule.
        var name: String
        var sample: Sample
        var match: Match
        var pattern: Pattern
        var ignoresCase = false
        var isInverted: Bool

        /// The name of the file that holds the pattern, within the load balancer's folder.
        var patternFile: String { DataPlaneFile.accessListPrefix + name }
    }

    /// A file of patterns that ACLs read at the start and that a running process exchanges.
    struct PatternFile: Hashable, Sendable {
        /// Within the load balancer's folder.
        var name: String
        var patterns: [String]

        /// One pattern a line. HAProxy takes a line that begins with `#` for a comment, and drops blanks before others.
        var text: String {
            patterns.map { ($0.utf8.first == UInt8(ascii: "#") ? " " : "") + $0 + "\n" }.joined()
        }
    }
}

extension HAProxyConfiguration.Frontend {
    /// The files that the frontend's ACLs read, in a fixed order.
    var patternFiles: [HAProxyConfiguration.PatternFile] {
        var files = [HAProxyConfiguration.PatternFile(name: accessListFile, patterns: acceptedSources)]
        for rule in policies.flatMap(\.rules) {
            if case .file(let pattern) = rule.pattern {
                files.append(.init(name: rule.patternFile, patterns: [pattern]))
            }
        }
        return files
    }

    /// The frontend with the contents of its pattern files as in another one, as far as that has the same files.
    func takingPatterns(of other: Self) -> Self {
        var result = self
        result.acceptedSources = other.acceptedSources
        for (index, policy) in policies.enumerated() where index < other.policies.count {
            let rules = other.policies[index].rules
            for (number, rule) in policy.rules.enumerated() where number < rules.count {
                if case .file = rule.pattern, case .file = rules[number].pattern {
                    result.policies[index].rules[number].pattern = rules[number].pattern
                }
            }
        }
        return result
    }
}
