// Counting what replaced processes still carry, until their last connection ends.

import LoadBalancing
import Logging

extension LoadBalancerRunner {
    /// Opens the conversation over which a process that is about to be replaced can be asked later.
    func openSession() async -> HAProxySession? {
        do {
            return try await HAProxySession(client)
        } catch {
            logger.notice("what the replaced HAProxy still carries will not be counted: \(error)")
            return nil
        }
    }

    /// Goes on counting for a process that has been replaced.
    func keepCounting(_ identity: ProcessIdentity, over session: HAProxySession?) async {
        ledger.replace(identity)
        guard let session, identity.isAlive else { return ledger.finish(replaced: identity) }
        sessions[identity] = session
        await observeDraining()
    }

    /// Reads the counters of replaced processes. Without connections they are let go, and end.
    func observeDraining() async {
        guard !isObservingDraining, !sessions.isEmpty else { return }
        isObservingDraining = true
        defer { isObservingDraining = false }
        for (identity, session) in sessions {
            guard var counters = await counters(of: session) else {
                stopCounting(identity)
                continue
            }
            let isIdle = counters.values.allSatisfy { $0.activeConnections == 0 }
            // A connection may have been counted as ended before its bytes were.
            if isIdle, let last = await self.counters(of: session) { counters = last }
            guard sessions[identity] === session else { continue }
            ledger.observe(counters, ofReplaced: identity)
            if isIdle { stopCounting(identity) }
        }
    }

    /// The counters of a replaced process are final.
    func stopCounting(_ identity: ProcessIdentity) {
        sessions[identity] = nil
        ledger.finish(replaced: identity)
    }

    private func counters(of session: HAProxySession) async -> [String: ListenerStatistics]? {
        guard let text = try? await session.ask("show stat -1 1 -1"), let rows = StatisticsTable.rows(of: text) else {
            return nil
        }
        return Self.counters(in: rows)
    }

    /// The counters of each listener.
    static func counters(in rows: [StatisticsRow]) -> [String: ListenerStatistics] {
        var counters: [String: ListenerStatistics] = [:]
        for row in rows where row.kind == .frontend {
            counters[row.proxy] = ListenerStatistics(
                bytesIn: row.bytesIn, bytesOut: row.bytesOut, activeConnections: row.currentSessions,
                totalConnections: row.totalSessions, requestErrors: row.requestErrors)
        }
        return counters
    }
}
