// Tokens that outlive a program.

/// Keeps tokens for the next program that logs in as the same user for the same scope.
///
/// A ``Cloud`` with a cache asks it before the first login, tells it about each new token, and logs in as usual when a
/// service refuses what came from the cache.
public protocol TokenCache: Sendable {
    /// A token for these credentials at this Keystone; `nil` when there is none.
    func token(for configuration: CloudConfiguration) -> Token?

    /// Keeps a token, or forgets the one there is.
    func keep(_ token: Token?, for configuration: CloudConfiguration)
}

extension CloudConfiguration {
    /// What a token depends on, in one line and without secrets; `nil` where tokens are not to be kept.
    var tokenIdentity: String? {
        switch credentials {
        case .password(let user, _, let scope): "\(authURL) password \(user) \(scope)"
        case .applicationCredential(let reference, _): "\(authURL) application credential \(reference)"
        case .token, .endpoints: nil
        }
    }
}
