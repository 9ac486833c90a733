// One token for all calls of a cloud.

/// Logs in when the first call needs it, again when the token ends or is refused; calls that wait share one login. With a
/// cache, the first token may be one of an earlier program.
actor TokenKeeper {
    private enum State {
        case none
        case loggingIn(number: Int, Task<Token, any Error>)
        case loggedIn(Token)
    }

    private let keystone: Keystone
    private let cache: (any TokenCache)?
    private let log: RequestLog
    private var state = State.none
    private var logins = 0

    init(keystone: Keystone, cache: (any TokenCache)?, log: RequestLog) {
        self.keystone = keystone
        self.cache = cache
        self.log = log
    }

    /// A token that can be used now.
    ///
    /// - Parameter refused: A token that a service has refused: another one is got unless that has been done already.
    func token(insteadOf refused: Secret? = nil) async throws -> Token {
        if case .none = state, refused == nil, logins == 0, let token = cache?.token(for: keystone.configuration) {
            state = .loggedIn(token)
        }
        switch state {
        case .loggedIn(let token) where token.value != refused && !token.expiresSoon(now: .now):
            return token
        case .loggingIn(_, let login):
            return try await wait(for: login)
        case .none, .loggedIn:
            logins += 1
            let number = logins
            // Not a child of the caller's task: others wait for it too, and must not fail when this caller is cancelled.
            let login = Task { [keystone] in try await keystone.logIn() }
            state = .loggingIn(number: number, login)
            let result = await login.result
            // Nobody else leaves this login's state, but `forget` may have.
            if case .loggingIn(number, _) = state {
                if case .success(let token) = result {
                    state = .loggedIn(token)
                    cache?.keep(token, for: keystone.configuration)
                    log.loggedIn(token)
                } else {
                    state = .none
                }
            }
            try Task.checkCancellation()
            return try result.get()
        }
    }

    private func wait(for login: Task<Token, any Error>) async throws -> Token {
        let token = try await login.value
        try Task.checkCancellation()
        return token
    }

    /// Ends the token, if there is one here.
    func logOut() async throws {
        guard case .loggedIn(let token) = state else { return }
        state = .none
        cache?.keep(nil, for: keystone.configuration)
        try await keystone.revoke(token.value)
    }
}
