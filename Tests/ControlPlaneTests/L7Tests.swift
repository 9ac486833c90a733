// Policies and rules of layer 7: actions, positions, characters.

import LoadBalancing
import OctaviaWire
import Testing

@testable import ControlPlane

@Suite struct L7Tests {
    private func policy(_ name: String, at position: Int = .max) -> L7Policy {
        L7Policy(
            core: ResourceCore(id: .random(), projectID: "p", createdAt: Timestamp(microseconds: 0)),
            loadBalancerID: .random(), listenerID: .random(), name: name, action: .reject, position: position)
    }

    @Test func insertingKeepsPositionsDense() {
        var policies: [L7Policy] = []
        policies = L7Positions.inserting(policy("a"), into: policies)
        policies = L7Positions.inserting(policy("b", at: 5), into: policies)
        policies = L7Positions.inserting(policy("c", at: 1), into: policies)
        policies = L7Positions.inserting(policy("d", at: 2), into: policies)
        #expect(policies.map(\.name) == ["c", "d", "a", "b"])
    }

    @Test func movingCountsWithoutTheOneThatMoves() {
        let policies = ["d", "a", "b", "c"].map { policy($0) }
        let moved = L7Positions.moving(policies[1].id, to: 4, in: policies)
        #expect(moved.map(\.name) == ["d", "b", "c", "a"])
    }

    @Test func fieldsDecideAboutTheAction() throws {
        let pool = ResourceID.random()
        let url = try L7Redirection(
            action: .redirectPrefix, poolID: nil, url: "http://u", prefix: "http://p", code: nil)
        #expect(url.action == .redirectToURL && url.prefix == nil && url.code == 302)
        let prefix = try L7Redirection(action: .reject, poolID: pool, url: "http://u", prefix: "http://p", code: 301)
        #expect(prefix.action == .redirectPrefix && prefix.poolID == nil && prefix.code == 301)
        let toPool = try L7Redirection(
            action: .redirectToPool, poolID: pool, url: "http://u", prefix: nil, code: 301)
        #expect(toPool.poolID == pool && toPool.url == nil && toPool.code == nil)
        let switched = try L7Redirection(
            action: nil, current: .reject, poolID: nil, url: "http://u", prefix: nil, code: nil)
        #expect(switched.action == .redirectToURL)
        #expect(throws: OctaviaFault.self) {
            try L7Redirection(action: .redirectToURL, poolID: nil, url: nil, prefix: nil, code: nil)
        }
        #expect(throws: OctaviaFault.self) {
            try L7Redirection(action: .redirectToPool, poolID: pool, url: nil, prefix: "http://p", code: nil)
        }
        #expect(throws: OctaviaFault.self) {
            try L7Redirection(action: nil, poolID: pool, url: "http://u", prefix: nil, code: nil)
        }
    }

    private func isValid(
        _ type: L7RuleType, _ comparison: L7RuleCompareType, key: String? = nil, _ value: String
    ) -> Bool {
        let rule = L7Rule(
            core: ResourceCore(id: .random(), projectID: "p", createdAt: Timestamp(microseconds: 0)),
            loadBalancerID: .random(), policyID: .random(), type: type, compareType: comparison, key: key,
            value: value)
        return (try? L7RuleRules.check(rule)) != nil
    }

    @Test func rulesOfEachType() {
        #expect(isValid(.hostName, .equalTo, "example.org"))
        #expect(!isValid(.hostName, .equalTo, "two words"))
        #expect(isValid(.path, .startsWith, "\"two words\""))
        #expect(isValid(.path, .regex, "^/(a|b)+$"))
        #expect(!isValid(.path, .regex, "(["))
        #expect(isValid(.fileType, .equalTo, "jpg"))
        #expect(!isValid(.fileType, .startsWith, "jpg"))
        #expect(isValid(.header, .contains, key: "X-A", "b"))
        #expect(!isValid(.header, .contains, "b"))
        #expect(!isValid(.header, .contains, key: "X A", "b"))
        #expect(!isValid(.cookie, .equalTo, key: "a", "b;c"))
        #expect(isValid(.sslConnectionHasCertificate, .equalTo, "True"))
        #expect(!isValid(.sslConnectionHasCertificate, .equalTo, "1"))
        #expect(!isValid(.sslConnectionHasCertificate, .equalTo, key: "a", "true"))
        #expect(isValid(.sslVerifyResult, .equalTo, "0"))
        #expect(!isValid(.sslVerifyResult, .contains, "0"))
        #expect(!isValid(.sslVerifyResult, .equalTo, "-1"))
        #expect(isValid(.sslDistinguishedNameField, .endsWith, key: "CN", "a b"))
        #expect(!isValid(.sslDistinguishedNameField, .endsWith, key: "1", "a"))
    }
}
